"""Markdown that takes the space it needs: it loads nothing, and none of its links leaves the program."""

from math import ceil

from PySide6.QtCore import QSize, Qt, QUrl, Signal, Slot
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

from tinynet_gui.core.wording.glossary import Term, uses_in
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px

LINE_HEIGHT = 118.0  # percent
INDENT, CELL, AROUND_TABLE = 16.0, 2.0, 6.0  # px: of a list; in a table, and above and below it
TABLE_FONT = 0.92  # of the size of the text
READ_AS = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
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
    """

    term_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._markdown = theme, ""
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

    def show_text(self, markdown: str) -> None:
        """Show a text."""
        if markdown != self._markdown:
            self._markdown = markdown
            self._write()

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

    def _write(self) -> None:
        document = QTextDocument(self)  # it must be checked before it is laid out, as that loads pictures
        document.setMarkdown(self._markdown, READ_AS)
        document.setDefaultFont(QApplication.font())
        document.setDocumentMargin(0)
        document.setIndentWidth(px(INDENT))
        document.setDefaultTextOption(_whole_words())
        _rule_tables(document, self._theme)
        _take_out(document)
        _link(document, self._theme)
        self.setDocument(document)
        self.setWordWrapMode(_whole_words().wrapMode())
        for old in self._documents:
            old.deleteLater()
        self._documents = document, document.clone(self)
        self.updateGeometry()

    @Slot(object)
    def _on_link_clicked(self, link: QUrl) -> None:
        self.term_wanted.emit(link.path())


def _whole_words() -> QTextOption:
    """Return an option that breaks no word and no number, even in a narrow table."""
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WordWrap)
    return option


def _take_out(document: QTextDocument) -> None:
    """Replace pictures by their alternative text, and links by their text; increase the line spacing."""
    cursor = QTextCursor(document)
    air = QTextBlockFormat()
    air.setNonBreakableLines(False)  # of code
    air.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.mergeBlockFormat(air)
    for first, last, form in reversed(_fragments(document)):
        if form.isImageFormat() or form.isAnchor():
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
        if term not in seen and not is_code and not cursor.blockFormat().headingLevel():
            seen.add(term)
            link.setAnchorHref(term.name)
            cursor.mergeCharFormat(link)


def _place(text: str, character: int) -> int:
    """Return the position of a character in a document, which counts in UTF-16."""
    return len(text[:character].encode("utf-16-le", "surrogatepass")) // 2
