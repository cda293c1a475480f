"""Python's own ``import`` in place of Qt for Python's, which serves ``from __feature__ import`` alone.

Qt's reads the source of every module that is imported after it, PyTorch's too, and keeps it: with the window and both
engines 55 MB, and a tenth of the time that they take to load.
"""

import builtins
from importlib import import_module


def restore_import() -> None:
    """Let imports read no more sources."""
    import_module("PySide6.QtCore")  # puts Qt's there, if that has not been done
    names = vars(builtins)
    names["__import__"] = names.get("__orig_import__", names["__import__"])
