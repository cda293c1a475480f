"""The field that shows the current step, and in which another one can be typed."""

from contextlib import suppress

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent

from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.text.typed_numbers import NoNumberError, typed_whole
from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets.naming import as_it_stands, named
from tinynet_gui.ui.widgets.refusals import refuse
from tinynet_gui.ui.widgets.telling import unheard
from tinynet_gui.ui.widgets.typed_line import TypedLine

WIDEST = "10,000,000"
TOOLTIP = "The step in view. Type another one and press Enter;\nEscape cancels."


def read_step(text: str, last_step: int) -> int:
    """Read a typed step.

    Raises
    ------
    ValueError
        If the run has not reached such a step, or the text has two readings.
    """
    step = -1
    with suppress(NoNumberError):
        step = typed_whole(text)
    if not 0 <= step <= last_step:
        raise ValueError(f"{written(text.strip())} is not allowed: a step from 0 to {count_text(last_step)} is")
    return step


class StepField(TypedLine):
    """Shows a step; not updated during typing. Enter and leaving accept the text, Escape restores the step.

    Attributes
    ----------
    last_step
        The last step allowed.

    Signals
    -------
    step_typed : int
    refused : str
        Why the text is no step of the run; empty once that is over.
    """

    step_typed = Signal(int)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        named(self, "timeLineStep", "Step that is looked at", TOOLTIP)
        self._step, self.last_step = 0, 0
        self.setFont(fixed_font())
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(WIDEST) + 2 * self.fontMetrics().averageCharWidth())
        self.editingFinished.connect(self._take)
        self.textEdited.connect(lambda: self._mark(""))
        self._write()

    def show_step(self, step: int, last_step: int) -> None:
        """Show the current step, and the number of steps."""
        is_new = step != self._step
        self._step, self.last_step = step, last_step
        if is_new and not self.isModified():
            with unheard():  # it changes with every frame; who asks gets the text
                self._write()

    def event(self, event: QEvent) -> bool:
        """Leave keys that cannot be part of a step to the window's shortcuts, until something has been typed."""
        is_command = isinstance(event, QKeyEvent) and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and not self.isModified():
            text = event.text()
            if not is_command and text.isprintable() and text and text not in "0123456789":
                event.ignore()
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Undo typing with Escape."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._write()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the step without the comma between thousands, which could not be typed."""
        super().focusInEvent(event)
        if not self.isModified():
            self._write()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Accept the typed text when leaving, like Enter; a refused text is dropped."""
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
        if refuse(self, reason):
            self.setToolTip(as_it_stands(reason) if reason else TOOLTIP)
            self.refused.emit(reason)
