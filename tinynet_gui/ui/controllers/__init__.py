"""What connects the views with the engine."""
