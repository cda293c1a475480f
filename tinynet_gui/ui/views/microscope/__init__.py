"""One training step taken apart, move by move."""
