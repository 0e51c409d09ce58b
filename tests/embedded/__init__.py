"""Tests of the private server, the deployer and the test run."""
