"""Data from outside, read, shown, and taken as samples."""
