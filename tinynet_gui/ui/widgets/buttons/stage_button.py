"""The button in a card's corner that gives the card the whole stage, and ends that."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from tinynet_gui.ui.style.icons import make_icon
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.widgets.naming import named, wrapped

SIDE = 12  # px, of the icon
TAKE = "Give this the whole stage, as a double-click on the title does; Esc gives it back."
GIVE_BACK = "Give the stage back to all views. Key: Esc"


class StageButton(QToolButton):
    """Belongs to a card; the owner of the stage listens to its clicks. A double-click on the title counts as one.

    Attributes
    ----------
    card
        The card that gets the stage.
    """

    def __init__(self, card: QWidget, title: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, f"{card.objectName()}Stage", "Whole stage", TAKE)
        self.card, self._title = card, title
        self.setProperty("bare", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(SIDE, SIDE))
        if title is not None:
            title.installEventFilter(self)

    def show_stage(self, is_taken: bool, theme: Theme) -> None:
        """Say what the next click will do, in the colours of a theme."""
        self.setIcon(make_icon("stage-back" if is_taken else "stage", theme.muted))
        self.setToolTip(wrapped(GIVE_BACK if is_taken else TAKE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Treat a double-click on the title as a click."""
        if watched is self._title and event.type() == QEvent.Type.MouseButtonDblClick:
            self.click()
            return True
        return False
