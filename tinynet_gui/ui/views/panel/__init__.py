"""The settings: the panel at the left, and its fields."""
