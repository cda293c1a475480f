"""Editors for the parameter panel. Each has `value`, `set_value` (silent) and `value_edited`.

They take any number or text: what is allowed is decided by the configuration alone, and its error is
shown beside the field. Only stepping with arrows or wheel keeps within the allowed range.
"""

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent, QKeySequence, QValidator, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from tinynet_gui.core.config import Setting

LARGEST_WHOLE = 2**31 - 1
LARGEST_NUMBER, SMALLEST_NUMBER = 1e12, 1e-12  # what the boxes for real numbers can hold


class WheelOnlyWithFocus(QObject):
    """Lets the wheel scroll the panel instead of changing a field that merely passes under the mouse."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow wheel events of widgets without focus."""
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def _leaves_to_window(event: QEvent, line: QLineEdit) -> bool:
    """Whether a key should go to the window's shortcuts: in a field in which nothing has been typed yet.

    Digits are typing. Other characters, and Undo and Redo, are the field's own only once it has been typed in.
    """
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride or line.isModified():
        return False
    is_undo = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
    is_character = event.text().isprintable() and bool(event.text()) and event.text() not in "0123456789.,-+eE"
    return is_undo or is_character


if TYPE_CHECKING:
    _SpinBox = QAbstractSpinBox
else:
    _SpinBox = object  # mixed into Qt's own classes, which cannot have two Qt bases


class _NumberField(_SpinBox):
    """What the number boxes share: any text can be typed, and what is no number is given on as it is."""

    value_edited: SignalInstance

    def fixup(self, text: str) -> str:
        """Give a committed text on that Qt's spin box cannot take: the configuration says what is wrong."""
        self.value_edited.emit(_number_in(text))
        return text

    def commit(self) -> None:
        """Take over what has been typed so far."""
        self.interpretText()

    def event(self, event: QEvent) -> bool:
        """Leave some keys to the window's shortcuts."""
        if _leaves_to_window(event, self.lineEdit()):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter commits and lets go of the keyboard, so that Space starts the training again."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()


def _number_in(text: str) -> Any:
    """The number in a text, or the text if there is none."""
    for kind in (int, float):
        try:
            return kind(text.replace(",", "").strip(" %"))
        except (ValueError, OverflowError):
            continue
    return text


class NumberBox(_NumberField, QDoubleSpinBox):
    """A real number; steps go through 1, 2, 5, 10 ... or by a fixed amount.

    Signals
    -------
    value_edited : float
    """

    value_edited = Signal(object)

    def __init__(self, setting: Setting, step: float | None = None) -> None:
        super().__init__()
        self._minimum = setting.minimum if setting.minimum is not None else -math.inf
        self._maximum = setting.maximum if setting.maximum is not None else math.inf
        self._step = step
        self.setDecimals(12)
        self.setRange(-LARGEST_NUMBER, LARGEST_NUMBER)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(4, 0, 0, 0)
        self.setAccelerated(True)
        self.valueChanged.connect(self.value_edited.emit)

    def set_value(self, value: float) -> None:
        """Show a value without a signal."""
        with QSignalBlocker(self):
            self.setValue(value)

    def textFromValue(self, value: float) -> str:
        """Write the number as short as it can be."""
        return f"{value:.10g}"

    def valueFromText(self, text: str) -> float:
        """Read the number; a comma is a decimal point."""
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed; only a number of a sensible size is taken over by the box itself."""
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            number = math.nan
        fits = abs(number) <= LARGEST_NUMBER and (number == 0 or abs(number) >= SMALLEST_NUMBER)
        return (QValidator.State.Acceptable if fits else QValidator.State.Intermediate), text, position

    def stepBy(self, steps: int) -> None:
        """Go up or down, within what is allowed."""
        value = self.value()
        for _ in range(abs(steps)):
            up = steps > 0
            value = value + math.copysign(self._step, steps) if self._step else _next_of_series(value, up)
        self.setValue(min(max(round(value, 12), self._minimum), self._maximum))


class WholeNumberBox(_NumberField, QSpinBox):
    """A whole number.

    Signals
    -------
    value_edited : int
    """

    value_edited = Signal(object)

    def __init__(self, setting: Setting, step: int = 1, text_for_zero: str = "") -> None:
        super().__init__()
        self._minimum = int(setting.minimum or 0)
        self._maximum = int(setting.maximum or LARGEST_WHOLE)
        self._text_for_zero = text_for_zero
        self.setRange(-LARGEST_WHOLE, LARGEST_WHOLE)
        self.setSingleStep(step)
        self.setKeyboardTracking(False)
        self.lineEdit().setTextMargins(4, 0, 0, 0)
        self.setAccelerated(True)
        self.setGroupSeparatorShown(True)
        self.valueChanged.connect(self._emit_value)

    def set_value(self, value: int) -> None:
        """Show a value without a signal."""
        with QSignalBlocker(self):
            self.setValue(value)

    def textFromValue(self, value: int) -> str:
        """Write the number with separators, or the word for zero."""
        return self._text_for_zero if value == 0 and self._text_for_zero else f"{value:,}"

    def valueFromText(self, text: str) -> int:
        """Read the number or the word for zero."""
        if text == self._text_for_zero and text:
            return 0
        digits = text.replace(",", "").replace(" ", "")
        try:
            return max(-LARGEST_WHOLE, min(LARGEST_WHOLE, int(digits)))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed; only a whole number, or the word for zero, is taken over by the box itself."""
        digits = text.replace(",", "").replace(" ", "")
        fits = re.fullmatch(r"-?\d{1,10}", digits) is not None and abs(int(digits)) <= LARGEST_WHOLE
        is_zero_word = bool(text) and text == self._text_for_zero
        state = QValidator.State.Acceptable if fits or is_zero_word else QValidator.State.Intermediate
        return state, text, position

    def stepBy(self, steps: int) -> None:
        """Go up or down, within what is allowed."""
        target = self.value() + steps * self.singleStep()
        if self.value() <= 1 < self.singleStep() and steps > 0:
            target = steps * self.singleStep()  # 1, 100, 200 rather than 1, 101, 201
        self.setValue(min(max(target, self._minimum), self._maximum))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Both arrows work between the allowed ends."""
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self.value() < self._maximum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if self.value() > self._minimum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def _emit_value(self, value: int) -> None:
        self.value_edited.emit(value)


class PercentBox(WholeNumberBox):
    """A share from 0 to 1, shown in percent.

    Signals
    -------
    value_edited : float
        Inherited; the share, not the percentage.
    """

    def __init__(self, setting: Setting, step: int = 5) -> None:
        super().__init__(Setting(setting.label, setting.effect, 0, round(100 * (setting.maximum or 1))), step)
        self.setSuffix(" %")

    def set_value(self, value: float) -> None:
        """Show a share without a signal."""
        super().set_value(round(100 * value))

    def valueFromText(self, text: str) -> int:
        """Read the percentage, with or without its sign."""
        return super().valueFromText(text.removesuffix("%").strip())

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """As a whole number, with or without the sign."""
        state, _, _ = super().validate(text.removesuffix("%").strip(), position)
        return state, text, position

    def fixup(self, text: str) -> str:
        """Give on a percentage that is no whole number as a share too."""
        number = _number_in(text)
        self.value_edited.emit(number / 100 if isinstance(number, int | float) else number)
        return text

    def _emit_value(self, value: int) -> None:
        self.value_edited.emit(value / 100)


class ChoiceBox(QComboBox):
    """One of several named choices.

    Signals
    -------
    value_edited : str
        The name that a configuration holds, not the label.
    """

    value_edited = Signal(object)

    def __init__(self, labels: Mapping[Any, str]) -> None:
        super().__init__()
        for name, label in labels.items():
            self.addItem(label, name)
        self.currentIndexChanged.connect(self._emit_name)

    def set_value(self, value: str) -> None:
        """Show a choice without a signal."""
        with QSignalBlocker(self):
            self.setCurrentIndex(self.findData(value))

    def commit(self) -> None:
        """Nothing can be half chosen."""

    def _emit_name(self, index: int) -> None:
        self.value_edited.emit(self.itemData(index))


class CheckBox(QCheckBox):
    """Yes or no.

    Signals
    -------
    value_edited : bool
    """

    value_edited = Signal(object)

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.toggled.connect(self.value_edited.emit)

    def set_value(self, value: bool) -> None:
        """Show a value without a signal."""
        with QSignalBlocker(self):
            self.setChecked(value)

    def commit(self) -> None:
        """Nothing can be half checked."""


def _next_of_series(value: float, up: bool) -> float:
    """Return the next of ... 0.1, 0.2, 0.5, 1, 2, 5 ... above or below a value; from 0 up, 0.0001."""
    if value <= 0:
        return 1e-4 if up else 0.0
    decade = 10.0 ** math.floor(math.log10(value) + 1e-9)
    series = [m * decade for m in (0.5, 1.0, 2.0, 5.0, 10.0)]
    if up:
        return next(s for s in series if s > value * (1 + 1e-6))
    below = [s for s in series if s < value * (1 - 1e-6)][-1]
    return below if below > 1e-10 else 0.0
