"""A run and what is kept of it."""
