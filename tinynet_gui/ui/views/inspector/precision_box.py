"""The number of decimals: a field whose last value is the word "full"."""

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QSpinBox

FULL = 10  # one more than the most decimals: all of the float32 number
FEWEST, USUAL = 2, 4


class PrecisionBox(QSpinBox):
    """The number of decimals, from 2 to 9; above that "full", the whole float32 number."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(FEWEST, FULL)
        self.setValue(USUAL)

    def digits(self) -> int | None:
        """The number of decimals, or None for the whole number."""
        return None if self.value() == FULL else self.value()

    def textFromValue(self, value: int) -> str:
        """Write the number, or the word."""
        return "full" if value == FULL else str(value)

    def valueFromText(self, text: str) -> int:
        """Read the number or the word."""
        return FULL if text == "full" else int(text or self.value())

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept 2 to 9 and the word."""
        if text in ("full", *map(str, range(FEWEST, FULL))):
            return QValidator.State.Acceptable, text, position
        is_begun = "full".startswith(text)
        return (QValidator.State.Intermediate if is_begun else QValidator.State.Invalid), text, position
