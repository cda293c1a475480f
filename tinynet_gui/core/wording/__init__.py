"""Sentences and names for networks, runs and settings."""
