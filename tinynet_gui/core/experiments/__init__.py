"""Questions that one training cannot answer: many runs, and what they say."""
