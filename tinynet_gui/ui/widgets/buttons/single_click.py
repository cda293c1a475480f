"""Buttons that take a double-click for one click: its second press must not hit whatever the first one changed."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractButton


class SingleClick(QObject):
    """Swallows the second press of a double-click on a button."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button)
        button.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ignore presses on a button that has just been pressed."""
        return event.type() == QEvent.Type.MouseButtonDblClick
