"""A timer that fires once after each start, in one line."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def single_shot(parent: QObject, interval_ms: int, slot: Callable[[], object], name: str = "") -> QTimer:
    """Return a timer that calls a slot once, this long after its last start; 0 ms: after pending events.

    A name is for the tests, which wait for such timers.
    """
    timer = QTimer(parent, singleShot=True, interval=interval_ms)
    timer.setObjectName(name)
    timer.timeout.connect(slot)
    return timer
