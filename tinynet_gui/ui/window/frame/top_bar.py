"""The window's upper edge: the training's controls, and beside them the space for important messages."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import Zoom, whole_px, zoom
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.window.frame.transport_bar import TransportBar

MESSAGE_ROOM, FEW_LINES, BUTTON_ROOM = 280, 220, 90  # px for the banner: usual, its words at least, its button alone
NARROWEST = 600


class TopBar(QFrame):
    """Controls and banner side by side; in a narrow window the last buttons have icons only."""

    def __init__(self, controls: TransportBar) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self._controls = controls
        self._box = filled(QHBoxLayout(self), controls, margins=(0, 0, 10, 0), spacing=0)
        self._dropping = [b for b in controls.findChildren(QToolButton) if b.objectName().startswith("action")]
        some = range(len(self._dropping), -1, -1)
        rooms = (True, MESSAGE_ROOM), (False, FEW_LINES), (False, BUTTON_ROOM), (False, 0)
        # How many buttons have words, whether there are fields, and what is left to the banner: the first that fits.
        self._modes = tuple((words, *room) for room in rooms for words in (some if room[1] else (0,)))
        self._needed: tuple[int, ...] = ()  # widths, a mode each; measured when the style is known
        self._is_measuring = False
        self._mode: tuple[int, bool] | None = None
        self._zoom: Zoom | None = None  # at which they were measured

    def add_banner(self, banner: QWidget) -> None:
        """Show messages beside the controls."""
        self._box.addWidget(banner, 1)

    def minimumSizeHint(self) -> QSize:
        """Narrower than with all words: they are dropped first."""
        narrowest = min((NARROWEST, *self._needed[-1:]))
        return QSize(narrowest, super().minimumSizeHint().height())

    def show_theme(self, _: Theme) -> None:
        """Measure again, if in another size."""
        if zoom() != self._zoom:
            self._zoom, self._needed = zoom(), ()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many words as fit."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Measure again with another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._needed = ()  # the children change after this

    def _fit(self) -> None:
        """Drop the words of the last buttons first, then the fields; the banner has the rest."""
        if self._is_measuring:  # what is shown for that may lay the window out
            return
        if not self._needed:
            self._is_measuring = True
            self._needed = tuple(self._width_of(*mode) for mode in self._modes)
            self._is_measuring, self._mode = False, None
        fitting = (mode for mode, needed in zip(self._modes, self._needed, strict=True) if needed <= self.width())
        words, fields, _ = next(fitting, self._modes[-1])
        if (words, fields) == self._mode:  # setting it again would request a layout, and so come back here endlessly
            return
        self._mode = words, fields
        self._write(words, fields)

    def _width_of(self, words: int, fields: bool, room: int) -> int:
        self._write(words, fields)
        for child in self._controls.findChildren(QWidget):
            child.ensurePolished()
        return self._controls.sizeHint().width() + whole_px(room + 10)

    def _write(self, words: int, fields: bool) -> None:
        self._controls.give_tour_space(fields)
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        for place, button in enumerate(self._dropping):
            button.setToolButtonStyle(beside if place < words else alone)
        for field in (*self._controls.findChildren(QLabel), *self._controls.findChildren(QSlider)):
            field.setVisible(fields)
