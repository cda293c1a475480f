"""Saves a learner's answers, and shows those of a class."""

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
from tinynet_gui.core.lessons.class_answers import ClassAnswers, read_class
from tinynet_gui.core.lessons.lesson import Lesson
from tinynet_gui.core.lessons.playing.course import LessonProgress
from tinynet_gui.core.lessons.reading.reader import own_lessons, read_lesson_file, translations
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.language import speaking
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.features.answers.window import AnswersWindow
from tinynet_gui.ui.widgets import cards, dialogs, touch
from tinynet_gui.ui.widgets.accessibility import caption, named, wrapped
from tinynet_gui.ui.window.context import Context
from tinynet_gui.ui.window.preferences import RECENT_LESSONS

SIZE = 460, 480


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
        touch.give_size(self, *SIZE)
        self._name.textChanged.connect(self._show_words)
        self._show_words("")

    def _show_words(self, name: str) -> None:
        self._words.setPlainText(self._in_words(name))

    def accept(self) -> None:
        self.chosen.emit(self._name.text())


KEY = "answers of a class"
SAVE, OPEN, SAVE_TABLE = "Save answers", "Open answers", "Save the table of answers"
FILTER, TABLE_FILTER = f"Answers (*{SUFFIX})", "Tables (*.csv)"
ENCODING = "utf-8-sig"  # of the table: spreadsheets need the BOM for umlauts
LONGEST = 40  # characters of a part of a proposed name


class AnswersController(QtCore.QObject):
    """Nothing leaves the machine: files are written and read only where learner and teacher say."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.lesson_player)
        self._player, self._jobs, self._window = context.lesson_player, context.jobs, context.window
        self._status, self._store = context.frame.status, context.store
        self._shown: AnswersWindow | None = None
        self._save_action = context.actions["actionSaveAnswers"]
        context.actions.connect(
            actionSaveAnswers=self.save,
            actionOpenAnswers=lambda: self.open_files(dialogs.ask_to_open_several(self._window, OPEN, FILTER)),
            actionOpenAnswersFolder=lambda: self.open_files([dialogs.ask_for_folder(self._window, OPEN)]),
            actionPasteAnswers=lambda: self.open_text(QtGui.QGuiApplication.clipboard().text()),
        )
        context.lesson_player.changed.connect(self._offer_saving)
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
        file, _ = dialogs.ask_to_save(dialog, SAVE, dialog.file_name or proposed, FILTER)
        if not file:
            return
        file = file if Path(file).suffix else file + SUFFIX
        if said := dialogs.write_file(dialog, SAVE, file, content, "the answers"):
            self._status.tell(said)
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
        self._status.tell("Reading answers …")
        lessons = [*map(Path, self._store.recent(RECENT_LESSONS)), *own_lessons(), *chain(*translations().values())]
        self._jobs.submit(KEY, _read_class, source, lessons, on_result=self._show)

    def _show(self, found: ClassAnswers) -> None:
        self._status.clearMessage()
        if self._shown is not None:
            self._shown.close()
        self._shown = shown = AnswersWindow(found, self._window)
        shown.csv_wanted.connect(self._on_csv_wanted)
        shown.finished.connect(self._on_closed)
        shown.show()

    def _on_closed(self) -> None:
        self._shown = None

    def _on_csv_wanted(self, text: str) -> None:
        if self._shown is None:
            return
        file, _ = dialogs.ask_to_save(self._shown, SAVE_TABLE, "answers.csv", TABLE_FILTER)
        if file:
            self._status.tell(dialogs.write_file(self._shown, SAVE_TABLE, file, text.encode(ENCODING), "the answers"))


def _read_class(source: Sequence[Path] | str, lesson_files: Sequence[Path], job: Job) -> ClassAnswers:
    from tinynet_gui.core.lessons.homework import graded  # late, as it can measure all that lessons do

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
