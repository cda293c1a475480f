"""Labels whose text may be longer than their space."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy

from tinynet_gui.ui.style.zoom import for_finger
from tinynet_gui.ui.widgets.naming import as_it_stands
from tinynet_gui.ui.widgets.telling import HeardLater, unheard


class LiveLabel(QLabel):
    """A label that may change with every frame: readers who ask get its text, but are told only later."""

    def __init__(self) -> None:
        super().__init__()
        self._later = HeardLater(self, self._tell)

    def setText(self, text: str) -> None:
        """Show another text."""
        if text != self.text():
            with unheard():
                super().setText(text)
            self._later.tell_change()

    def showEvent(self, event: QShowEvent) -> None:
        """Tell what has changed while it was hidden."""
        super().showEvent(event)
        self._later.tell_change()

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell nothing until it is shown again."""
        super().hideEvent(event)
        self._later.stop()

    def _tell(self) -> None:
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.NameChanged))


class ElidedLabel(LiveLabel):
    """One line of plain text; an ellipsis replaces what does not fit, and the tooltip has the full text."""

    _hint = ""  # on what the mouse does

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str, hint: str = "") -> None:
        """Show another text; or, in place of an empty one, a hint, which after a touch speaks of a finger."""
        self._hint = "" if text else hint
        self.setText(text or for_finger(hint))
        self.setToolTip(as_it_stands(text or for_finger(hint)))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the first touch."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._hint:
            self.setText(for_finger(self._hint))

    def sizeHint(self) -> QSize:
        return self._as_high_as_any(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return self._as_high_as_any(super().minimumSizeHint())

    def _as_high_as_any(self, hint: QSize) -> QSize:
        """Letters that the font has not come from others, which may be higher: what is below does not move."""
        metrics, text = self.fontMetrics(), self.text()
        own = metrics.size(0, text).height() if text else metrics.lineSpacing()  # as QLabel has it
        return QSize(hint.width(), hint.height() + metrics.size(0, "a").height() - own)

    def drawn_text(self) -> str:
        """Return as much of the text as fits."""
        text, room, metrics = self.text(), self.contentsRect().width(), self.fontMetrics()
        if metrics.horizontalAdvance(text) <= room:  # Qt rounds it, also down, and would then shorten the text
            return text
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of it as fits."""
        how = self.alignment(), self.palette(), self.isEnabled()
        with QPainter(self) as painter:
            role = QPalette.ColorRole.WindowText
            self.style().drawItemText(painter, self.contentsRect(), *how, self.drawn_text(), role)


class FittingLabel(ElidedLabel):
    """One line: the first of several texts that fits, else the last."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: Sequence[str] = ("",)

    def show_longest(self, texts: Sequence[str]) -> None:
        """Show other texts, the longest first."""
        self._texts = texts
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width, width_of = self.contentsRect().width(), self.fontMetrics().horizontalAdvance
        self.setText(next((text for text in self._texts if width_of(text) <= width), self._texts[-1]))
