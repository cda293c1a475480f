"""Labels whose text may be longer than their space."""
