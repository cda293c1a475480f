"""The main window and what is around the views."""
