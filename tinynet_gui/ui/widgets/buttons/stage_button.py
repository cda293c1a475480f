"""The button in a card's corner that gives the card the whole stage, and ends that."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QToolButton, QWidget

from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.naming import named, wrapped

SIDE = 12  # px, of the icon
TAKE = "Give this the whole stage, as a double-click on the title does; Esc gives it back."
GIVE_BACK = "Give the stage back to all views. Key: Esc"


class StageButton(QToolButton):
    """Belongs to a card; the owner of the stage listens to its clicks. A double-click on the title counts as one.

    It is drawn while the mouse is over the card, while it has the focus, and while the card has the stage.

    Attributes
    ----------
    card
        The card that gets the stage.
    """

    def __init__(self, card: QWidget, title: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, f"{card.objectName()}Stage", "Whole stage", TAKE)
        self.card, self._title, self._is_taken = card, title, False
        self.setProperty("bare", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(SIDE, SIDE))
        card.installEventFilter(self)
        if title is not None:
            title.installEventFilter(self)

    def show_stage(self, is_taken: bool, theme: Theme) -> None:
        """Say what the next click will do, in the colours of a theme."""
        self._is_taken = is_taken
        self.setIcon(make_icon("stage-back" if is_taken else "stage", theme.muted))
        self.setToolTip(wrapped(GIVE_BACK if is_taken else TAKE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Treat a double-click on the title as a click; come and go with the mouse."""
        if watched is self.card and event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        if watched is self._title and event.type() == QEvent.Type.MouseButtonDblClick:
            self.click()
            return True
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw nothing while nobody is there."""
        if self.is_wanted:
            super().paintEvent(event)

    @property
    def is_wanted(self) -> bool:
        """Whether it is drawn."""
        return self._is_taken or self.hasFocus() or self.card.underMouse()
