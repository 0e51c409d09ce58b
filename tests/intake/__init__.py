"""Tests of the way of the two PDFs: HTTP, worker, database, and back as packets."""
