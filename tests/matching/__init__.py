"""Tests of matching: passes, decisions, and the bridge."""
