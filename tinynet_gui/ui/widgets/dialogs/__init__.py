"""Dialogs, boxes and questions that all parts of the window use."""
