"""Private database server, deployer and test run for machines that bring nothing along."""
