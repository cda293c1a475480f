"""The parameter panel, both ways: a configuration in, what the user wants out."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from tinynet_gui.core.config import SETTINGS, Config, ConfigError
from tinynet_gui.ui.parameter_panel import ParameterPanel

NAMES = {
    "data.target": "targetFunction",
    "data.formula": "formula",
    "data.sample_count": "sampleCount",
    "data.x_min": "rangeMin",
    "data.x_max": "rangeMax",
    "data.noise": "noise",
    "data.held_out": "heldOut",
    "data.seed": "dataSeed",
    "network.hidden": "hiddenLayers",
    "network.activation": "activation",
    "network.initialization": "initialization",
    "network.seed": "networkSeed",
    "training.loss": "lossFunction",
    "training.optimizer": "optimizer",
    "training.learning_rate": "learningRate",
    "training.weight_decay": "weightDecay",
    "training.momentum": "momentum",
    "training.nesterov": "nesterov",
    "training.beta1": "beta1",
    "training.beta2": "beta2",
    "training.alpha": "alpha",
    "training.epsilon": "epsilon",
    "training.batch_size": "batchSize",
    "training.stop_step": "stopStep",
}
OTHER_VALUES: dict[str, Any] = {
    "data.target": "sin",
    "data.sample_count": 50,
    "data.x_min": -5.0,
    "data.noise": 0.25,
    "data.held_out": 0.3,
    "data.seed": 7,
    "network.hidden": (8, 8),
    "network.activation": "tanh",
    "network.initialization": "kaiming",
    "network.seed": 11,
    "training.loss": "huber",
    "training.optimizer": "adam",
    "training.learning_rate": 0.02,
    "training.weight_decay": 1e-4,
    "training.momentum": 0.5,
    "training.nesterov": True,
    "training.beta1": 0.8,
    "training.beta2": 0.99,
    "training.alpha": 0.9,
    "training.epsilon": 1e-6,
    "training.batch_size": 5,
    "training.stop_step": 2_000,
}


@pytest.fixture
def panel(qtbot: QtBot) -> ParameterPanel:
    panel = ParameterPanel()
    qtbot.addWidget(panel)
    panel.resize(280, 900)
    panel.show()
    panel.show_config(Config())
    return panel


def field(panel: ParameterPanel, path: str) -> Any:
    found = panel.findChild(QWidget, NAMES[path])
    assert found is not None, path
    return found


def shown(editor: Any) -> str:
    for name in ("currentText", "text"):
        if hasattr(editor, name):
            return str(getattr(editor, name)())
    raise AssertionError(editor)


def test_every_field_has_an_editor_with_name_and_tooltip(panel: ParameterPanel) -> None:
    assert set(NAMES) == set(SETTINGS)
    for path in SETTINGS:
        editor = field(panel, path)
        assert editor.accessibleName()
        effect = "next step" if SETTINGS[path].effect == "live" else "anew"
        assert effect in editor.toolTip(), path
        assert len(editor.toolTip()) > 40


@pytest.mark.parametrize("path", OTHER_VALUES)
def test_a_shown_value_is_not_an_edit_and_an_edit_is_told(panel: ParameterPanel, qtbot: QtBot, path: str) -> None:
    changed = Config().replace(path, OTHER_VALUES[path])
    other = ParameterPanel()
    qtbot.addWidget(other)
    edits: list[dict[str, Any]] = []
    panel.edited.connect(edits.append)
    panel.show_config(changed)
    assert edits == []
    text = shown(field(panel, path))

    # the same text, entered by a user into a panel that shows the tutorial
    other.show_config(Config())
    told: list[dict[str, Any]] = []
    other.edited.connect(told.append)
    editor = field(other, path)
    if hasattr(editor, "setCurrentText"):
        editor.setCurrentText(text)
    elif hasattr(editor, "isCheckable") and editor.isCheckable():
        editor.click()
    else:
        editor.clear() if not hasattr(editor, "lineEdit") else editor.lineEdit().clear()
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert told, path
    assert (
        told[-1][path] == pytest.approx(OTHER_VALUES[path])
        if isinstance(OTHER_VALUES[path], float)
        else told[-1][path] == OTHER_VALUES[path]
    )


def test_the_formula_shows_the_target_and_makes_its_own(panel: ParameterPanel) -> None:
    panel.show_config(Config().replace("data.target", "cos"))
    formula = field(panel, "data.formula")
    assert formula.text() == "cos(x)"
    edits: list[dict[str, Any]] = []
    panel.edited.connect(edits.append)
    formula.setText("sin(3*x) + 0.3*x")
    QTest.keyClick(formula, Qt.Key.Key_Return)
    assert edits == [{"data.target": "formula", "data.formula": "sin(3*x) + 0.3*x"}]


def test_choosing_a_formula_begins_with_the_one_shown(panel: ParameterPanel) -> None:
    edits: list[dict[str, Any]] = []
    panel.edited.connect(edits.append)
    target = field(panel, "data.target")
    target.setCurrentIndex(target.findData("formula"))
    assert edits == [{"data.target": "formula", "data.formula": "x**2"}]


def test_an_error_stands_beside_its_field_until_it_is_mended(panel: ParameterPanel) -> None:
    editor = field(panel, "data.sample_count")
    label = panel.findChild(QLabel, "sampleCountError")
    assert isinstance(label, QLabel)
    assert label.isHidden()
    editor.setValue(5_000)
    panel.show_error(ConfigError("data.sample_count", "5,000 is not allowed: 1 to 1,000"))
    assert label.isVisible()
    assert "5,000" in label.text()
    assert "1 to 1,000" in label.text()
    assert editor.property("invalid") is True
    panel.show_config(Config().replace("training.learning_rate", 0.01))  # another field changes meanwhile
    assert editor.value() == 5_000
    editor.setValue(30)
    assert label.isHidden()
    assert editor.property("invalid") is False


def test_errors_can_be_discarded(panel: ParameterPanel) -> None:
    formula = field(panel, "data.formula")
    formula.setText("sin(")
    panel.show_error(ConfigError("data.formula", "does not parse"))
    panel.discard_errors()
    assert formula.text() == "x**2"
    label = panel.findChild(QLabel, "formulaError")
    assert isinstance(label, QLabel)
    assert label.isHidden()


def test_only_the_optimisers_own_fields_are_shown(panel: ParameterPanel) -> None:
    assert field(panel, "training.momentum").isHidden()
    panel.show_config(Config().replace("training.optimizer", "momentum"))
    assert field(panel, "training.momentum").isVisible()
    assert field(panel, "training.nesterov").isVisible()
    assert field(panel, "training.beta1").isHidden()


def test_stepping_keeps_within_what_is_allowed(panel: ParameterPanel) -> None:
    count, rate = field(panel, "data.sample_count"), field(panel, "training.learning_rate")
    count.setValue(999)
    count.stepBy(5)
    assert count.value() == 1_000
    rate.setValue(0.001)
    rate.stepBy(1)
    assert rate.value() == pytest.approx(0.002)
    rate.stepBy(-2)
    assert rate.value() == pytest.approx(0.0005)
    for _ in range(60):
        rate.stepBy(-1)
    assert rate.value() == 0
    stop = field(panel, "training.stop_step")
    stop.setValue(1)
    stop.stepBy(1)
    assert stop.value() == 1_000


def test_widths_are_stepped_with_the_keys(panel: ParameterPanel) -> None:
    edits: list[dict[str, Any]] = []
    panel.edited.connect(edits.append)
    panel.show_config(Config().replace("network.hidden", (8, 3)))
    widths = field(panel, "network.hidden")
    widths.setCursorPosition(4)
    QTest.keyClick(widths, Qt.Key.Key_Up)
    assert edits == [{"network.hidden": (8, 4)}]
    widths.setText("eight")
    QTest.keyClick(widths, Qt.Key.Key_Return)
    assert edits[-1] == {"network.hidden": "eight"}
    widths.setText("")
    QTest.keyClick(widths, Qt.Key.Key_Return)
    assert edits[-1] == {"network.hidden": ()}


def test_both_ends_of_the_range_are_told_together(panel: ParameterPanel) -> None:
    edits: list[dict[str, Any]] = []
    panel.edited.connect(edits.append)
    field(panel, "data.x_min").setValue(5)
    panel.show_error(ConfigError("data.x_max", "3 is not allowed"))
    field(panel, "data.x_max").setValue(8)
    assert edits[-1] == {"data.x_min": 5.0, "data.x_max": 8.0}


def test_the_wheel_does_not_change_what_it_passes_over(panel: ParameterPanel, qtbot: QtBot) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    editor = field(panel, "data.sample_count")
    editor.clearFocus()
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(editor.mapToGlobal(QPoint(5, 5))),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(editor, event)
    assert editor.value() == 20
