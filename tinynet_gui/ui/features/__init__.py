"""Features of the window: each is a module or a folder here, and a line in `ui/window/features.py`.

The record of a lazy feature stands there, so that its module is imported late.
"""
