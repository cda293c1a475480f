"""The menu of lessons: the program's own, and others from files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu

from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.widgets.naming import as_it_stands
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.files.file_dialogs import ask_to_open
from tinynet_gui.ui.window.files.files import warn
from tinynet_gui.ui.window.of_window import OfWindow

OPEN = "Open lesson"
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


class LessonMenu(OfWindow):
    """Knows nothing of reading lessons: it emits the choice.

    Signals
    -------
    list_wanted
        The menu is about to be shown: `show_lessons` and `show_recent` are the answer.
    file_chosen : str
        Play the lesson in this file.
    reload_wanted
        Read the file of the lesson that is played again.
    """

    list_wanted = Signal()
    file_chosen = Signal(str)
    reload_wanted = Signal()

    def __init__(self, window: QMainWindow, actions: Actions, menu: QMenu, recent: QMenu) -> None:
        super().__init__(window)
        self._menu, self._recent, self._listed = menu, recent, list[QAction]()
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.list_wanted)
        recent.setToolTipsVisible(True)
        recent.triggered.connect(self._on_recent)
        actions.connect(actionOpenLesson=self._on_open, actionReloadLesson=self.reload_wanted)

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

    def show_recent(self, files: Sequence[str]) -> None:
        """List the lessons from files that were opened last."""
        self._recent.clear()
        for file in files:
            action = self._recent.addAction(shortened(Path(file).name, 80).replace("&", "&&"))
            action.setData(file)
            action.setToolTip(as_it_stands(file))
        if not files:
            self._recent.addAction(NOTHING_RECENT).setEnabled(False)

    def refuse(self, text: str) -> None:
        """Say why a lesson does not open."""
        warn(self._window, OPEN, text)

    @Slot()
    def _on_listed_chosen(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.file_chosen.emit(action.data())

    @Slot(QAction)
    def _on_recent(self, action: QAction) -> None:
        self.file_chosen.emit(action.data())

    @Slot()
    def _on_open(self) -> None:
        if name := ask_to_open(self._window, OPEN, FILTER):
            self.file_chosen.emit(name)
