"""The service: parses PDFs, calls database functions, serializes their answers."""
