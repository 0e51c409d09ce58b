"""Behaviour of the database that needs several connections or several commits."""
