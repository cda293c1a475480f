"""What can be done: a feature is a module or a folder here, and a line in `ui/window/features.py`."""
