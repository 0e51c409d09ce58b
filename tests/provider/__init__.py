"""The flow of the company sign-in against a certified provider; run by ./test provider."""
