"""Lessons: their content, their language, and what they can measure; how they are read and played is in the folders."""
