"""A run and its session: what was done to it, and its past, to the bit."""
