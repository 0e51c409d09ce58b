"""The service: parses PDFs, calls database functions, serializes their answers."""

__version__ = "0.1.0"
