"""The page after a lesson's last: guesses, results, and what to do next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from tinynet_gui.ui.views.lesson.page import Ending
from tinynet_gui.ui.views.lesson.question_box import wrapping
from tinynet_gui.ui.widgets.buttons import SingleClick
from tinynet_gui.ui.widgets.layouts import empty, filled
from tinynet_gui.ui.widgets.naming import in_role, named, show_words

GAP, BETWEEN = 4, 14  # px, within a question and between two
NO_QUESTIONS = "This lesson asked no questions."
OTHERS = "More lessons are in the Lessons menu."
HAND_IN = "To hand in. The file stays on this machine until you pass it on."


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
        self._score = in_role(wrapping(named(QLabel(), "lessonScore", "How many guesses were right")), "title")
        self._found = filled(QVBoxLayout(), spacing=GAP)
        self._save = named(
            QPushButton("Save answers …"), "lessonSaveAnswers", "Save answers", "Write them to a file to hand in."
        )
        self._note = in_role(wrapping(QLabel(HAND_IN)), "caption")
        self._following = in_role(wrapping(named(QLabel(), "lessonFollowing", "What comes next")), "title")
        self._about = in_role(wrapping(named(QLabel(), "lessonFollowingAbout", "What that is about")), "caption")
        save = self._save, Qt.AlignmentFlag.AlignLeft
        parts = self._score, self._found, BETWEEN, save, self._note, BETWEEN, self._following, self._about
        filled(QVBoxLayout(self), *parts, margins=(0, 0, 0, 0), spacing=GAP)
        self._save.clicked.connect(self.save_wanted)
        SingleClick(self._save)
        self.setFocusProxy(self._save)

    def show_ending(self, ending: Ending) -> None:
        """Show what was found, and what follows."""
        if ending == self._ending:
            return
        self._ending = ending
        show_words(self._score, ending.score if ending.found else NO_QUESTIONS)
        empty(self._found)
        for number, (question, verdict) in enumerate(ending.found, 1):
            asked = in_role(wrapping(named(QLabel(question), f"lessonAsked{number}", "What was asked")), "caption")
            asked.setContentsMargins(0, BETWEEN - GAP, 0, 0)
            self._found.addWidget(asked)
            self._found.addWidget(wrapping(named(QLabel(verdict), f"lessonFound{number}", "Result")))
        for widget in (self._save, self._note):
            widget.setVisible(bool(ending.found))
        show_words(self._following, f"Next: {ending.following}" if ending.following else "")
        self._about.setText(ending.about or OTHERS)
