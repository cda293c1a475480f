"""Answers "why?" in a thread of its own: a replay of the run may take a moment."""

import traceback

from PySide6.QtCore import QObject, Signal, Slot

from tinynet_gui.core.question import Question
from tinynet_gui.engine.own_thread import OwnThread


class _AdviceWorker(QObject):
    """Lives in the advice thread."""

    answered = Signal(int, object)
    deaths_found = Signal(int, object)
    failed = Signal(str)

    @Slot(int, object)
    def find_deaths(self, run_id: int, question: Question) -> None:
        """Find when each dead neuron died."""
        try:
            from tinynet_gui.core.advice import death_steps

            self.deaths_found.emit(run_id, death_steps(question))
        except Exception:
            self.failed.emit(traceback.format_exc())

    @Slot(int, object)
    def answer(self, number: int, question: Question) -> None:
        """Answer one question."""
        try:
            from tinynet_gui.core.advice import answer

            self.answered.emit(number, answer(question))
        except Exception:
            self.failed.emit(traceback.format_exc())


class Advisor(QObject):
    """Owns the advice thread; the latest question is the one that is answered.

    Signals
    -------
    answered : Explanation or None
    deaths_found : int, dict of (layer, index) to step
        For the run with this number.
    failed : str
        The traceback of an exception.
    """

    answered = Signal(object)
    deaths_found = Signal(int, object)
    failed = Signal(str)

    _asked = Signal(int, object)
    _deaths_wanted = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._worker = _AdviceWorker()
        self._thread = OwnThread("advice", self._worker, self)
        self._asked.connect(self._worker.answer)
        self._deaths_wanted.connect(self._worker.find_deaths)
        self._worker.deaths_found.connect(self.deaths_found)
        self._worker.answered.connect(self._on_answered)
        self._worker.failed.connect(self.failed)

    def ask(self, question: Question) -> None:
        """Ask why something is as it is."""
        self._thread.start()
        self._number += 1
        self._asked.emit(self._number, question)

    def find_deaths(self, question: Question) -> None:
        """Ask when each of the moment's dead neurons died."""
        self._thread.start()
        self._deaths_wanted.emit(question.snapshot.run_id, question)

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self._thread.shut_down()

    @Slot(int, object)
    def _on_answered(self, number: int, explanation: object) -> None:
        if number == self._number:
            self.answered.emit(explanation)
