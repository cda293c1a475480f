"""Boxes that say what went wrong, as plain text: parts of it come from outside."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from tinynet_gui.core.text.shortened import shortened

MOST_CHARACTERS = 1_000  # of a warning


def warn(parent: QWidget, title: str, trouble: str) -> QMessageBox:
    """Show why something failed, as plain text: parts of it come from outside."""
    box = warning(parent, title, shortened(trouble, MOST_CHARACTERS), "warning")
    box.addButton(QMessageBox.StandardButton.Ok)
    box.open()
    return box


def tell(parent: QWidget, title: str, name: str, trouble: str) -> None:
    """Show a message to the user, as plain text; the window stays usable meanwhile."""
    box = warning(parent, title, trouble, name)
    box.addButton(QMessageBox.StandardButton.Ok)
    box.setModal(False)
    box.show()


def warning(parent: QWidget, title: str, text: str, name: str) -> QMessageBox:
    """Return a box with a plain text, which is deleted when it closes."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, parent=parent)
    box.setObjectName(name)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box
