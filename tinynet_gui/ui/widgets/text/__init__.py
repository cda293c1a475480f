"""Labels whose text may be longer than their room."""
