"""One training step taken apart, phase by phase."""
