"""Keyboard focus, names and announcements for screen readers."""
