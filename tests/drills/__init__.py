"""Drills: faults of a real server on one of our own, and what is left then. `./test drills`."""
