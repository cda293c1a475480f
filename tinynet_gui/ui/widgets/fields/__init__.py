"""Fields for values."""
