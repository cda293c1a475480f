"""What starts the program: its command line, the display, and the application itself."""
