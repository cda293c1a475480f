"""A text that takes the space it needs, and scrolls if there is less."""

import html
from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy

from tinynet_gui.core.wording.glossary import with_links
from tinynet_gui.ui.widgets.focus_ring import WIDTH
from tinynet_gui.ui.widgets.heard_links import LinkedLabel
from tinynet_gui.ui.widgets.scrolled import put_page

LEAST_LINES = 2


class ScrolledText(QScrollArea):
    """A label of several lines that leaves its neighbours their space; its text can be selected.

    Parameters
    ----------
    role
        Its style, such as ``error``: short bold texts have no links.

    Signals
    -------
    term_wanted : str
        Explain a word of the glossary; ordinary texts link the first occurrence of each.
    """

    def __init__(self, role: str = "") -> None:
        super().__init__()
        self._text = self._room_for = ""
        self._label = LinkedLabel()
        self._label.setProperty("role", role)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setWordWrap(True)
        self._label.setContentsMargins(0, WIDTH, 0, 0)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.term_wanted = self._label.linkActivated
        put_page(self, self._label)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the label has it, and leaves it the keys that scroll
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def setFont(self, font: QFont | str | Sequence[str]) -> None:
        """Set its font and its label's: a style sheet removes a font that the label inherits from its scroll area."""
        super().setFont(font)
        self._label.setFont(font)

    def setText(self, text: str, *, room_for: str = "") -> None:
        """Show a text from its beginning, in the space it needs, or that of `room_for`, so that nothing moves."""
        self._room_for = room_for or text
        if text != self._text:
            self._text = text
            self._label.setText(html.escape(text) if self._label.property("role") else with_links(text))
            self.verticalScrollBar().setValue(0)
        self.updateGeometry()

    def text(self) -> str:
        """Its text."""
        return self._text

    def sizeHint(self) -> QSize:
        """As high as the text beside a scroll bar, so that an existing one can disappear."""
        room = QRect(0, 0, self.width() - self.verticalScrollBar().sizeHint().width(), 0)
        needed = self._label.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), self._room_for).height()
        return QSize(super().sizeHint().width(), max(self._least(), needed + WIDTH))

    def minimumSizeHint(self) -> QSize:
        """Two lines."""
        return QSize(0, self._least())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width needs another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _least(self) -> int:
        return LEAST_LINES * self._label.fontMetrics().lineSpacing()
