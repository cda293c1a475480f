"""Zoom, full screen, and presentations, which combine both."""

from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QMainWindow

from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import FINGER, PERCENTS, ThemeSource, Zoom, zoom
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.frame.arranger import Arranger
from tinynet_gui.ui.window.frame.window_layout import WindowLayout

SCREEN = (1920, 1080)  # on this screen a presentation's texts and lines have at least these sizes, and
TEXT_PX, LINE_PX = 22.0, 3.0  # controls that of a finger
MIN_TEXT_PX = 18.0  # minimum on any screen
SETTLED_MS, LAID_OUT_MS = 300, 30  # the window is blank at most so long while it is resized, and so long after that


class Presentation(QObject):
    """Applies zoom and full screen, by its actions; a presentation limits the zoom so that nothing is cut off."""

    percent_chosen = Signal()

    def __init__(
        self, window: QMainWindow, themes: ThemeSource, layout: WindowLayout, arranger: Arranger, actions: Actions
    ) -> None:
        super().__init__(window)
        self._window, self._themes, self._layout = window, themes, layout
        self._arranger, self._actions = arranger, actions
        self.percent = 100  # the user's zoom; that of a presentation is separate
        self._presented: int | None = None  # the zoom of the current presentation
        self._was_full = False
        self._settled = single_shot(self, SETTLED_MS, self._show_again, "presentationSettled")
        window.installEventFilter(self)
        arranger.presented_changed.connect(self._apply)
        actions.connect(
            actionZoomIn=self.zoom_in,
            actionZoomOut=self.zoom_out,
            actionZoomReset=self.zoom_reset,
            actionFullScreen=self.set_full_screen,
            actionPresentation=self.set_on,
        )

    @property
    def is_on(self) -> bool:
        return self._presented is not None

    def set_percent(self, percent: int) -> None:
        """Set the user's zoom; in a presentation, until it ends."""
        if self.is_on:
            self._presented = percent
        elif percent != self.percent:
            self.percent = percent
            self.percent_chosen.emit()
        self._apply()

    def zoom_in(self) -> None:
        larger = next((each for each in PERCENTS if each > self._shown), PERCENTS[-1])
        if not self.is_on or larger <= 100 * self._most:
            self.set_percent(larger)

    def zoom_out(self) -> None:
        self.set_percent(next((each for each in reversed(PERCENTS) if each < self._shown), PERCENTS[0]))

    def zoom_reset(self) -> None:
        self.set_percent(self._presentable if self.is_on else 100)

    def set_full_screen(self, is_full: bool) -> None:
        full, state = Qt.WindowState.WindowFullScreen, self._window.windowState()
        self._window.setWindowState(state | full if is_full else state & ~full)
        self._actions["actionFullScreen"].setChecked(is_full)

    def set_on(self, is_on: bool) -> None:
        """Begin a presentation, or end it and restore everything."""
        self._actions["actionPresentation"].setChecked(is_on)
        if is_on == self.is_on:
            return
        self._window.setUpdatesEnabled(False)
        if is_on:
            self._was_full = self._window.isFullScreen()
            self._arranger.begin_presentation()
            self._presented = self._presentable
            self.set_full_screen(True)
            self._apply()
        else:
            self._presented = None
            self._apply()
            self.set_full_screen(self._was_full)
            self._arranger.end_presentation()
        self._settled.start(SETTLED_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the window again once it has its size, and its layout follows."""
        if event.type() == QEvent.Type.Resize and self._settled.isActive():
            self._settled.start(LAID_OUT_MS)
        return False

    def _show_again(self) -> None:
        for _ in range(3):  # one layout can ask for another one
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        self._window.setUpdatesEnabled(True)

    def end_innermost(self) -> bool:
        """End the innermost of a maximized card, the presentation, the full screen; return False if none is on.

        What an open tab or a lesson's page enlarges does not count.
        """
        if self._arranger.maximized is not None:
            return self._arranger.restore()
        if self.is_on:
            self.set_on(False)
            return True
        if self._window.isFullScreen():
            self.set_full_screen(False)
            return True
        return False

    @property
    def _shown(self) -> int:
        return round(100 * zoom().scale) if self.is_on else self.percent

    @property
    def _presentable(self) -> int:
        return max(self.percent, round(100 * self._least.scale))

    @property
    def _most(self) -> float:
        """The largest scale at which the presented view fits the screen."""
        room, needed = self._window.screen().size(), self._layout.least_size(self._window.minimumSizeHint())
        return zoom().scale * min(room.width() / needed.width(), room.height() / needed.height())

    @property
    def _least(self) -> Zoom:
        """The smallest zoom that can be read from the last row: text takes the same share of every larger screen."""
        size = self._window.screen().size()
        share = min(size.width() / SCREEN[0], size.height() / SCREEN[1])
        points = 72 * max(TEXT_PX * share, MIN_TEXT_PX) / self._window.logicalDpiY()
        return Zoom(points / QApplication.font().pointSizeF() * zoom().scale, points, LINE_PX * share, FINGER * share)

    def _apply(self) -> None:
        if self._presented is None:
            self._themes.set_zoom(Zoom(self.percent / 100))
            return
        least = self._least
        scale = max(least.scale, min(self._presented / 100, self._most))
        self._themes.set_zoom(replace(least, scale=scale))
