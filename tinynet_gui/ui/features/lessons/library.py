"""Finds lessons, lists them in the menu, opens them, and remembers the progress in each."""

import os
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from pathlib import Path

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.lessons.lesson import Lesson
from tinynet_gui.core.lessons.playing.memory import from_plain, to_plain
from tinynet_gui.core.lessons.reading import reader
from tinynet_gui.core.lessons.reading.mistakes import LessonError
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.system.processes import is_folder
from tinynet_gui.core.text import numbers
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.language import ENGLISH, N_, gettext as _, gettext_in, ngettext, process_language, speaking
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.qt import native_name
from tinynet_gui.ui.features.lessons import LANGUAGE, RECENT, SUFFIX
from tinynet_gui.ui.features.lessons.notes import TeachersNotes
from tinynet_gui.ui.widgets.accessibility import named, worded, wrapped
from tinynet_gui.ui.widgets.dialogs import TextDialog, message_box, warn
from tinynet_gui.ui.window import actions, context, preferences

SIZE = 620, 320


class LessonMistakes(TextDialog):
    """Lists a file's mistakes in the language spoken, as plain text: parts of it come from the file."""

    def __init__(self, file: str, error: LessonError, otherwise: str, parent: QtWidgets.QWidget) -> None:
        count = len(error.mistakes)
        words = ngettext("{otherwise} {count} mistake in its file:", "{otherwise} {count} mistakes in its file:", count)
        about = words.format(otherwise=otherwise, count=count_text(count))
        tooltip = wrapped(_("What is wrong in the file, line by line. Copy puts it on the clipboard."))
        text = named(QtWidgets.QPlainTextEdit(str(error)), "lessonMistakesList", _("Mistakes by line"), tooltip)
        super().__init__("lessonMistakes", file, about, text, SIZE, parent)


OPEN = _("Open lesson")
FILTER = _("Lessons (*{suffix})").format(suffix=SUFFIX)
FAREWELL = N_(
    "From here on you ask the questions. Open data, in the File menu, takes measurements of your own; Experiments "
    "answers with hundreds of trainings; and a lesson is a text file that you, too, can write: the guide says how."
)
NOTHING_RECENT = _("no lesson from a file yet")


@frozen_dataclass
class ListedLesson:
    """A lesson in the menu, in its own language.

    `left_on` is the page where it was left, `waits` a sentence that says so; both "" unless it is unfinished.
    """

    title: str
    about: str
    file: str
    is_done: bool
    left_on: str = ""
    waits: str = ""


class LessonsController(context.Controller):
    """The menu of lessons, lesson files, and the remembered progress: of built-in lessons by name, else by file."""

    def __init__(self, context: context.Context) -> None:
        super().__init__(context)
        self._player, self._store, menus = context.lesson_player, context.store, context.frame.menus
        self._menu, self._recent, self._languages = menus[actions.LESSONS], menus[RECENT], menus[LANGUAGE]
        self._own = QtGui.QActionGroup(self)  # the built-in lessons in the menu
        self._own.setExclusive(False)  # PySide ignores it as a keyword of the constructor
        self._one_language = QtGui.QActionGroup(self)
        self._hideable = frozenset(record.hidden_as for record in context.table if record.hidden_as)
        self._file = ""  # that of the lesson played last
        wanted = self._store.lesson_language or process_language()
        self._language = wanted if wanted in reader.translations() else ENGLISH
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._list)
        self._languages.triggered.connect(self._on_language_chosen)
        for files in (self._own, self._recent):
            files.triggered.connect(lambda action: self.open_file(action.data()))
        context.open_by("actionOpenLesson", OPEN, FILTER, self.open_file)
        context.actions.connect(
            actionReloadLesson=self._on_reload,
            actionTour=lambda: self.open_file(str(reader.bundled_lessons(self._language)[0])),
            actionTeachersNotes=self._on_notes_wanted,
        )
        self._for_notes = context.actions["actionTeachersNotes"]
        self._presentation = context.actions["actionPresentation"]
        self._player.changed.connect(self._on_changed)
        self._offers_tour = self._store.offers_tour
        listing = (partial(self._listed, file) for file in reader.bundled_lessons(self._language))
        context.idle.add(listing)  # fills the cache before the menu opens
        self._announce_waiting()

    @property
    def has_file(self) -> bool:
        return bool(self._file)

    @property
    def sequel(self) -> ListedLesson | None:
        """The built-in lesson after the current one, in the same language, if there is one."""
        played, progress = Path(self._file), self._player.progress
        if progress is None or not reader.is_bundled(played):
            return None
        files = reader.bundled_lessons(self._language)
        if played not in files:  # untranslated lessons are listed in English
            files = reader.bundled_lessons(progress.lesson.language)
        after = [following for file, following in pairwise(files) if file.name == played.name]
        return self._listed(after[0]) if after else None

    @property
    def farewell(self) -> str:
        """What to say after the last built-in lesson, in the language spoken; "" after others."""
        if not reader.is_bundled(Path(self._file)):
            return ""
        files = reader.bundled_lessons(self._language)
        done, count = sum(self._listed(file).is_done for file in files), len(files)
        some = _("You have finished {done} of the {count} lessons; the Lessons menu ticks them.")
        finished = _("You have finished all {count} lessons.") if done == count else some
        return f"{finished.format(done=done, count=count)} {_(FAREWELL)}"

    def open_file(self, file: str) -> None:
        """Play a lesson from where it was left; one with a mistake in it does not open."""
        lesson = self._read(file, N_("The lesson was not opened; nothing has changed."))
        if lesson is None:
            return
        self._file = os.path.abspath(file)
        if not reader.is_bundled(Path(self._file)):
            self._store.remember_recent(preferences.RECENT_LESSONS, self._file)
        self._frame.arranger.restore()
        self._player.begin(lesson, self._store.lesson(reader.lesson_name(Path(self._file))))
        if lesson.language not in (ENGLISH, process_language()):  # it names buttons in its own language
            self._notify(gettext_in(lesson.language, N_("Buttons have other names here: View, Language changes that.")))

    def _on_reload(self) -> None:
        lesson = self._read(self._file, N_("The lesson was not reloaded; you are still in the version from before."))
        if lesson is not None:
            self._player.reload(lesson)
            with speaking(lesson.language):
                self._notify(_("Reloaded {file}.").format(file=shortened(Path(self._file).name, 80)))

    def _read(self, file: str, otherwise: str) -> Lesson | None:
        try:
            lesson = reader.read_lesson_file(file, self._hideable)
            if is_folder() or self._session.state.status.pytorch == "failed":
                _check_without_pytorch(lesson)
            return lesson
        except (OSError, ValueError) as error:
            name = shortened(Path(file).name, 200)
            if isinstance(error, LessonError):
                with speaking(error.language):
                    mistakes = LessonMistakes(name, error, _(otherwise), self._window)
                mistakes.open()
            else:
                warn(self._window, OPEN, f"{_(otherwise)}\n\n{name}: {file_trouble(error)}")
            return None

    def _list(self) -> None:
        files = reader.bundled_lessons(self._language)
        self._list_own([self._listed(file) for file in files])
        counts = {language: len(translated) for language, translated in reader.translations().items()}
        self._list_languages({ENGLISH: len(files), **counts})
        recent = filter(os.path.isfile, self._store.recent(preferences.RECENT_LESSONS))
        actions.list_recent(self._recent, ((Path(file).name, file, file) for file in recent), NOTHING_RECENT)

    def _list_own(self, lessons: Sequence[ListedLesson]) -> None:
        for action in self._own.actions():
            self._menu.removeAction(action)
            action.deleteLater()
        first = self._menu.insertSeparator(self._menu.actions()[0])
        self._own.addAction(first)
        for place, lesson in enumerate(lessons, 1):
            text = f"{place} {lesson.title}" + (f" ({lesson.left_on})" if lesson.left_on else "")
            is_done = lesson.is_done
            action = QtGui.QAction(text, self._own, toolTip=wrapped(lesson.about), checkable=is_done, checked=is_done)
            action.setObjectName(f"lesson:{lesson.file}")
            action.setData(lesson.file)
            self._menu.insertAction(first, action)

    def _list_languages(self, counts: Mapping[str, int]) -> None:
        """List the languages, with the number of lessons of those that lack some."""
        self._languages.clear()
        for language, count in counts.items():
            name, most = native_name(language), max(counts.values())
            some = _("{language} ({count} of {most})").format(language=name, count=count, most=most)
            action = self._languages.addAction(some if count < most else name)
            action.setObjectName(f"language:{language}")
            action.setData(language)
            action.setToolTip(_("Lessons that are not translated are in English."))
            action.setCheckable(True)
            action.setChecked(language == self._language)
            self._one_language.addAction(action)

    def _on_language_chosen(self, action: QtGui.QAction) -> None:
        """List the lessons in a language from now on; the current lesson stays."""
        self._language = self._store.lesson_language = action.data()

    def _announce_waiting(self) -> None:
        """Mention the built-in lesson that was left unfinished; in a new language first the untranslated ones."""
        translated = {file.name for file in reader.translations().get(process_language(), ())}
        left = [str(int(file.name[:2])) for file in reader.bundled_lessons() if file.name not in translated]
        if left and process_language() not in (ENGLISH, self._store.language_seen):
            self._notify(_("These lessons are still in English: {lessons}.").format(lessons=numbers.listed(left)))
        self._store.language_seen = process_language()
        files = {*reader.bundled_lessons(), *reader.bundled_lessons(self._language)}
        for listed in (self._listed(file) for file in files if reader.lesson_name(file) == self._store.latest_lesson):
            if listed.waits:
                self._notify(listed.waits)

    def _listed(self, file: Path) -> ListedLesson:
        lesson = _own_lesson(file, file.stat().st_mtime_ns, self._hideable)
        progress = from_plain(self._store.lesson(reader.lesson_name(file)), lesson)
        is_left = (progress.answers or progress.reached or progress.status == "done") and not progress.is_finished
        with speaking(lesson.language):
            takes = ngettext("About {count} minute.", "About {count} minutes.", lesson.minutes)
            about = f"{lesson.about} {takes.format(count=lesson.minutes)}"
            page = _("page {number} of {count}").format(number=progress.at + 1, count=len(lesson.steps))
            waits = _("The lesson “{title}” waits on {page}: menu Lessons").format(title=lesson.title, page=page)
        left_on, waits = (page, waits) if is_left else ("", "")
        return ListedLesson(lesson.title, about, str(file), progress.is_finished, left_on, waits)

    def _on_changed(self) -> None:
        progress = self._player.progress
        self._for_notes.setEnabled(progress is None or reader.is_bundled(Path(self._file)))
        if progress is None:
            return
        if "_notes" in vars(self) and self._notes.isVisible() and self._for_notes.isEnabled():
            self._notes.follow(reader.notes_heading(Path(self._file)), progress.at + 1)
        self.forget_tour()
        key = reader.lesson_name(Path(self._file))
        self._store.latest_lesson = key
        self._store.remember_lesson(key, to_plain(progress))

    @cached_property
    def _notes(self) -> TeachersNotes:
        notes = TeachersNotes(self._window)
        self._presentation.toggled.connect(notes.reject)  # do not show answers to a class
        self._for_notes.visibleChanged.connect(notes.reject)
        return notes

    def _on_notes_wanted(self) -> None:
        progress = self._player.progress
        heading, page = ("", 0) if progress is None else (reader.notes_heading(Path(self._file)), progress.at + 1)
        self._notes.show_section(heading, page)

    def forget_tour(self) -> None:
        if self._offers_tour:
            self._offers_tour = False
            self._frame.transport.show_tour(False)
            self._store.remember_tour_offer(False)


@lru_cache(maxsize=64)
def _own_lesson(file: Path, _changed_ns: int, views: frozenset[str]) -> Lesson:
    """Read a built-in lesson; cached for all menus until its file changes."""
    return reader.read_lesson_file(file, views)


def _check_without_pytorch(lesson: Lesson) -> None:
    """Raise a ValueError if a page needs initial weights that only PyTorch can draw."""
    for step in lesson.steps:
        if step.setting is not None and INITIALIZATIONS[step.setting.network.initialization].needs_torch:
            weights = step.setting.network.initialization
            words = _("“{page}” has weights={weights}, which only PyTorch can draw, and PyTorch is not here")
            raise ValueError(words.format(page=step.title, weights=weights))


def ask_to_open_address(address: str, parent: QtWidgets.QWidget) -> None:
    """Open an address if the user agrees: Enter opens it, Escape does not."""
    question = QtWidgets.QMessageBox.Icon.Question
    box = message_box(parent, _("Open in the browser?"), address, "openAddress", question)
    box.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setInformativeText(_("This link in the lesson leads out of the program. Open it in the browser?"))
    title = _("Open in the browser")
    trouble = _("No browser could be started for this address:\n\n{address}").format(address=address)
    yes = box.addButton(title, QtWidgets.QMessageBox.ButtonRole.AcceptRole)
    worded(yes, "openAddressYes", title, _("Open this address in the browser. Key: Enter"))
    box.addButton(QtWidgets.QMessageBox.StandardButton.Cancel).setText(_("Cancel"))
    box.setDefaultButton(yes)

    def open_it() -> None:
        if not QtGui.QDesktopServices.openUrl(QtCore.QUrl(address, QtCore.QUrl.ParsingMode.StrictMode)):
            warn(parent, title, trouble)

    box.accepted.connect(open_it)
    box.open()
