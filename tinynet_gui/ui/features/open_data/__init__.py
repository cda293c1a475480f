"""Reads external data, previews them, and takes them as samples."""
