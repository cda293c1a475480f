"""The menu of lessons: the program's own, and others from files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLocale, QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup

from tinynet_gui.core.lessons.reading.mistakes import LessonError
from tinynet_gui.core.text.file_trouble import file_trouble
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.features.lessons.mistakes import LessonMistakes
from tinynet_gui.ui.widgets.dialogs.file_dialogs import ask_to_open
from tinynet_gui.ui.widgets.dialogs.messages import warn
from tinynet_gui.ui.widgets.naming import as_it_stands
from tinynet_gui.ui.window.context import Context
from tinynet_gui.ui.window.incoming import of_kind
from tinynet_gui.ui.window.menus import LESSONS

OPEN = "Open lesson"
RECENT, LANGUAGE = "recentLessonsMenu", "lessonLanguageMenu"  # menus within the menu
SUFFIX = ".md"
FILTER = f"Lessons (*{SUFFIX})"
NOTHING_RECENT = "no lesson from a file yet"


@dataclass(frozen=True)
class ListedLesson:
    """A lesson in the menu: its title, its subject, its file, whether it has been completed, and where it was left."""

    title: str
    about: str
    file: str
    is_done: bool
    left_on: str = ""


class LessonMenu(QObject):
    """Knows nothing of reading lessons: it emits the choice.

    Signals
    -------
    list_wanted
        The menu is about to be shown: `show_lessons` and `show_recent` are the answer.
    file_chosen : str
        Play the lesson in this file.
    language_chosen : str
        List the lessons in this language, such as ``de``.
    reload_wanted
        Read the file of the lesson that is played again.
    """

    list_wanted = Signal()
    file_chosen = Signal(str)
    language_chosen = Signal(str)
    reload_wanted = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._window, menus = context.window, context.frame.menus
        self._menu, self._recent, self._languages = menus[LESSONS], menus[RECENT], menus[LANGUAGE]
        self._listed, self._one_language = list[QAction](), QActionGroup(self)
        self._languages.triggered.connect(self._on_language_chosen)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self.list_wanted)
        self._recent.triggered.connect(self._on_recent)
        context.incoming.add_file(of_kind(SUFFIX), self.file_chosen.emit)
        context.actions.connect(actionOpenLesson=self._on_open, actionReloadLesson=self.reload_wanted)

    def show_lessons(self, lessons: Sequence[ListedLesson]) -> None:
        """List lessons above the other entries of the menu."""
        for action in self._listed:
            self._menu.removeAction(action)
            action.deleteLater()
        first = self._menu.actions()[0]
        self._listed = [QAction(f"{place} {each.title}", self) for place, each in enumerate(lessons, 1)]
        for action, lesson in zip(self._listed, lessons, strict=True):
            action.setObjectName(f"lesson:{lesson.file}")
            action.setData(lesson.file)
            if lesson.left_on:
                action.setText(f"{action.text()} ({lesson.left_on})")
            action.setToolTip(lesson.about)
            action.setCheckable(lesson.is_done)
            action.setChecked(lesson.is_done)
            action.triggered.connect(self._on_listed_chosen)
        separator = QAction(self)
        separator.setSeparator(True)
        self._listed.append(separator)
        self._menu.insertActions(first, self._listed)

    def show_languages(self, counts: Mapping[str, int], chosen: str) -> None:
        """List the languages, each with the number of its lessons unless it has all of them."""
        self._languages.clear()
        for language, count in counts.items():
            some = f" ({count} of {max(counts.values())})" if count < max(counts.values()) else ""
            action = self._languages.addAction(f"{_native_name(language)}{some}")
            action.setObjectName(f"language:{language}")
            action.setData(language)
            action.setToolTip("Lessons that are not translated are in English.")
            action.setCheckable(True)
            action.setChecked(language == chosen)
            self._one_language.addAction(action)

    def show_recent(self, files: Sequence[str]) -> None:
        """List the lessons from files that were opened last."""
        self._recent.clear()
        for file in files:
            action = self._recent.addAction(shortened(Path(file).name, 80).replace("&", "&&"))
            action.setData(file)
            action.setToolTip(as_it_stands(file))
        if not files:
            self._recent.addAction(NOTHING_RECENT).setEnabled(False)

    def refuse(self, file: str, error: OSError | ValueError, otherwise: str) -> None:
        """Say why a lesson does not open."""
        if isinstance(error, LessonError):
            LessonMistakes(file, error, otherwise, self._window).open()
        else:
            warn(self._window, OPEN, f"{otherwise}\n\n{file}: {file_trouble(error)}")

    @Slot()
    def _on_listed_chosen(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.file_chosen.emit(action.data())

    @Slot(QAction)
    def _on_language_chosen(self, action: QAction) -> None:
        self.language_chosen.emit(action.data())

    @Slot(QAction)
    def _on_recent(self, action: QAction) -> None:
        self.file_chosen.emit(action.data())

    @Slot()
    def _on_open(self) -> None:
        if name := ask_to_open(self._window, OPEN, FILTER):
            self.file_chosen.emit(name)


def _native_name(language: str) -> str:
    """Return a language's own name for itself; Qt has American English only."""
    return "English" if language == "en" else QLocale(language).nativeLanguageName()
