"""Measurements side by side: what this system does beside the plainest way to do it."""
