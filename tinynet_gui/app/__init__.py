"""Starts the program: its command line, the display check, and the application itself."""
