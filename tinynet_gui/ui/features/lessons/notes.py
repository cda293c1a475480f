"""The teacher's notes on the built-in lessons, in a sheet beside the window."""

import re

from PySide6.QtCore import QBuffer, QIODevice, QLocale
from PySide6.QtGui import QHideEvent, QPageSize, QPdfWriter, QTextCursor, QTextDocument
from PySide6.QtWidgets import QDialogButtonBox, QWidget

from tinynet_gui.core.lessons.reading.reader import teachers_notes, without_answers
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.widgets.accessibility import worded
from tinynet_gui.ui.widgets.dialogs import HelpSheet, ask_to_save, write_file

SAVE = _("Save the teacher's notes")
PDF = "PDF (*.pdf)"
ACTION = QDialogButtonBox.ButtonRole.ActionRole


class TeachersNotes(HelpSheet):
    """Shows the notes on all lessons, scrolled to one of them; answers are hidden until requested."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("teachersNotes", _("Teacher's notes"), parent)
        self._place = "", 0
        self._answers, save = (self.buttons.addButton("", ACTION) for _place in range(2))
        worded(self._answers, "notesAnswers", _("Show the answers"), _("Until the sheet is closed. Mind who looks on."))
        worded(save, "notesSave", _("Save as PDF …"), _("To print: with the answers, if they are shown."))
        self._answers.setCheckable(True)
        self._answers.toggled.connect(self._fill)
        save.clicked.connect(self._on_save)
        self.page.setOpenLinks(False)
        self.page.anchorClicked.connect(lambda link: self.show_section(f"{link.fragment().partition('-')[0]} "))
        self._fill()

    def show_section(self, heading: str, page: int = 0) -> None:
        """Open at a lesson's heading, given its beginning, and there at the note on a page; with "" at the top."""
        self.show()
        self.activateWindow()
        self.follow(heading, page)

    def follow(self, heading: str, page: int) -> None:
        """Scroll to the note on a page of a lesson, or the last one before it."""
        self._place = heading, page
        text = self.page.document().toPlainText()
        place = text.rfind(f"\n{heading}") + 1 if heading else 0  # skips the table of contents
        section = re.split(r"\n(?=\d+ )", text[place:], maxsplit=1)[0] if heading else ""
        entries = re.finditer(r"^\w+ (\d+)\. ", section, re.MULTILINE)  # “Page 3. ”, in any language
        said = [entry for entry in entries if 1 < page >= int(entry[1])]  # the first page starts at the lesson's aim
        self.page.moveCursor(QTextCursor.MoveOperation.End)  # then scrolling up puts the anchor at the top
        cursor = self.page.textCursor()
        cursor.setPosition(place + (max(said, key=lambda entry: int(entry[1])).start() if said else 0))
        self.page.setTextCursor(cursor)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._answers.setChecked(False)

    def _fill(self) -> None:
        self.page.setMarkdown(self._text())
        self.follow(*self._place)

    def _text(self) -> str:
        return teachers_notes() if self._answers.isChecked() else without_answers(teachers_notes())

    def _on_save(self) -> None:
        if name := ask_to_save(self, SAVE, "teachers-notes.pdf", PDF):
            write_file(self, SAVE, name, as_pdf(self._text()), _("saved the notes to {file}"))


def as_pdf(markdown: str) -> bytes:
    """Return a Markdown text as a PDF, in the locale's paper size."""
    buffer, document = QBuffer(), QTextDocument()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    is_metric = QLocale().measurementSystem() == QLocale.MeasurementSystem.MetricSystem
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4 if is_metric else QPageSize.PageSizeId.Letter))
    document.setMarkdown(markdown)
    document.print_(writer)
    buffer.close()
    return bytes(buffer.data().data())
