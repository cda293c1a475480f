"""Markdown that takes the space it needs: it loads nothing, and asks before a link leaves the program."""

import re
from collections.abc import Mapping
from math import ceil
from types import MappingProxyType

from PySide6.QtCore import QMimeData, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor, QTextDocument, QWheelEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QSizePolicy

from tinynet_gui.core.lessons.links import WEB
from tinynet_gui.core.text.language import ENGLISH, speaking
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.views.lesson.inline_objects import CHARACTER, InlineObjects
from tinynet_gui.ui.views.lesson.lesson_document import fragments, make_document
from tinynet_gui.ui.widgets.focus_ring import WIDTH
from tinynet_gui.ui.widgets.heard_links import LinkedPage
from tinynet_gui.ui.widgets.keys import ENDS, SCROLLS

NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})


class LessonText(LinkedPage):
    """A text in which the words of the glossary are links; the page around it scrolls.

    Attributes
    ----------
    language
        The code of that of the next text.

    Signals
    -------
    term_wanted : str
        Explain this word.
    address_wanted : str
        A link to this address was chosen.
    """

    term_wanted = Signal(str)
    address_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._markdown, self._pictures = theme, "", NO_PICTURES
        self.language = ENGLISH
        self._objects = InlineObjects(())
        self._documents: tuple[QTextDocument, ...] = ()  # the one shown, and a copy for measuring
        self._heights = dict[int, int]()  # by width: to measure one takes time, and layouts ask over and over
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportMargins(0, WIDTH, 0, 0)
        self.setProperty("bare", True)
        self.setOpenLinks(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.anchorClicked.connect(self._on_link_clicked)
        self.highlighted.connect(lambda link: self.setToolTip(_address(link) if link.scheme() in WEB else ""))

    def show_text(self, markdown: str, pictures: Mapping[str, bytes] = NO_PICTURES) -> None:
        """Show a text; of its pictures those that are given by name."""
        if markdown != self._markdown or pictures != self._pictures:
            self._markdown, self._pictures = markdown, pictures
            self._write()

    def plain_text(self) -> str:
        """Return the text with LaTeX for formulas, and words for pictures."""
        everything = QTextCursor(self.document())
        everything.select(QTextCursor.SelectionType.Document)
        return self._plain(everything)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours and fonts of a theme."""
        self._theme = theme
        self._write()

    def sizeHint(self) -> QSize:
        """As high as the text."""
        return QSize(0, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """As high as the text."""
        return self.sizeHint()

    def heightForWidth(self, width: int) -> int:
        """Return the height of the text at a width."""
        if not self._documents:
            return 0
        if width not in self._heights:
            copy = self._documents[1]
            copy.setTextWidth(width)
            self._heights[width] = ceil(copy.size().height()) + WIDTH
        return self._heights[width]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width needs another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave keys that scroll to the page."""
        if event.key() in (*SCROLLS, *ENDS):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page."""
        event.ignore()

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load nothing, whatever the text names."""
        return None

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy LaTeX for formulas, and words for pictures."""
        if CHARACTER not in self.textCursor().selectedText():
            return super().createMimeDataFromSelection()
        plain = QPlainTextEdit(self._plain(self.textCursor()))
        plain.selectAll()
        return plain.createMimeDataFromSelection()  # Qt's own: it may live as long as the clipboard, after Python's end

    def _plain(self, selected: QTextCursor) -> str:
        """Return a selection in plain text."""
        start, end = selected.selectionStart(), selected.selectionEnd()
        inside = [form for first, _, form in fragments(self.document()) if start <= first < end]
        rest = filter(None, map(self._objects.source, inside))
        return re.sub(CHARACTER, lambda _: next(rest, ""), selected.selection().toPlainText())

    def _write(self) -> None:
        with speaking(self.language):
            document, self._objects = make_document(self, self._markdown, self._pictures, self._theme)
        self.setDocument(document)
        self.setWordWrapMode(document.defaultTextOption().wrapMode())
        for old in self._documents:
            old.deleteLater()
        self._documents = document, document.clone(self)
        self._heights.clear()
        self._objects.take(self._documents[1])
        is_ill_heard = CHARACTER in document.toPlainText() or document.rootFrame().childFrames()  # formulas; tables
        self.setAccessibleDescription(self.plain_text() if is_ill_heard else "")
        self.updateGeometry()

    def _on_link_clicked(self, link: QUrl) -> None:
        if link.scheme() in WEB:
            self.address_wanted.emit(_address(link))
        else:
            self.term_wanted.emit(link.path())


def _address(link: QUrl) -> str:
    """Write an address as a browser is given it, without letters that look like others."""
    return link.toString(QUrl.ComponentFormattingOption.FullyEncoded)
