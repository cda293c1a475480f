"""Lessons: texts written by a teacher, and their interpretation."""
