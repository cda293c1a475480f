"""The frame around every view: a title on the left, a word or a switch on the right."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tinynet_gui.ui.style.theme import fixed_font
from tinynet_gui.ui.widgets.labels import LiveLabel
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import in_role, named


class SeenFrame(QFrame):
    """Tells when it is seen; it is not drawn.

    Signals
    -------
    shown
        It has come into sight.
    """

    shown = Signal()

    def __init__(self, object_name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, object_name, accessible_name)

    def showEvent(self, event: QShowEvent) -> None:
        """Emit that it has come into sight."""
        super().showEvent(event)
        self.shown.emit()


class CardFrame(SeenFrame):
    """The frame alone."""

    def __init__(self, object_name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, parent)
        self.setProperty("card", True)


class Card(CardFrame):
    """A titled frame; subclasses add their content to `body` and controls to `header`."""

    def __init__(self, title: str, object_name: str, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(object_name, accessible_name, parent)
        self.title = in_role(QLabel(title), "title")
        self.value = LiveLabel()
        self.value.setFont(fixed_font())
        self.header = filled(QHBoxLayout(), self.title, None, self.value, margins=(14, 0, 14, 0))
        self.body = filled(QVBoxLayout(self), self.header, margins=(1, 6, 1, 6), spacing=2)
