"""The kept runs, compared side by side."""
