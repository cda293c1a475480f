"""Finds lessons, opens them, and remembers the progress in each."""

import os
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.lessons.bundled_lessons import ENGLISH, is_own, lesson_name, own_lessons, translations
from tinynet_gui.core.lessons.lesson import Lesson
from tinynet_gui.core.lessons.playing.memory import from_plain, to_plain
from tinynet_gui.core.lessons.reading.reader import read_lesson_file
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.system.python_process import is_folder
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.features.lessons.menu import LessonMenu, ListedLesson
from tinynet_gui.ui.window.context import Context
from tinynet_gui.ui.window.preferences import RECENT_LESSONS


class LessonsController(QObject):
    """The menu of lessons, lesson files, and the remembered progress: of the program's own by name, else by file."""

    def __init__(self, context: Context) -> None:
        player, store = context.lesson_player, context.store
        super().__init__(player)
        menu, transport, self._stage = LessonMenu(context, self), context.frame.transport, context.frame.stage
        self._session = context.session
        self._views = {record.hidden_as for record in context.table if record.hidden_as}
        self._player, self._menu, self._transport, self._store = player, menu, transport, store
        self._file = ""  # of the lesson played last
        self._language = store.lesson_language if store.lesson_language in translations() else ENGLISH
        menu.list_wanted.connect(self._on_list_wanted)
        menu.file_chosen.connect(self.open_file)
        menu.language_chosen.connect(self._on_language_chosen)
        menu.reload_wanted.connect(self._on_reload_wanted)
        player.changed.connect(self._on_changed)
        transport.tour_wanted.connect(self._on_tour_wanted)
        transport.tour_put_away.connect(self._forget_tour)
        self._offers_tour = store.is_new_here
        transport.show_tour(self._offers_tour)
        if self._offers_tour:
            store.remember_new_here(True)
        self._tell = context.frame.status.tell
        single_shot(self, 0, self._tell_what_waits).start()  # the window comes first

    @property
    def has_file(self) -> bool:
        """Whether the lesson was read from a file."""
        return bool(self._file)

    @property
    def sequel(self) -> ListedLesson | None:
        """The next lesson after the current one, if that is one of the program's own; in the chosen language."""
        if not is_own(Path(self._file)):
            return None
        files = own_lessons(self._language)
        after = [following for file, following in pairwise(files) if file.name == Path(self._file).name]
        return self._listed(after[0]) if after else None

    @Slot(str)
    def open_file(self, file: str) -> None:
        """Play a lesson from where it was left; one with a mistake in it does not open."""
        lesson = self._read(file, "The lesson was not opened; nothing has changed.")
        if lesson is None:
            return
        self._file = os.path.abspath(file)
        if not is_own(Path(self._file)):
            self._store.remember_recent(RECENT_LESSONS, self._file)
        self._stage.give_back()
        self._player.begin(lesson, self._store.lesson(lesson_name(Path(self._file))))

    @Slot()
    def _on_reload_wanted(self) -> None:
        lesson = self._read(self._file, "The lesson was not reloaded; you are still in the version from before.")
        if lesson is not None:
            self._player.reload(lesson)
            self._tell(f"Reloaded {shortened(Path(self._file).name, 80)}.")

    def _read(self, file: str, otherwise: str) -> Lesson | None:
        try:
            lesson = read_lesson_file(file, self._views)
            if is_folder() or self._session.state.status.pytorch == "failed":
                _check_without_pytorch(lesson)
            return lesson
        except (OSError, ValueError) as error:
            self._menu.refuse(shortened(Path(file).name, 200), error, otherwise)
            return None

    @Slot()
    def _on_list_wanted(self) -> None:
        lessons = own_lessons(self._language)
        self._menu.show_lessons([self._listed(file) for file in lessons])
        counts = {language: len(files) for language, files in translations().items()}
        self._menu.show_languages({ENGLISH: len(lessons), **counts}, self._language)
        self._menu.show_recent([file for file in self._store.recent(RECENT_LESSONS) if os.path.isfile(file)])

    @Slot(str)
    def _on_language_chosen(self, language: str) -> None:
        """List the lessons in a language from now on; the one that is played stays."""
        self._language = self._store.lesson_language = language

    @Slot()
    def _tell_what_waits(self) -> None:
        """Say where the program's own lesson that was played last was left, if it is not finished."""
        files = {*own_lessons(), *own_lessons(self._language)}
        for listed in (self._listed(file) for file in files if lesson_name(file) == self._store.latest_lesson):
            if listed.left_on:
                self._tell(f"The lesson “{listed.title}” waits on {listed.left_on}: menu Lessons")

    def _listed(self, file: Path) -> ListedLesson:
        lesson = read_lesson_file(file, self._views)
        about = f"{lesson.about} About {lesson.minutes} minutes."
        progress = from_plain(self._store.lesson(lesson_name(file)), lesson)
        is_begun = progress.answers or progress.reached or progress.status == "done"
        left_on = f"page {progress.at + 1} of {len(lesson.steps)}" if is_begun and not progress.is_finished else ""
        return ListedLesson(lesson.title, about, str(file), progress.is_finished, left_on)

    @Slot()
    def _on_changed(self) -> None:
        progress = self._player.progress
        if progress is None:
            return
        self._forget_tour()
        key = lesson_name(Path(self._file))
        self._store.latest_lesson = key
        self._store.remember_lesson(key, to_plain(progress))

    @Slot()
    def _on_tour_wanted(self) -> None:
        self.open_file(str(own_lessons(self._language)[0]))

    @Slot()
    def _forget_tour(self) -> None:
        if self._offers_tour:
            self._offers_tour = False
            self._transport.show_tour(False)
            self._store.remember_new_here(False)


def _check_without_pytorch(lesson: Lesson) -> None:
    """Raise a ValueError if a page begins with first weights that only PyTorch can draw."""
    for step in lesson.steps:
        if step.setting is not None and INITIALIZATIONS[step.setting.network.initialization].needs_torch:
            weights = step.setting.network.initialization
            raise ValueError(
                f"“{step.title}” has weights={weights}, which only PyTorch can draw, and PyTorch is not here"
            )
