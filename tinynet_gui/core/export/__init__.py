"""Exports: a run as code that reproduces its numbers, as a web page or a film, and a network as numbers."""
