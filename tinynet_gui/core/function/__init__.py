"""The function that a network computes: its pieces, its parts, the best that its kind can do."""
