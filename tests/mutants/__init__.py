"""Mutants: small faults put into deployed functions and views, each of which some test sees."""
