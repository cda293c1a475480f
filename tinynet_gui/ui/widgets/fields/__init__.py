"""Input fields, and the errors they show."""
