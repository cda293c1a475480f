"""What engine and ui share of Qt for Python: Python's own imports, and timers that fire once."""

import builtins
from collections.abc import Callable
from importlib import import_module

from PySide6.QtCore import QObject, QTimer


def restore_import() -> None:
    """Let imports read no more sources."""
    import_module("PySide6.QtCore")  # puts Qt's there, if that has not been done
    names = vars(builtins)
    names["__import__"] = names.get("__orig_import__", names["__import__"])


def single_shot(parent: QObject, interval_ms: int, slot: Callable[[], object], name: str = "") -> QTimer:
    """Return a timer that calls a slot once, this long after its last start; 0 ms: after pending events.

    A name is for the tests, which wait for such timers.
    """
    timer = QTimer(parent, singleShot=True, interval=interval_ms)
    timer.setObjectName(name)
    timer.timeout.connect(slot)
    return timer
