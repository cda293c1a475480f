"""An activation, loss, optimiser, map's colour, view and layer that are added by their records alone are everywhere."""

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QLabel,
    QMenu,
    QTabWidget,
    QTextBrowser,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests import made_up
from tests.gui.conftest import ChooseFile, MakeWindow, child, files, heard, place_in, recolor, seen, trained_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.measurements import Measured
from tinynet_gui.core.maps.outcome_map import blank_map, refined
from tinynet_gui.core.maps.standpoint import Plane, Standpoint
from tinynet_gui.core.network.refs import WeightRef
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.step.dissection import BACKWARD, FORWARD, LOSS, UPDATE, dissect
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.maps import along_label, map_text, read_map
from tinynet_gui.core.wording.network_formula import whole_network
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.function_plot import layers as function_layers
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.function_plot.layers import FunctionLayers
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.loss_plot import loss_plot
from tinynet_gui.ui.views.loss_plot.layers import LossLayers
from tinynet_gui.ui.views.loss_plot.loss_plot import LossPlot
from tinynet_gui.ui.views.loss_plot.scene import LossLayer, LossScene
from tinynet_gui.ui.views.map.map_view import MapView
from tinynet_gui.ui.views.microscope.microscope_view import MicroscopeView
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.widgets.fields.editors import ChoiceBox
from tinynet_gui.ui.widgets.plots.layer import XY, LegendLabel, legend_entry
from tinynet_gui.ui.widgets.plots.plot_menu import RangeDialog
from tinynet_gui.ui.widgets.selection import Selection
from tinynet_gui.ui.window import main_window
from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, SaveTable, View
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.views import VIEWS

MATHEMATICS = 2


@pytest.mark.usefixtures("made_up_records")
def test_the_panel_offers_them(qtbot: QtBot) -> None:
    panel = ParameterPanel()
    qtbot.addWidget(panel)
    panel.show()
    panel.show_config(Config())
    wanted = heard(panel.edited)
    for name, label in (("activation", "soft sign"), ("lossFunction", "smooth size"), ("optimizer", "Adagrad")):
        child(panel, ChoiceBox, name).setCurrentText(label)
    assert wanted == [
        {"network.activation": "made_up"},
        {"training.loss": "made_up"},
        {"training.optimizer": "made_up"},
    ]
    panel.show_config(made_up.config())
    shown = {name: child(panel, QWidget, name).isVisible() for name in ("epsilon", "beta1", "momentum")}
    assert shown == {"epsilon": True, "beta1": False, "momentum": False}


@pytest.mark.usefixtures("made_up_records")
def test_the_microscope_writes_them(qtbot: QtBot, selection: Selection) -> None:
    view = MicroscopeView(selection)
    qtbot.addWidget(view)
    view.show()
    trainer = Trainer(made_up.config())
    trainer.run(5)
    view.show_dissection(dissect(trainer.config, trainer.state()))
    expected = {
        FORWARD: ("softsign(", "soft sign makes h of it"),
        LOSS: ("√(1 + e²) − 1", "mean of √(1 + (ŷ − y)²) − 1"),
        BACKWARD: ("e / √(1 + e²) / n", "slope of soft sign"),
        UPDATE: ("s ← s + g²", "Δ = −η·g / (√s + ε)", "The rule is Adagrad"),
    }
    selection.pin(WeightRef(0, 1, 0))
    view.set_sample(2)
    for phase, texts in expected.items():
        view.set_phase(phase)
        for text in texts:
            assert text in view.text().replace("\N{NO-BREAK SPACE}", " ")
    view.set_phase(LOSS)
    found = re.search(r"√\(1 \+ ([\d.]+)²\) − 1 = <b>([\d.]+)</b>", view.text().replace("\N{NO-BREAK SPACE}", " "))
    assert found is not None
    assert f"{math.sqrt(1 + float(found[1]) ** 2) - 1:.5g}" == found[2]


@pytest.mark.usefixtures("made_up_records")
def test_the_mathematics_has_the_activation(inspector: Inspector) -> None:
    snapshot = trained_snapshot(made_up.config().replace("network.hidden", (4,)), 20, 1)
    inspector.show_snapshot(snapshot)
    inspector.tabs.setCurrentIndex(MATHEMATICS)
    assert inspector.mathematics.formulas()[-1] == whole_network(snapshot.layers, "made_up")


@pytest.mark.usefixtures("made_up_records")
def test_map_and_lessons_describe_a_colour_as_its_record(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)
    snapshot = Trainer(Config()).snapshot(1)
    text = "w.0.2.0:-9:9/b.0.2:-9:9/made_up/colors:-4.5:4"
    choice, flat = read_map(text), np.concatenate([array.ravel() for array in snapshot.state.parameters])
    assert map_text(choice) == text
    rest = flat.sum() - snapshot.state.parameters[0][2, 0] - snapshot.state.parameters[1][2]
    map_at = Measured(snapshot, None, choice)["map_at"]
    assert callable(map_at)
    assert map_at(1.0, -2.0) == pytest.approx(rest - 1.0, abs=1e-5)

    view = seen(qtbot, MapView(), 560, 420, LIGHT)
    view.show_offers([(axis.along, along_label(axis.along, Config(), {})) for axis in (choice.x, choice.y)])
    view.show_choice(choice, "")
    plane = Plane(Standpoint.of(Config()), choice.x, choice.y)
    picture = blank_map(plane, "made_up", (37, 37))
    while picture.spacing > 1:
        picture = refined(picture)
    view.show_picture(picture)
    assert picture.csv().startswith("sum of the weights,-")
    box = child(view, QComboBox, "mapColor")
    assert (box.currentText(), box.toolTip()) == ("sum of the weights", "All weights and biases, added up.")
    assert not child(view, QWidget, "mapLimit").isVisibleTo(view)
    images = view.plot.images
    assert (images.bar.axis.name, images.bar.ends) == ("sum of the weights", (-4.5, 4.0))
    assert images.legend_lines() == [f'<span style="color:{LIGHT.diverged}">▨</span> high', "□ low"]
    (drawn,) = images.colors()
    corner = {tuple(pixel) for pixel in drawn[-3:, -3:].reshape(-1, 4).tolist()}  # hatched
    assert LIGHT.color("diverged").getRgb() in corner
    assert drawn[0, 0, 3] == 0
    for x, y, said in ((0, 0, f"they add up to {rest:.1f} kg"), (8.8, 8.8, "too high"), (-8.8, -8.8, "too low")):
        QTest.mouseMove(view.plot.plot.viewport(), place_in(view.plot.plot, x, y))
        assert child(view, QLabel, "mapCaption").text().endswith(f": {said}")
    images.as_ends.trigger()
    (dialog,) = view.findChildren(RangeDialog)
    assert "sum of the weights" in " ".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.reject()


LESSON = """+++
title = "Without it"
about = "For a test."
minutes = 1
hidden = ["view.made_up"]
+++

## One

Nothing.
"""


class MadeUpView(QFrame):
    term_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("madeUpView")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.theme, self.steps = theme(), list[int]()

    def show_theme(self) -> None:
        self.theme = theme()


def _connect(view: MadeUpView, context: Context) -> None:
    context.session.changed.connect(lambda _, new: view.steps.append(new.run.step))


def _save_numbers(_: MadeUpView, context: Context, save: SaveTable) -> None:
    save("steps.csv", f"step\n{context.session.state.run.step}\n")


MADE_UP = View(
    "made_up",
    "Made up",
    "tab",
    make=lambda context: MadeUpView(),
    connect=_connect,
    hidden_as="view.made_up",
    listed_as="What was made up",
    action=Action("actionMadeUp", "Made &up", "Look at what was made up.", "further", "U"),
    keys=(("Home", "Back to where it began."),),
    has_picture=True,
    save_numbers=_save_numbers,
)


@pytest.fixture
def window(make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(main_window, "VIEWS", (*VIEWS, MADE_UP))
    return make_window()


def _view(window: MainWindow) -> MadeUpView:
    return child(window, MadeUpView, "madeUpView")


def _tab(window: MainWindow) -> tuple[QTabWidget, int]:
    tabs = child(window, QTabWidget, "resultTabs")
    return tabs, tabs.indexOf(_view(window))


def test_a_view_has_a_tab_a_menu_action_a_key_and_words(window: MainWindow, qtbot: QtBot) -> None:
    tabs, place = _tab(window)
    assert tabs.tabText(place) == "Made up"
    menus = [menu for action in window.menuBar().actions() if isinstance(menu := action.menu(), QMenu)]
    training = next(menu for menu in menus if menu.title() == "&Training")
    assert [action.text() for action in training.actions()].index("Made &up") > 0
    assert window.actions_["actionMadeUp"].shortcut() == QKeySequence("U")
    window.actions_["actionMadeUp"].trigger()
    assert tabs.currentWidget() is _view(window)
    assert _view(window).hasFocus()
    window.actions_["actionStep"].trigger()
    qtbot.waitUntil(lambda: 1 in _view(window).steps)
    window.set_scheme("dark")
    assert _view(window).theme == DARK
    window.actions_["actionKeys"].trigger()
    text = child(child(window, QDialog, "keysSheet"), QTextBrowser, "keysText").toPlainText()
    assert "Look at what was made up." in text
    assert text.index("Made up\n") < text.index("Back to where it began.")
    _view(window).term_wanted.emit("gradient")
    assert child(child(window, QDialog, "glossary"), QLabel, "glossaryTitle").text() == "gradient"


def test_a_views_picture_numbers_and_hiding_work(
    window: MainWindow, qtbot: QtBot, choose_file: ChooseFile, tmp_path: Path
) -> None:
    file, lesson = tmp_path / "steps.csv", tmp_path / "without.md"
    choose_file(file)
    offered = {action.objectName(): action for action in _view(window).actions()}
    assert sorted(offered) == ["copyPicture", "saveNumbers", "savePicture"]
    offered["saveNumbers"].trigger()
    qtbot.waitUntil(file.exists)
    assert file.read_text(encoding="utf-8").split() == ["step", "0"]
    offered["copyPicture"].trigger()
    assert window.frame.status.currentMessage() == "copied the picture"

    lesson.write_text(LESSON, encoding="utf-8")
    window.context.incoming.take(files(lesson))
    tabs, place = _tab(window)
    qtbot.waitUntil(lambda: not tabs.isTabVisible(place))
    window.context.lesson_player.leave()
    qtbot.waitUntil(lambda: tabs.isTabVisible(place))
    window.actions_["actionVisible"].trigger()
    tree = child(child(window, QDialog, "visibleDialog"), QTreeWidget, "visibleTree")
    (item,) = tree.findItems("What was made up", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert not tabs.isTabVisible(place)
    assert not window.actions_["actionMadeUp"].isEnabled()


class Doubled(FunctionLayer):
    """Twice what the network computes."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.item, self.is_meant = pg.PlotCurveItem(), True
        self.put(self.item, 7.9, "accent", 1, visible=True)

    def legend_entries(self) -> Sequence[str]:
        return [legend_entry("=", theme().accent, "twice the network")] if self.is_meant else ()

    def legend_line(self) -> Sequence[str]:
        return ["made up"]

    def drawn_curves(self) -> Sequence[XY]:
        return [self.item.getData()]

    def _show_moment(self, scene: Scene) -> None:
        if scene.snapshot is not None:
            self.item.setData(scene.snapshot.grid, 2 * scene.snapshot.output)


class MoreLayers(FunctionLayers):
    def __init__(self, plot: pg.PlotWidget, selection: Selection) -> None:
        super().__init__(plot, selection)
        self.doubled = Doubled(plot)


class Halved(LossLayer):
    """Half of the loss."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.item = pg.PlotCurveItem()
        self.put(self.item, 5, "accent", 1, visible=True)

    def legend_entries(self) -> Sequence[str]:
        return [legend_entry("½", theme().accent, "half the loss")]

    def show_scene(self, scene: LossScene) -> None:
        self.item.setData(scene.steps, scene.scaled(scene.losses / 2))


class MoreLossLayers(LossLayers):
    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.halved = Halved(plot)


def test_the_range_of_each_plot_has_one_owner() -> None:
    ui = Path(function_layers.__file__).parents[2]
    moves = re.compile(r"\.(setXRange|setYRange|setRange\(xRange|enableAutoRange|autoRange|setLimits)\b")
    paths = [*(ui / "views").rglob("*.py"), *(ui / "widgets").rglob("*.py")]
    owners = {path.relative_to(ui).as_posix() for path in paths if moves.search(path.read_text("utf-8"))}
    plots = {"function_plot/view.py", "loss_plot/sharpness_plot.py", "map/map_box.py", "map/colors.py"}
    owned = {f"views/{path}" for path in plots}  # a scale of colours is a plot
    assert owners == {*owned, "widgets/plots/plot_menu.py"}


def test_a_layer_is_drawn_in_the_plot_clear_of_words(
    selection: Selection, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(function_layers, "FunctionLayers", MoreLayers)
    plot = seen(qtbot, FunctionPlot(selection), 600, 400)
    layers, snapshot = plot.layers, trained_snapshot(Config())
    assert isinstance(layers, MoreLayers)
    plot.show_config(snapshot.config)
    plot.show_snapshot(snapshot)
    x, y = layers.doubled.item.getData()
    assert (x.tolist(), y.tolist()) == (snapshot.grid.tolist(), (2 * snapshot.output).tolist())
    key = child(plot, LegendLabel)
    assert key.text().index("network") < key.text().index("twice the network") < key.text().index("<br>made up")
    recolor(plot, DARK)
    assert layers.doubled.item.opts["pen"].color() == DARK.color("accent")
    assert f'<b style="color:{DARK.accent}">=</b> twice the network' in key.text()
    layers.doubled.is_meant = False
    layers.doubled.changed.emit()
    assert "twice the network" not in key.text()
    words = [item for item in plot.plot.items() if isinstance(item, pg.TextItem) and item.isVisible()]
    assert words
    for word in words:
        box = word.mapRectToView(word.boundingRect())
        layers.doubled.item.setData([box.left(), box.right()], [box.center().y()] * 2)
        layers.doubled.changed.emit()
        assert not word.isVisible() or not word.mapRectToView(word.boundingRect()).contains(box.center())


def test_a_layer_is_in_the_loss_plot(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_plot, "LossLayers", MoreLossLayers)
    plot = seen(qtbot, LossPlot(), 400, 300)
    layers, losses = plot.layers, trained_snapshot(Config()).output[:9] ** 2 + 1
    assert isinstance(layers, MoreLossLayers)
    plot.show_history(LossHistory().with_losses(0, losses), HeldOutLosses(), (), None, 100)
    whole, half = layers.own.training.getData()[1], layers.halved.item.yData
    assert 10 ** (whole - half) == pytest.approx(2, rel=1e-4)
    recolor(plot, DARK)
    assert layers.halved.item.opts["pen"].color() == DARK.color("accent")
    assert f'<b style="color:{DARK.accent}">½</b> half the loss' in child(plot, LegendLabel).text()
