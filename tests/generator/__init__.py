"""Tests of the generator of test data."""
