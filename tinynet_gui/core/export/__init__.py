"""Exports: a run as code that gives the same numbers, and a network as numbers."""
