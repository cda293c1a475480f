"""Keeps Python's cyclic garbage collector in the GUI thread."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer, Slot


class _Automatic:
    """Reference-counted switch of Python's automatic collector."""

    holders = 0

    @classmethod
    def hold(cls) -> None:
        cls.holders += 1
        gc.disable()

    @classmethod
    def release(cls) -> None:
        cls.holders -= 1
        if cls.holders == 0:
            gc.collect()  # here nothing is being destroyed; elsewhere Qt might be in the middle of it
            gc.enable()


@contextmanager
def no_collection() -> Iterator[None]:
    """Switch automatic collection off while Qt destroys objects.

    A destructor asks Python for overrides while it holds one of Qt's locks; collecting a QObject there might deadlock.
    """
    _Automatic.hold()
    try:
        yield
    finally:
        _Automatic.release()


class GuiCollector(QObject):
    """Collects garbage from a timer, with the automatic collector switched off meanwhile.

    The automatic collector runs in whichever thread happens to allocate: in the training thread it may
    destroy a widget that is part of a reference cycle, and Qt aborts. Create one beside a thread that
    runs Python, and `stop` it after the thread has ended.
    """

    INTERVAL_MS = 500
    _has_frozen = False

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_shut_down = False
        self._timer = QTimer(self, interval=self.INTERVAL_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()
        _Automatic.hold()

    def pause(self) -> None:
        """Pause while modules are being loaded: each collection would take a tenth of a second."""
        self._timer.stop()

    def resume_and_freeze(self) -> None:
        """Resume; once per process, exempt the objects so far: torch's quarter of a million, which stay."""
        if not GuiCollector._has_frozen:
            GuiCollector._has_frozen = True
            gc.freeze()
        if not self._is_shut_down:
            self._timer.start()

    def stop(self) -> None:
        """Restore Python's automatic collection once the last collector has stopped. Stopping twice is harmless."""
        if self._is_shut_down:
            return
        self._is_shut_down = True
        self._timer.stop()
        _Automatic.release()

    @Slot()
    def _collect(self) -> None:
        # Like gc itself: collect the oldest generation whose count has passed its threshold.
        for generation in (2, 1, 0):
            threshold = gc.get_threshold()[generation]
            if threshold and gc.get_count()[generation] > threshold:
                gc.collect(generation)
                return
