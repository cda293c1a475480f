"""Experiments with many runs, and their results."""
