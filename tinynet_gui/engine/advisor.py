"""Answers "why?" in a thread of its own: to take a run's steps again may take a moment."""

import traceback
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from tinynet_gui.core.analysis.dying_relu import Stop
from tinynet_gui.core.analysis.question import Question
from tinynet_gui.engine.own_thread import OwnThread


class _Latest:
    """Lets only the latest question of a kind be worked on. `ask` and `give_up` are for the thread that asks."""

    def __init__(self) -> None:
        self._number = 0
        self._stop: Stop = np.zeros(1, dtype=np.uint8)

    def ask(self) -> int:
        """Give up what is being worked on, and return the number of a new question."""
        self._number += 1
        self._stop[0] = 1
        return self._number

    def give_up(self) -> None:
        """Let nothing that has been asked be worked on any more."""
        self.ask()

    def is_latest(self, number: int) -> bool:
        """Whether nothing has been asked since."""
        return number == self._number

    def work(self, number: int, on: Callable[[Stop], object]) -> object:
        """Work on a question in the thread that answers; None if it was given up."""
        self._stop[0] = 0  # before the look at the number: a later question makes it 1 after that
        result = on(self._stop) if self.is_latest(number) else None
        return result if self.is_latest(number) else None


class _AdviceWorker(QObject):
    """Lives in the advice thread."""

    answered = Signal(int, object)
    deaths_found = Signal(int, object)
    failed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.deaths, self.answers = _Latest(), _Latest()

    @Slot(int, object)
    def find_deaths(self, number: int, question: Question) -> None:
        """Find when each dead neuron died."""
        try:
            from tinynet_gui.core.analysis.explain import find_deaths

            deaths = self.deaths.work(number, lambda stop: find_deaths(question, stop))
            if deaths is not None:
                self.deaths_found.emit(question.snapshot.run_id, deaths)
        except Exception:
            self.failed.emit(traceback.format_exc())

    @Slot(int, object)
    def answer(self, number: int, question: Question) -> None:
        """Answer one question."""
        try:
            from tinynet_gui.core.analysis.explain import answer

            self.answered.emit(number, self.answers.work(number, lambda stop: answer(question, stop)))
        except Exception:
            self.failed.emit(traceback.format_exc())


class Advisor(QObject):
    """Owns the advice thread; of each kind the latest question is the one that is answered.

    Signals
    -------
    answered : Explanation or None
    deaths_found : int, dict of (layer, index) to Death or None
        For the run with this number; None for a neuron that was dead from the first weights on.
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
        self._worker = _AdviceWorker()
        self._thread = OwnThread("advice", self._worker, self)
        self._asked.connect(self._worker.answer)
        self._deaths_wanted.connect(self._worker.find_deaths)
        self._worker.deaths_found.connect(self.deaths_found)
        self._worker.answered.connect(self._on_answered)
        self._worker.failed.connect(self.failed)

    def ask(self, question: Question) -> None:
        """Ask why something is as it is."""
        self._thread.begin()
        self._asked.emit(self._worker.answers.ask(), question)

    def find_deaths(self, question: Question) -> None:
        """Ask when each of the moment's dead neurons died."""
        self._thread.begin()
        self._deaths_wanted.emit(self._worker.deaths.ask(), question)

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self._worker.deaths.give_up()
        self._worker.answers.give_up()
        self._thread.shut_down()

    @Slot(int, object)
    def _on_answered(self, number: int, explanation: object) -> None:
        if self._worker.answers.is_latest(number):
            self.answered.emit(explanation)
