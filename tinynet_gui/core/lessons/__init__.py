"""Lessons: what a teacher writes, and the language and the measurements that it is written in."""
