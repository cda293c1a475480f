"""Keeps the session on disk."""
