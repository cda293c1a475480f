"""The time line, for going through a run's past step by step."""
