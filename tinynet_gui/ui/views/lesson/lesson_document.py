"""The document of a lesson's text, made from Markdown: it names nothing that would be loaded."""

import re
from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextOption,
    QTextTable,
    QTextTableFormat,
)
from PySide6.QtWidgets import QApplication

from tinynet_gui.core.lessons.formula import formulas
from tinynet_gui.core.lessons.links import address_trouble, picture_name
from tinynet_gui.core.lessons.map_row import read_dots
from tinynet_gui.core.text.unbroken import BREAKABLE
from tinynet_gui.core.wording.glossary import GlossaryEntry, uses_in
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.lesson.dots_object import DotsObject
from tinynet_gui.ui.views.lesson.inline_objects import (
    CHARACTER,
    FormulaObject,
    InlineObject,
    InlineObjects,
    PictureObject,
    format_of,
    read_picture,
)

LINE_HEIGHT = 118.0  # percent
INDENT, CELL, AROUND_TABLE = 16.0, 2.0, 6.0  # px: of a list; in a table, and above and below it
TABLE_FONT = 0.92  # of the size of the text
READ_AS = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_OPEN, _CLOSE = "\ue000", "\ue001"  # around the number of a formula while Markdown is read
_NUMBER = re.compile(f"{_OPEN}(\\d+){_CLOSE}")


def make_document(
    parent: QObject, markdown: str, pictures: Mapping[str, bytes], theme: Theme
) -> tuple[QTextDocument, InlineObjects]:
    """Return a document with its formulas, and its pictures of these; other pictures are only words."""
    document = QTextDocument(parent)  # it must be checked before it is laid out, as that loads pictures
    numbered, latex = _with_formulas_numbered(markdown)
    document.setMarkdown(numbered, READ_AS)
    document.setDefaultFont(QApplication.font())
    document.setDocumentMargin(0)
    document.setIndentWidth(px(INDENT))
    document.setDefaultTextOption(_whole_words())
    _rule_tables(document, theme)
    drawn = {formula: FormulaObject(*formula, document.defaultFont(), theme) for formula in set(latex)}
    objects = InlineObjects(_put_in(document, [drawn[formula] for formula in latex], pictures, theme))
    _take_out(document, theme, objects)
    _link(document, theme)
    objects.take(document)
    return document, objects


def _whole_words() -> QTextOption:
    """Return an option that breaks no word and no number, even in a narrow table."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    return option


def _with_formulas_numbered(markdown: str) -> tuple[str, list[tuple[str, bool]]]:
    """Return Markdown with numbers for its formulas, and these: LaTeX, and whether it is displayed."""
    found, pieces, start = [], [], 0
    markdown = markdown.replace(_OPEN, "").replace(_CLOSE, "")
    for place, formula in enumerate(formulas(markdown)):
        pieces += [markdown[start : formula.start], f"{_OPEN}{place}{_CLOSE}"]
        start = formula.end
        found.append((formula.latex.translate(BREAKABLE), formula.is_displayed))
    return "".join(pieces) + markdown[start:], found


def _put_in(
    document: QTextDocument, found: list[FormulaObject], pictures: Mapping[str, bytes], theme: Theme
) -> list[InlineObject]:
    """Put formulas, pictures and rows of the map into their places; return all of these."""
    objects: list[InlineObject] = [*found]
    images = dict[str, QImage]()  # each is decoded once, however often it is named
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    block = document.lastBlock()
    while block.isValid():
        text = block.text()
        for match in reversed(list(_NUMBER.finditer(text))):
            cursor.setPosition(block.position() + _place(text, match.start()))
            cursor.setPosition(block.position() + _place(text, match.end()), QTextCursor.MoveMode.KeepAnchor)
            place = int(match[1])
            cursor.insertText(CHARACTER, format_of(place, objects[place], cursor.charFormat()))
        block = block.previous()
    cursor.endEditBlock()
    for first, last, form in reversed(fragments(document)):
        name = picture_name(form.toImageFormat().name()) if form.isImageFormat() else ""
        if name in pictures and name not in images:
            images[name] = read_picture(pictures[name])
        words = str(form.property(QTextFormat.Property.ImageAltText) or name)
        drawn: InlineObject | None = None
        if (dots := read_dots(name)) is not None:
            drawn = DotsObject(dots, words, document.defaultFont(), theme)
        elif name in images and not images[name].isNull():
            drawn = PictureObject(images[name], words)
        if drawn is not None:
            cursor = QTextCursor(document)
            cursor.setPosition(first)
            cursor.setPosition(last, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(CHARACTER, format_of(len(objects), drawn, QTextCharFormat()))
            objects.append(drawn)
    return objects


def _take_out(document: QTextDocument, theme: Theme, objects: InlineObjects) -> None:
    """Replace other pictures by their alternative text, other links by their text; increase the line spacing."""
    tall = [first for first, _, form in fragments(document) if objects.is_tall(form)]
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    air = QTextBlockFormat()
    air.setNonBreakableLines(False)  # of code
    air.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.mergeBlockFormat(air)
    air.setLineHeight(0, QTextBlockFormat.LineHeightTypes.SingleHeight.value)
    for place in tall:
        cursor.setPosition(place)
        cursor.mergeBlockFormat(air)
    for first, last, form in reversed(fragments(document)):
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
    cursor.endEditBlock()


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


def fragments(document: QTextDocument) -> list[tuple[int, int, QTextCharFormat]]:
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
    seen: set[GlossaryEntry] = set()
    cursor = QTextCursor(document)
    text = document.toPlainText()
    for first, last, term in uses_in(text):
        cursor.setPosition(_place(text, first))
        cursor.setPosition(_place(text, last), QTextCursor.MoveMode.KeepAnchor)
        form, block = cursor.charFormat(), cursor.blockFormat()
        is_code = form.fontFixedPitch() or block.hasProperty(QTextFormat.Property.BlockCodeFence)
        if not (term in seen or is_code or form.isAnchor() or block.headingLevel()):
            seen.add(term)
            link.setAnchorHref(term.name)
            cursor.mergeCharFormat(link)


def _place(text: str, character: int) -> int:
    """Return the position of a character in a document, which counts in UTF-16."""
    return len(text[:character].encode("utf-16-le", "surrogatepass")) // 2
