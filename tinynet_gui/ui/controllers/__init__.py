"""Controllers connect the views with the engine."""
