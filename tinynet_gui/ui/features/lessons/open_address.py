"""Asks before a link opens in the browser, with the whole address."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.widgets.dialogs.messages import warn
from tinynet_gui.ui.widgets.naming import worded


class OpenAddress(QMessageBox):
    """Opens an address if the user agrees: Enter opens it, Escape does not."""

    def __init__(self, address: str, parent: QWidget) -> None:
        super().__init__(QMessageBox.Icon.Question, _("Open in the browser?"), address, parent=parent)
        self._address, self._window = address, parent
        self.setObjectName("openAddress")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setInformativeText(_("This link in the lesson leads out of the program. Open it in the browser?"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._title, self._trouble = (
            _("Open in the browser"),
            _("No browser could be started for this address:\n\n{address}").format(address=address),
        )
        yes = self.addButton(self._title, QMessageBox.ButtonRole.AcceptRole)
        worded(yes, "openAddressYes", self._title, _("Open this address in the browser. Key: Enter"))
        self.addButton(QMessageBox.StandardButton.Cancel).setText(_("Cancel"))
        self.setDefaultButton(yes)
        self.accepted.connect(self._on_accepted)

    def _on_accepted(self) -> None:
        if not QDesktopServices.openUrl(QUrl(self._address, QUrl.ParsingMode.StrictMode)):
            warn(self._window, self._title, self._trouble)
