"""A run, and the records it leaves."""
