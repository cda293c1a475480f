"""Markdown that takes the space it needs: it loads nothing, and asks before a link leaves the program."""

import re
from collections.abc import Mapping
from math import ceil
from types import MappingProxyType

from PySide6.QtCore import QMimeData, QRegularExpression, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QKeyEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
    QTextTable,
    QTextTableFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QTextBrowser

from tinynet_gui.core.lessons.formula import formulas
from tinynet_gui.core.lessons.prose import WEB, address_trouble, picture_name
from tinynet_gui.core.text.unbroken import BREAKABLE
from tinynet_gui.core.wording.glossary import Term, uses_in
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.lesson.inline_objects import (
    CHARACTER,
    Formula,
    InlineObject,
    InlineObjects,
    Picture,
    format_of,
)

LINE_HEIGHT = 118.0  # percent
INDENT, CELL, AROUND_TABLE = 16.0, 2.0, 6.0  # px: of a list; in a table, and above and below it
TABLE_FONT = 0.92  # of the size of the text
READ_AS = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})
_OPEN, _CLOSE = "\ue000", "\ue001"  # around the number of a formula while Markdown is read
SCROLL_KEYS = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


class LessonText(QTextBrowser):
    """A text in which the words of the glossary are links; the page around it scrolls.

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
        self._objects = InlineObjects(())
        self._documents: tuple[QTextDocument, ...] = ()  # the one shown, and a copy for measuring
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("bare", True)
        self.setOpenLinks(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.anchorClicked.connect(self._on_link_clicked)
        self.highlighted.connect(self._on_link_pointed)

    def show_text(self, markdown: str, pictures: Mapping[str, bytes] = NO_PICTURES) -> None:
        """Show a text; of its pictures those that are given by name."""
        if markdown != self._markdown or pictures != self._pictures:
            self._markdown, self._pictures = markdown, pictures
            self._write()

    def plain_text(self) -> str:
        """Return the text in which LaTeX stands for formulas, and words for pictures."""
        everything = QTextCursor(self.document())
        everything.select(QTextCursor.SelectionType.Document)
        return self._plain(everything)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours and the fonts of a theme."""
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
        copy = self._documents[1]
        copy.setTextWidth(width)
        return ceil(copy.size().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width needs another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave keys that scroll to the page."""
        if event.key() in SCROLL_KEYS:
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
        copied = QMimeData()
        copied.setText(self._plain(self.textCursor()))
        return copied

    def _plain(self, selected: QTextCursor) -> str:
        """Return a selection in plain text."""
        at, sources = QTextCursor(self.document()), []
        at.setPosition(selected.selectionStart())
        while not (at := self.document().find(CHARACTER, at)).isNull() and at.position() <= selected.selectionEnd():
            sources.append(self._objects.source(at.charFormat()))
        rest = iter(sources)
        return re.sub(CHARACTER, lambda _: next(rest, ""), selected.selection().toPlainText())

    def _write(self) -> None:
        document = QTextDocument(self)  # it must be checked before it is laid out, as that loads pictures
        markdown, latex = _with_formulas_numbered(self._markdown)
        document.setMarkdown(markdown, READ_AS)
        document.setDefaultFont(QApplication.font())
        document.setDocumentMargin(0)
        document.setIndentWidth(px(INDENT))
        document.setDefaultTextOption(_whole_words())
        _rule_tables(document, self._theme)
        objects = [Formula(*formula, document.defaultFont(), self._theme) for formula in latex]
        self._objects = InlineObjects(_put_in(document, objects, self._pictures))
        _take_out(document, self._theme, self._objects)
        _link(document, self._theme)
        self._objects.take(document)
        self.setDocument(document)
        self.setWordWrapMode(_whole_words().wrapMode())
        for old in self._documents:
            old.deleteLater()
        self._documents = document, document.clone(self)
        self._objects.take(self._documents[1])
        self.setAccessibleDescription(self.plain_text() if CHARACTER in document.toPlainText() else "")
        self.updateGeometry()

    @Slot(object)
    def _on_link_clicked(self, link: QUrl) -> None:
        if link.scheme() in WEB:
            self.address_wanted.emit(_address(link))
        else:
            self.term_wanted.emit(link.path())

    @Slot(object)
    def _on_link_pointed(self, link: QUrl) -> None:
        self.setToolTip(_address(link) if link.scheme() in WEB else "")


def _whole_words() -> QTextOption:
    """Return an option that breaks no word and no number, even in a narrow table."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    return option


def _address(link: QUrl) -> str:
    """Write an address as a browser is given it, without letters that look like others."""
    return link.toString(QUrl.ComponentFormattingOption.FullyEncoded)


def _with_formulas_numbered(markdown: str) -> tuple[str, list[tuple[str, bool]]]:
    """Return Markdown with numbers for its formulas, and these: LaTeX, and whether it is displayed."""
    found, pieces, start = [], [], 0
    markdown = markdown.replace(_OPEN, "").replace(_CLOSE, "")
    for place, formula in enumerate(formulas(markdown)):
        pieces += [markdown[start : formula.start], f"{_OPEN}{place}{_CLOSE}"]
        start = formula.end
        found.append((formula.latex.translate(BREAKABLE), formula.is_displayed))
    return "".join(pieces) + markdown[start:], found


def _put_in(document: QTextDocument, found: list[Formula], pictures: Mapping[str, bytes]) -> list[InlineObject]:
    """Put formulas and pictures into their places; return all of these."""
    objects: list[InlineObject] = [*found]
    cursor, number = QTextCursor(document), QRegularExpression(f"{_OPEN}(\\d+){_CLOSE}")
    while not (cursor := document.find(number, cursor)).isNull():
        place = int(cursor.selectedText()[1:-1])
        cursor.insertText(CHARACTER, format_of(place, objects[place], cursor.charFormat()))
    for first, last, form in reversed(_fragments(document)):
        name = picture_name(form.toImageFormat().name()) if form.isImageFormat() else ""
        if name in pictures:
            picture = Picture(pictures[name], str(form.property(QTextFormat.Property.ImageAltText) or name))
            if picture.can_be_shown:
                cursor = QTextCursor(document)
                cursor.setPosition(first)
                cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
                cursor.insertText(CHARACTER, format_of(len(objects), picture, QTextCharFormat()))
                objects.append(picture)
    return objects


def _take_out(document: QTextDocument, theme: Theme, objects: InlineObjects) -> None:
    """Replace other pictures by their alternative text, other links by their text; increase the line spacing."""
    tall = [first for first, _, form in _fragments(document) if objects.is_tall(form)]
    cursor = QTextCursor(document)
    air = QTextBlockFormat()
    air.setNonBreakableLines(False)  # of code
    air.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.mergeBlockFormat(air)
    air.setLineHeight(0, QTextBlockFormat.LineHeightTypes.SingleHeight.value)
    for place in tall:
        cursor.setPosition(place)
        cursor.mergeBlockFormat(air)
    for first, last, form in reversed(_fragments(document)):
        if form.isAnchor() and not form.isImageFormat() and not address_trouble(form.anchorHref()):
            cursor.setPosition(first)
            cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
            form.setForeground(theme.color("accent"))
            form.setFontUnderline(True)
            cursor.setCharFormat(form)
        elif form.isImageFormat() or form.isAnchor():
            cursor.setPosition(first)
            cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
            words = str(form.property(QTextFormat.Property.ImageAltText) or "") if form.isImageFormat() else None
            plain = QTextCharFormat()
            plain.setFont(form.font())
            cursor.insertText(cursor.selectedText() if words is None else words, plain)


def _rule_tables(document: QTextDocument, theme: Theme) -> None:
    """Draw the lines of tables as thin as those of cards, with space around them."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            form = frame.format().toTableFormat()
            form.setBorderCollapse(True)
            form.setBorderStyle(QTextTableFormat.BorderStyle.BorderStyle_Solid)
            form.setBorderBrush(theme.color("border"))
            form.setCellPadding(px(CELL))
            form.setTopMargin(px(AROUND_TABLE))
            form.setBottomMargin(px(AROUND_TABLE))
            frame.setFormat(form)
            cursor = frame.firstCursorPosition()
            cursor.setPosition(frame.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
            smaller = QTextCharFormat()
            smaller.setFontPointSize(document.defaultFont().pointSizeF() * TABLE_FONT)
            cursor.mergeCharFormat(smaller)


def _fragments(document: QTextDocument) -> list[tuple[int, int, QTextCharFormat]]:
    """Return the start and end of each piece of one format."""
    found = []
    block: QTextBlock = document.begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            found.append((piece.position(), piece.position() + piece.length(), QTextCharFormat(piece.charFormat())))
            pieces += 1
        block = block.next()
    return found


def _link(document: QTextDocument, theme: Theme) -> None:
    """Make the first occurrence of each glossary word a link; but not in headlines or code."""
    link = QTextCharFormat()
    link.setAnchor(True)
    link.setForeground(theme.color("accent"))
    link.setFontUnderline(True)
    seen: set[Term] = set()
    cursor = QTextCursor(document)
    text = document.toPlainText()
    for first, last, term in uses_in(text):
        cursor.setPosition(_place(text, first))
        cursor.setPosition(_place(text, last), QTextCursor.MoveMode.KeepAnchor)
        is_code = cursor.charFormat().fontFixedPitch() or cursor.blockFormat().hasProperty(
            QTextFormat.Property.BlockCodeFence
        )
        if (
            term not in seen
            and not is_code
            and not cursor.charFormat().isAnchor()
            and not cursor.blockFormat().headingLevel()
        ):
            seen.add(term)
            link.setAnchorHref(term.name)
            cursor.mergeCharFormat(link)


def _place(text: str, character: int) -> int:
    """Return the position of a character in a document, which counts in UTF-16."""
    return len(text[:character].encode("utf-16-le", "surrogatepass")) // 2
