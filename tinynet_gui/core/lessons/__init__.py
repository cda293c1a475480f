"""Lessons: what they say and ask, what is measured for it, and where a learner is in one."""
