"""The function that a network computes: its pieces, its parts, the best its kind can do."""
