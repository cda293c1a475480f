"""Lessons: their content, their language, and what they can measure; `reading` and `playing` are folders."""
