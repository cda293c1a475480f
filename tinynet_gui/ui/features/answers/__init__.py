"""Saves a learner's answers, and shows those of a class."""
