"""Common parts of all plots."""
