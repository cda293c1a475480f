"""Lessons: found, opened, played, and remembered."""
