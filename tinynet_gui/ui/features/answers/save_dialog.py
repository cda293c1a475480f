"""The dialog before answers are saved: whose they are, and exactly what the file will tell."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from tinynet_gui.core.lessons.answers.answers import LONGEST_NAME
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.widgets.dialogs.dialog import Button, Dialog
from tinynet_gui.ui.widgets.layouts import filled
from tinynet_gui.ui.widgets.naming import caption, named, wrapped
from tinynet_gui.ui.widgets.zoomed import give_size

SIZE = 460, 480


class SaveAnswers(Dialog):
    """Asks for a name each time: on a shared machine the next one is another learner's.

    Parameters
    ----------
    in_words
        What the file will say, given the name.

    Attributes
    ----------
    file_name
        What the learner has called a file that could not be written.

    Signals
    -------
    chosen : str
        Save the answers under this name; `done` closes the dialog then, which keeps the name if that fails.
    """

    chosen = Signal(str)

    def __init__(self, in_words: Callable[[str], str], parent: QWidget) -> None:
        super().__init__("saveAnswers", _("Save answers"), parent, deleted_when_closed=True)
        self._in_words, self.file_name = in_words, ""
        self._name = QLineEdit()
        tip = wrapped(_("It is written into the file; it may be empty."))
        named(self._name, "answersName", _("Your name"), tip).setMaxLength(LONGEST_NAME)
        words = _("Your name, or leave it empty. The file stays on this machine until you hand it on.")
        ask = QLabel(words, wordWrap=True)
        ask.setBuddy(self._name)
        self._words = named(QPlainTextEdit(readOnly=True), "answersWords", _("What the file will say"))
        about = caption(_("This is everything that will be in it:"), self._words)
        buttons = self.make_buttons(Button.Save | Button.Cancel)
        buttons.button(Button.Save).setText(_("Save"))
        buttons.button(Button.Cancel).setText(_("Cancel"))
        filled(QVBoxLayout(self), ask, self._name, about, (self._words, 1), buttons)
        give_size(self, *SIZE)
        self._name.textChanged.connect(self._show_words)
        self._show_words("")

    def _show_words(self, name: str) -> None:
        self._words.setPlainText(self._in_words(name))

    def accept(self) -> None:
        """Emit the name."""
        self.chosen.emit(self._name.text())
