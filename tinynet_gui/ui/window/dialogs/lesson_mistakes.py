"""The mistakes in the file of a lesson that does not open, line by line, to read and to copy."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from tinynet_gui.core.lessons.reading.mistakes import LessonError
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.ui.widgets.dialog import Button, Dialog
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.zoomed import give_size


class LessonMistakes(Dialog):
    """Lists the mistakes as plain text, as parts of them come from the file."""

    def __init__(self, file: str, error: LessonError, otherwise: str, parent: QWidget) -> None:
        super().__init__("lessonMistakes", file, parent, deleted_when_closed=True)
        words = QLabel(f"{otherwise} {counted(len(error.mistakes), 'mistake')} in its file:")
        words.setWordWrap(True)
        self._list = named(QPlainTextEdit(str(error)), "lessonMistakesList", "Mistakes by line")
        self._list.setToolTip("What is wrong in the file, by its lines. The buttons copy it or close this.")
        self._list.setReadOnly(True)
        self._list.setTabChangesFocus(True)
        buttons = self.make_buttons(Button.Close)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self._list, 1)
        layout.addWidget(buttons)
        give_size(self, 620, 320)
        copy.clicked.connect(self._copy)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._list.toPlainText())
