"""The teacher's notes on the program's own lessons, in a sheet beside the window."""

from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from tinynet_gui.core.lessons.bundled_lessons import teachers_notes
from tinynet_gui.ui.widgets.dialogs.help_sheet import HelpSheet


class TeachersNotes(HelpSheet):
    """Shows the notes on all of them, at that on one of them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("teachersNotes", "Teacher's notes, with the answers", parent)
        self.page.setMarkdown(teachers_notes())

    def show_section(self, heading: str) -> None:
        """Open at a heading that begins like this; at the top without one."""
        self.show()
        self.activateWindow()
        self.page.moveCursor(QTextCursor.MoveOperation.Start)
        if heading and self.page.find(QRegularExpression(f"^{heading}")):
            found = self.page.textCursor()
            found.clearSelection()
            self.page.moveCursor(QTextCursor.MoveOperation.End)  # from there it scrolls until the heading is on top
            self.page.setTextCursor(found)
