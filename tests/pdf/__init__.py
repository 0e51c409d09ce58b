"""Tests of `svc.pdf`: bytes of the two reports to plain rows."""
