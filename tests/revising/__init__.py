"""What people say about receipts, over the submissions of a month."""
