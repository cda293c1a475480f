"""The parts around the views: bars, layout, arrangement, presentation."""
