"""An important message, in a separate strip: it covers nothing, and nothing moves when it appears."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from tinynet_gui.ui.features.why.card import ExplanationCard
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.widgets.buttons import SingleClick, compact_button
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import in_role, keep_place, named, small, wrapped
from tinynet_gui.ui.widgets.style_property import put_style_property
from tinynet_gui.ui.widgets.telling import tell

if TYPE_CHECKING:
    from tinynet_gui.core.failures.diagnosis import Explanation

LINES, MOST_LINES = 2, 3  # usual, and where it is narrow
AROUND = 24  # px: what is left of the width beside words and button


class Banner(QFrame):
    """Keeps its place when it is empty; its button opens and folds the explanation card.

    Where the words have too little room, as at 300 %, only the button is there; the tooltip has them.

    Signals
    -------
    why_wanted
        Explain it: `show_explanation` is the answer.
    """

    why_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        named(self, "banner", "What has happened to the training, and why")
        self.setProperty("role", "banner")
        self.card = ExplanationCard()
        self._words = small(in_role(named(QLabel(), "messageLabel", "What has happened to the training"), "error"))
        self._words.setWordWrap(True)
        self.text = self._words.text
        self._why = compact_button("Why?", "whyButton", "Why?", "Explain it, in the inspector's place.", checkable=True)
        filled(QHBoxLayout(self), (self._words, 1), self._why, margins=(10, 1, 8, 1))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        keep_place(self)
        SingleClick(self._why)
        self._why.clicked.connect(self._on_why_clicked)
        self.card.update_wanted.connect(self.fold)
        self.card.opened_changed.connect(lambda: self._why.setChecked(self.card.is_open))
        self.say("")

    def say(self, text: str, *, is_alarm: bool = True) -> None:
        """Show a text, in red if something is wrong; an empty one clears it."""
        if text and text == self._words.text() and not self.isHidden():
            return
        put_style_property(self, "role", "banner" if is_alarm else "note")
        put_style_property(self._words, "role", "error" if is_alarm else "")
        self._words.setText(text)
        self.setToolTip(wrapped(text))
        self._fit()
        self.show_explanation(None)
        self.setVisible(bool(text))

    def show_explanation(self, explanation: "Explanation | None") -> None:
        """Show the answer to "why?"."""
        if explanation is None:
            self.card.withdraw()
        elif not self.isHidden():
            self.card.show_explanation(explanation)
            tell(self, " ".join((*explanation.sentences, f"{explanation.label}." if explanation.label else "")).strip())
        self._why.setChecked(self.card.is_open)

    def ask(self) -> None:
        """Ask why, if that is not answered already."""
        if not self._why.isChecked():
            self._why.click()

    def fold(self) -> None:
        """Fold the explanation, but keep the message."""
        self.show_explanation(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out words that would be cut."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect().width() - self._why.sizeHint().width() - whole_px(AROUND)
        needed, line = self._words.heightForWidth(max(1, room)), QFontMetrics(small_font()).lineSpacing()
        lines = LINES if needed <= LINES * line else MOST_LINES
        self._words.setVisible(needed <= lines * line)
        self.setFixedHeight(lines * line + whole_px(6))

    def _on_why_clicked(self, wanted: bool) -> None:
        if wanted:
            self.why_wanted.emit()
        else:
            self.card.close_at_once()
