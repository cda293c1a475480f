"""Shows the current step, and whether it is a past one; another step can be typed."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.time_line.step_field import StepField
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.refusals import tie
from tinynet_gui.ui.widgets.style_property import put_style_property

PAST, PRESENT = "the past: step", "step"
WIDEST_END = "of 1,000,000"
SPACING = 5


class StepBox(QWidget):
    """Writes “the past: step 1,234 of 10,000”, or “step 10,000”, with the number in a field, in a space of fixed width.

    Signals
    -------
    step_typed : int
        A step that the run has had.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._is_past, self._is_refused = theme, False, False
        self._before, self._field, self._after = QLabel(), StepField(), QLabel()
        self._before.setObjectName("timeLineSaid")
        self._before.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._before.setMinimumWidth(self._before.fontMetrics().horizontalAdvance(PAST) + 2)
        self._before.setBuddy(self._field)
        tie(self._field, self._before)
        self._after.setObjectName("timeLineOf")
        self._after.setProperty("role", "past")
        self._after.setMinimumWidth(self._after.fontMetrics().horizontalAdvance(WIDEST_END) + 2)
        filled(QHBoxLayout(self), self._before, self._field, self._after, margins=(0, 0, 0, 0), spacing=SPACING)
        self.step_typed = self._field.step_typed
        self._field.refused.connect(self._on_refused)
        self._write()

    def text(self) -> str:
        """Its full text."""
        return " ".join(part for part in (self._before.text(), self._field.text(), self._after.text()) if part)

    def show_step(self, step: int, last_step: int) -> None:
        """Show the current step and the number of steps."""
        self._field.show_step(step, last_step)
        is_past = step < last_step
        if is_past or self._is_past or self._is_refused:  # during a training only the number changes
            self._is_past = is_past
            self._write()

    def show_words(self, *, before: bool, after: bool) -> None:
        """Show or hide the words for the past, and for the number of steps, depending on the space."""
        self._before.setVisible(before)
        self._after.setVisible(after)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self._theme = theme
        self._write()

    def minimumSizeHint(self) -> QSize:
        """Fits the number alone, whatever is shown beside it now."""
        return QSize(self._field.minimumWidth(), super().minimumSizeHint().height())

    def _on_refused(self, refusal: str) -> None:
        self._is_refused = bool(refusal)
        self._write()

    def _write(self) -> None:
        """Write beside the number that it is past; or, after a refused text, which steps are allowed."""
        last = count_text(self._field.last_step)
        before, role = (PAST, "past") if self._is_past else (PRESENT, "caption")
        if self._is_refused:
            before, role = f"0 to {last}", "error"
        after = f"of {last}" if self._is_past else ""
        for label, text in ((self._before, before), (self._after, after)):
            if label.text() != text:
                label.setText(text)
        put_style_property(self._before, "role", role)
