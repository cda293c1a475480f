"""The card beside a hovered neuron or edge: its formula with the numbers in, weights, gradients, kink."""

from PySide6.QtCore import QPoint, QRect, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from tinynet_gui.core.network.refs import Ref
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.ui.style.theme import Theme, fixed_font
from tinynet_gui.ui.views.diagram.describe import describe
from tinynet_gui.ui.widgets.guard import guarded

REFRESH_MS = 90  # text is read, not watched: it changes more slowly than the curves


@guarded
class HoverCard(QFrame):
    """Shows one neuron or edge of the latest snapshot; lies on top of the diagram and takes no mouse.

    Signals
    -------
    text_changed : str
    """

    text_changed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("hoverCard")
        self.setAccessibleName("The neuron or weight under the mouse")
        self.setProperty("card", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme, self._area = theme, parent
        self._snapshot: Snapshot | None = None
        self._ref: Ref | None = None
        self._note = ""
        self._beside = QRect()
        self._text = QLabel()
        self._text.setObjectName("hoverText")
        self._text.setFont(fixed_font())
        self._text.setTextFormat(Qt.TextFormat.RichText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.addWidget(self._text)
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(REFRESH_MS)
        self._refresh.timeout.connect(self._write)
        self.setVisible(False)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        self._write()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the numbers of another moment, soon."""
        self._snapshot = snapshot
        if not self.isHidden() and not self._refresh.isActive():
            self._refresh.start()

    def show_ref(self, ref: Ref, beside: QRect, note: str = "") -> None:
        """Show what there is to say, and a line more, next to a rectangle of the parent's."""
        self._ref, self._note = ref, note
        self._beside = beside
        self._write()
        self.setVisible(True)
        self.raise_()

    def setVisible(self, visible: bool) -> None:
        """Forget what the card was about when it is hidden: the next network may have no such neuron."""
        super().setVisible(visible)
        if not visible:
            self._ref = None
            self._refresh.stop()

    def text(self) -> str:
        """What the card says, as it stands in the label."""
        return self._text.text()

    @Slot()
    def _write(self) -> None:
        if self._snapshot is not None and self._ref is not None:
            self._text.setText(describe(self._snapshot, self._ref, self._theme, self._note))
            self.adjustSize()
            self.move(_place(self.size().width(), self.size().height(), self._beside, self._area.rect()))
            self.text_changed.emit(self._text.text())


def _place(width: int, height: int, beside: QRect, area: QRect) -> QPoint:
    """To the right of a rectangle, or to its left; within the area as far as it fits."""
    x = beside.right() + 14
    if x + width > area.right() - 4:
        x = beside.left() - 14 - width
    if x < area.left() + 4:
        x = min(max(beside.right() + 14, area.left() + 4), max(area.right() - 4 - width, area.left() + 4))
    y = min(max(beside.center().y() - height // 2, area.top() + 4), max(area.bottom() - 4 - height, 4))
    return QPoint(x, y)
