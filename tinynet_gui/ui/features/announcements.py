"""Tells screen readers what has happened where nobody listens: once a second at most, an error before all else."""

import math
from collections.abc import Callable
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.window.context import Context, Feature

PAUSE_S, REPEATED_S = 1.0, 2.0  # between two announcements, and between the same words twice
SETTLES_MS = 100  # after a pause, whose last moment comes a little later


class Announcer(QObject):
    """Says words at once, or a second after the last; of those that wait the newest, and the newest error.

    Parameters
    ----------
    say
        Called with words, and whether they are of an error.
    clock
        Returns the time in seconds.
    """

    def __init__(self, parent: QObject, say: Callable[[str, bool], object], clock: Callable[[], float] = monotonic):
        super().__init__(parent)
        self._say, self._clock = say, clock
        self._said_at, self._last = -math.inf, ""
        self._waiting: dict[bool, str] = {}  # by whether it is an error
        self._turn = single_shot(self, 0, self.take_turn, "announcements")

    def announce(self, words: str, is_error: bool = False) -> None:
        """Say this soon."""
        if words and (words != self._last or self._clock() - self._said_at > REPEATED_S):
            self._waiting[is_error] = words
            self.take_turn()

    def take_turn(self) -> None:
        """Say what waits, or one of both, if a second has passed; else later."""
        left = self._said_at + PAUSE_S - self._clock()
        if self._waiting and left <= 0:
            is_error, self._said_at, left = max(self._waiting), self._clock(), PAUSE_S
            self._last = self._waiting.pop(is_error)
            self._say(self._last, is_error)
        if self._waiting:
            self._turn.start(math.ceil(1_000 * left))


class AnnouncementsController(QObject):
    """Hears the training, and what is told in the window."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.session)
        window: Any = context.window
        self._context, self._session, self._window = context, context.session, window
        self.announcer = Announcer(self, self._say)
        self._told = ""  # of a training that stands
        self._is_restored = False  # what is in sight now was known before
        self._settles = single_shot(self, SETTLES_MS, self._tell_standing, "announcementSettles")
        context.session.changed.connect(self._follow)
        window.told.connect(self._announce)

    def _announce(self, words: str, is_error: bool = False) -> None:
        if QAccessible.isActive():
            self.announcer.announce(words, is_error)

    def _follow(self, old: AppState, new: AppState) -> None:
        if not QAccessible.isActive():
            return
        if new.session_number != old.session_number or self._context.is_returning:
            self._is_restored = True
        elif new.is_running and not old.is_running:
            self._told, self._is_restored = "", False
            self._announce(phase_words(new))
        if not new.is_running and (new.status.phase != old.status.phase or new.latest is not old.latest):
            self._settles.start()

    def _tell_standing(self) -> None:
        state = self._session.state
        if state.is_running or state.snapshot is None:
            return
        words, was_told = phase_words(state), self._told
        is_news, self._told, self._is_restored = not self._is_restored and words != was_told, words, False
        if is_news:
            self._announce(words, state.status.phase == "diverged")

    def _say(self, words: str, is_error: bool) -> None:
        politeness = QAccessible.AnnouncementPoliteness
        event = QAccessibleAnnouncementEvent(self._window, words)
        event.setPoliteness(politeness.Assertive if is_error else politeness.Polite)
        QAccessible.updateAccessibility(event)


def phase_words(state: AppState) -> str:
    """Say what the training has come to; "" if that is no news."""
    snapshot, phase = state.latest or state.snapshot, state.status.phase
    if snapshot is None or phase not in ("running", "paused", "finished", "diverged"):
        return ""
    if phase == "diverged":
        return f"The training has diverged at step {count_text(snapshot.diverged_at or snapshot.step)}."
    verb = {"running": "Training from", "paused": "Paused at", "finished": "Finished at"}[phase]
    loss = "" if phase == "running" or state.question_is_open else f": loss {loss_text(snapshot.train_loss)}"
    return f"{verb} step {count_text(snapshot.step)}{loss}."


FEATURE = Feature("announcements", AnnouncementsController)
