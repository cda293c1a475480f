"""Answers the question where a training would end, while a control is being moved."""

import importlib
import traceback
from time import perf_counter

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.engine.own_thread import OwnThread

SLOW_S = 0.15  # a preview that has taken longer gives way to the next request
PATIENCE_MS = 3_000  # a preview that takes longer than this helps nobody


class _PreviewWorker(QObject):
    """Lives in the preview thread."""

    loaded = Signal()
    load_failed = Signal(str)
    finished = Signal(int, object)  # request number, Preview or None
    failed = Signal(str)

    @Slot()
    def load(self) -> None:
        """Import the compiled loop here, where nothing waits for it."""
        try:
            importlib.import_module("tinynet_gui.core.analysis.preview")
            self.loaded.emit()
        except Exception:
            self.load_failed.emit(traceback.format_exc())

    @Slot(int, object, object)
    def answer(self, number: int, config: Config, stop: object) -> None:
        """Train to the end, unless a newer request has made this one stale."""
        try:
            from tinynet_gui.core.analysis.preview import preview_end

            assert isinstance(stop, np.ndarray)
            self.finished.emit(number, None if stop[0] else preview_end(config, stop))
        except Exception:
            self.finished.emit(number, None)
            self.failed.emit(traceback.format_exc())


class Previewer(QObject):
    """Keeps one preview under way and the latest request waiting; what that replaces is dropped.

    A preview that is nearly there is not stopped by the next request: while a slider moves without a pause
    the ghost follows it, a frame behind, instead of waiting for the hand to stop.

    Signals
    -------
    loaded
        The compiled loop has been imported into the process.
    load_failed : str
        It could not be imported, with the traceback; there will be no previews.
    preview_ready : Preview
        The end of the latest request's training.
    failed : str
        The traceback of an exception.
    """

    loaded = Signal()
    load_failed = Signal(str)
    preview_ready = Signal(object)
    failed = Signal(str)

    _load_wanted = Signal()
    _answer_wanted = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._stop = np.zeros(1, dtype=np.uint8)
        self._is_loaded = False
        self._waiting: Config | None = None
        self._under_way = False
        self._begun = 0.0
        self._cancelled = 0  # requests up to this number are not answered any more
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(self.cancel)
        self._worker = _PreviewWorker()
        self._thread = OwnThread("preview", self._worker, self)
        self._load_wanted.connect(self._worker.load)
        self._answer_wanted.connect(self._worker.answer)
        self._worker.loaded.connect(self._on_loaded)
        self._worker.load_failed.connect(self.load_failed)
        self._worker.finished.connect(self._on_finished)
        self._worker.failed.connect(self.failed)

    def load(self) -> None:
        """Start the thread and import the compiled loop there."""
        if not self._thread.isRunning():
            self._thread.begin()
            self._load_wanted.emit()

    def request(self, config: Config) -> None:
        """Ask where a training of this configuration would end."""
        if self._under_way and perf_counter() - self._begun > SLOW_S:
            self._stop[0] = 1
        self._waiting = config
        self._send()

    @Slot()
    def cancel(self) -> None:
        """Forget what was asked."""
        self._stop[0] = 1
        self._cancelled = self._number
        self._waiting = None

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self.cancel()
        self._thread.shut_down()

    def _send(self) -> None:
        """Send the waiting request, once the thread is free: what comes meanwhile replaces it."""
        if self._waiting is None or self._under_way or not self._is_loaded:
            return
        self._number += 1
        self._stop = np.zeros(1, dtype=np.uint8)
        self._under_way, self._begun = True, perf_counter()
        config, self._waiting = self._waiting, None
        self._patience.start()
        self._answer_wanted.emit(self._number, config, self._stop)

    @Slot()
    def _on_loaded(self) -> None:
        self._is_loaded = True
        self.loaded.emit()
        self._send()

    @Slot(int, object)
    def _on_finished(self, number: int, preview: object) -> None:
        self._under_way = False
        self._patience.stop()
        if preview is not None and number > self._cancelled:
            self.preview_ready.emit(preview)
        self._send()
