"""Applies the style sheet and the palette to a window."""

from PySide6 import QtCore, QtWidgets

from tinynet_gui.ui.style.style_sheets import style_sheet


def restyle(*widgets: QtWidgets.QWidget) -> None:
    for widget in widgets:
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)


def put_style_property(widget: QtWidgets.QWidget, name: str, value: bool | str) -> bool:
    """Set a property used by the style sheet, restyle if needed, and return whether it has changed."""
    if widget.property(name) == value:
        return False
    widget.setProperty(name, value)
    restyle(widget)
    return True


class Skin(QtCore.QObject):
    """Gives a window its style sheet, and then the palette's new colours: to hidden widgets once they are shown.

    Qt would polish every widget again for a new style sheet, although most of a window is hidden.
    """

    def __init__(self, window: QtWidgets.QWidget) -> None:
        super().__init__(window)
        self._window = window

    def follow(self) -> None:
        sheet = style_sheet()
        if sheet != self._window.styleSheet():
            self._window.setStyleSheet(sheet)
        else:
            self._recolor(self._window)

    def _recolor(self, widget: QtWidgets.QWidget) -> None:
        restyle(widget)
        for child in widget.children():
            if isinstance(child, QtWidgets.QWidget):
                if child.isVisible():
                    self._recolor(child)
                else:
                    child.installEventFilter(self)

    def eventFilter(self, watched: QtCore.QObject, event: QtCore.QEvent) -> bool:
        """Recolour widgets that are shown for the first time since the change, before they are painted."""
        if event.type() == QtCore.QEvent.Type.Show and isinstance(watched, QtWidgets.QWidget):
            watched.removeEventFilter(self)
            self._recolor(watched)
        return False
