"""Exports: a run as code that gives the same numbers, as a web page or a film, and a network as numbers."""
