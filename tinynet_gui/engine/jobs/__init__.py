"""Background jobs: what runs outside the window's thread."""
