"""The small card about a hovered neuron, edge or layer: its formula with its numbers, and further facts."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import whole_px
from tinynet_gui.ui.views.diagram.describe import describe, in_short
from tinynet_gui.ui.widgets.card import CardFrame
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import small

WIDTHS = 176, 120  # of its text, at most: the narrow card has a place where the wide one would cover headings
Placing = Callable[[Ref, Sequence[QSize]], tuple[QPoint, int]]
REFRESH_MS = 90  # text is for reading: it changes more slowly than the curves


class HoverCard(CardFrame):
    """Describes one part of the latest snapshot briefly; ignores the mouse.

    Parameters
    ----------
    place
        Returns the place in the parent for a card about something, and which of its possible sizes fits there.

    Signals
    -------
    described : str
        The full description, for users who cannot see the diagram.
    """

    described = Signal(str)

    def __init__(self, theme: Theme, place: Placing, parent: QWidget) -> None:
        super().__init__("hoverCard", "The neuron or weight under the mouse", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme, self._place = theme, place
        self._snapshot: Snapshot | None = None
        self._ref: Ref | None = None
        self._note = ""
        self._is_needed = True
        self._text = small(QLabel(textFormat=Qt.TextFormat.RichText), 0.84)
        self._text.setObjectName("hoverText")
        self.text = self._text.text
        filled(QVBoxLayout(self), self._text, margins=(8, 5, 8, 5))
        self._refresh = single_shot(self, REFRESH_MS, self._write)
        self.setVisible(False)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self._theme = theme
        self._write()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the numbers of another moment, soon."""
        self._snapshot = snapshot
        if self._ref is not None and not self._refresh.isActive():
            self._refresh.start()

    def show_ref(self, ref: Ref | None, note: str = "", *, is_needed: bool = True) -> None:
        """Show the card, with `note` as its last line; if it is not needed, only emit the text for screen readers."""
        self._ref, self._note, self._is_needed = ref, note, is_needed
        if ref is None:  # the next network may have no such neuron
            self._refresh.stop()
            self.described.emit("")
        self._write()
        self.setVisible(ref is not None and is_needed)
        self.raise_()

    def _write(self) -> None:
        if self._snapshot is None or self._ref is None:
            return
        self.described.emit(describe(self._snapshot, self._ref, self._note))
        if self._is_needed:
            self._text.setText(in_short(self._snapshot, self._ref, self._theme, self._note))
            self._text.setWordWrap(False)
            widths = [min(self._text.sizeHint().width(), whole_px(widest)) for widest in WIDTHS]
            self._text.setWordWrap(True)
            sizes = [self._sized(width) for width in widths]
            place, best = self._place(self._ref, sizes)
            self.resize(self._sized(widths[best]))
            self.move(place)

    def _sized(self, text_width: int) -> QSize:
        """Give the text a width, and return the size that the card then has."""
        self._text.setMinimumSize(0, 0)  # that of another width would count
        self._text.setFixedSize(text_width, self._text.heightForWidth(text_width))
        return self.sizeHint()
