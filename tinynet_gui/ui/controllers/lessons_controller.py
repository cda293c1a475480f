"""Finds lessons, opens them, and remembers the progress in each."""

from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from tinynet_gui.core.lessons.bundled_lessons import own_lessons
from tinynet_gui.core.lessons.lesson import Lesson
from tinynet_gui.core.lessons.memory import from_plain, to_plain
from tinynet_gui.core.lessons.reader import LessonError, read_lesson_file
from tinynet_gui.core.text.file_trouble import file_trouble
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.window.context import Context
from tinynet_gui.ui.window.lesson_menu import ListedLesson


class LessonsController(QObject):
    """The menu of lessons, lesson files, and the remembered progress; each by its file's name."""

    def __init__(self, context: Context) -> None:
        player, store = context.lesson_player, context.store
        menu, transport = context.frame.lesson_menu, context.frame.transport
        super().__init__(player)
        self._views = {record.hidden_as for record in context.table if record.hidden_as}
        self._player, self._menu, self._transport, self._store = player, menu, transport, store
        self._name = ""
        self._remembered: dict[str, object] = {}  # used if nothing else remembers it
        menu.list_wanted.connect(self._on_list_wanted)
        menu.file_chosen.connect(self.open_file)
        player.changed.connect(self._on_changed)
        transport.tour_wanted.connect(self._on_tour_wanted)
        transport.tour_put_away.connect(self._forget_tour)
        self._offers_tour = store is not None and store.is_new_here
        transport.show_tour(self._offers_tour)
        if store is not None and self._offers_tour:
            store.remember_new_here(True)
        self._tell = context.frame.status.tell
        single_shot(self, 0, self._tell_what_waits).start()  # the window comes first

    @property
    def sequel(self) -> Path | None:
        """The next lesson after the current one, if that is one of the program's own."""
        files = own_lessons()
        after = [following for file, following in pairwise(files) if file.stem == self._name]
        return after[0] if after else None

    @Slot(str)
    def open_file(self, file: str) -> None:
        """Play a lesson from where it was left; one with a mistake in it does not open."""
        try:
            lesson = read_lesson_file(Path(file), self._views)
        except (OSError, LessonError) as error:
            said = f"{shortened(Path(file).name)}: {file_trouble(error)}"
            self._menu.refuse(f"The lesson was not opened; nothing has changed.\n\n{said}")
            return
        self._name = Path(file).stem
        is_finished = self._is_finished(self._name, lesson)  # it starts again
        self._player.begin(lesson, None if is_finished else self._memory(self._name))

    @Slot()
    def _on_list_wanted(self) -> None:
        self._menu.show_lessons([self._listed(file) for file in own_lessons()])

    @Slot()
    def _tell_what_waits(self) -> None:
        """Say where the program's own lesson that was played last was left, if it is not finished."""
        name = "" if self._store is None else self._store.latest_lesson
        for listed in (self._listed(file) for file in own_lessons() if file.stem == name):
            if listed.left_on:
                self._tell(f"The lesson “{listed.title}” waits on {listed.left_on}: menu Lessons")

    def _listed(self, file: Path) -> ListedLesson:
        lesson = read_lesson_file(file, self._views)
        about = f"{lesson.about} About {lesson.minutes} minutes."
        progress = from_plain(self._memory(file.stem), lesson)
        is_begun = progress.answers or progress.reached or progress.stage == "done"
        left_on = f"page {progress.at + 1} of {len(lesson.steps)}" if is_begun and not progress.is_finished else ""
        return ListedLesson(lesson.title, about, str(file), progress.is_finished, left_on)

    def _is_finished(self, name: str, lesson: Lesson) -> bool:
        return from_plain(self._memory(name), lesson).is_finished

    @Slot()
    def _on_changed(self) -> None:
        progress = self._player.progress
        if progress is None:
            return
        self._forget_tour()
        self._remembered[self._name] = to_plain(progress)
        if self._store is not None:
            self._store.latest_lesson = self._name
            self._store.remember_lesson(self._name, self._remembered[self._name])

    def _memory(self, name: str) -> object:
        if self._store is None:
            return self._remembered.get(name)
        return self._store.lesson(name)

    @Slot()
    def _on_tour_wanted(self) -> None:
        self.open_file(str(own_lessons()[0]))

    @Slot()
    def _forget_tour(self) -> None:
        if self._offers_tour and self._store is not None:
            self._offers_tour = False
            self._transport.show_tour(False)
            self._store.remember_new_here(False)
