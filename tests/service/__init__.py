"""The service over HTTP, against a real database."""
