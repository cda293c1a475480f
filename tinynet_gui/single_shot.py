"""A timer that fires once after each start, made in a line."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def single_shot(parent: QObject, interval_ms: int, slot: Callable[[], object], name: str = "") -> QTimer:
    """Return a timer that calls a slot once, so long after its latest start; 0 ms: after what the event loop has to do.

    A name is for the tests, which wait for what it is about.
    """
    timer = QTimer(parent, singleShot=True, interval=interval_ms)
    timer.setObjectName(name)
    timer.timeout.connect(slot)
    return timer
