"""Frames that point at something."""
