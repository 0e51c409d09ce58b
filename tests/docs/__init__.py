"""Tests of the documents: examples run, links lead somewhere, the reference is current."""
