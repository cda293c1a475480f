"""The window's upper edge: the training's controls, and beside them the space for important messages."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLabel, QToolButton, QWidget

from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import Zoom, whole_px, zoom
from tinynet_gui.ui.window.frame.transport_bar import TransportBar

MESSAGE_ROOM = 280  # the banner's least width beside the controls
NARROWEST = 600
MODES = (  # with words on the buttons, with names of the fields, with the fields, and the banner beside them
    *((True, True, True, True), (True, False, True, True), (False, False, True, True)),
    *((False, False, False, True), (False, False, True, False), (False, False, False, False)),  # no empty row at 200 %
)


class TopBar(QFrame):
    """Controls and banner side by side; in a narrow window the buttons have icons only, or the banner is below."""

    def __init__(self, controls: TransportBar) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self._controls = controls
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 10, 0)
        self._box.setSpacing(0)
        self._box.addWidget(controls)
        self._needed: tuple[int, ...] = ()  # widths, a mode each; measured when the style is known
        self._is_measuring = False
        self._mode: tuple[bool, bool, bool, bool] | None = None
        self._zoom: Zoom | None = None  # at which they were measured

    def add_banner(self, banner: QWidget) -> None:
        """Show messages beside the controls, or below them."""
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
        """Drop the words of the fields first, then those of the buttons, and then put the banner below."""
        if self._is_measuring:  # what is shown for that may lay the window out
            return
        if not self._needed:
            self._is_measuring = True
            self._needed = tuple(self._width_of(*mode) for mode in MODES)
            self._is_measuring, self._mode = False, None
        fitting = (mode for mode, needed in zip(MODES, self._needed, strict=True) if needed <= self.width())
        mode = next(fitting, MODES[-1])
        if mode == self._mode:  # setting it again would request a layout, and so come back here endlessly
            return
        self._mode = mode
        words, captions, fields, is_beside = mode
        self._write(words, captions, fields)
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._box.setDirection(beside if is_beside else below)
        self._box.setContentsMargins(*((0, 0, whole_px(10), 0) if is_beside else (0, 0, 0, whole_px(4))))

    def _width_of(self, words: bool, captions: bool, fields: bool, is_beside: bool) -> int:
        self._write(words, captions, fields)
        for child in self._controls.findChildren(QWidget):
            child.ensurePolished()
        return self._controls.sizeHint().width() + (whole_px(MESSAGE_ROOM + 10) if is_beside else 0)

    def _write(self, words: bool, captions: bool, fields: bool) -> None:
        self._controls.give_tour_space(fields)
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self._controls.findChildren(QToolButton):
            keeps_words = button.objectName() == "startButton" or button.icon().isNull()
            button.setToolButtonStyle(beside if words or keeps_words else alone)
        for label in self._controls.findChildren(QLabel):
            if label.buddy() is not None:
                label.setVisible(captions)
                label.buddy().setVisible(fields)
            else:
                label.setVisible(fields)
