"""The time line: a run's steps, the current one and its field, and playback; before the first step, the task."""

from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.text.typed_numbers import NoNumberError, typed_whole
from tinynet_gui.ui.style.theme import drawn_font, fixed_font, is_touched, make_icon, px, theme, whole_px
from tinynet_gui.ui.views.time_line.track import Track
from tinynet_gui.ui.views.time_line.track_picture import Loop, TimeScale, stretch_around
from tinynet_gui.ui.widgets import accessibility, cards, skin
from tinynet_gui.ui.widgets.fields.number_fields import TypedLine
from tinynet_gui.ui.widgets.fields.refusals import mark_invalid, tie
from tinynet_gui.ui.widgets.text import FittingLabel

WIDEST = "10,000,000"
TOOLTIP = _("The step in view. Type another one and press Enter;\nEscape cancels.")


def read_step(text: str, last_step: int) -> int:
    """Read a typed step; raise ValueError if the run has no such step, or the text is ambiguous."""
    step = -1
    with suppress(NoNumberError):
        step = typed_whole(text)
    if not 0 <= step <= last_step:
        refusal = _("{text} is not allowed: a step from 0 to {last} is")
        raise ValueError(refusal.format(text=written(text.strip()), last=count_text(last_step)))
    return step


class StepField(TypedLine):
    """Shows a step, but not during typing. Enter and focus-out accept the text, Escape restores the step.

    `refused` says why the text is no step of the run; "" once resolved.
    """

    step_typed = QtCore.Signal(int)
    refused = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__()
        accessibility.named(self, "timeLineStep", _("Step that is looked at"), TOOLTIP)
        self._step, self.last_step = 0, 0
        self.setFont(fixed_font())
        self.setAlignment(QtCore.Qt.AlignmentFlag.AlignRight)
        metrics = QtGui.QFontMetrics(drawn_font(self.font()))
        self.setFixedWidth(metrics.horizontalAdvance(WIDEST) + 2 * metrics.averageCharWidth())
        self.editingFinished.connect(self._take)
        self.textEdited.connect(lambda: self._mark(""))
        self._write()

    def show_step(self, step: int, last_step: int) -> None:
        is_new = step != self._step
        self._step, self.last_step = step, last_step
        if is_new and not self.isModified():
            with accessibility.accessibility_muted():  # it changes each frame; readers get it on request
                self._write()

    def leaves_to_window(self, event: QtGui.QKeyEvent) -> bool:
        """Whether a key cannot be part of a step."""
        is_command = event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier
        return not is_command and event.text().isprintable() and event.text() not in "0123456789"

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == QtCore.Qt.Key.Key_Escape and self.isModified():
            self._write()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QtGui.QFocusEvent) -> None:
        """Remove the thousands separator, which could not be typed."""
        super().focusInEvent(event)
        if not self.isModified():
            self._write()

    def focusOutEvent(self, event: QtGui.QFocusEvent) -> None:
        """Accept the typed text like Enter, but drop a refused one."""
        super().focusOutEvent(event)
        if event.reason() != QtCore.Qt.FocusReason.PopupFocusReason:
            self._take()
            self._write()

    def _take(self) -> None:
        if not self.isModified():
            return
        try:
            self._step = read_step(self.text(), self.last_step)
        except ValueError as error:
            self._mark(str(error))
        else:
            self._write()
            self.step_typed.emit(self._step)

    def _write(self) -> None:
        self.setText(str(self._step) if self.hasFocus() else count_text(self._step))  # resets isModified()
        self._mark("")

    def _mark(self, reason: str) -> None:
        if mark_invalid(self, reason):
            self.setToolTip(accessibility.literal_tooltip(reason) if reason else TOOLTIP)
            self.refused.emit(reason)


PAST, PRESENT = _("the past: step"), _("step")
WIDEST_END = _("of {last}").format(last="1,000,000")
SPACING = 5


class StepBox(QtWidgets.QWidget):
    """Shows “the past: step 1,234 of 10,000”, or “step 10,000”, with the number in a field, at a fixed width."""

    def __init__(self) -> None:
        super().__init__()
        self._is_past = False
        self._before, self._field, self._after = QtWidgets.QLabel(), StepField(), QtWidgets.QLabel()
        self._before.setObjectName("timeLineSaid")
        self._before.setAlignment(QtCore.Qt.AlignmentFlag.AlignRight | QtCore.Qt.AlignmentFlag.AlignVCenter)
        width_of = QtGui.QFontMetrics(drawn_font(QtWidgets.QApplication.font())).horizontalAdvance
        self._before.setMinimumWidth(width_of(PAST) + 2)
        self._before.setBuddy(self._field)
        tie(self._field, self._before)
        accessibility.in_role(self._after, "past").setObjectName("timeLineOf")
        self._after.setMinimumWidth(width_of(WIDEST_END) + 2)
        parts = self._before, self._field, self._after
        cards.filled(QtWidgets.QHBoxLayout(self), *parts, margins=(0, 0, 0, 0), spacing=SPACING)
        self.step_typed = self._field.step_typed
        self._field.refused.connect(self._write)
        self._write()

    def text(self) -> str:
        return " ".join(filter(None, (self._before.text(), self._field.text(), self._after.text())))

    def show_step(self, step: int, last_step: int) -> None:
        self._field.show_step(step, last_step)
        is_past = step < last_step
        if is_past or self._is_past or self._field.property("invalid"):  # during a training only the number changes
            self._is_past = is_past
            self._write()

    def show_words(self, *, before: bool, after: bool) -> None:
        """Show or hide the words before and after the number, depending on the space."""
        self._before.setVisible(before)
        self._after.setVisible(after)

    def minimumSizeHint(self) -> QtCore.QSize:
        """Fits the number alone, whatever is shown beside it now."""
        return QtCore.QSize(self._field.minimumWidth(), super().minimumSizeHint().height())

    def _write(self) -> None:
        """Write the words beside the number; after a refused text, which steps are allowed."""
        last = count_text(self._field.last_step)
        before, role = (PAST, "past") if self._is_past else (PRESENT, "caption")
        if self._field.property("invalid"):
            before, role = _("{low} to {high}").format(low=0, high=last), "error"
        after = _("of {last}").format(last=last) if self._is_past else ""
        for label, text in ((self._before, before), (self._after, after)):
            if label.text() != text:
                label.setText(text)
        skin.put_style_property(self._before, "role", role)

    show_theme = _write


HEIGHT = 46
LAST_STEP = 2**31 - 1  # the largest for a slider
NARROW = 818  # px: below it, texts that repeat the line are left out
NARROWEST = 498  # px: below it, the number is alone
ICON = QtCore.QSize(14, 14)
BACKWARDS, FORWARDS = -1, 1
PLAYS = {
    BACKWARDS: (_("Play backwards"), _("Go back through the steps, from here to the first one.")),
    FORWARDS: (_("Play forwards"), _("Play the steps from here to the latest one; at the latest, from the start.")),
}
STOPS = _("Stop playing"), _("Stop at the step that is shown now.")
NO_STEPS = _("No step has been taken yet.")
AT_FIRST, AT_LATEST = _("There is no step before this one."), _("This is the latest step.")


class StepBar(QtWidgets.QWidget):
    """A slider over the run's steps; its value is the latest step unless a past one is shown.

    The `show_…` methods only change the display; `setValue` acts like the user, clamping the step. `text` describes the
    step shown; `log` switches to a logarithmic scale.

    `step_wanted` has the step that the user, or `setValue`, chose; it is already shown, and the run's last one means
    the present. `play_wanted` has the direction: 1 forwards, -1 backwards; `loop_changed` the steps to play in a loop,
    or None.
    """

    step_wanted = QtCore.Signal(int)
    play_wanted = QtCore.Signal(int)
    pause_wanted = QtCore.Signal()
    log_changed = QtCore.Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self._is_past = self._is_training = False
        self._playing = 0
        self.track = Track()
        self.value, self.maximum, self.setValue = self.track.value, self.track.maximum, self.track.want
        self._back = _button("timeLineBack", *PLAYS[BACKWARDS])
        self._forward = _button("timeLineForth", *PLAYS[FORWARDS])
        tooltip = _("Play a stretch of the run again and again: drag its two ends on the line.")
        self._loop = _button("timeLineLoop", _("Loop a stretch"), tooltip, checkable=True)
        tooltip = _("Give the first steps, where most happens, more room: a logarithmic scale.")
        self.log = _button("timeLineLog", _("log: more room for the first steps"), tooltip, checkable=True)
        self._box = StepBox()
        self.text = self._box.text
        tooltip = _("Go back to the latest step, where training continues.")
        self._latest = _button("timeLineLatest", _("Back to the latest step"), tooltip)

        self.log.setText("log")
        track = cards.filled(QtWidgets.QHBoxLayout(), self.track, margins=(4, 0, 0, 0))
        parts = self._back, self._forward, self._loop, (track, 1), self.log, self._box, self._latest
        cards.filled(QtWidgets.QHBoxLayout(self), *parts, margins=(10, 1, 10, 1), spacing=4)

        self.track.valueChanged.connect(self._show_state)
        self.valueChanged, self.loop_changed = self.track.valueChanged, self.track.loop_wanted
        self.log.clicked.connect(self.log_changed)
        self.track.step_wanted.connect(self._on_step_wanted)
        self._box.step_typed.connect(self._on_step_typed)
        self._back.clicked.connect(lambda: self._play_or_pause(BACKWARDS))
        self._forward.clicked.connect(lambda: self._play_or_pause(FORWARDS))
        self._loop.clicked.connect(self._on_loop_clicked)
        self.log.toggled.connect(self.track.show_log)
        self.latest_wanted = self._latest.clicked
        self.show_theme()

    def show_run(self, last_step: int, marks: Sequence[Mark]) -> None:
        last_step = min(last_step, LAST_STEP)
        self._is_past &= self.value() < last_step
        self.track.show_run(last_step, [mark for mark in marks if mark.step <= last_step])
        if not self._is_past:
            self.track.setValue(last_step)
        self._show_state()

    def show_training(self, is_training: bool) -> None:
        """During training the number of the latest step is updated only by `write_step`, so that it can be read."""
        self._is_training = is_training
        self._show_state()

    def write_step(self, step: int) -> None:
        """Update the number of the latest step, if that is shown during training."""
        if self._is_training and not self._is_past:
            self._box.show_step(step, step)

    def show_past(self, step: int | None) -> None:
        """Display this past step as the current one; None for the latest."""
        self._is_past = step is not None and step < self.maximum()
        self.track.setValue(self.maximum() if step is None else min(step, self.maximum()))
        self._show_state()

    def show_playing(self, direction: int) -> None:
        """Show that the steps are being played: 1 forwards, -1 backwards, 0 not at all."""
        self._playing = direction
        for button, way, icon in ((self._back, BACKWARDS, "play-back"), (self._forward, FORWARDS, "play")):
            is_playing = direction == way
            name, tooltip = STOPS if is_playing else PLAYS[way]
            button.setIcon(make_icon("pause" if is_playing else icon, theme().ink, theme().faint))
            button.setAccessibleName(name)
            button.setToolTip(accessibility.wrapped(tooltip))
            button.setProperty(accessibility.OWN_TOOLTIP, button.toolTip())
        self._show_state()

    def show_loop(self, loop: Loop | None) -> None:
        self.track.show_loop(loop)
        self._loop.setChecked(loop is not None)
        ink = theme().ink if loop is None else theme().on_accent
        self._loop.setIcon(make_icon("loop", ink, theme().faint))
        self._show_state()

    def show_theme(self) -> None:
        self._latest.setIcon(make_icon("latest", theme().ink, theme().faint))
        self.show_playing(self._playing)
        self.show_loop(self.track.loop)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._box.show_words(before=self.width() >= px(NARROWEST), after=self.width() >= px(NARROW))

    def _show_state(self) -> None:
        """Describe the current step, and enable the buttons that lead anywhere; disabled ones say why."""
        value, last = self.value(), self.maximum()
        is_under_way = self.track.loop is not None or self._playing != 0
        nothing = "" if last > 0 else NO_STEPS
        accessibility.allow(self._back, "" if value > 0 or is_under_way else nothing or AT_FIRST)
        accessibility.allow(self._forward, nothing)
        accessibility.allow(self._loop, nothing)
        accessibility.allow(self._latest, "" if value < last else nothing or AT_LATEST)
        if not self._is_training or value < last:
            self._box.show_step(value, last)

    def _on_step_wanted(self, step: int) -> None:
        self._is_past = step < self.maximum()
        self.step_wanted.emit(step)

    def _on_step_typed(self, step: int) -> None:
        """Go to a step; focus the track for the arrow keys, unless the focus has gone elsewhere."""
        self.track.want(step)
        focused = QtWidgets.QApplication.focusWidget()
        if focused is not None and self._box.isAncestorOf(focused):
            self.track.setFocus()

    def _play_or_pause(self, direction: int) -> None:
        if self._playing == direction:
            self.pause_wanted.emit()
        else:
            self.play_wanted.emit(direction)

    def _on_loop_clicked(self, on: bool) -> None:
        scale, value = self.track.scale, self.value()
        self.show_loop(stretch_around(value, scale, TimeScale(scale.last, scale.left, scale.right)) if on else None)
        self.loop_changed.emit(self.track.loop)


def _button(name: str, accessible_name: str, tooltip: str, *, checkable: bool = False) -> QtWidgets.QToolButton:
    button = cards.compact_button("", name, accessible_name, accessibility.wrapped(tooltip), checkable=checkable)
    button.setIconSize(ICON)
    button.setFocusPolicy(QtCore.Qt.FocusPolicy.TabFocus)
    return button


class TimeLine(cards.CardFrame):
    """The task; and from the first step on the run's steps, which are made for it.

    `pauses` switches to pausing automatically.
    """

    steps_made = QtCore.Signal(object)
    pauses_at_plateau_changed = QtCore.Signal(bool)

    def __init__(self) -> None:
        super().__init__("timeLine", _("Time line of the run"))
        self.pauses = QtGui.QAction(_("Pause training at a plateau"), self, checkable=True)
        self.pauses.setObjectName("actionPauseAtPlateau")
        self.addAction(self.pauses)  # chosen seldom
        self.setContextMenuPolicy(QtCore.Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self._task = accessibility.named(FittingLabel(), "taskText", _("What is about to be learned"))
        self._task.setContentsMargins(14, 0, 14, 0)
        self._pages = QtWidgets.QStackedLayout(self)
        self._pages.addWidget(self._task)
        self.pauses.triggered.connect(self.pauses_at_plateau_changed)

    @cached_property
    def steps(self) -> StepBar:
        steps = vars(self)["steps"] = StepBar()  # there for who hears of it
        self._pages.addWidget(steps)
        self.setFocusProxy(steps.track)
        self.steps_made.emit(steps)
        return steps

    def show_theme(self) -> None:
        if is_touched():
            self.steps.ensurePolished()  # made now: with room for a finger they are higher than the task

    def show_task(self, texts: Sequence[str]) -> None:
        """Describe the task by the longest text that fits, in place of the steps; () shows these."""
        self._task.show_longest(texts or ("",))
        self._pages.setCurrentWidget(self._task if texts else self.steps)

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(super().sizeHint().width(), max(whole_px(HEIGHT), super().sizeHint().height()))
