"""The audit trail under attack, under load, and across a restore."""
