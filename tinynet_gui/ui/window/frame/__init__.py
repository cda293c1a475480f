"""The parts around the views: bars, banner, layout, stage."""
