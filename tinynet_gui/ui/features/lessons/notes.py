"""The teacher's notes on the program's own lessons, in a sheet beside the window."""

from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QWidget

from tinynet_gui.core.lessons.bundled_lessons import teachers_notes
from tinynet_gui.ui.widgets.dialogs.help_sheet import HelpSheet


class TeachersNotes(HelpSheet):
    """Shows the notes on all of them, at that on one of them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("teachersNotes", "Teacher's notes, with the answers", parent)
        self.page.setMarkdown(teachers_notes())
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(lambda link: self.show_section(f"{link.fragment().partition('-')[0]} "))

    def show_section(self, heading: str) -> None:
        """Open at a heading that begins like this; at the top without one."""
        self.show()
        self.activateWindow()
        if not heading:
            self.page.moveCursor(QTextCursor.MoveOperation.Start)
            return
        self.page.moveCursor(QTextCursor.MoveOperation.End)  # from there it scrolls until the heading is on top
        if self.page.find(
            QRegularExpression(f"^{heading}"), QTextDocument.FindFlag.FindBackward
        ):  # not in the contents
            found = self.page.textCursor()
            found.clearSelection()
            self.page.setTextCursor(found)
