"""Tests of the work on issues over several connections, of mail, and over HTTP."""
