"""What can be done: a feature is a module or a folder here, and a line in `ui/window/features.py`.

What the first sight does not need has its record in the folder's `__init__.py`, so that its controller is loaded late.
"""
