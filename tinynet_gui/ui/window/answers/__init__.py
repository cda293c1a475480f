"""Answers to hand in: saved by a learner, and those of a class shown together."""
