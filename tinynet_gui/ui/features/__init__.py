"""Features of the window: each is a module or a folder here, and a line in `ui/window/features.py`.

A lazy feature has its record in its folder's `__init__.py`, so that its controller is imported late.
"""
