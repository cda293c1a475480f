"""The current step, whether it is a past one, and a field to type another."""

from contextlib import suppress

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.text.typed_numbers import NoNumberError, typed_whole
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets import accessibility, cards, skin
from tinynet_gui.ui.widgets.fields.number_fields import TypedLine
from tinynet_gui.ui.widgets.fields.refusals import mark_invalid, tie

WIDEST = "10,000,000"
TOOLTIP = "The step in view. Type another one and press Enter;\nEscape cancels."


def read_step(text: str, last_step: int) -> int:
    """Read a typed step; raise ValueError if the run has no such step, or the text is ambiguous."""
    step = -1
    with suppress(NoNumberError):
        step = typed_whole(text)
    if not 0 <= step <= last_step:
        raise ValueError(f"{written(text.strip())} is not allowed: a step from 0 to {count_text(last_step)} is")
    return step


class StepField(TypedLine):
    """Shows a step, but not during typing. Enter and focus-out accept the text, Escape restores the step.

    `refused` says why the text is no step of the run; "" once resolved.
    """

    step_typed = Signal(int)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        accessibility.named(self, "timeLineStep", "Step that is looked at", TOOLTIP)
        self._step, self.last_step = 0, 0
        self.setFont(fixed_font())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(WIDEST) + 2 * self.fontMetrics().averageCharWidth())
        self.editingFinished.connect(self._take)
        self.textEdited.connect(lambda: self._mark(""))
        self._write()

    def show_step(self, step: int, last_step: int) -> None:
        is_new = step != self._step
        self._step, self.last_step = step, last_step
        if is_new and not self.isModified():
            with accessibility.accessibility_muted():  # it changes each frame; readers get it on request
                self._write()

    def event(self, event: QEvent) -> bool:
        """Until something is typed, leave keys that cannot be part of a step to the window's shortcuts."""
        is_command = isinstance(event, QKeyEvent) and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and not self.isModified():
            text = event.text()
            if not is_command and text.isprintable() and text and text not in "0123456789":
                event.ignore()
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._write()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Remove the thousands separator, which could not be typed."""
        super().focusInEvent(event)
        if not self.isModified():
            self._write()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Accept the typed text like Enter, but drop a refused one."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._take()
            self._write()

    def _take(self) -> None:
        if not self.isModified():
            return
        try:
            step = read_step(self.text(), self.last_step)
        except ValueError as error:
            self._mark(str(error))
            return
        self._step = step
        self._write()
        self.step_typed.emit(step)

    def _write(self) -> None:
        self.setText(str(self._step) if self.hasFocus() else count_text(self._step))  # it then counts as unmodified
        self._mark("")

    def _mark(self, reason: str) -> None:
        if mark_invalid(self, reason):
            self.setToolTip(accessibility.literal_tooltip(reason) if reason else TOOLTIP)
            self.refused.emit(reason)


PAST, PRESENT = "the past: step", "step"
WIDEST_END = "of 1,000,000"
SPACING = 5


class StepBox(QWidget):
    """Shows “the past: step 1,234 of 10,000”, or “step 10,000”, with the number in a field, at a fixed width."""

    def __init__(self) -> None:
        super().__init__()
        self._is_past = self._is_refused = False
        self._before, self._field, self._after = QLabel(), StepField(), QLabel()
        self._before.setObjectName("timeLineSaid")
        self._before.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._before.setMinimumWidth(self._before.fontMetrics().horizontalAdvance(PAST) + 2)
        self._before.setBuddy(self._field)
        tie(self._field, self._before)
        self._after.setObjectName("timeLineOf")
        self._after.setProperty("role", "past")
        self._after.setMinimumWidth(self._after.fontMetrics().horizontalAdvance(WIDEST_END) + 2)
        cards.filled(QHBoxLayout(self), self._before, self._field, self._after, margins=(0, 0, 0, 0), spacing=SPACING)
        self.step_typed = self._field.step_typed
        self._field.refused.connect(self._on_refused)
        self._write()

    def text(self) -> str:
        return " ".join(part for part in (self._before.text(), self._field.text(), self._after.text()) if part)

    def show_step(self, step: int, last_step: int) -> None:
        self._field.show_step(step, last_step)
        is_past = step < last_step
        if is_past or self._is_past or self._is_refused:  # during a training only the number changes
            self._is_past = is_past
            self._write()

    def show_words(self, *, before: bool, after: bool) -> None:
        """Show or hide the words before and after the number, depending on the space."""
        self._before.setVisible(before)
        self._after.setVisible(after)

    def show_theme(self) -> None:
        self._write()

    def minimumSizeHint(self) -> QSize:
        """Fits the number alone, whatever is shown beside it now."""
        return QSize(self._field.minimumWidth(), super().minimumSizeHint().height())

    def _on_refused(self, refusal: str) -> None:
        self._is_refused = bool(refusal)
        self._write()

    def _write(self) -> None:
        """Write the words beside the number; after a refused text, which steps are allowed."""
        last = count_text(self._field.last_step)
        before, role = (PAST, "past") if self._is_past else (PRESENT, "caption")
        if self._is_refused:
            before, role = f"0 to {last}", "error"
        after = f"of {last}" if self._is_past else ""
        for label, text in ((self._before, before), (self._after, after)):
            if label.text() != text:
                label.setText(text)
        skin.put_style_property(self._before, "role", role)
