"""Saves a learner's answers, and shows those of a class in a window."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from time import time

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.lessons.answers import LONGEST_NAME, SUFFIX, Answers, answers_of, in_words, write_answers
from tinynet_gui.core.lessons.class_answers import ClassAnswers, LessonAnswers, as_csv, read_class
from tinynet_gui.core.lessons.lesson import Lesson
from tinynet_gui.core.lessons.playing.course import LessonProgress
from tinynet_gui.core.lessons.reading.reader import bundled_lessons, read_lesson_file, translations
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.language import gettext as _, ngettext, process_language, speaking
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.qt import spreadsheet_sign
from tinynet_gui.ui.features.answers.plot import AnswersPlot
from tinynet_gui.ui.features.answers.table import AnswersTable
from tinynet_gui.ui.style.theme import whole_px
from tinynet_gui.ui.widgets import cards, dialogs, touch
from tinynet_gui.ui.widgets.accessibility import caption, named, worded, wrapped
from tinynet_gui.ui.widgets.fields.editors import QuietComboBox
from tinynet_gui.ui.window.context import Context, Controller
from tinynet_gui.ui.window.preferences import RECENT_LESSONS

WINDOW_SIZE = 880, 700
NOTES_LINES = 4  # visible
PADDING_PX = 12


class AnswersWindow(dialogs.Dialog):
    """Shows the answers lesson by lesson, in each lesson's language; not modal. `csv_wanted` has a table to save."""

    csv_wanted = QtCore.Signal(str)

    def __init__(self, found: ClassAnswers, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__("answersWindow", _("Answers"), parent, deleted_when_closed=True)
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
        touch.give_size(self, *WINDOW_SIZE)
        self._lessons.currentIndexChanged.connect(self._show_lesson)
        self._hide.toggled.connect(self._on_hidden)
        self.table.question_chosen.connect(self._on_question_chosen)
        self.table.learner_pointed.connect(self.plot.point_at)
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
        return process_language() if self._lesson is None else self._lesson.language

    @property
    def _lesson(self) -> LessonAnswers | None:
        place = self._lessons.currentIndex()
        return self._found.lessons[place] if place >= 0 else None

    def _show_lesson(self) -> None:
        lesson = self._lesson
        for widget in (self._lessons, self._hide, self._parts, self._copy, self._save):
            widget.setVisible(lesson is not None)
        with speaking(self._language):
            self._put_words()
            self._show_notes()
            if lesson is None:
                self._about.setText(_("No answers could be read."))
                return
            learners, questions = len(lesson.learners), len(lesson.questions)
            who = ngettext("{count} learner", "{count} learners", learners).format(count=count_text(learners))
            what = ngettext("{count} question", "{count} questions", questions).format(count=count_text(questions))
            self._about.setText(f"{who}, {what}")
            self.table.show_lesson(lesson, hides_names=self._hide.isChecked())

    def _show_notes(self) -> None:
        notes = _notes(self._found, self._lesson, hides_names=self._hide.isChecked())
        self._notes.setPlainText(notes)
        self._notes.setVisible(bool(notes))
        lines = min(NOTES_LINES, notes.count("\n") + 1)
        self._notes.setFixedHeight(lines * self._notes.fontMetrics().lineSpacing() + whole_px(PADDING_PX))

    def _on_hidden(self, hidden: bool) -> None:
        self.table.hide_names(hidden)
        with speaking(self._language):
            self._show_notes()
        self.plot.point_at(self.table.pointed)

    def _on_question_chosen(self, place: int | None) -> None:
        if (lesson := self._lesson) is not None:
            self.plot.show_question(lesson, None if place is None else lesson.questions[place])

    def _on_save_clicked(self) -> None:
        if (lesson := self._lesson) is not None:
            decimal = spreadsheet_sign()
            with speaking(lesson.language):
                text = as_csv(lesson, decimal)
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


SAVE_SIZE = 460, 480


class SaveAnswers(dialogs.Dialog):
    """Asks for a name each time: on a shared machine the next learner is another one.

    `in_words` returns the text of the file for a name. `chosen` asks to save the answers under a name; on success
    `done` closes the dialog, else it stays open, with the `file_name` of the file that could not be written.
    """

    chosen = QtCore.Signal(str)

    def __init__(self, in_words: Callable[[str], str], parent: QtWidgets.QWidget) -> None:
        super().__init__("saveAnswers", _("Save answers"), parent, deleted_when_closed=True)
        self._in_words, self.file_name = in_words, ""
        self._name = QtWidgets.QLineEdit()
        tip = wrapped(_("It is written into the file; it may be empty."))
        named(self._name, "answersName", _("Your name"), tip).setMaxLength(LONGEST_NAME)
        words = _("Your name, or leave it empty. The file stays on this machine until you hand it on.")
        ask = QtWidgets.QLabel(words, wordWrap=True)
        ask.setBuddy(self._name)
        self._words = named(QtWidgets.QPlainTextEdit(readOnly=True), "answersWords", _("What the file will say"))
        about = caption(_("This is everything that will be in it:"), self._words)
        buttons = self.make_buttons(dialogs.Button.Save | dialogs.Button.Cancel)
        buttons.button(dialogs.Button.Save).setText(_("Save"))
        buttons.button(dialogs.Button.Cancel).setText(_("Cancel"))
        cards.filled(QtWidgets.QVBoxLayout(self), ask, self._name, about, (self._words, 1), buttons)
        touch.give_size(self, *SAVE_SIZE)
        self._name.textChanged.connect(self._show_words)
        self._show_words("")

    def _show_words(self, name: str) -> None:
        self._words.setPlainText(self._in_words(name))

    def accept(self) -> None:
        self.chosen.emit(self._name.text())


KEY = "answers of a class"
SAVE, OPEN, SAVE_TABLE = _("Save answers"), _("Open answers"), _("Save the table of answers")
FILTER, TABLE_FILTER = _("Answers (*{suffix})").format(suffix=SUFFIX), _("Tables (*.csv)")
ENCODING = "utf-8-sig"  # of the table: spreadsheets need the BOM for umlauts
LONGEST = 40  # characters of a part of a proposed name


class AnswersController(Controller):
    """Nothing leaves the machine: files are written and read only where learner and teacher say."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._player = context.lesson_player
        self._save_action = context.actions["actionSaveAnswers"]
        context.actions.connect(
            actionSaveAnswers=self.save,
            actionOpenAnswers=lambda: self.open_files(dialogs.ask_to_open_several(self._window, OPEN, FILTER)),
            actionOpenAnswersFolder=lambda: self.open_files([dialogs.ask_for_folder(self._window, OPEN)]),
            actionPasteAnswers=lambda: self.open_text(QtGui.QGuiApplication.clipboard().text()),
        )
        self._player.changed.connect(self._offer_saving)
        self._offer_saving()

    def _offer_saving(self) -> None:
        progress = self._player.progress
        self._save_action.setEnabled(progress is not None and bool(progress.answers) and not self._player.is_reopened)

    def save(self) -> None:
        """Ask for a name, and write the answers given so far."""
        progress = self._player.progress
        if progress is None or not progress.answers:
            return
        minute = int(time() / 60)

        def said(name: str) -> str:
            with speaking(progress.lesson.language):
                return in_words(answers_of(progress, name, minute))

        with speaking(progress.lesson.language):
            dialog = SaveAnswers(said, self._window)
        dialog.chosen.connect(partial(self._write, dialog, progress, minute))
        dialog.open()

    def _write(self, dialog: SaveAnswers, progress: LessonProgress, minute: int, name: str) -> None:
        answers = answers_of(progress, name, minute)
        content = write_answers(answers)
        who = answers.name or blake2b(content, digest_size=3).hexdigest()  # unique also without a name
        proposed = "-".join(filter(None, map(_in_file_name, (answers.lesson, who)))) + SUFFIX
        if not (file := dialogs.ask_to_save(dialog, SAVE, dialog.file_name or proposed, FILTER)):
            return
        file = file if Path(file).suffix else file + SUFFIX
        if said := dialogs.write_file(dialog, SAVE, file, content, _("saved the answers to {file}")):
            self._notify(said)
            dialog.done(SaveAnswers.DialogCode.Accepted)
        elif Path(file).name != proposed:
            dialog.file_name = Path(file).name

    def open_files(self, names: Sequence[str]) -> None:
        """Show the answers in files and folders, if there are any."""
        if paths := [Path(name) for name in names if name]:
            self._open(paths)

    def open_text(self, text: str) -> None:
        """Show the answers in a text, one learner's on a line, as a web page copies them."""
        self._open(text)

    def _open(self, source: Sequence[Path] | str) -> None:
        self._notify(_("Reading answers …"))
        recent = self._context.store.recent(RECENT_LESSONS)
        lessons = [*map(Path, recent), *bundled_lessons(), *chain(*translations().values())]
        self._jobs.submit(KEY, _read_class, source, lessons, on_result=self._show)

    def _show(self, found: ClassAnswers) -> None:
        self._frame.status.clearMessage()
        for before in self._window.findChildren(AnswersWindow):
            before.close()
        shown = AnswersWindow(found, self._window)
        shown.csv_wanted.connect(partial(self._on_csv_wanted, shown))
        shown.show()

    def _on_csv_wanted(self, shown: AnswersWindow, text: str) -> None:
        if file := dialogs.ask_to_save(shown, SAVE_TABLE, "answers.csv", TABLE_FILTER):
            content, saved = text.encode(ENCODING), _("saved the answers to {file}")
            self._notify(dialogs.write_file(shown, SAVE_TABLE, file, content, saved))


def _read_class(source: Sequence[Path] | str, lesson_files: Sequence[Path], job: Job) -> ClassAnswers:
    from tinynet_gui.core.lessons.homework import graded  # lazy: it imports everything that lessons can measure

    lessons, waiting = dict[str, Lesson](), iter(lesson_files)

    def grade(answers: Answers) -> Answers | None:
        while answers.fingerprint not in lessons and (file := next(waiting, None)) is not None:
            with suppress(OSError, ValueError):  # it is gone, or is no lesson any more
                lesson = read_lesson_file(file)
                lessons[lesson.fingerprint] = lesson
        if job.stop[0]:
            raise StoppedError
        found = lessons.get(answers.fingerprint)
        return None if found is None else graded(answers, found)

    return read_class(source, lambda share: job.report(share, None), grade)


def _in_file_name(text: str) -> str:
    """Return a text as a part of a file name that is valid on every system."""
    return re.sub(r"[^\w]+", "-", text).strip("-")[:LONGEST]
