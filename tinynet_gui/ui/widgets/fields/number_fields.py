"""Fields for numbers, and labels that step them when dragged.

The text in the field is the number in full: parsing it gives exactly the value used. Any text can be typed; the
setting validates it, and the error is shown beside the field. Only stepping is limited to the allowed range.
"""

import math
from decimal import Decimal
from typing import Any, Protocol, cast

from PySide6.QtCore import QDynamicPropertyChangeEvent, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleValueChangeEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QLineEdit, QStyle, QStyleOptionSpinBox, QWidget

from tinynet_gui.core.config import ConfigError, Setting
from tinynet_gui.core.text.language import with_signs
from tinynet_gui.core.text.numbers import exact, typed
from tinynet_gui.core.text.typed_numbers import in_ascii, typed_real, typed_whole
from tinynet_gui.ui.widgets.accessibility import ancestors
from tinynet_gui.ui.widgets.cards import CardFrame
from tinynet_gui.ui.widgets.fields.refusals import FieldError


class TypedLine(QLineEdit):
    """A line edit that treats text inserted by dictation or assistive programs as typed text.

    Qt inserts such text as if the program had called `setText`; so the program's own calls are told apart. In a field
    without the focus, for which no focus-out will follow, the text is committed at once (`editingFinished`).
    """

    inserted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_own = False
        self.textChanged.connect(self._on_text_changed)

    def setText(self, text: str | None) -> None:
        self._is_own = True
        super().setText(text)
        self._is_own = False

    def clear(self) -> None:
        self.setText("")

    def event(self, event: QEvent) -> bool:
        is_first = event.type() == QEvent.Type.ShortcutOverride and not self.isModified()
        if is_first and isinstance(event, QKeyEvent) and self.leaves_to_window(event):
            event.ignore()
            return False
        return super().event(event)

    def leaves_to_window(self, event: QKeyEvent) -> bool:
        """Whether a key should trigger the window's shortcuts as long as nothing has been typed."""
        return False

    def _on_text_changed(self, text: str) -> None:
        if self._is_own or self.isModified() or self.isRedoAvailable():
            return
        self.setModified(True)
        self.textEdited.emit(text)
        self.inserted.emit()
        if not self.hasFocus():
            self.editingFinished.emit()


LARGEST = 1e300  # larger values are not reported to screen readers
SMALLEST = 1e-300  # a step starts at 0 below this: such a decade is a subnormal float


SPARE = 8  # px, for the cursor and the margins


class NumberField(QAbstractSpinBox):
    """A whole or a real number, as its setting has it.

    Its step is by default 1 for a whole number; real ones then follow the series 1, 2, 5, 10 ... A share from 0 to 1
    can be shown in percent (`is_percent`), with all its decimals.

    `value_edited` has the number, or the text if that is no number: the receiver shows why it is invalid. If it
    `is_checked`, the field itself does, and `valueChanged` has the valid numbers.
    """

    value_edited, valueChanged = Signal(object), Signal(int)

    def __init__(
        self,
        setting: Setting,
        step: float = 0,
        *,
        unit: str = "",
        text_for_zero: str = "",
        is_percent: bool = False,
        is_checked: bool = False,
        has_buttons: bool = True,
    ) -> None:
        super().__init__()
        self._step = step or int(setting.is_whole)
        self._unit, self._text_for_zero = unit, text_for_zero
        self._is_percent, self._is_checked = is_percent, is_checked
        self._last, self._error = 0, cast(FieldError | None, None)
        self.setProperty("hasButtons", has_buttons)  # in the style: Qt's own setting leaves no space for the text
        self._allow(setting)
        self._set = 0.0  # the number in the configuration
        self._announced: float | None = None  # to screen readers
        self._committed = ""  # the text last emitted
        self.setLineEdit(line := TypedLine())
        line.setTextMargins(4, 0, 0, 0)
        self.setAccelerated(True)
        self.setProperty("singleStep", self._step)
        line.textChanged.connect(self._on_text_changed)
        self.editingFinished.connect(self.commit)
        line.inserted.connect(self._on_inserted)

    def value(self) -> Any:
        """The number in the field, in the range or not; the text without the unit if it is not a number."""
        try:
            return self._read(self.text().strip())
        except ValueError:
            return self.text().removesuffix(self._unit)

    @property
    def count(self) -> int:
        """The number in a checked field; while that is invalid, the last valid one."""
        return self._last if self.refusal() else int(self.value())

    def set_value(self, value: float) -> None:
        self._set = value
        self._committed = self._write(value)
        self._show(value)

    def setValue(self, value: float) -> None:
        """Set a number as if it had been typed; in a checked field it is clamped to the range."""
        self._show(int(self._within(value)) if self._is_checked else value)
        self.commit()

    def setRange(self, least: int, most: int) -> None:
        self._allow(whole_number(least, most))
        self.setValue(self._last)

    def setSuffix(self, unit: str) -> None:
        before, self._unit = self._unit, unit
        self.lineEdit().setText(self.text().removesuffix(before) + unit)

    def clear(self) -> None:
        self.lineEdit().clear()

    def commit(self) -> None:
        """Commit the text typed so far; a refused text is tried again."""
        value = self.value()
        if isinstance(value, int | float):
            self._show(value)
        if self.text() != self._committed or self.property("invalid"):
            self._committed = self.text()
            self.value_edited.emit(value)
        self.lineEdit().setModified(False)
        if self._is_checked:
            self._say(self.refusal())
            if self.count != self._last:
                self._last = self.count
                self.valueChanged.emit(self._last)

    def sizeHint(self) -> QSize:
        if not self._is_checked:
            return super().sizeHint()
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        width = self.fontMetrics().horizontalAdvance(self._write(self._maximum)) + SPARE
        text = QSize(width, self.lineEdit().sizeHint().height())
        return self.style().sizeFromContents(QStyle.ContentsType.CT_SpinBox, option, text, self)

    def stepBy(self, steps: int) -> None:
        self.setValue(self._within(self._stepped(self._number(), steps)))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags, number = QAbstractSpinBox.StepEnabledFlag.StepNone, self._number()
        if number < self._maximum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if number > self._minimum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return flags

    def refusal(self) -> str:
        """Return why the field's content is invalid; "" if it is valid."""
        try:
            self._setting.check("", self.value())
        except ConfigError as error:
            return error.reason
        return ""

    def event(self, event: QEvent) -> bool:
        """Leave some keys to the window's shortcuts; take a value set by an assistive program."""
        if isinstance(event, QDynamicPropertyChangeEvent) and event.propertyName() == b"value":
            value = self.property("value")
            if value != self._announced and isinstance(value, int | float):
                self.lineEdit().setText(typed(value))
                self.commit()
        if _leaves_to_window(event, self.lineEdit()):
            event.ignore()
            return False
        return super().event(event)

    def _allow(self, setting: Setting) -> None:
        self._setting = setting
        self._minimum, self._maximum = setting.bounds or (-math.inf, math.inf)
        for name, end in (("minimum", self._minimum), ("maximum", self._maximum)):
            self.setProperty(name, self._shown(end))  # screen readers query these and "value", and set "value"

    def _on_inserted(self) -> None:
        if not self.hasFocus():
            self.commit()

    def _say(self, reason: str) -> None:
        if reason and self._error is None:
            body = next(each for each in ancestors(self) if isinstance(each, CardFrame) or each.isWindow())
            self._error = FieldError(f"{self.objectName()}Error", self, body)
        if self._error is not None:
            self._error.say(reason)

    def _on_text_changed(self) -> None:
        """Notify screen readers of the shown number; its error, if it shows one itself, is out of date."""
        self._say("")
        value = self.value()
        is_finite = isinstance(value, int | float) and abs(value) <= LARGEST
        self._announced = self._shown(float(value)) if is_finite else None
        self.setProperty("value", self._announced)
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, self._announced))

    def _shown(self, value: float) -> float:
        return float(_percent(value)) if self._is_percent else value

    def _show(self, value: float) -> None:
        text = self._write(value)
        if text != self.text():
            self.lineEdit().setText(text)

    def _number(self) -> float:
        """Return where a step starts: at the number in the field, or the configuration's if that is invalid."""
        value = self.value()
        is_number = isinstance(value, int) or (isinstance(value, float) and not math.isnan(value))
        return self._within(value if is_number else self._set)

    def _within(self, value: float) -> float:
        return min(max(value, self._minimum), self._maximum)

    def _read(self, text: str) -> float:
        if text and text == self._text_for_zero:
            return 0
        number_text = text.removesuffix("%" if self._is_percent else self._unit)
        number = typed_whole(number_text) if self._setting.is_whole else typed_real(number_text)
        if not self._is_percent or not math.isfinite(number):
            return number
        return float(Decimal(exact(number) if "/" in number_text else in_ascii(number_text).replace(",", ".")) / 100)

    def _write(self, value: float) -> str:
        if self._is_percent:
            return with_signs(f"{_percent(value).normalize():f} %")
        if value == 0 and self._text_for_zero:
            return self._text_for_zero
        is_int = self._setting.is_whole and not isinstance(value, float)
        return (f"{value}" if is_int else typed(value)) + self._unit

    def _stepped(self, number: float, steps: int) -> float:
        by = steps * self._step
        if self._is_percent:
            return float((_percent(number) + Decimal(by)) / 100)
        if self._setting.is_whole:  # 1, 100, 200 rather than 1, 101, 201
            return int(by) if number <= 1 < self._step and steps > 0 else int(number) + int(by)
        if self._step:
            return round(number + by, 12)
        for _ in range(abs(steps)):
            number = _next_of_series(number, steps > 0)
        return number


def whole_number(least: int, most: int) -> Setting:
    return Setting("", "live", (least, most), is_whole=True)


def count_field(unit: str = "") -> NumberField:
    """Return a checked field for a whole number; its range is still to be set."""
    return NumberField(whole_number(0, 0), unit=unit, is_checked=True)


def _percent(share: float) -> Decimal:
    """Return a hundred times a share without rounding errors: 7 for 0.07, not 7.000000000000001."""
    return 100 * Decimal(exact(share))


def _leaves_to_window(event: QEvent, line: QLineEdit) -> bool:
    """Whether a key should trigger the window's shortcuts: in a field in which nothing has been typed yet.

    Digits and letters always count as typing; other characters, such as a space, and Undo and Redo only once something
    has been typed. Keys with Control are left to Qt, which handles those of a text field, such as Paste.
    """
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride or line.isModified():
        return False
    is_undo = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
    is_command = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier)
    text = "" if is_command else event.text()
    return is_undo or (bool(text) and text.isprintable() and not text.isalpha() and text not in "0123456789.,-+")


def _next_of_series(value: float, up: bool) -> float:
    """Return the next number of ... 0.1, 0.2, 0.5, 1, 2, 5 ... above or below a value; above 0 it is 0.0001."""
    if value < SMALLEST:
        return 1e-4 if up else 0.0
    decade = 10.0 ** math.floor(math.log10(value) + 1e-9)
    series = [m * decade for m in (0.5, 1.0, 2.0, 5.0, 10.0)]
    if up:
        return next(s for s in series if s > value * (1 + 1e-6))
    below = [s for s in series if s < value * (1 - 1e-6)][-1]
    return below if below > 1e-10 else 0.0


PIXELS_PER_STEP = 8


class Stepped(Protocol):
    def stepBy(self, steps: int) -> None:
        """Step up or down."""

    def isEnabled(self) -> bool:
        """Whether it can be changed."""


class ScrubLabel(QLabel):
    """A label that steps its field up when dragged to the right, down to the left; it reserves several lines."""

    def __init__(self, text: str, field: Stepped, lines: int = 1) -> None:
        super().__init__(text)
        self._field, self._lines = field, lines
        self._from_x: float | None = None
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(hint.width(), max(hint.height(), self._lines * self.fontMetrics().lineSpacing()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from_x = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from_x is None:
            return
        steps = int((event.position().x() - self._from_x) / PIXELS_PER_STEP)
        if steps and self._field.isEnabled():
            self._field.stepBy(steps)
            self._from_x += steps * PIXELS_PER_STEP

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from_x = None
