"""Editors for text in the parameter panel: a formula, and the widths of the hidden layers."""

import re
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent

from tinynet_gui.core.config import MAX_WIDTH
from tinynet_gui.core.text.typed_numbers import TwoReadingsError, TypedNumberError, typed_whole
from tinynet_gui.ui.widgets.typed_line import TypedLine


class TextField(TypedLine):
    """A text; it counts once it is committed, with Enter or by leaving the field.

    Signals
    -------
    value_edited : str
    """

    value_edited = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._committed = ""
        self.editingFinished.connect(self.commit)

    def value(self) -> Any:
        """The text."""
        return self.text()

    def set_value(self, value: Any) -> None:
        """Show a value without a signal."""
        self._committed = self._write(value)
        if self._committed != self.text():
            self.setText(self._committed)

    def commit(self) -> None:
        """Accept the text typed so far; a refused text is tried again."""
        if self.text() != self._committed or self.property("invalid"):
            self._committed = self.text()
            self.value_edited.emit(self.value())
        self.setModified(False)

    def event(self, event: QEvent) -> bool:
        """Leave Undo and Redo to the window while nothing has been typed here, and a space that replaces it all."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and not self.isModified():
            keys, is_all = QKeySequence.StandardKey, self.selectedText() == self.text()
            is_space = event.key() == Qt.Key.Key_Space and is_all
            if is_space or event.matches(keys.Undo) or event.matches(keys.Redo):
                event.ignore()
                return False
        return super().event(event)

    def _write(self, value: Any) -> str:
        return str(value)


class WidthsField(TextField):
    """The widths of the hidden layers, such as 10 or 8, 8, 8; empty for none.

    Up, Down and the wheel change the width at the cursor. A text that is not a list of whole numbers is emitted
    unchanged, for the configuration to refuse.

    Signals
    -------
    value_edited : tuple of int, or str
    """

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText("none")

    def value(self) -> Any:
        """The widths as typed: a tuple of int, or the text if it is no such list."""
        try:
            widths = tuple(map(typed_whole, self._parts()))
        except TypedNumberError:
            return self.text()
        return self.text() if self.text().strip() and not widths else widths

    def refusal(self) -> str:
        """Say what to write instead of a width with two readings, if there is one."""
        try:
            list(map(typed_whole, self._parts()))
        except TypedNumberError as error:
            return str(error) if isinstance(error, TwoReadingsError) else ""
        return ""

    def _parts(self) -> list[str]:
        text = re.sub(r"(?<!\d)1,000(?!\d)", "1000", self.text())  # 000 is no width: this comma separates nothing
        return [part for part in re.split(r"[\s,;x×]+|(?<=\d)-(?=\d)", text.strip(" ,;[]()")) if part]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step with the arrow keys."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepBy(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step with the wheel."""
        self.stepBy(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def stepBy(self, steps: int) -> None:
        """Change the width at the cursor."""
        before = len(re.findall(r"\d+", self.text()[: self.cursorPosition()]))
        spans = [match.span() for match in re.finditer(r"\d+", self.text())]
        if not spans:
            return
        start, end = spans[min(max(before - 1, 0), len(spans) - 1)]
        digits = self.text()[start:end]
        typed = int(digits) if len(digits) < 10 else MAX_WIDTH  # thousands of digits are no int to Python
        width = min(max(typed + steps, 1), MAX_WIDTH)
        self.setText(f"{self.text()[:start]}{width}{self.text()[end:]}")
        self.setCursorPosition(start + len(str(width)))
        self.commit()

    def _write(self, value: Any) -> str:
        return ", ".join(map(str, value))
