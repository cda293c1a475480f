"""What stands around the views: bars, banner, layout, stage."""
