"""The key of a plot: the meaning of its lines and marks, on as many lines as needed."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent, QTextDocument
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.naming import UNBROKEN

SIDE = 14  # px


class KeyLabel(QLabel):
    """Line breaks come only between entries.

    Some entries come and go under the mouse. Space is reserved for them, so that the plot below does not move.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(small_font())
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # it widens no window
        self._color, self._lines, self._passing = "", list[Sequence[str]]([()]), list[str]()
        self._most = ""
        self._document = QTextDocument(self)
        self._document.setDefaultFont(self.font())
        self._document.setDocumentMargin(0)
        self._keep_room()

    def show_entries(self, color: str, lines: Sequence[Sequence[str]], passing: Sequence[str] = ()) -> None:
        """Show rich text in a colour.

        Parameters
        ----------
        lines
            The entries, line by line; a long line continues on the next.
        passing
            Entries that may come at any time: the first line has space for them.
        """
        self._color, self._lines, self._passing = color, [*lines], [*passing]
        self._write()

    def _write(self) -> None:
        first, *rest = self._lines
        text = _text(self._color, [first, *rest])
        if text != super().text():
            self.setText(text)
        most = _text(self._color, [[*first, *self._passing], *rest])
        if most != self._most:
            self._most = most
            self._document.setHtml(most)
            self._keep_room()

    def text(self) -> str:
        """Its text, with ordinary spaces."""
        return super().text().replace(UNBROKEN, " ")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Compute the number of lines again."""
        super().resizeEvent(event)
        self._keep_room()
        self._write()

    def changeEvent(self, event: QEvent) -> None:
        """Adapt the size to another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_document"):
            self._document.setDefaultFont(self.font())
            self._keep_room()
            self._write()

    def _keep_room(self) -> None:
        self.setContentsMargins(whole_px(SIDE), 0, whole_px(SIDE), 0)
        self._document.setTextWidth(max(1, self.width() - 2 * whole_px(SIDE)))
        self.setFixedHeight(round(self._document.size().height()))


def _text(color: str, lines: Sequence[Sequence[str]]) -> str:
    texts = [" &nbsp; ".join(re.sub(" (?![^<]*>)", UNBROKEN, entry) for entry in line) for line in lines]
    return f'<span style="color:{color}">{"<br>".join(texts)}</span>'
