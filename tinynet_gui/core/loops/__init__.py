"""Training loops of one's own: recorded, and which rule made their steps."""
