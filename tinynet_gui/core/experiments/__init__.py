"""Questions that a single training cannot answer: each experiment trains many runs and compares them."""
