"""Asks before a link opens in the browser, with the whole address."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from tinynet_gui.ui.widgets.dialogs.messages import warn
from tinynet_gui.ui.widgets.naming import named


class OpenAddress(QMessageBox):
    """Opens an address if the user agrees: Enter opens it, Escape does not."""

    def __init__(self, address: str, parent: QWidget) -> None:
        super().__init__(QMessageBox.Icon.Question, "Open in the browser?", address, parent=parent)
        self._address, self._window = address, parent
        self.setObjectName("openAddress")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setInformativeText("This link in the lesson leads out of the program. Open it in the browser?")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        tip = "Open this address in the browser. Key: Enter"
        yes = self.addButton("Open in the browser", QMessageBox.ButtonRole.AcceptRole)
        named(yes, "openAddressYes", "Open in the browser", tip)
        self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(yes)
        self.accepted.connect(self._on_accepted)

    def _on_accepted(self) -> None:
        if not QDesktopServices.openUrl(QUrl(self._address, QUrl.ParsingMode.StrictMode)):
            trouble = f"No browser could be started for this address:\n\n{self._address}"
            warn(self._window, "Open in the browser", trouble)
