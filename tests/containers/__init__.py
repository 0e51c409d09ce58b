"""The images of the Containerfile, built from nothing and run: ./test containers."""
