"""Announces what happens elsewhere in the window to screen readers: at most once a second, errors first."""

import math
from collections.abc import Callable, Iterator
from time import monotonic

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAction

from tinynet_gui.core.run import history
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.core.wording.neurons import title_of
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.widgets.accessibility import Announcing
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, Controller, Feature

PAUSE_S, REPEATED_S = 1.0, 2.0  # between two announcements, and between the same words twice
SPOKEN_S, LONGEST_S = 0.06, 10.0  # time per character spoken, and the longest pause
STARTED, STATE = "started", "stands"  # topics; a change of state is not the user's act, and interrupts no announcement
REACHED = {  # by phase: without the loss, and with it
    "ready": (_("Ready at step {step}."), _("Ready at step {step}: loss {loss}.")),
    "running": (_("Training from step {step}."), ""),
    "paused": (_("Paused at step {step}."), _("Paused at step {step}: loss {loss}.")),
    "finished": (_("Finished at step {step}."), _("Finished at step {step}: loss {loss}.")),
    "no better": (_("Stopped at step {step}."), _("Stopped at step {step}: loss {loss}.")),
    "diverged": (_("The training has diverged at step {step}."), ""),
}
SIZE = _("Size: {percent} %.")
# The fields of all other edits announce them.
ANNOUNCED_EDITS = history.RunChosen | history.FrozenEdit | history.SwitchedOffEdit | history.AllShown
SETTLES_MS = 100  # a paused training's last moment arrives a little later


class Announcer(QObject):
    """Batches and throttles announcements: the first at once, later ones after a second, errors first.

    A new announcement may cut short what a screen reader is speaking; so pending ones are joined, and the end of a
    training is announced only once there was time to speak the previous words.

    `say` gets the words, and whether an error is among them; `clock` returns seconds.
    """

    def __init__(self, parent: QObject, say: Callable[[str, bool], object], clock: Callable[[], float] = monotonic):
        super().__init__(parent)
        self._say, self._clock = say, clock
        self._said_at, self._said = -math.inf, tuple[str, ...]()
        self._pending: dict[str, tuple[bool, str]] = {}  # words: whether they are an error, and their topic
        self._flush_timer = single_shot(self, 0, self.flush, "announcements")

    def announce(self, words: str, is_error: bool = False, topic: str = "") -> None:
        """Announce words soon; they replace pending ones of the same topic, if there is a topic."""
        if words and (words not in self._said or self._clock() - self._said_at > REPEATED_S):
            kept = {each: of for each, of in self._pending.items() if not topic or of[1] != topic}
            self._pending = {**kept, words: (is_error, topic)}
            self.flush()

    def flush(self) -> None:
        """Announce pending messages, or schedule that for the end of the pause."""
        if not self._pending:
            return
        is_state = all(topic == STATE for _error, topic in self._pending.values())
        spoken = min(SPOKEN_S * len("".join(self._said)), LONGEST_S) if is_state else 0
        left = self._said_at + max(PAUSE_S, spoken) - self._clock()
        if left > 0:
            self._flush_timer.start(math.ceil(1_000 * left))
            return
        self._said = tuple(sorted(self._pending, key=lambda words: not self._pending[words][0]))
        is_error = self._pending[self._said[0]][0]
        self._pending, self._said_at = {}, self._clock()
        self._say("\n".join(self._said), is_error)


class AnnouncementsController(Controller):
    """Announces the state of the training, and what the window's signal `announced` carries."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.announcer = Announcer(self, self._say)
        self._announced = ""  # state of a stopped training
        self._is_restored = False  # the state comes from a file or a lesson: do not announce it
        self._has_acted = False  # after an act of the user even the state of a new run is announced
        self._settles = single_shot(self, SETTLES_MS, self._announce_state, "announcementSettles")
        context.session.changed.connect(self._follow)
        assert isinstance(context.window, Announcing)
        context.window.announced.connect(self._announce)
        actions = context.actions
        actions.connect(actionSay=context.frame.status.announce_state, actionReset=self._answer)
        for action in actions.checkable_actions:
            action.triggered.connect(lambda is_on, action=action: self._announce(_switch_words(action, is_on)))
        presentation = context.frame.presentation
        presentation.percent_chosen.connect(
            lambda: self._announce(SIZE.format(percent=presentation.percent), topic="size")
        )

    def _announce(self, words: str, is_error: bool = False, topic: str = "") -> None:
        if QAccessible.isActive():
            self.announcer.announce(words, is_error, topic)

    def _follow(self, old: AppState, new: AppState) -> None:
        if not QAccessible.isActive():
            return
        if new.session_number != old.session_number or self._context.is_retraining:
            self._is_restored = True
        else:
            for words in act_words(old, new):
                self._announce(words)
                self._has_acted = True
            if new.is_running and not old.is_running:
                self._announced, self._is_restored = "", False
                self._announce(phase_words(new), topic=STARTED)
        if not new.is_running and (new.status.phase != old.status.phase or new.latest is not old.latest):
            self._settles.start()

    def _answer(self) -> None:
        """Announce the state of the run even if it has not changed."""
        self._announced, self._has_acted = "", True
        self._settles.start()

    def _announce_state(self) -> None:
        state = self._session.state
        if state.is_running or state.snapshot is None:
            return
        words, before = phase_words(state), self._announced
        is_asked = self._has_acted or state.status.phase != "ready"
        is_news = is_asked and not self._is_restored and words != before
        self._announced, self._is_restored, self._has_acted = words, False, False
        if is_news:
            has_diverged = state.status.phase == "diverged"
            self._announce(words, has_diverged, "" if has_diverged else STATE)

    def _say(self, words: str, is_error: bool) -> None:
        politeness = QAccessible.AnnouncementPoliteness
        event = QAccessibleAnnouncementEvent(self._window, words)
        event.setPoliteness(politeness.Assertive if is_error else politeness.Polite)
        QAccessible.updateAccessibility(event)


def _switch_words(action: QAction, is_on: bool) -> str:
    return (_("{switch}: on.") if is_on else _("{switch}: off.")).format(switch=action.text().replace("&", ""))


def act_words(old: AppState, new: AppState) -> Iterator[str]:
    """Describe the effects of a command that no field announces by itself."""
    before, after, snapshot = old.session.history, new.session.history, new.snapshot or old.snapshot
    latest = after.next_undo
    if (undone := before.next_undo) is not None and after.next_redo is undone:
        yield _("Undone: {change}.").format(change=history.change_text(undone))
    elif (redone := before.next_redo) is not None and latest is redone:
        yield _("Redone: {change}.").format(change=history.change_text(redone))
    elif latest is not undone and not after.undone and isinstance(latest, ANNOUNCED_EDITS):
        if latest.label == history.OPENING and new.suspended_session is not None:
            return  # a lesson has opened it for a page
        change = history.change_text(latest)
        seed = f" {new.config.network.seed}" if latest.label == history.NEW_SEED else ""
        yield f"{change[0].upper()}{change[1:]}{seed}."
    pinned = new.session.view.pinned
    if pinned != old.session.view.pinned and snapshot is not None:
        words = _("{name} is pinned.")
        yield _("Nothing is pinned.") if pinned is None else words.format(name=title_of(snapshot, pinned))


def phase_words(state: AppState) -> str:
    """Describe the state that the training has reached; "" if it is no news."""
    snapshot, phase = state.latest or state.snapshot, state.status.phase
    if snapshot is None or phase not in REACHED:
        return ""
    step = snapshot.diverged_at or snapshot.step if phase == "diverged" else snapshot.step
    without, with_loss = REACHED[phase]
    words = without if state.question_is_open else with_loss or without
    return words.format(step=count_text(step), loss=loss_text(snapshot.train_loss))


FEATURE = Feature(
    "announcements",
    AnnouncementsController,
    Action(
        "actionSay",
        _("Sa&y step and loss"),
        _("Show and say what the training is doing, at which step, with which loss."),
        "further",
        "F8",
        leaves_typing=True,
    ),
)
