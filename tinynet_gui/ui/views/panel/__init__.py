"""The settings panel and its fields."""
