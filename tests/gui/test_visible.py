"""What students see: controls, views and experiments are hidden, and what came of them is not."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QMessageBox,
    QTabWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, choose, destroy
from tests.not_none import not_none
from tests.sessions import there_and_back
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.table import EXPERIMENTS, measured_experiments
from tinynet_gui.core.lessons.reading.reader import bundled_lessons
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.wording import setting_line as hideable_names
from tinynet_gui.core.wording.setting_line import hideable
from tinynet_gui.ui.features.visible import CONTROLS
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets.cards import MaximizeButton
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.views import VIEWS

IS_PAINTED = False  # what is where, and what is said, is looked at


@pytest.fixture
def tree(window: MainWindow) -> Iterator[QTreeWidget]:
    window.actions_["actionVisible"].trigger()
    dialog = child(window, QDialog, "visibleDialog")
    assert dialog.isVisible()
    yield child(dialog, QTreeWidget, "visibleTree")
    dialog.close()


def _item(tree: QTreeWidget, text: str) -> QTreeWidgetItem:
    found = tree.findItems(text, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    assert len(found) == 1, text
    return found[0]


def _is_shown(window: MainWindow, name: str) -> bool:
    return not child(window.views.panel, QWidget, name).isHidden()


def _note(window: MainWindow) -> QToolButton:
    return child(window.frame.status, QToolButton, "hiddenNote")


def test_unticked_controls_hide_at_once_and_all_can_return(window: MainWindow, tree: QTreeWidget) -> None:
    assert _note(window).isHidden()
    kinds = child(window.views.experiments, QComboBox, "experimentKind")
    view: Any = kinds.view()
    row = kinds.findData("influence")
    assert not view.isRowHidden(row)
    for text in ("Learning rate", "Microscope", "Leave one sample out"):
        _item(tree, text).setCheckState(0, Qt.CheckState.Unchecked)
    assert window.session.state.session.view.hidden == {
        "training.learning_rate",
        "view.microscope",
        "experiment.influence",
    }
    assert view.isRowHidden(row)
    assert not _is_shown(window, "learningRate")
    tabs = child(window, QTabWidget, "resultTabs")
    titles = [tabs.tabText(k) for k in range(tabs.count()) if tabs.isTabVisible(k)]
    assert titles == ["Loss", "Experiments", "Map"]
    assert _note(window).text() == "3 hidden, show all"
    assert _note(window).isVisible()
    hidden = window.session.state.session.view.hidden
    for button, is_shown in (("Cancel", False), ("Show all", True)):
        _note(window).click()
        box = child(window, QMessageBox, "showAll")
        assert "Hidden by a teacher or by the lesson: Learning rate, Microscope, Leave one sample out." in box.text()
        assert "It is no lock" in box.text()
        next(each for each in box.buttons() if each.text().replace("&", "") == button).click()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        assert _is_shown(window, "learningRate") is is_shown
    assert window.session.state.session.view.hidden == frozenset()
    window.actions_["actionUndo"].trigger()
    assert window.session.state.session.view.hidden == hidden
    assert window.actions_["actionRedo"].text() == "&Redo showing all"
    window.actions_["actionRedo"].trigger()
    assert _item(tree, "Microscope").checkState(0) == Qt.CheckState.Checked
    assert _note(window).isHidden()


def test_a_section_goes_with_all_of_its_fields(window: MainWindow, tree: QTreeWidget) -> None:
    _item(tree, "Network").setCheckState(0, Qt.CheckState.Unchecked)
    headings = [label for label in window.views.panel.findChildren(QLabel) if label.text() == "Network"]
    assert [heading.isHidden() for heading in headings] == [True]
    assert not any(_is_shown(window, name) for name in ("hiddenLayers", "activation", "networkSeed", "drawnBefore"))
    window.session.edit({"training.optimizer": "momentum"})  # what it shows of its own stays right
    assert not _is_shown(window, "hiddenLayers")
    _item(tree, "Momentum").setCheckState(0, Qt.CheckState.Unchecked)
    assert not _is_shown(window, "momentum")
    for text in ("Network", "Momentum"):
        _item(tree, text).setCheckState(0, Qt.CheckState.Checked)
    assert _is_shown(window, "hiddenLayers")
    assert _is_shown(window, "momentum")
    window.session.edit({"training.optimizer": "sgd"})  # a field that says nothing of the run does not come back
    _item(tree, "Network").setCheckState(0, Qt.CheckState.Unchecked)
    assert not _is_shown(window, "momentum")


def test_hiding_a_control_hides_no_result(window: MainWindow, qtbot: QtBot) -> None:
    window.session.set_view(hidden=frozenset({"training.learning_rate", "view.runs"}))
    window.session.keep()
    window.session.edit({"training.learning_rate": 10.0, "network.hidden": (3,)})
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    window.session.keep()
    tabs = child(window, QTabWidget, "resultTabs")
    place = tabs.indexOf(window.views.runs)
    assert place >= 0
    assert not tabs.isTabVisible(place)
    window.session.fast_forward()
    qtbot.waitUntil(window.features["why"].banner.isVisible)
    assert "Diverged" in window.features["why"].banner.text()


def test_it_is_part_of_the_session_and_not_of_the_setting(window: MainWindow) -> None:
    window.session.set_view(hidden=frozenset({"data.noise"}))
    assert "noise" in window.session.config.to_json()
    assert "hidden_" not in window.session.config.to_json()
    assert there_and_back(window.session.state.session).view.hidden == {"data.noise"}


def test_a_students_session_keeps_the_teachers_choices(window: MainWindow, qtbot: QtBot) -> None:
    teachers = frozenset({"data.noise", "action.freeze"})
    window.session.set_view(hidden=teachers)
    QGuiApplication.clipboard().setText("hidden=7&lr=0.02")
    for name in ("actionNewSeed", "actionPasteSetting", "actionReset"):
        window.actions_[name].trigger()
        assert window.session.state.session.view.hidden == teachers, name
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    own = window.session.state.session
    window.actions_["actionTutorial"].trigger()
    assert (window.session.config, _is_shown(window, "noise")) == (Config(), True)
    for _ in range(2):  # the settings, and then what was shown
        window.actions_["actionUndo"].trigger()
    assert (window.session.config, window.session.state.session.view.hidden) == (own.config, teachers)
    window.session.suspend_for(replace(own, view=replace(own.view, hidden=frozenset({"view.map"}))))
    window.session.restore_tutorial()  # within a lesson
    assert window.session.state.session.view.hidden == {"view.map"}
    window.session.resume_own()
    assert window.session.state.session.view.hidden == teachers
    window.actions_["actionNew"].trigger()
    assert _is_shown(window, "noise")
    assert window.session.state.session.history.done == ()


def _samples_menu(window: MainWindow) -> list[str]:
    """What a right-click on the first sample offers."""
    plot, points = window.views.function_plot.plot, window.views.function_plot.scene.points
    at = plot.getViewBox().mapViewToScene(QPointF(points.x[0], points.y[0]))
    menu = not_none(window.views.function_plot.layers.editor.menu_at(plot.mapFromScene(at)))
    texts = [action.text() for action in menu.actions()]
    destroy(menu)
    return texts


@pytest.mark.parametrize(
    ("name", "control", "key", "is_menu_entry"),
    [
        ("switch.edit", "editData", "Key_D", "actionEditData"),
        ("switch.parts", "curveParts", "", ""),
        ("switch.probe", "probe", "", ""),
        ("switch.seeds", "seedBand", "", ""),
        ("action.new_seed", "actionNewSeedButton", "Key_N", "actionNewSeed"),
        ("action.freeze", "inspectorFreeze", "", ""),
    ],
)
def test_a_hidden_control_is_off_and_unreachable(
    window: MainWindow, qtbot: QtBot, name: str, control: str, key: str, is_menu_entry: str
) -> None:
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    window.context.selection.pin(NeuronRef(0, 1))
    button, before = child(window, QAbstractButton, control), window.session.config
    others = [child(window, QWidget, each) for each in ("actionToEndButton", "functionPlot", "probe", "plotFoot")]
    assert button.isVisible()
    if button.isCheckable():
        button.click()
    places = [other.geometry() for other in others]
    frozen = window.session.state.run.wanted.frozen
    window.session.set_view(hidden=frozenset({name}))
    QApplication.processEvents()
    assert not button.isVisible()
    assert [other.geometry() for other in others] == places  # nothing moves
    assert button.isChecked() is (name == "action.freeze")  # what a teacher has frozen stays so
    window.context.selection.pin(NeuronRef(0, 2))  # writes the inspector again
    assert not button.isVisible()
    if key:
        QTest.keyClick(window, getattr(Qt.Key, key))
    assert not is_menu_entry or not window.actions_[is_menu_entry].isEnabled()
    assert (window.session.config, window.session.state.run.wanted.frozen) == (before, frozen)
    assert window.views.function_plot.layers.editor.is_on is False
    is_edited = name != "switch.edit"
    assert ("Hold it out" in _samples_menu(window)) is ("Delete" in _samples_menu(window)) is is_edited
    assert child(window, QAction, "actionTrainWithin").isVisible() is is_edited
    window.session.set_view(hidden=frozenset())
    assert button.isVisible()
    if key:
        QTest.keyClick(window, getattr(Qt.Key, key))
        assert window.views.function_plot.layers.editor.is_on or window.session.config != before


def test_nothing_points_or_leads_at_what_is_hidden(window: MainWindow) -> None:
    places, frame = ("microscope", "batchSize", "actionNewSeedButton"), child(window, QWidget, "pointerFrame")
    for place in places:
        window.features["help"].point_at(place)
        assert child(window, QWidget, place).isVisible()
        assert frame.isVisible()
    child(window, QTabWidget, "resultTabs").setCurrentIndex(0)
    names = ("view.microscope", "training.batch_size", "action.new_seed", "experiment.influence")
    window.session.set_view(hidden=frozenset(names))
    for place in places:
        window.features["help"].point_at(place)
        assert not child(window, QWidget, place).isVisible()
        assert not frame.isVisible()
    assert "What difference does it make?" not in _samples_menu(window)
    window.session.set_view(hidden=frozenset())
    assert "What difference does it make?" in _samples_menu(window)


def test_inspector_tabs_can_be_hidden_and_the_sentence_stays(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    tabs, role = child(window, QTabWidget, "inspectorTabs"), child(window, QLabel, "inspectorRole")
    table = window.views.inspector.numbers.table
    window.context.selection.pin(NeuronRef(0, 1))
    assert table.isVisible()
    window.session.set_view(hidden=frozenset({"view.numbers"}))
    assert [tabs.tabText(k) for k in range(tabs.count()) if tabs.isTabVisible(k)] == ["PyTorch", "Mathematics", "Data"]
    assert not role.isVisible()
    hidden = frozenset(f"view.{name}" for name in ("numbers", "pytorch", "mathematics", "data"))
    window.session.set_view(hidden=hidden)
    for place in (2, 3):
        window.context.selection.pin(NeuronRef(0, place))
        assert (role.isVisible(), table.isVisible(), tabs.tabBar().isVisible()) == (True, False, False)
        assert role.text()
    window.session.set_view(hidden=frozenset())
    assert (table.isVisible(), tabs.tabBar().isVisible()) == (True, True)


def test_a_running_experiment_stays_visible_with_its_result(
    window: MainWindow,
) -> None:
    view, tabs = window.views.experiments, child(window, QTabWidget, "resultTabs")
    kind, place = child(window, QComboBox, "experimentKind"), tabs.indexOf(view)
    result = EXPERIMENTS["swarm"].run(window.session.config, 50, np.zeros(1, dtype=np.uint8), lambda *_: None)
    for found in (None, result):
        window.session.set_view(hidden=frozenset())
        tabs.setCurrentWidget(view)
        choose(window, "experimentKind", "swarm")
        view.begin()
        child(view, QWidget, "experimentProgress").show()  # which comes after half a second
        window.session.set_view(hidden=frozenset({"experiment.swarm", "view.experiments"}))
        assert kind.currentData() == "swarm"
        assert view.answer().endswith(" …")
        assert tabs.isTabVisible(place)
        assert child(view, QToolButton, "experimentCancel").isVisible()
        view.finish(found)
        assert (kind.currentData() == "swarm") is tabs.isTabVisible(place) is (found is not None)
    assert view.result is result
    assert "50 seeds" in view.answer()
    window.session.set_view(hidden=frozenset({"view.experiments"}))  # the teacher has seen it
    assert not tabs.isTabVisible(place)


@pytest.mark.parametrize(
    ("card", "tabs", "name"), [("resultTabs", "resultTabs", "microscope"), ("inspector", "inspectorTabs", "data_table")]
)
def test_a_hidden_view_leaves_the_stage_and_is_skipped(window: MainWindow, card: str, tabs: str, name: str) -> None:
    places, view = child(window, QTabWidget, tabs), window.views[name]
    places.setCurrentIndex(0)
    QTest.mouseClick(child(window, MaximizeButton, f"{card}Maximize"), Qt.MouseButton.LeftButton)
    hidden = frozenset({f"view.{name.removesuffix('_table')}"})
    window.session.set_view(hidden=hidden)
    assert window.frame.arranger.maximized is child(window, QWidget, card)  # another one of its views is looked at
    window.session.set_view(hidden=frozenset())
    places.setCurrentWidget(view)
    assert view.isVisible()
    window.session.set_view(hidden=hidden)
    assert window.frame.arranger.maximized is None
    assert not view.isVisible()
    assert window.views.diagram.isVisible()
    QTest.mouseClick(child(window, MaximizeButton, "functionPlotMaximize"), Qt.MouseButton.LeftButton)
    for hidden in (frozenset({"view.microscope"}), frozenset()):
        window.session.set_view(hidden=hidden)
        assert window.frame.arranger.maximized is window.views.function_plot
        window.actions_["actionMicroscope"].trigger()
        assert (window.frame.arranger.maximized is window.views.function_plot) == bool(hidden)
    assert window.views.microscope.isVisible()


def test_a_lesson_can_hide_all_that_the_window_can_hide(window: MainWindow, tree: QTreeWidget) -> None:
    for k in range(tree.topLevelItemCount()):
        not_none(tree.topLevelItem(k)).setCheckState(0, Qt.CheckState.Unchecked)
    views = {record.hidden_as for record in VIEWS if record.hidden_as}
    assert views == set(hideable_names.VIEWS)
    assert window.session.state.session.view.hidden == hideable() | views
    said = (bundled_lessons()[0].parent / "README.md").read_text(encoding="utf-8")
    controls = {control.name for control in CONTROLS} | set(window.actions_.hideable_actions)
    assert all(f"`{name}`" in said for name in views | controls)


def test_the_experiments_of_lessons_are_those_of_the_window() -> None:
    assert list(SHOWN) == list(EXPERIMENTS) == [*measured_experiments(), "claim"]  # a lesson's claim is a goal
