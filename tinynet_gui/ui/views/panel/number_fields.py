"""Editors for numbers in the parameter panel.

The text in the field is the full number: reading it gives exactly the value used. Any text can be typed; only the
configuration decides what is allowed, and its error is shown beside the field. Only stepping, with arrows or wheel,
stays within the allowed range.
"""

import math
import re
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit

from tinynet_gui.core.config import Setting
from tinynet_gui.core.text.numbers import exact, in_ascii, real_number
from tinynet_gui.ui.widgets.keys import ENTER

SMALLEST = 1e-300  # anything below counts as 0 for a step: its decade is no longer a normal float


class _NumberField(QAbstractSpinBox):
    """Base of the number boxes; each of them reads and writes its numbers in its own way.

    Signals
    -------
    value_edited : float, int or str
        Text that is not a number is emitted unchanged.
    """

    value_edited = Signal(object)

    def __init__(self, setting: Setting, has_buttons: bool = True) -> None:
        super().__init__()
        self.setProperty("hasButtons", has_buttons)  # in the style: Qt's own setting leaves no space for the text
        self._minimum = setting.minimum if setting.minimum is not None else -math.inf
        self._maximum = setting.maximum if setting.maximum is not None else math.inf
        self._set = 0.0  # the configuration's number
        self._committed = ""  # the text last emitted
        self.lineEdit().setTextMargins(4, 0, 0, 0)
        self.setAccelerated(True)
        self.setProperty("minimum", self._minimum)  # screen readers ask for these and "value"
        self.setProperty("maximum", self._maximum)
        self.editingFinished.connect(self.commit)

    def value(self) -> Any:
        """The number in the field, allowed or not; the text itself if it is not a number."""
        try:
            return self._read(self.text().strip())
        except ValueError:
            return self.text()

    def set_value(self, value: float) -> None:
        """Show a number without a signal."""
        self._set = value
        self._committed = self._write(value)
        self._show(value)
        self.setProperty("value", value)

    def setValue(self, value: float) -> None:
        """Set a number as if it had been typed."""
        self._show(value)
        self.commit()

    def commit(self) -> None:
        """Accept the text typed so far; a refused text is tried again."""
        value = self.value()
        if isinstance(value, int | float):
            self._show(value)
        if self.text() != self._committed or self.property("invalid"):
            self._committed = self.text()
            self.value_edited.emit(value)
        self.lineEdit().setModified(False)

    def stepBy(self, steps: int) -> None:
        """Step up or down, within the allowed range."""
        self.setValue(self._within(self._stepped(self._number(), steps)))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Both arrows work between the allowed ends."""
        flags, number = QAbstractSpinBox.StepEnabledFlag.StepNone, self._number()
        if number < self._maximum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if number > self._minimum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def event(self, event: QEvent) -> bool:
        """Leave some keys to the window's shortcuts."""
        if _leaves_to_window(event, self.lineEdit()):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter commits and releases the focus, so that Space starts the training; not if the text is refused."""
        super().keyPressEvent(event)
        if event.key() in ENTER and not self.property("invalid"):
            self.clearFocus()

    def _show(self, value: float) -> None:
        text = self._write(value)
        if text != self.text():
            self.lineEdit().setText(text)

    def _number(self) -> float:
        """Return the start of a step: the number in the field, or the configuration's if there is none."""
        value = self.value()
        is_number = isinstance(value, int) or (isinstance(value, float) and not math.isnan(value))
        return self._within(value if is_number else self._set)

    def _within(self, value: float) -> float:
        return min(max(value, self._minimum), self._maximum)

    def _read(self, text: str) -> float:
        """Return the number in a text; raise ValueError if there is none."""
        raise NotImplementedError

    def _write(self, value: float) -> str:
        raise NotImplementedError

    def _stepped(self, number: float, steps: int) -> float:
        raise NotImplementedError


class NumberBox(_NumberField):
    """A real number; steps go through 1, 2, 5, 10 ... or by a fixed amount. A comma is a decimal point."""

    def __init__(self, setting: Setting, step: float | None = None, has_buttons: bool = True) -> None:
        super().__init__(setting, has_buttons)
        self._step = step

    def _read(self, text: str) -> float:
        return real_number(text)

    def _write(self, value: float) -> str:
        return exact(value)

    def _stepped(self, number: float, steps: int) -> float:
        if self._step:
            return round(number + steps * self._step, 12)
        for _ in range(abs(steps)):
            number = _next_of_series(number, steps > 0)
        return number


class WholeNumberBox(_NumberField):
    """A whole number, written with commas between thousands; commas and spaces in it are ignored."""

    def __init__(self, setting: Setting, step: int = 1, text_for_zero: str = "", has_buttons: bool = True) -> None:
        super().__init__(setting, has_buttons)
        self._step = step
        self._text_for_zero = text_for_zero

    def _read(self, text: str) -> float:
        if text and text == self._text_for_zero:
            return 0
        digits = re.sub(r"[,\s]", "", text)
        return int(digits) if re.fullmatch(r"[-−]?\d+", digits) else real_number(digits)

    def _write(self, value: float) -> str:
        if value == 0 and self._text_for_zero:
            return self._text_for_zero
        return f"{value:,}" if isinstance(value, int) else exact(value)

    def _stepped(self, number: float, steps: int) -> float:
        if number <= 1 < self._step and steps > 0:
            return steps * self._step  # 1, 100, 200 rather than 1, 101, 201
        return int(number) + steps * self._step


class PercentBox(_NumberField):
    """A share from 0 to 1, shown in percent with all its decimals. A comma is a decimal point."""

    STEP = 5

    def _read(self, text: str) -> float:
        percent = text.removesuffix("%")
        number = real_number(percent)  # refuses text that is not a number
        if not math.isfinite(number):
            return number  # also 1e999, which Decimal would read, and then fail on
        return float(Decimal(in_ascii(percent)) / 100)

    def _write(self, value: float) -> str:
        return f"{_percent(value).normalize():f} %"

    def _stepped(self, number: float, steps: int) -> float:
        return float((_percent(number) + steps * self.STEP) / 100)


def _percent(share: float) -> Decimal:
    """Return a hundred times a share, in its own digits: 7 for 0.07, not 7.000000000000001."""
    return 100 * Decimal(exact(share))


def _leaves_to_window(event: QEvent, line: QLineEdit) -> bool:
    """Whether a key should go to the window's shortcuts: in a field in which nothing has been typed yet.

    Digits and letters are typing. Other characters, such as a space, and Undo and Redo belong to the field only once
    something has been typed. Keys with Control are left to Qt, which knows those of a text field, such as Paste.
    """
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride or line.isModified():
        return False
    is_undo = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
    is_command = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier)
    text = "" if is_command else event.text()
    return is_undo or (bool(text) and text.isprintable() and not text.isalpha() and text not in "0123456789.,-+")


def _next_of_series(value: float, up: bool) -> float:
    """Return the next of ... 0.1, 0.2, 0.5, 1, 2, 5 ... above or below a value; from 0 up, 0.0001."""
    if value < SMALLEST:
        return 1e-4 if up else 0.0
    decade = 10.0 ** math.floor(math.log10(value) + 1e-9)
    series = [m * decade for m in (0.5, 1.0, 2.0, 5.0, 10.0)]
    if up:
        return next(s for s in series if s > value * (1 + 1e-6))
    below = [s for s in series if s < value * (1 - 1e-6)][-1]
    return below if below > 1e-10 else 0.0
