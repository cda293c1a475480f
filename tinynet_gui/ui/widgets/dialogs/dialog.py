"""A question, and base classes of the program's dialogs."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QMessageBox, QPlainTextEdit, QVBoxLayout, QWidget

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.progress import APPEARS_MS, ThinBar
from tinynet_gui.ui.widgets.tab_order import pass_focus
from tinynet_gui.ui.widgets.telling import copy_text
from tinynet_gui.ui.widgets.zoomed import give_size

Button = QDialogButtonBox.StandardButton


def ask(name: str, title: str, text: str, yes: str, parent: QWidget, no: str = "Cancel") -> QMessageBox:
    """Ask whether to do something, which the button `yes` accepts, and return the question."""
    box = QMessageBox(QMessageBox.Icon.Question, title, text, parent=parent)
    box.setObjectName(name)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.addButton(yes, QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    cancel.setText(no)
    box.setDefaultButton(cancel)
    box.open()
    return box


class Dialog(QDialog):
    """A dialog with a name and a title. Cancel, Close and Escape reject it."""

    def __init__(self, name: str, title: str, parent: QWidget | None, *, deleted_when_closed: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, deleted_when_closed)

    def focusNextPrevChild(self, is_onward: bool) -> bool:
        """Let Tab go through the dialog as it is read."""
        return pass_focus(self, is_onward)

    def make_buttons(self, kinds: Button) -> QDialogButtonBox:
        """Return a row of buttons that accept or reject the dialog."""
        buttons = QDialogButtonBox(kinds)
        for button in buttons.buttons():
            button.setIcon(QIcon())  # the system's: the style sheet comes with the parent, too late to forbid it
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons


class TextDialog(Dialog):
    """Shows a long text, to read and to copy, below what it is about."""

    def __init__(
        self, name: str, title: str, about: str, text: QPlainTextEdit, size: tuple[int, int], parent: QWidget | None
    ) -> None:
        super().__init__(name, title, parent, deleted_when_closed=True)
        words = QLabel(about, wordWrap=True)
        self._text = text
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        self.buttons = self.make_buttons(Button.Close)
        self.buttons.button(Button.Close).setText(_("Close"))
        copy = self.buttons.addButton(_("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        filled(QVBoxLayout(self), words, (text, 1), self.buttons)
        give_size(self, *size)
        copy.clicked.connect(lambda: copy_text(copy, text.toPlainText()))


class ProgressDialog(Dialog):
    """Shows widgets above a progress bar, once something has taken half a second; Return does not cancel it."""

    def __init__(self, name: str, title: str, words: Sequence[QWidget], parent: QWidget) -> None:
        super().__init__(f"{name}Dialog", title, parent)
        self._bar = ThinBar(f"{name}Bar")
        self._buttons = self.make_buttons(Button.Cancel)
        self._buttons.button(Button.Cancel).setAutoDefault(False)
        self.lines = filled(QVBoxLayout(self), *words, self._bar, self._buttons)
        self._appears = single_shot(self, APPEARS_MS, self.show)
        self._appears.start()

    def show_progress(self, share: float, _partial: object) -> None:
        """Show the share done, from 0 to 1."""
        self._bar.set_share(share)

    def end(self) -> None:
        """Go away: it is over, or was cancelled."""
        self._appears.stop()
        self.hide()
        self.deleteLater()
