"""The parts around the views: bars, layout, stage, presentation."""
