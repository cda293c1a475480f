"""The mistakes in the file of a lesson that does not open, line by line, to read and to copy."""

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from tinynet_gui.core.lessons.reading.mistakes import LessonError
from tinynet_gui.core.text.numbers import counted
from tinynet_gui.ui.widgets.dialogs.dialog import TextDialog
from tinynet_gui.ui.widgets.naming import named

SIZE = 620, 320


class LessonMistakes(TextDialog):
    """Lists the mistakes as plain text, as parts of them come from the file."""

    def __init__(self, file: str, error: LessonError, otherwise: str, parent: QWidget) -> None:
        about = f"{otherwise} {counted(len(error.mistakes), 'mistake')} in its file:"
        tooltip = "What is wrong in the file, line by line. Copy puts it on the clipboard."
        text = named(QPlainTextEdit(str(error)), "lessonMistakesList", "Mistakes by line", tooltip)
        super().__init__("lessonMistakes", file, about, text, SIZE, parent)
