"""Lessons: texts that a teacher writes, and what the program makes of them."""
