"""A Markdown view as high as its text: it loads no resources, and asks before opening an external link."""

import re
from collections.abc import Mapping
from math import ceil
from types import MappingProxyType

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.lessons.map_measurements import read_dots
from tinynet_gui.core.lessons.markdown import WEB, address_trouble, formulas, picture_name
from tinynet_gui.core.text.language import process_language, speaking
from tinynet_gui.core.text.shortened import BREAKABLE
from tinynet_gui.core.wording.glossary import GlossaryEntry, uses_in
from tinynet_gui.ui.style.theme import px, theme
from tinynet_gui.ui.views.lesson import inline_objects
from tinynet_gui.ui.views.lesson.inline_objects import (
    CHARACTER,
    FormulaObject,
    InlineObject,
    InlineObjects,
    read_picture,
)
from tinynet_gui.ui.widgets.accessibility import ENDS, SCROLLS, WIDTH, LinkedPage
from tinynet_gui.ui.widgets.cards import KeysForParent

LINE_HEIGHT = 118.0  # percent
INDENT, CELL, AROUND_TABLE = 16.0, 2.0, 6.0  # px: of lists; the padding of table cells; above and below tables
TABLE_FONT = 0.92  # relative to the text's size
READ_AS = QtGui.QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QtGui.QTextDocument.MarkdownFeature.MarkdownNoHTML
_OPEN, _CLOSE = "\ue000", "\ue001"  # around the number of a formula while Markdown is read
NUMBER = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def make_document(
    parent: QtCore.QObject, markdown: str, pictures: Mapping[str, bytes]
) -> tuple[QtGui.QTextDocument, InlineObjects]:
    """Return a document with its formulas and these pictures inline; other pictures become their alternative text."""
    document = QtGui.QTextDocument(parent)  # no layout before the check: it would load pictures
    numbered, latex = with_formulas_numbered(markdown)
    document.setMarkdown(numbered, READ_AS)
    document.setDefaultFont(QtWidgets.QApplication.font())
    document.setDocumentMargin(0)
    document.setIndentWidth(px(INDENT))
    words = QtGui.QTextOption()
    words.setWrapMode(QtGui.QTextOption.WrapMode.WordWrap)  # break no word or number, even in a narrow table
    document.setDefaultTextOption(words)
    _rule_tables(document)
    drawn = {formula: FormulaObject(*formula, document.defaultFont()) for formula in set(latex)}
    objects = InlineObjects(_insert(document, [drawn[formula] for formula in latex], pictures))
    _strip_external(document, objects)
    _link(document)
    objects.take(document)
    return document, objects


def with_formulas_numbered(markdown: str) -> tuple[str, list[tuple[str, bool]]]:
    """Return Markdown with numbered placeholders, and each formula: LaTeX, and whether it is displayed."""
    found, pieces, start = [], [], 0
    markdown = markdown.replace(_OPEN, "").replace(_CLOSE, "")
    for place, formula in enumerate(formulas(markdown)):
        pieces += [markdown[start : formula.start], f"{_OPEN}{place}{_CLOSE}"]
        start = formula.end
        found.append((formula.latex.translate(BREAKABLE), formula.is_displayed))
    return "".join(pieces) + markdown[start:], found


def _insert(
    document: QtGui.QTextDocument, found: list[FormulaObject], pictures: Mapping[str, bytes]
) -> list[InlineObject]:
    """Replace placeholders by formulas, pictures and dot plots; return all of these."""
    objects: list[InlineObject] = [*found]
    images = dict[str, QtGui.QImage]()  # each is decoded once, however often it is named
    cursor = QtGui.QTextCursor(document)
    cursor.beginEditBlock()
    block = document.lastBlock()
    while block.isValid():
        text = block.text()
        for match in reversed(list(NUMBER.finditer(text))):
            _select(cursor, *(block.position() + _place(text, end) for end in match.span()))
            place = int(match[1])
            cursor.insertText(CHARACTER, inline_objects.format_of(place, objects[place], cursor.charFormat()))
        block = block.previous()
    cursor.endEditBlock()
    for first, last, form in reversed(fragments(document)):
        name = picture_name(form.toImageFormat().name()) if form.isImageFormat() else ""
        if name in pictures and name not in images:
            images[name] = read_picture(pictures[name])
        words = str(form.property(QtGui.QTextFormat.Property.ImageAltText) or name)
        drawn: InlineObject | None = None
        if (dots := read_dots(name)) is not None:
            drawn = inline_objects.DotsObject(dots, words, document.defaultFont())
        elif name in images and not images[name].isNull():
            drawn = inline_objects.PictureObject(images[name], words)
        if drawn is not None:
            _select(cursor, first, last)
            cursor.insertText(CHARACTER, inline_objects.format_of(len(objects), drawn, QtGui.QTextCharFormat()))
            objects.append(drawn)
    return objects


def _strip_external(document: QtGui.QTextDocument, objects: InlineObjects) -> None:
    """Replace pictures from elsewhere, and links that are not allowed, by their text; increase the line spacing."""
    tall = [first for first, _, form in fragments(document) if objects.is_tall(form)]
    cursor = QtGui.QTextCursor(document)
    cursor.beginEditBlock()
    air = QtGui.QTextBlockFormat()
    air.setNonBreakableLines(False)  # code may be wrapped
    air.setLineHeight(LINE_HEIGHT, QtGui.QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.select(QtGui.QTextCursor.SelectionType.Document)
    cursor.mergeBlockFormat(air)
    air.setLineHeight(0, QtGui.QTextBlockFormat.LineHeightTypes.SingleHeight.value)
    for place in tall:
        cursor.setPosition(place)
        cursor.mergeBlockFormat(air)
    for first, last, form in reversed(fragments(document)):
        _select(cursor, first, last)
        if form.isAnchor() and not form.isImageFormat() and not address_trouble(form.anchorHref()):
            form.setForeground(theme().color("accent"))
            form.setFontUnderline(True)
            cursor.setCharFormat(form)
        elif form.isImageFormat() or form.isAnchor():
            words = str(form.property(QtGui.QTextFormat.Property.ImageAltText) or "")
            plain = QtGui.QTextCharFormat()
            plain.setFont(form.font())
            cursor.insertText(words if form.isImageFormat() else cursor.selectedText(), plain)
    cursor.endEditBlock()


def _rule_tables(document: QtGui.QTextDocument) -> None:
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QtGui.QTextTable):
            form = frame.format().toTableFormat()
            form.setBorderCollapse(True)
            form.setBorderStyle(QtGui.QTextTableFormat.BorderStyle.BorderStyle_Solid)
            form.setBorderBrush(theme().color("border"))
            form.setCellPadding(px(CELL))
            form.setTopMargin(px(AROUND_TABLE))
            form.setBottomMargin(px(AROUND_TABLE))
            frame.setFormat(form)
            cursor = frame.firstCursorPosition()
            _select(cursor, cursor.position(), frame.lastCursorPosition().position())
            smaller = QtGui.QTextCharFormat()
            smaller.setFontPointSize(document.defaultFont().pointSizeF() * TABLE_FONT)
            cursor.mergeCharFormat(smaller)


def fragments(document: QtGui.QTextDocument) -> list[tuple[int, int, QtGui.QTextCharFormat]]:
    found = []
    block: QtGui.QTextBlock = document.begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            piece = pieces.fragment()
            end = piece.position() + piece.length()
            found.append((piece.position(), end, QtGui.QTextCharFormat(piece.charFormat())))
            pieces += 1
        block = block.next()
    return found


def _link(document: QtGui.QTextDocument) -> None:
    """Link the first occurrence of each glossary term, except in headlines and code."""
    link = QtGui.QTextCharFormat()
    link.setAnchor(True)
    link.setForeground(theme().color("accent"))
    link.setFontUnderline(True)
    seen: set[GlossaryEntry] = set()
    cursor = QtGui.QTextCursor(document)
    text = document.toPlainText()
    for first, last, term in uses_in(text):
        _select(cursor, _place(text, first), _place(text, last))
        form, block = cursor.charFormat(), cursor.blockFormat()
        is_code = form.fontFixedPitch() or block.hasProperty(QtGui.QTextFormat.Property.BlockCodeFence)
        if not (term in seen or is_code or form.isAnchor() or block.headingLevel()):
            seen.add(term)
            link.setAnchorHref(term.key)
            cursor.mergeCharFormat(link)


def _select(cursor: QtGui.QTextCursor, first: int, last: int) -> None:
    cursor.setPosition(first)
    cursor.setPosition(last, QtGui.QTextCursor.MoveMode.KeepAnchor)


def _place(text: str, character: int) -> int:
    """Return a character's position in a document, which counts UTF-16 code units."""
    return len(text[:character].encode("utf-16-le", "surrogatepass")) // 2


NO_PICTURES: Mapping[str, bytes] = MappingProxyType({})


class LessonText(LinkedPage):
    """A text with glossary terms as links; the surrounding page scrolls.

    `language` is the code of the next text's language; `address_wanted` has the external address of a clicked link.
    """

    term_wanted = QtCore.Signal(str)
    address_wanted = QtCore.Signal(str)

    def __init__(self) -> None:
        super().__init__(openLinks=False)
        self._markdown, self._pictures = "", NO_PICTURES
        self.language = process_language()
        self._objects = InlineObjects(())
        self._documents: tuple[QtGui.QTextDocument, ...] = ()  # the one shown, and a copy for measuring
        self._heights = dict[int, int]()  # by width, cached: measuring is slow, and layouts ask often
        KeysForParent(self, (*SCROLLS, *ENDS))
        self.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
        self.setViewportMargins(0, WIDTH, 0, 0)
        self.setProperty("bare", True)
        self.setVerticalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QtWidgets.QSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.anchorClicked.connect(self._on_link_clicked)
        self.highlighted.connect(lambda link: self.setToolTip(_address(link) if link.scheme() in WEB else ""))

    def show_text(self, markdown: str, pictures: Mapping[str, bytes] = NO_PICTURES) -> None:
        if markdown != self._markdown or pictures != self._pictures:
            self._markdown, self._pictures = markdown, pictures
            self._write()

    def plain_text(self) -> str:
        """Return the text with LaTeX for formulas, and alternative text for pictures."""
        everything = QtGui.QTextCursor(self.document())
        everything.select(QtGui.QTextCursor.SelectionType.Document)
        return self._plain(everything)

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(0, self.heightForWidth(self.width()))

    minimumSizeHint = sizeHint

    def heightForWidth(self, width: int) -> int:
        if not self._documents:
            return 0
        if width not in self._heights:
            copy = self._documents[1]
            copy.setTextWidth(width)
            self._heights[width] = ceil(copy.size().height()) + WIDTH
        return self._heights[width]

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        event.ignore()

    def loadResource(self, kind: int, name: QtCore.QUrl | str) -> object:
        """Load nothing, whatever the text references."""
        return None

    def createMimeDataFromSelection(self) -> QtCore.QMimeData:
        if CHARACTER not in self.textCursor().selectedText():
            return super().createMimeDataFromSelection()
        plain = QtWidgets.QPlainTextEdit(self._plain(self.textCursor()))
        plain.selectAll()
        return plain.createMimeDataFromSelection()  # Qt's own object: the clipboard may outlive Python

    def _plain(self, selected: QtGui.QTextCursor) -> str:
        start, end = selected.selectionStart(), selected.selectionEnd()
        inside = [form for first, _, form in fragments(self.document()) if start <= first < end]
        rest = filter(None, map(self._objects.source, inside))
        return re.sub(CHARACTER, lambda _: next(rest, ""), selected.selection().toPlainText())

    def _write(self) -> None:
        with speaking(self.language):
            document, self._objects = make_document(self, self._markdown, self._pictures)
        self.setDocument(document)
        self.setWordWrapMode(document.defaultTextOption().wrapMode())
        for old in self._documents:
            old.deleteLater()
        self._documents = document, document.clone(self)
        self._heights.clear()
        self._objects.take(self._documents[1])
        needs_words = CHARACTER in document.toPlainText() or document.rootFrame().childFrames()  # formulas; tables
        self.setAccessibleDescription(self.plain_text() if needs_words else "")
        self.updateGeometry()

    show_theme = _write

    def _on_link_clicked(self, link: QtCore.QUrl) -> None:
        if link.scheme() in WEB:
            self.address_wanted.emit(_address(link))
        else:
            self.term_wanted.emit(link.path())


def _address(link: QtCore.QUrl) -> str:
    """Encode an address as for a browser, so that look-alike letters show (punycode)."""
    return link.toString(QtCore.QUrl.ComponentFormattingOption.FullyEncoded)
