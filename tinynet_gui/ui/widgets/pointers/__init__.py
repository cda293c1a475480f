"""What points at something."""
