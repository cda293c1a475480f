"""Small buttons, buttons of a steady width, and the button that enlarges a card."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton, QWidget

from tinynet_gui.ui.style.theme import is_touched, make_icon, theme
from tinynet_gui.ui.widgets.accessibility import copy_text, named, wrapped


def copy_button(
    text: str, object_name: str, accessible_name: str, tooltip: str, copied: Callable[[], str]
) -> QPushButton:
    button = named(QPushButton(text), object_name, accessible_name, tooltip)
    button.clicked.connect(lambda: copy_text(button, copied()))
    return button


def compact_button(
    text: str, object_name: str, accessible_name: str, tooltip: str, *, checkable: bool = False
) -> QToolButton:
    button = named(QToolButton(), object_name, accessible_name, tooltip)
    button.setText(text)
    button.setCheckable(checkable)
    button.setProperty("compact", True)
    return button


class SingleClick(QObject):
    """Swallows the second press of a double-click on a button."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button)
        button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return event.type() == QEvent.Type.MouseButtonDblClick


class SteadyButton(QToolButton):
    """A button as wide as the longest of its possible `texts`, so that its neighbours do not move."""

    def __init__(self, *texts: str) -> None:
        super().__init__()
        self._texts = texts

    def sizeHint(self) -> QSize:
        widths = [self._width_of(text) for text in self._texts or (self.text(),)]
        return super().sizeHint() + QSize(max(widths) - self._width_of(self.text()), 0)

    def _width_of(self, text: str) -> int:
        return self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, text).width()  # as measured by Qt

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


SIDE = 12  # px, of the icon
MAXIMIZE = "Give this all the space, as a double-click on its title does; Esc shows the other views again."
RESTORE = "Show the other views again. Key: Esc"


class MaximizeButton(QToolButton):
    """A card's button to maximize it; `Arranger` handles the clicks. A double-click on the title counts.

    It is painted while the mouse is over the card, while it has the focus, while the card is maximized, and always
    after the first touch. `of` says what the card is, for screen readers.
    """

    def __init__(self, of: str, card: QWidget, title: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, f"{card.objectName()}Maximize", f"Maximize: {of}", MAXIMIZE)
        self.card, self._title, self._is_maximized = card, title, False
        self.setProperty("bare", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(SIDE, SIDE))
        card.installEventFilter(self)
        if title is not None:
            title.installEventFilter(self)

    def show_state(self, is_maximized: bool) -> None:
        """Show whether the next click maximizes the card or restores the others."""
        self._is_maximized = is_maximized
        self.setIcon(make_icon("stage-back" if is_maximized else "stage", theme().muted))
        self.setToolTip(wrapped(RESTORE if is_maximized else MAXIMIZE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.card and event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        if watched is self._title and event.type() == QEvent.Type.MouseButtonDblClick:
            self.click()
            return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.is_wanted:
            super().paintEvent(event)

    @property
    def is_wanted(self) -> bool:
        return self._is_maximized or self.hasFocus() or self.card.underMouse() or is_touched()
