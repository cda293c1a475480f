"""Lessons: a text that asks, measures and reveals, as a value; and where a learner is in it."""
