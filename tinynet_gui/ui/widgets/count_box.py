"""A field for a count outside the panel, which says beside itself why a text is refused."""

from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QStyle, QStyleOptionSpinBox

from tinynet_gui.core.config import Setting
from tinynet_gui.ui.widgets.card import CardFrame
from tinynet_gui.ui.widgets.field_error import FieldError
from tinynet_gui.ui.widgets.number_fields import WholeNumberBox
from tinynet_gui.ui.widgets.path_up import path_up

SPARE = 8  # px, for the cursor and the margins


class CountBox(WholeNumberBox):
    """A whole number in a range, perhaps with a unit after it.

    Signals
    -------
    valueChanged : int
        Another number is taken.
    """

    valueChanged = Signal(int)

    def __init__(self, unit: str = "") -> None:
        self._unit, self._last = unit, 0
        super().__init__(Setting("", "live", 0, 0, is_whole=True))
        self._error: FieldError | None = None
        self.lineEdit().textChanged.connect(lambda: self._say(""))

    @property
    def count(self) -> int:
        """The number in the field; the last that was taken while there is none that is allowed."""
        return self._last if self.refusal() else int(self.value())

    def value(self) -> Any:
        """The number in the field, allowed or not; the text without the unit if it is not a number."""
        value = super().value()
        return value.removesuffix(self._unit) if isinstance(value, str) else value

    def setRange(self, least: int, most: int) -> None:
        """Allow other numbers."""
        self._allow(Setting("", "live", least, most, is_whole=True))
        self.setValue(self._last)

    def setValue(self, value: float) -> None:
        """Show a number, or the nearest that is allowed."""
        super().setValue(int(self._within(value)))

    def setSuffix(self, unit: str) -> None:
        """Write another unit after the number."""
        before, self._unit = self._unit, unit
        self.lineEdit().setText(self.text().removesuffix(before) + unit)

    def commit(self) -> None:
        """Take the number, or say why it is none."""
        super().commit()
        self._say(self.refusal())
        if self.count != self._last:
            self._last = self.count
            self.valueChanged.emit(self._last)

    def sizeHint(self) -> QSize:
        """Fit the longest text."""
        option = QStyleOptionSpinBox()
        self.initStyleOption(option)
        width = self.fontMetrics().horizontalAdvance(self._write(self._maximum)) + SPARE
        text = QSize(width, self.lineEdit().sizeHint().height())
        return self.style().sizeFromContents(QStyle.ContentsType.CT_SpinBox, option, text, self)

    def _say(self, reason: str) -> None:
        if reason and self._error is None:
            body = next(each for each in path_up(self) if isinstance(each, CardFrame) or each.isWindow())
            self._error = FieldError(f"{self.objectName()}Error", self, body)
        if self._error is not None:
            self._error.say(reason)

    def _read(self, text: str) -> float:
        return super()._read(text.removesuffix(self._unit))

    def _write(self, value: float) -> str:
        return super()._write(value) + self._unit
