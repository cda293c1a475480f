"""Runs and the session: a run's events, its history, and any past moment of it, to the bit."""
