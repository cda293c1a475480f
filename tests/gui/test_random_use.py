"""A user who does this and that, in any order: nothing breaks.

An exception in a slot, an error dialog or a warning of Qt's fails the test; its output tells what was done.
"""

from collections.abc import Callable
from random import Random

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, drag, heard, turn_wheel
from tests.places import rectangle_of
from tests.runs import config_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.maps.axes import NAMED_MAPS, VARIED, MapError
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.training.engines import PACES
from tinynet_gui.core.wording.maps import read_map
from tinynet_gui.core.wording.setting_line import NAMES
from tinynet_gui.ui.window.main_window import MainWindow

ACTS = 80
LEFT = Qt.MouseButton.LeftButton
ACTIONS = ("Start", "Step", "Reset", "NewSeed", "ToEnd", "Undo", "Redo", "Microscope", "LogLoss", "Faster", "Tutorial")
SWITCHES = ("curveParts", "curveStacked", "probe", "inspectorFreeze", "inspectorSwitchOff", "experimentRun")
KEYS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Escape)
WIDTHS: tuple[tuple[int, ...], ...] = ((), (1,), (2,), (10,), (150,), (8, 8), (3, 2, 4), (1, 1, 1, 1, 1, 1))
SETTINGS: dict[str, tuple[object, ...]] = {
    "data.target": ("square", "sin", "step"),
    "data.sample_count": (1, 20, 300),
    "data.x_max": (3.0, 8.5),
    "data.noise": (0.0, 0.5),
    "data.held_out": (0.0, 0.3, 0.9),
    "network.hidden": WIDTHS,
    "network.activation": ("relu", "tanh", "identity"),
    "network.initialization": ("pytorch", "zeros"),
    "network.weight_scale": (0.0, 0.01, 1.0, 100.0),
    "training.loss": ("mse", "l1", "huber"),
    "training.optimizer": ("sgd", "adam", "momentum"),
    "training.learning_rate": (0.0, 0.001, 0.1, 10.0),
    "training.batch_size": (0, 1, 7),
    "training.stop_step": (50, 400, 3_000),
}


class User:
    """Holds a window and a die."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        self.window, self.die = window, Random(seed)
        views = (
            window.views.diagram,
            window.views.function_plot.plot.viewport(),
            window.views.loss_plot.plot.viewport(),
        )
        self.views: tuple[QWidget, ...] = (window.views.diagram, *views, window.views.microscope)
        self.acts: tuple[Callable[[], object], ...] = (
            *(self.hover, self.hover, self.hover, self.click, self.click, self.press_key, self.turn_wheel),
            *(self.trigger, self.trigger, self.trigger, self.set_something, self.set_something, self.set_widths),
            *(self.toggle, self.toggle, self.change_tab, self.change_theme, self.resize, self.edit_weight),
        )

    def act(self) -> None:
        """Do something."""
        act = self.die.choice(self.acts)
        print(act.__name__, act())

    def hover(self) -> object:
        view, place = self._somewhere()
        QTest.mouseMove(view, place)
        return view.objectName(), place

    def click(self) -> object:
        view, place = self._somewhere()
        QTest.mouseClick(view, LEFT, pos=place)
        return view.objectName(), place

    def press_key(self) -> object:
        view, key = (
            self.die.choice((self.window.views.diagram, self.window.views.microscope)),
            self.die.choice(KEYS),
        )
        if view.isVisible():
            QTest.keyClick(view, key)
        return view.objectName(), key

    def turn_wheel(self) -> object:
        view, place = self._somewhere()
        turn_wheel(view, place, self.die.choice((-120, 120)))
        return view.objectName(), place

    def set_something(self) -> object:
        path = self.die.choice(list(SETTINGS))
        value = self.die.choice(SETTINGS[path])
        self.window.session.edit({path: value})
        return path, value

    def set_widths(self) -> object:
        widths = self.die.choice(WIDTHS)
        self.window.session.edit({"network.hidden": widths})
        return widths

    def trigger(self) -> object:
        name = self.die.choice(ACTIONS)
        self.window.actions_[f"action{name}"].trigger()
        return name

    def toggle(self) -> object:
        name = self.die.choice(SWITCHES)
        switch = child(self.window, QAbstractButton, name)
        if switch.isVisible():
            switch.click()
        return name, switch.isChecked()

    def change_tab(self) -> object:
        tabs = self.die.choice([tabs for tabs in self.window.findChildren(QTabWidget) if tabs.isVisible()])
        tabs.setCurrentIndex(self.die.randrange(tabs.count()))
        return tabs.objectName(), tabs.currentIndex()

    def change_theme(self) -> object:
        scheme = self.die.choice(("light", "dark"))
        self.window.set_scheme(scheme)
        return scheme

    def resize(self) -> object:
        self.window.resize(self.die.randint(1_000, 1_400), self.die.randint(680, 900))
        return self.window.size()

    def edit_weight(self) -> object:
        snapshot = self.window.session.state.snapshot
        if snapshot is None:
            return None
        layer = self.die.randrange(len(snapshot.layers))
        index, value = (self.die.randrange(len(snapshot.layers[layer].bias)),), self.die.choice((-50.0, 0.0, 1.5))
        self.window.session.set_parameter(ParameterRef(layer, "bias", index), value)
        return layer, index, value

    def _somewhere(self) -> tuple[QWidget, QPoint]:
        """Anywhere in a view; in the diagram mostly at a neuron."""
        view, snapshot = (
            self.die.choice([view for view in self.views if view.isVisible()]),
            self.window.session.state.snapshot,
        )
        is_diagram = view is self.window.views.diagram
        if is_diagram and snapshot is not None and self.die.random() < 0.7:
            layer = self.die.randrange(len(snapshot.layers))
            ref = NeuronRef(layer, self.die.randrange(len(snapshot.layers[layer].bias)))
            return view, rectangle_of(self.window.views.diagram, ref).center()
        return view, QPoint(self.die.randrange(max(1, view.width())), self.die.randrange(max(1, view.height())))


class MapUser(User):
    """Is at the map most of the time."""

    def __init__(self, window: MainWindow, seed: int) -> None:
        super().__init__(window, seed)
        self.plot = window.views.map.plot.plot.viewport()
        moves = (self.turn_wheel, self.turn_wheel, self.pan, self.press_key, self.open_point, self.open_point)
        maps = (self.choose_map, self.choose_map, self.choose_axis, self.choose_axis, self.paste_map, self.edit_map)
        beside = (self.trigger, self.trigger, self.set_something, self.set_widths, self.set_widths, self.edit_weight)
        self.acts = (*moves, *maps, *beside, self.pin, self.pin, self.travel, self.stage)

    def turn_wheel(self) -> object:
        place, angle = self._on_map(), self.die.choice((-600, 120, 4_800))
        turn_wheel(self.plot, place, angle)
        return place, angle

    def pan(self) -> object:
        places = [self._on_map() for _ in range(3)]
        drag(self.plot, *places)
        return places

    def press_key(self) -> object:
        key = self.die.choice((*KEYS, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Backspace))
        QTest.keyClick(self.window.views.map.plot.plot, key)
        return key

    def choose_map(self) -> object:
        name = self.die.choice(list(NAMED_MAPS))
        self.window.views.map.controls.named_wanted.emit(name)
        return name

    def choose_axis(self) -> object:
        box = child(self.window.views.map, QComboBox, self.die.choice(("mapRight", "mapUp")))
        box.setCurrentIndex(self.die.randrange(box.count()))
        return box.objectName(), box.currentText()

    def edit_map(self) -> object:
        edit = {"color": self.die.choice(list(COLORS)), "from_start": self.die.random() < 0.5}
        self.window.views.map.controls.edited.emit(edit)
        return edit

    def paste_map(self) -> object:
        """Of a line that may name what is not there, and ends that nobody can draw."""
        names = self.die.choices((*(NAMES[path] for path in VARIED), "w.0.3.0", "w.1.0.7", "b.0.9", "run"), k=2)
        ends = [sorted(10 ** self.die.uniform(-14, 4) for _ in "xy") for _ in names]
        axes = (f"{name}:{low!r}:{high!r}" for name, (low, high) in zip(names, ends, strict=True))
        text = "/".join([*axes, self.die.choice(list(COLORS))])
        try:
            read_map(text)
        except MapError as error:
            return error
        self.window.session.set_view(map=text)
        return text

    def pin(self) -> object:
        widths = self.window.session.config.network.widths
        layer = self.die.randrange(len(widths) - 1)
        ref = self.die.choice((None, NeuronRef(layer, self.die.randrange(widths[layer + 1]))))
        self.window.context.selection.pin(ref)
        return ref

    def travel(self) -> object:
        step = self.die.choice((None, 0, self.die.randint(0, self.window.session.state.run.step)))
        self.window.session.look_at(step)
        return step

    def open_point(self) -> object:
        picture = self.window.views.map.picture
        if picture is None:
            return None
        point = float(self.die.choice(picture.x)), float(self.die.choice(picture.y))
        self.window.views.map.point_pointed.emit(point)
        self.window.views.map.point_chosen.emit(*point)
        return point

    def stage(self) -> object:
        if not self.window.frame.arranger.restore():
            self.window.frame.arranger.maximize(child(self.window, QWidget, "resultTabs"))
        return self.window.frame.arranger.maximized

    def _on_map(self) -> QPoint:
        return QPoint(self.die.randrange(max(1, self.plot.width())), self.die.randrange(max(1, self.plot.height())))


def test_whatever_users_do_at_the_map_nothing_breaks(window: MainWindow, qtbot: QtBot) -> None:
    failures = heard(window.program.failed)
    for seed in range(2):
        window.session.take_over(new_session(config_of(training__stop_step=40, network__hidden=(8,))))
        window.frame.layout.show(window.views.map)
        user = MapUser(window, seed)
        for _ in range(ACTS):
            user.act()
            QApplication.processEvents()
            if user.die.random() < 0.2:
                qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
                qtbot.waitUntil(lambda: not child(window.views.map, QTimer, "mapRest").isActive())
            assert not failures


def test_whatever_users_do_one_after_another_nothing_breaks(window: MainWindow, qtbot: QtBot) -> None:
    failures = heard(window.program.failed)
    for seed in range(3):
        window.session.take_over(new_session(Config().replace("training.stop_step", 400)))
        window.session.set_pace(seed * 3 % len(PACES))
        user = User(window, seed)
        for _ in range(ACTS):
            user.act()
            QApplication.processEvents()
            if user.die.random() < 0.15:
                qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
                window.grab()
            assert not failures
