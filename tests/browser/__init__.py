"""The pages in a real browser: a month from upload to closing, by two people."""
