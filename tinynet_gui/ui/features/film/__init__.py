"""A run as a film."""
