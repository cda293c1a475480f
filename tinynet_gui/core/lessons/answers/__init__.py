"""Answers handed in: by one learner, and by a class."""
