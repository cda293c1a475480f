"""A user who does this and that, in any order: nothing breaks.

An exception in a slot, an error dialog or a warning of Qt's fails the test; its output tells what was done.
"""

from collections.abc import Callable
from random import Random

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, turn_wheel
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.session import new_session
from tinynet_gui.core.training.pace import PACES
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
        views = (window.diagram, window.function_plot.plot.viewport(), window.loss_plot.plot.viewport())
        self.views: tuple[QWidget, ...] = (window.diagram, *views, window.microscope)
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
        view, key = self.die.choice((self.window.diagram, self.window.microscope)), self.die.choice(KEYS)
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
        rectangle_of = self.window.diagram.rectangle_of
        if view is self.window.diagram and snapshot is not None and self.die.random() < 0.7:
            layer = self.die.randrange(len(snapshot.layers))
            ref = NeuronRef(layer, self.die.randrange(len(snapshot.layers[layer].bias)))
            return view, rectangle_of(ref).center()
        return view, QPoint(self.die.randrange(max(1, view.width())), self.die.randrange(max(1, view.height())))


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
