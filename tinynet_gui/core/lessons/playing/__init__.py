"""The course of a lesson: progress, predictions, goals, and what is remembered of them."""
