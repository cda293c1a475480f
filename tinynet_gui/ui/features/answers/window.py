"""The window of a class's answers."""

from collections.abc import Sequence

from PySide6 import QtCore, QtWidgets

from tinynet_gui.core.lessons.class_answers import ClassAnswers, LessonAnswers, as_csv
from tinynet_gui.core.text.language import ENGLISH, ngettext, speaking
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.ui.features.answers.plot import AnswersPlot
from tinynet_gui.ui.features.answers.table import AnswersTable
from tinynet_gui.ui.style.theme import whole_px
from tinynet_gui.ui.widgets import cards, dialogs, skin, touch
from tinynet_gui.ui.widgets.accessibility import named, worded, wrapped
from tinynet_gui.ui.widgets.fields.editors import QuietComboBox

SIZE = 880, 700
NOTES_LINES = 4  # visible
AROUND_PX = 12  # padding of a text


class AnswersWindow(dialogs.Dialog):
    """Shows the answers lesson by lesson, in each lesson's language; not modal. `csv_wanted` has a table to save."""

    csv_wanted = QtCore.Signal(str)

    def __init__(self, found: ClassAnswers, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__("answersWindow", "Answers", parent, deleted_when_closed=True)
        self._found = found
        self._lessons = QuietComboBox()
        self._lessons.addItems(_entries(found.lessons))
        self._about, self._hide = QtWidgets.QLabel(textFormat=QtCore.Qt.TextFormat.PlainText), QtWidgets.QCheckBox()
        self._notes = QtWidgets.QPlainTextEdit(readOnly=True)
        self.table, self.plot = AnswersTable(), AnswersPlot()
        self._parts = QtWidgets.QSplitter(QtCore.Qt.Orientation.Vertical, childrenCollapsible=False)
        for part in (self.table, self.plot):
            self._parts.addWidget(part)
        self._parts.setSizes([1_000, 1_000])  # equal heights
        self._copy, self._save = QtWidgets.QPushButton(autoDefault=False), QtWidgets.QPushButton(autoDefault=False)
        self._buttons = self.make_buttons(dialogs.Button.Close)
        head = cards.filled(QtWidgets.QHBoxLayout(), self._lessons, (self._about, 1), self._hide)
        foot = cards.filled(QtWidgets.QHBoxLayout(), self._copy, self._save, (self._buttons, 1))
        cards.filled(QtWidgets.QVBoxLayout(self), head, self._notes, (self._parts, 1), foot)
        touch.give_size(self, *SIZE)
        self._lessons.currentIndexChanged.connect(self._show_lesson)
        self._hide.toggled.connect(self._on_hidden)
        self.table.question_chosen.connect(self._on_question_chosen)
        self.table.learner_pointed.connect(self._on_learner_pointed)
        self._copy.clicked.connect(self.table.copy)
        self._save.clicked.connect(self._on_save_clicked)
        self._show_lesson()

    def _put_words(self) -> None:
        self.setWindowTitle(_("Answers"))
        named(self._lessons, "answersLesson", _("The lesson"), wrapped(_("Show the answers to this lesson.")))
        named(self._about, "answersAbout", _("How many answers there are"))
        named(self._notes, "answersNotes", _("What was left out, and why"))
        named(self._parts, "answersParts", _("The table, and the picture below it"))
        hide = _(
            "Call the learners by numbers, for a projector, also in what is copied. A saved table has their names."
        )
        worded(self._hide, "answersHideNames", _("Hide names"), hide)
        worded(self._copy, "answersCopy", _("Copy"), _("Copy the table, for a spreadsheet."))
        worded(self._save, "answersSave", _("Save as CSV …"), _("Save guesses, results and times as CSV."))
        self._buttons.button(dialogs.Button.Close).setText(_("Close"))

    @property
    def _language(self) -> str:
        return ENGLISH if self._lesson is None else self._lesson.language

    @property
    def _lesson(self) -> LessonAnswers | None:
        place = self._lessons.currentIndex()
        return self._found.lessons[place] if place >= 0 else None

    def _show_lesson(self) -> None:
        with speaking(self._language):
            self._put_words()
            self._show(self._lesson)

    def _show(self, lesson: LessonAnswers | None) -> None:
        for widget in (self._lessons, self._hide, self._parts, self._copy, self._save):
            widget.setVisible(lesson is not None)
        self._show_notes()
        if lesson is None:
            self._about.setText(_("No answers could be read."))
            return
        learners, questions = len(lesson.learners), len(lesson.questions)
        who = ngettext("{count} learner", "{count} learners", learners).format(count=count_text(learners))
        what = ngettext("{count} question", "{count} questions", questions).format(count=count_text(questions))
        self._about.setText(f"{who}, {what}")
        self.table.show_lesson(lesson)

    def _show_notes(self) -> None:
        notes = _notes(self._found, self._lesson, hides_names=self._hide.isChecked())
        self._notes.setPlainText(notes)
        self._notes.setVisible(bool(notes))
        lines = min(NOTES_LINES, notes.count("\n") + 1)
        self._notes.setFixedHeight(lines * self._notes.fontMetrics().lineSpacing() + whole_px(AROUND_PX))

    def _on_hidden(self, hidden: bool) -> None:
        self.table.hide_names(hidden)
        with speaking(self._language):
            self._show_notes()
        self._on_learner_pointed(self.table.pointed)

    def _on_question_chosen(self, place: int | None) -> None:
        if (lesson := self._lesson) is not None:
            self.plot.show_question(lesson, None if place is None else lesson.questions[place])

    def _on_learner_pointed(self, learner: int | None) -> None:
        self.plot.point_at(None if learner is None else (learner, self.table.name(learner)))

    def _on_save_clicked(self) -> None:
        if (lesson := self._lesson) is not None:
            with speaking(lesson.language):
                text = as_csv(lesson, skin.decimal_sign())
            self.csv_wanted.emit(text)


def _entries(lessons: Sequence[LessonAnswers]) -> list[str]:
    """Return the lessons' names; equal titles, such as those of versions, with part of the lesson's fingerprint."""
    titles = [lesson.title for lesson in lessons]
    marks = (f" [{each.learners[0][1].fingerprint[:6]}]" if titles.count(each.title) > 1 else "" for each in lessons)
    counts = (len(lesson.learners) for lesson in lessons)
    return [f"{title}{mark} ({count})" for title, mark, count in zip(titles, marks, counts, strict=True)]


def _notes(found: ClassAnswers, lesson: LessonAnswers | None, *, hides_names: bool) -> str:
    """Describe what was left out; names of files contain learners' names, so they are hidden with them."""
    lines = [] if hides_names else [f"{name}: {_(reason)}" for name, reason in found.refused]
    if found.refused:
        words = _("{some} of {count} could not be read")
        some = words.format(some=len(found.refused), count=count_text(found.count))
        lines.insert(0, some + (":" if lines else "."))
    if lesson is not None and lesson.learners[0][1].fingerprint in found.ungraded:
        lines.append(_("Not graded: their lesson is not here. Open its file once, then these answers again."))
    if lesson is not None:
        again = _("Handed in more than once; the latest counts: {who}.")
        apart = _("Same name, different answers, so each has a row: {who}.")
        for words, names in ((again, lesson.replaced), (apart, lesson.namesakes)):
            number = ngettext("{count} learner", "{count} learners", len(names)).format(count=len(names))
            if names:
                lines.append(words.format(who=number if hides_names else ", ".join(names)))
    return "\n".join(lines)
