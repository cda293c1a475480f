"""The page after a lesson's last: guesses, results, and what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from tinynet_gui.core.text.language import ENGLISH, said
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.views.lesson.page import Ending
from tinynet_gui.ui.views.lesson.question_box import wrapping
from tinynet_gui.ui.widgets.buttons import SingleClick
from tinynet_gui.ui.widgets.layouts import empty, filled
from tinynet_gui.ui.widgets.naming import in_role, named, show_words, worded

GAP, BETWEEN = 4, 14  # px, within a question and between two


class EndPage(QWidget):
    """Shows an ending.

    Signals
    -------
    save_wanted
        Save the answers.
    """

    save_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._ending: Ending | None = None
        self._score = in_role(wrapping(QLabel()), "title")
        self._found = filled(QVBoxLayout(), spacing=GAP)
        self._save = QPushButton()
        self._note = in_role(wrapping(QLabel()), "caption")
        self._following = in_role(wrapping(QLabel()), "title")
        self._about = in_role(wrapping(QLabel()), "caption")
        save = self._save, Qt.AlignmentFlag.AlignLeft
        parts = self._score, self._found, BETWEEN, save, self._note, BETWEEN, self._following, self._about
        filled(QVBoxLayout(self), *parts, margins=(0, 0, 0, 0), spacing=GAP)
        self._save.clicked.connect(self.save_wanted)
        SingleClick(self._save)
        self.setFocusProxy(self._save)
        self.put_words(ENGLISH)

    def put_words(self, language: str) -> None:
        """Say what its parts are called, in the language spoken, which is this one."""
        self._language, self._ending = language, None
        named(self._score, "lessonScore", _("How many guesses were right"))
        worded(self._save, "lessonSaveAnswers", _("Save answers …"), _("Write them to a file to hand in."))
        self._note.setText(_("To hand in. The file stays on this machine until you pass it on."))
        named(self._following, "lessonFollowing", _("What comes next"))
        named(self._about, "lessonFollowingAbout", _("What that is about"))

    def show_ending(self, ending: Ending) -> None:
        """Show what was found, and what follows."""
        if ending == self._ending:
            return
        self._ending = ending
        show_words(
            self._score, ending.score if ending.found else said(self._language, "This lesson asked no questions.")
        )
        empty(self._found)
        asked_as, found_as = said(self._language, "What was asked"), said(self._language, "Result")
        for number, (question, verdict) in enumerate(ending.found, 1):
            asked = in_role(wrapping(named(QLabel(question), f"lessonAsked{number}", asked_as)), "caption")
            asked.setContentsMargins(0, BETWEEN - GAP, 0, 0)
            self._found.addWidget(asked)
            self._found.addWidget(wrapping(named(QLabel(verdict), f"lessonFound{number}", found_as)))
        for widget in (self._save, self._note):
            widget.setVisible(bool(ending.found))
        following = said(self._language, "Next: {title}", title=ending.following)
        show_words(self._following, following if ending.following else "")
        self._about.setText(ending.about or said(self._language, "More lessons are in the Lessons menu."))
