"""The answers of one learner, and those of a class."""
