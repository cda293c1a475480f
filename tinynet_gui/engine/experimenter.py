"""Runs one experiment at a time, out of the window's way."""

import traceback

import numpy as np
from PySide6.QtCore import QObject, QThread, Signal, Slot

from tinynet_gui.core.config import Config
from tinynet_gui.engine.own_thread import OwnThread


class _ExperimentWorker(QObject):
    """Lives in the experiment thread."""

    progressed = Signal(int, float, object)  # experiment's number, share done, result so far
    finished = Signal(int, object)
    failed = Signal(int, str)

    @Slot(int, str, object, int, object)
    def run(self, number: int, kind: str, config: Config, runs: int, stop: object) -> None:
        """Run an experiment to its end, or until `stop` becomes nonzero."""
        try:
            from tinynet_gui.core.analysis.sweep import EXPERIMENTS

            assert isinstance(stop, np.ndarray)
            result = EXPERIMENTS[kind](
                config, runs, stop, lambda share, result: self.progressed.emit(number, share, result)
            )
            self.finished.emit(number, result)
        except Exception:
            self.failed.emit(number, traceback.format_exc())


class Experimenter(QObject):
    """Owns the experiment thread.

    Signals
    -------
    progressed : float, ExperimentResult
        The share that is done, and the result so far.
    finished : ExperimentResult or None
        The result; after `cancel`, what there was, or None.
    failed : str
        The traceback of an exception; the experiment is over.
    """

    progressed = Signal(float, object)
    finished = Signal(object)
    failed = Signal(str)

    _run_wanted = Signal(int, str, object, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._stop = np.zeros(1, dtype=np.uint8)
        self._is_running = False
        self._worker = _ExperimentWorker()
        self._thread = OwnThread("experiments", self._worker, self)
        self._run_wanted.connect(self._worker.run)
        self._worker.progressed.connect(self._on_progressed)
        self._worker.finished.connect(self._on_finished)
        self._worker.failed.connect(self._on_failed)

    @property
    def is_running(self) -> bool:
        """Whether an experiment is under way."""
        return self._is_running

    def run(self, kind: str, config: Config, runs: int) -> None:
        """Begin an experiment, a name in `core.analysis.sweep.EXPERIMENTS`; one under way is cancelled."""
        self.cancel()
        self._thread.begin(QThread.Priority.LowPriority)
        self._number += 1
        self._stop = np.zeros(1, dtype=np.uint8)
        self._is_running = True
        self._run_wanted.emit(self._number, kind, config, runs, self._stop)

    def cancel(self) -> None:
        """Stop as soon as may be; `finished` follows."""
        self._stop[0] = 1

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self.cancel()
        self._thread.shut_down()

    @Slot(int, float, object)
    def _on_progressed(self, number: int, share: float, result: object) -> None:
        if number == self._number:
            self.progressed.emit(share, result)

    @Slot(int, object)
    def _on_finished(self, number: int, result: object) -> None:
        if number == self._number:
            self._is_running = False
            self.finished.emit(result)

    @Slot(int, str)
    def _on_failed(self, number: int, text: str) -> None:
        if number == self._number:
            self._is_running = False
            self.finished.emit(None)
            self.failed.emit(text)
