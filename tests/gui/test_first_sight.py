"""What the first sight of the window does not show comes later, and then nothing tells that it has."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLabel, QMenu, QMessageBox, QTabWidget, QToolButton
from pytestqt.qtbot import QtBot

from tests.e2e.play import run_python
from tests.gui.conftest import ChooseFile, child, destroy, drop, files, heard, is_at, places, train_to
from tests.gui.shared_window import Look, look
from tests.gui.test_open_network import PRINTED, TABLE
from tests.handed_in import class_of, hand_in
from tests.lessons import LESSON_FILES
from tests.unit.test_layering import LATE
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.reading import reader
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.ui.style.theme import Zoom, zoom_application
from tinynet_gui.ui.views.map.controller import PICTURE
from tinynet_gui.ui.views.runs.controller import CURVES, RESULTS
from tinynet_gui.ui.window.context import Controllers, Feature, LazyImport, View, Views
from tinynet_gui.ui.window.features import FEATURES, Features
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.views import VIEWS

RECORDS: tuple[View | Feature, ...] = (*VIEWS, *FEATURES)
_CHILD = """
import sys
from tinynet_gui.app import application as app
from tinynet_gui.ui.window import main_window

class Window(main_window.MainWindow):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.session.drawn.connect(self.tell)

    def tell(self):
        late = tuple(f"tinynet_gui.{name}" for name in sys.argv[1].split())
        print([name for name in sys.modules if name.startswith(late)])
        self.idle.finish()
        views = [name for name in late if ".ui." in name]
        print([begin for begin in views if not any(name.startswith(begin) for name in sys.modules)])
        self.close()

main_window.MainWindow = Window
app.main([])
"""


def test_the_first_sight_loads_no_late_views_then_all() -> None:
    late = [name for name in LATE.split() if not name.startswith("core.training")]  # an engine is being loaded
    done = run_python(_CHILD, " ".join(late))
    assert done.stdout.split("\n")[:2] == ["[]", "[]"], done.stderr


@pytest.mark.parametrize("record", [record for record in RECORDS if record.is_lazy], ids=lambda record: record.name)
def test_late_parts_are_named_after_their_folder(record: View | Feature) -> None:
    named = [each for each in vars(record).values() if isinstance(each, LazyImport)]
    kind = "views" if isinstance(record, View) else "features"
    assert named
    assert all(callable(late.load()) for late in named)
    (module,) = {late.module for late in named}
    homes = (record.name, "inspector") if record in VIEWS and record.place == "inside" else (record.name,)
    assert f"{module}.".startswith(tuple(f"tinynet_gui.ui.{kind}.{home}." for home in homes))


def test_the_menu_lists_lessons_that_have_been_read_ahead(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "read_lesson_file", None)
    menu = child(window, QMenu, "lessonsMenu")
    menu.aboutToShow.emit()
    assert len([action for action in menu.actions() if action.objectName().startswith("lesson:")]) == len(LESSON_FILES)


def test_a_view_without_a_place_at_the_start_is_late() -> None:
    assert all(record.is_lazy for record in VIEWS if record.on_demand)


@pytest.fixture
def new_window(qtbot: QtBot) -> Iterator[Callable[[], MainWindow]]:
    """A window with its first network, and nothing ahead of need."""
    windows: list[MainWindow] = []

    def make() -> MainWindow:
        while windows:  # only one that is closed is followed by another: it would be styled with it
            destroy(windows.pop())
        windows.append(window := MainWindow(Config(), remember=False))
        window.show()
        window.idle.stop()
        qtbot.waitUntil(lambda: window.session.state.status.compiled == "ready")
        qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()


class Hurried:
    """Uses each late thing of a window once, as soon as the window is there."""

    def __init__(self, window: MainWindow, qtbot: QtBot, folder: Path, choose_file: ChooseFile) -> None:
        self.window, self._bot, self._folder, self._choose_file = window, qtbot, folder, choose_file
        self.failed = heard(window.program.failed)
        self._table, self._lesson = folder / "network.csv", LESSON_FILES[1]
        self._table.write_text(TABLE, encoding="utf-8")
        self._answers = hand_in(folder, *class_of(2))

    @property
    def acts(self) -> list[Callable[[], None]]:
        """All that a user can do with them."""
        return [
            *(self.open_tabs, self.take_a_step_apart, self.compare_runs, self.see_a_menu, self.take_the_tour),
            *(self.export_numbers, self.ask_for_a_film, self.open_answers, self.drop_answers),
            *(self.open_a_lesson, self.drop_a_lesson, self.go_on_in_no_lesson),
            *(self.open_a_network, self.drop_a_network, self.paste_a_network, self.nudge_a_weight),
            *(self.drop_no_training, self.find_an_action),
        ]

    def wait(self, condition: Callable[[], object]) -> None:
        self._bot.waitUntil(lambda: bool(condition()))

    def train(self) -> None:
        self.wait(lambda: self.window.session.state.snapshot is not None)
        if not self.window.session.state.is_running:
            self.window.actions_["actionStart"].trigger()
        assert self.window.session.state.is_running

    def open_tabs(self) -> None:
        editor = self.window.views.function_plot.layers.editor
        editor.select(np.array([1]))
        for tabs in (child(self.window, QTabWidget, name) for name in ("resultTabs", "inspectorTabs")):
            for place in range(tabs.count()):
                tip = tabs.tabToolTip(place)
                tabs.setCurrentIndex(place)
                assert tabs.currentWidget().isVisible()
                assert tabs.currentWidget() in self.window.views.values()
                assert tabs.tabToolTip(place) == tip
        assert [*self.window.views.data_table.selected] == [*editor.selected]

    def take_a_step_apart(self) -> None:
        self.window.session.pause()
        self.window.actions_["actionMicroscope"].trigger()
        assert self.window.views.microscope.isVisible()
        self.wait(lambda: self.window.views.microscope.dissection is not None)

    def compare_runs(self) -> None:
        self.window.actions_["actionKeep"].trigger()
        self.window.actions_["actionNewSeed"].trigger()
        self.window.actions_["actionKeep"].trigger()
        tabs = child(self.window, QTabWidget, "resultTabs")
        self.wait(lambda: tabs.indexOf(self.window.views.runs) == 0)
        runs = [run.id for run in self.window.session.state.session.kept_runs][:2]
        self.window.views.runs.ask_for_valley(*runs, is_matched=True)
        self.wait(lambda: "being measured" not in self.window.views.runs.answer.text())

    def see_a_menu(self) -> None:
        menu = child(self.window, QMenu, "lessonsMenu")
        menu.aboutToShow.emit()
        assert menu.actions()[0].text().startswith("1 ")

    def take_the_tour(self) -> None:
        child(self.window, QToolButton, "tour").click()
        self._leave_the_lesson()

    def go_on_in_no_lesson(self) -> None:
        self.window.actions_["actionLessonNext"].trigger()
        assert not self.window.actions_["actionLessonNext"].isEnabled()

    def open_a_lesson(self) -> None:
        self._choose_file(self._lesson)
        self.window.actions_["actionOpenLesson"].trigger()
        self._leave_the_lesson()

    def drop_a_lesson(self) -> None:
        assert drop(self.window, self.window, files(self._lesson))
        self._leave_the_lesson()

    def _leave_the_lesson(self) -> None:
        self.wait(self.window.views.lesson.isVisible)
        assert child(self.window, QLabel, "lessonTitle").text()
        self.window.actions_["actionLessonLeave"].trigger()
        assert not self.window.views.lesson.isVisible()

    def find_an_action(self) -> None:
        self.window.actions_["actionFind"].trigger()
        self._close("findAction")

    def export_numbers(self) -> None:
        file = self._folder / "numbers.csv"
        file.unlink(missing_ok=True)
        self._choose_file(file)
        self.window.actions_["actionExportNumbers"].trigger()
        self.wait(file.exists)

    def ask_for_a_film(self) -> None:
        self.wait(lambda: self.window.session.state.run.step > 0)
        self.window.actions_["actionExportFilm"].trigger()
        self._close("filmDialog")

    def open_answers(self) -> None:
        self.window.actions_["actionOpenAnswers"].trigger()
        self._close("answersWindow")

    def drop_answers(self) -> None:
        assert drop(self.window, self.window, files(*self._answers))
        self._close("answersWindow")

    def _close(self, name: str) -> None:
        self.wait(lambda: self.window.findChild(QDialog, name) is not None)
        child(self.window, QDialog, name).close()
        self.wait(lambda: self.window.findChild(QDialog, name) is None)

    def nudge_a_weight(self) -> None:
        self.window.context.views.inspector.nudge_wanted.emit(ParameterRef(0, "weight", (0, 0)))
        self.wait(lambda: "slope" in child(self.window, QLabel, "nudgeRows").text())
        child(self.window, QDialog, "nudgeDialog").close()

    def open_a_network(self) -> None:
        self._choose_file(self._table)
        self.window.actions_["actionOpenNetwork"].trigger()
        self._undo_when_opened((4, 3))

    def drop_a_network(self) -> None:
        assert drop(self.window, self.window.views.function_plot.plot.viewport(), files(self._table))
        self._undo_when_opened((4, 3))

    def paste_a_network(self) -> None:
        QGuiApplication.clipboard().setText(PRINTED)
        self.window.actions_["actionPasteData"].trigger()
        self._undo_when_opened((2,))

    def drop_no_training(self) -> None:
        (file := self._folder / "mine.npz").write_bytes(b"")
        assert drop(self.window, self.window.views.function_plot.plot.viewport(), files(file))
        self.wait(lambda: self.window.findChild(QMessageBox, "warning") is not None)
        child(self.window, QMessageBox, "warning").close()

    def _undo_when_opened(self, hidden: tuple[int, ...]) -> None:
        self.wait(lambda: self.window.session.config.network.hidden == hidden)
        self.window.actions_["actionUndo"].trigger()
        self.wait(lambda: self.window.session.config.network.hidden == (10,))


@pytest.mark.parametrize("way", [1, -1])
def test_late_parts_can_be_used_at_once_in_any_order(
    new_window: Callable[[], MainWindow],
    qtbot: QtBot,
    choose_file: ChooseFile,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    way: int,
) -> None:
    """In an order and in its reverse: each before and after each other."""
    window = new_window()
    user = Hurried(window, qtbot, tmp_path, choose_file)
    answers = [str(file) for file in tmp_path.glob("*.answers")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (answers, ""))
    assert not {record.name for record in RECORDS if record.is_lazy} & {*window.views, *window.features}
    for act in Random(0).sample(user.acts, len(user.acts))[::way]:
        print(act.__name__)
        user.train()
        act()
        assert user.failed == []
    assert {record.name for record in RECORDS} == {*window.views, *window.features}


SOON_MS = 500
KEYS = ("scale", "deaths", "preview", "linear regions")  # of jobs
FLAT = "w.0.2.0:-9:9/b.0.2:-9:9/loss"


def test_what_is_declared_of_a_window_is_in_its_tables() -> None:
    views = {record.name for record in VIEWS}
    declared = {kind: set(kind.__annotations__) for kind in (Views, Controllers, Features)}
    assert declared[Views] | declared[Controllers] <= views
    assert declared[Features] <= {record.name for record in FEATURES}


def test_asking_for_a_lazy_part_builds_it(new_window: Callable[[], MainWindow]) -> None:
    views = new_window().views
    assert views.get("map") is None
    assert views.map is views.map
    assert not hasattr(views, "made_up")


def test_nothing_moves_when_the_rest_is_made(new_window: Callable[[], MainWindow]) -> None:
    window = new_window()
    before = places(window)
    window.idle.finish()
    assert places(window) == before


def test_what_is_pointed_at_is_found_wherever_it_is(new_window: Callable[[], MainWindow]) -> None:
    window = new_window()
    for name in ("learningRate", "epsilon", "mapMore", "microscopeTake"):
        assert window.context.part(name) is not None, name
    assert window.context.part("nothing of this name") is None


def _use(window: MainWindow, qtbot: QtBot) -> None:
    """Choose other colours and another size, train two small runs, pin and hide something."""
    session = window.session
    session.edit({"network.hidden": (3,)})
    window.set_scheme("dark")
    window.frame.presentation.set_percent(125)
    for steps in (50, 30):
        train_to(window, qtbot, steps)
        session.keep()
        session.new_seed()
        qtbot.waitUntil(lambda: is_at(window, 0))
    session.set_view(hidden=frozenset({"experiment.swarm", "view.pytorch"}), map=FLAT, pinned=NeuronRef(0, 2))


def is_at_work(window: MainWindow) -> bool:
    """Whether something is being computed for what is in sight, or is about to be written there."""
    keys, timers = (*KEYS, CURVES, RESULTS, PICTURE), window.findChildren(QTimer)
    soon = (timer for timer in timers if timer.isActive() and timer.isSingleShot() and timer.interval() <= SOON_MS)
    return any(map(window.program.jobs.is_running, keys)) or any(soon)


def _looks(window: MainWindow, qtbot: QtBot) -> dict[str, Look]:
    """Return how a window looks in each of its tabs, once all is drawn."""
    tabs, looks = child(window, QTabWidget, "resultTabs"), dict[str, Look]()
    for place in range(tabs.count()):
        tabs.setCurrentIndex(place)
        qtbot.waitUntil(lambda: window.views.microscope.dissection is not None or tabs.currentIndex() < 4)
        qtbot.waitUntil(lambda: window.context.controllers["map"].is_up_to_date or tabs.currentIndex() < 3)
        qtbot.waitUntil(lambda: not is_at_work(window))
        for _ in range(3):  # a layout can ask for another one
            QApplication.processEvents()
        looks[tabs.tabText(place)] = look(window)
    return looks


def test_late_parts_look_as_if_made_at_the_start(new_window: Callable[[], MainWindow], qtbot: QtBot) -> None:
    """Made in two orders."""
    looks = []
    for is_lazy, seed in ((False, 0), (True, 0), (True, 1)):
        window = new_window()
        if not is_lazy:
            window.idle.finish()
        _use(window, qtbot)
        for record in Random(seed).sample(RECORDS, len(RECORDS)):
            things = window.views if isinstance(record, View) else window.features
            assert things[record.name] is not None
        window.idle.finish()
        looks.append(_looks(window, qtbot))
        window.close()
        zoom_application(Zoom())
    assert list(looks[0]) == ["Runs", "Loss", "Experiments", "Map", "Microscope"]
    for late in looks[1:]:
        for tab, (picture, said) in looks[0].items():
            assert late[tab][1] == said, tab
            assert late[tab][0] == picture, tab
