"""The mistakes in the file of a lesson that does not open, line by line, to read and to copy."""

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from tinynet_gui.core.lessons.reading.mistakes import LessonError
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.language import ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.widgets.dialogs.dialog import TextDialog
from tinynet_gui.ui.widgets.naming import named, wrapped

SIZE = 620, 320


class LessonMistakes(TextDialog):
    """Lists the mistakes as plain text, as parts of them come from the file; in the language spoken."""

    def __init__(self, file: str, error: LessonError, otherwise: str, parent: QWidget) -> None:
        count = len(error.mistakes)
        words = ngettext("{otherwise} {count} mistake in its file:", "{otherwise} {count} mistakes in its file:", count)
        about = words.format(otherwise=otherwise, count=count_text(count))
        tooltip = wrapped(_("What is wrong in the file, line by line. Copy puts it on the clipboard."))
        text = named(QPlainTextEdit(str(error)), "lessonMistakesList", _("Mistakes by line"), tooltip)
        super().__init__("lessonMistakes", file, about, text, SIZE, parent)
