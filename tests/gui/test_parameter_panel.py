"""The parameter panel, both ways: a configuration in, what the user wants out."""

import contextlib
import re
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OFFSCREEN, apply_theme, child, heard, seen, turn_wheel
from tests.not_none import not_none
from tests.sessions import OPENED
from tinynet_gui.core.config import SETTINGS, Config, ConfigError
from tinynet_gui.core.config.targets import TARGETS
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.real_data import REAL_DATA, load
from tinynet_gui.ui.style.colors import LIGHT
from tinynet_gui.ui.views.panel.fields import EACH
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.widgets.fields.editors import ChoiceBox
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.text import ElidedLabel

IRREGULAR = {
    "data.target": "targetFunction",
    "data.x_min": "rangeMin",
    "data.x_max": "rangeMax",
    "data.seed": "dataSeed",
    "data.points": "dataSource",
    "network.hidden": "hiddenLayers",
    "network.seed": "networkSeed",
    "training.loss": "lossFunction",
    "training.l1": "l1Penalty",
}
OFFERED = [path for path in SETTINGS if path != "network.rounding"]
NAMES = {path: re.sub("_(.)", lambda found: found[1].upper(), path.partition(".")[2]) for path in OFFERED} | IRREGULAR


@pytest.fixture
def panel(qtbot: QtBot) -> ParameterPanel:
    panel = seen(qtbot, ParameterPanel(), 280, 900)
    panel.show_config(Config())
    return panel


def field(panel: ParameterPanel, path: str) -> Any:
    found = not_none(panel.findChild(QWidget, NAMES[path]))
    return found


@OFFSCREEN
def test_a_long_choice_is_elided_but_whole_in_its_list(panel: ParameterPanel) -> None:
    box, label = field(panel, "training.optimizer"), "SGD with momentum"
    box.set_value("momentum")
    apply_theme(panel, LIGHT)
    for width, is_cut in ((100, True), (box.sizeHint().width(), False)):
        box.setFixedWidth(width)
        option = QStyleOptionComboBox()
        box.initStyleOption(option)
        assert option.currentText.endswith("…") == is_cut
        assert label.startswith(option.currentText.removesuffix("…"))
    box.setFixedWidth(100)
    box.showPopup()
    assert box.view().width() > box.fontMetrics().horizontalAdvance(label)
    box.hidePopup()


def test_every_field_has_an_editor_with_name_and_tooltip(panel: ParameterPanel) -> None:
    for path in OFFERED:
        editor = field(panel, path)
        assert editor.accessibleName()
        effect = "next step" if SETTINGS[path].effect == "live" else "restarts"
        assert effect in editor.toolTip(), path
        assert len(editor.toolTip()) > 40
    interface = QAccessible.queryAccessibleInterface(field(panel, "training.learning_rate")).valueInterface()
    assert (interface.currentValue(), interface.minimumValue(), interface.maximumValue()) == (0.001, 0, 1_000)


def test_each_layer_can_have_its_own_activation(panel: ParameterPanel) -> None:
    """The last choice opens a choice for each layer; they go when one is chosen for all, or Undo brings one back."""
    one, edits = field(panel, "network.activation"), heard(panel.edited)
    panel.show_all(True)

    def shown() -> tuple[str, list[str]]:
        layers = [box for box in one.by_layer.findChildren(ChoiceBox) if box.isVisible()]
        return one.currentText(), [f"{box.accessibleName()[-7:]}: {box.currentText()}" for box in layers]

    def is_offered(box: ChoiceBox, text: str) -> bool:
        return Qt.ItemFlag.ItemIsEnabled in box.model().flags(box.model().index(box.findText(text), 0))

    def choose(box: ChoiceBox, text: str) -> None:
        assert is_offered(box, text)
        box.setCurrentIndex(box.findText(text))

    assert not is_offered(one, EACH)
    panel.show_config(deep := Config().replace("network.hidden", (8, 8)))
    assert shown() == ("ReLU", [])
    choose(one, EACH)
    assert (edits, shown()) == ([], (EACH, ["layer 1: ReLU", "layer 2: ReLU"]))
    choose(not_none(panel.findChild(ChoiceBox, "activationOfLayer2")), "tanh")
    assert edits.pop() == {"network.activation": ("relu", "tanh")}
    panel.show_config(mixed := deep.replace("network.activation", ("relu", "tanh")))
    assert shown() == (EACH, ["layer 1: ReLU", "layer 2: tanh"])
    panel.show_hidden({"network.activation"})
    assert not one.by_layer.isVisible()
    panel.show_hidden(())
    panel.show_config(mixed.replace("network.hidden", (8, 8, 3)))
    assert shown()[1] == ["layer 1: ReLU", "layer 2: tanh", "layer 3: tanh"]
    panel.show_config(mixed)
    choose(not_none(panel.findChild(ChoiceBox, "activationOfLayer1")), "tanh")
    panel.show_config(deep.replace("network.activation", edits.pop()["network.activation"]))
    assert shown() == (EACH, ["layer 1: tanh", "layer 2: tanh"])  # alike, and still in use
    panel.show_config(mixed)
    panel.show_config(deep)  # Undo
    assert shown() == ("ReLU", [])
    panel.show_config(mixed)
    choose(one, "sigmoid")
    assert edits == [{"network.activation": "sigmoid"}]
    panel.show_error(ConfigError("network.activation", "not this one"), edits[0])
    assert shown() == (EACH, ["layer 1: ReLU", "layer 2: tanh"])
    panel.show_config(mixed.replace("network.hidden", (3,)))
    assert shown() == ("ReLU", [])


def test_the_formula_shows_the_target_and_makes_its_own(panel: ParameterPanel) -> None:
    target, formula = field(panel, "data.target"), field(panel, "data.formula")
    edits = heard(panel.edited)
    panel.show_config(Config().replace("data.target", "cos"))
    assert formula.text() == "cos(x)"
    target.setCurrentIndex(target.findData("formula"))  # which begins with the one that is shown
    assert edits.pop() == {"data.target": "formula", "data.formula": "cos(x)"}
    formula.setText("sin(3*x) + 0.3*x")
    QTest.keyClick(formula, Qt.Key.Key_Return)
    assert edits == [{"data.target": "formula", "data.formula": "sin(3*x) + 0.3*x"}]


def test_the_targets_are_functions_and_below_a_heading_real_data(panel: ParameterPanel) -> None:
    target = field(panel, "data.target")
    assert not set(TARGETS) & set(REAL_DATA)
    names = [target.itemData(at) for at in range(target.count())]
    assert names == [*TARGETS, None, None, *REAL_DATA]
    heading = target.model().item(target.findText("real data"))
    assert not heading.isEnabled()
    for name in REAL_DATA:
        assert "Source: " in target.itemData(names.index(name), Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("name", REAL_DATA)
def test_choosing_real_data_is_told_as_another_source(panel: ParameterPanel, name: str) -> None:
    edits, sources = heard(panel.edited), heard(panel.source_wanted)
    target = field(panel, "data.target")
    target.setCurrentIndex(target.findData(name))
    assert (edits, sources) == ([], [{"data.points": load(name)}])


@pytest.mark.parametrize(
    ("x", "shown"),
    [
        ((1700.0, 2008.0), ("1700", "2008")),
        ((-2.84123, 2.12777), ("-2.84", "2.13")),
        ((12.0, 10_000.0), ("12", "10000")),
        ((1.0, 1.0), ("1", "1")),
        ((9e5, 9e5 + 0.5), ("900000", "900000.5")),
    ],
)
def test_the_range_of_points_is_shown_as_it_is(
    panel: ParameterPanel, x: tuple[float, float], shown: tuple[str, str]
) -> None:
    panel.show_config(Config().replace("data.points", Points(x, [0.0, 1.0])))
    fields = [panel.findChild(QAbstractSpinBox, name) for name in ("rangeMin", "rangeMax")]
    assert tuple(field.text() for field in fields if field is not None) == shown


def test_no_row_moves_when_samples_become_points(panel: ParameterPanel) -> None:
    def places() -> list[int]:
        QApplication.processEvents()
        return [field(panel, path).mapTo(panel, QPoint()).y() for path in ("network.hidden", "training.stop_step")]

    apply_theme(panel, LIGHT)
    panel.resize(280, 1_080)  # room for all of them
    panel.show_all(True)
    panel.show()
    panel.show_config(Config())
    before = places()
    panel.show_config(Config().replace("data.points", Points([0.0, 1.0], [0.0, 1.0])))
    assert places() == before


def test_when_the_points_go_the_keyboard_is_in_no_other_field(panel: ParameterPanel, qtbot: QtBot) -> None:
    panel.show()
    panel.activateWindow()
    own, drawn = Config().replace("data.points", Points([0.0, 1.0], [0.0, 1.0])), Config()
    panel.show_config(own)
    panel.source_wanted.connect(lambda _: panel.show_config(drawn))
    back = child(panel, QToolButton, "drawAgain")
    qtbot.waitUntil(panel.isActiveWindow)
    for by_key in (False, True):
        panel.show_config(own)
        back.setFocus()
        if by_key:
            QTest.keyClick(back, Qt.Key.Key_Space)
        else:
            QTest.mouseClick(back, Qt.MouseButton.LeftButton)
        assert panel.focusWidget() is None


def test_the_target_says_which_data_are_shown(panel: ParameterPanel) -> None:
    target = field(panel, "data.target")
    points = load("nile")
    for own, text in (
        (points, "Flow of the Nile"),
        (points.at(np.arange(1, 20)), "Flow of the Nile"),
        (Points([0, 1], [2, 3], origin="pasted"), ""),  # the placeholder is seen
        (Points([0, 1], [2, 3]), "x²"),  # drawn samples that were edited
        (None, "x²"),
    ):
        panel.show_config(Config().replace("data.points", own))
        assert target.currentText() == text
    panel.show_config(Config().replace("data.points", points))
    target.setCurrentIndex(target.findData("sin"))
    panel.show_error(ConfigError("data.target", "not today"), {"data.target": "sin", "data.points": None})
    assert target.currentText() == "Flow of the Nile"  # a refused one goes back to what is shown
    assert target.placeholderText() == "your own data"
    assert field(panel, "training.loss").placeholderText() == ""


def test_an_error_stands_beside_its_field_until_it_is_mended(panel: ParameterPanel) -> None:
    editor = field(panel, "data.sample_count")
    label = child(panel, QLabel, "sampleCountError")
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


def test_a_change_writes_into_the_fields_that_it_is_about(
    panel: ParameterPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    for path in OFFERED:
        monkeypatch.setattr(field(panel, path), "set_value", lambda _, path=path: written.append(path))
    panel.show_config(Config().with_changes({"training.learning_rate": 0.01, "data.noise": 0.5}))
    assert written == ["data.noise", "training.learning_rate"]


def test_own_points_hold_out_no_larger_share_than_drawn_ones(panel: ParameterPanel) -> None:
    panel.show_config(Config().replace("points", {"x": range(20), "y": range(20)}))
    edits, held_out = heard(panel.edited), field(panel, "data.held_out")
    for share in (0.95, 0.9):
        held_out.value_edited.emit(share)
    refused, taken = edits
    assert refused == {"data.held_out": 0.95}  # the session names what is allowed
    assert taken["data.points"].held_out.sum() == 18


@pytest.mark.parametrize(
    ("path", "text", "steps", "value"),
    [
        ("data.sample_count", "999", 5, 1_000),
        ("data.sample_count", "5000", -1, 999),
        ("training.learning_rate", "0.001", 1, 0.002),
        ("training.learning_rate", "0.002", -2, 0.0005),
        ("training.learning_rate", "0.0005", -60, 0),
        ("training.learning_rate", "1e-13", 1, 2e-13),
        ("training.learning_rate", "fast", 1, 0.002),  # where the configuration is
        ("training.stop_step", "1", 1, 1_000),
        ("data.held_out", "12.5", 1, 0.175),
    ],
)
def test_stepping_starts_at_the_text_and_stays_in_range(
    panel: ParameterPanel, path: str, text: str, steps: int, value: float
) -> None:
    editor = field(panel, path)
    editor.lineEdit().setText(text)
    editor.stepBy(steps)
    assert editor.value() == pytest.approx(value, rel=1e-12)


def _typed(panel: ParameterPanel, path: str, text: str) -> Any:
    """Type into a field, commit, and return what it says."""
    edits = heard(panel.edited)
    editor = field(panel, path)
    editor.clear()
    QTest.keyClicks(editor, text)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert len(edits) == 1
    return edits[0][path]


@pytest.mark.parametrize(
    ("path", "text", "value", "written"),
    [
        ("training.learning_rate", "1e-13", 1e-13, "1e-13"),
        ("training.learning_rate", "1.2345e-10", 1.2345e-10, "1.2345e-10"),
        ("training.learning_rate", "0.0123456789012", 0.0123456789012, "0.0123456789012"),
        ("training.learning_rate", "0,0000000000001", 1e-13, "1e-13"),
        ("training.learning_rate", "1/8", 0.125, "0.125"),
        ("training.learning_rate", "1.000", 1.0, "1"),
        ("training.learning_rate", "0.0010 ", 0.001, "0.001"),
        ("data.x_min", "-1,25", -1.25, "-1.25"),
        ("data.held_out", "12.5", 0.125, "12.5 %"),
        ("data.held_out", "12,5", 0.125, "12.5 %"),
        ("data.held_out", "7%", 0.07, "7 %"),
        ("data.sample_count", "1 000", 1_000, "1000"),
        ("training.batch_size", "all", 0, "all"),  # the word that it shows
    ],
)
def test_the_number_that_is_shown_is_the_one_used(
    panel: ParameterPanel, path: str, text: str, value: float, written: str
) -> None:
    others = {"training.learning_rate": 0.5, "data.held_out": 0.9, "training.batch_size": 5}
    panel.show_config(Config().with_changes(others))
    told = _typed(panel, path, text)
    assert told == value
    assert type(told) is type(value)
    assert field(panel, path).text() == written


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0, 0.9), st.integers(0, 2**31 - 1))
def test_what_a_number_box_writes_it_reads(qapp: object, number: float, share: float, count: int) -> None:
    real, whole = (NumberField(SETTINGS[path]) for path in ("data.x_min", "data.seed"))
    percent = NumberField(SETTINGS["data.held_out"], is_percent=True)
    for box, value in ((real, number), (percent, share), (whole, count)):
        box.set_value(value)
        assert box.value() == value
        box.deleteLater()


@pytest.mark.parametrize("text", ["fast", "1e", "1_0", "", "12,5,5", "1,000"])
def test_text_that_is_no_number_stays_and_is_emitted(panel: ParameterPanel, text: str) -> None:
    assert _typed(panel, "training.learning_rate", text) == text
    assert field(panel, "training.learning_rate").text() == text
    panel.show_error(ConfigError("training.learning_rate", "not a number"))
    assert _typed(panel, "training.learning_rate", "0.001") == 0.001  # what it was before: the error is gone
    assert child(panel, QLabel, "learningRateError").isHidden()


@pytest.mark.parametrize(
    "text",
    ["9" * 309, "9" * 4_301, f"-{'9' * 4_301}", "1e1000002", "-inf", "nan", "5e-324", "1e308"],
    ids=["309 digits", "4301 digits", "-4301 digits", "1e1000002", "-inf", "nan", "5e-324", "1e308"],
)
def test_a_number_of_any_size_can_be_typed_and_stepped(
    panel: ParameterPanel, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """It is painted, given on as it stands, refused by the configuration or not, and stepped from."""
    reported: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: reported.append(error))
    for path in NAMES:
        editor = field(panel, path)
        if not hasattr(editor, "stepBy"):
            continue
        line = editor if isinstance(editor, QLineEdit) else editor.lineEdit()
        line.setText(text)
        editor.commit()
        editor.grab()
        with contextlib.suppress(ConfigError):
            Config().replace(path, editor.value())
        for key, steps in ((Qt.Key.Key_Up, 1), (Qt.Key.Key_Down, -1)):
            line.setText(text)
            QTest.keyClick(editor, key)
            editor.stepBy(steps)  # the key does nothing where the number is beyond the end
            editor.grab()
            SETTINGS[path].check(path, editor.value())
    assert reported == []


@pytest.mark.parametrize(
    ("text", "widths"),
    [
        ("100,100", (100, 100)),
        ("8,8", (8, 8)),
        ("1,000", (1_000,)),
        ("1,000, 8, 1,000", (1_000, 8, 1_000)),
        ("[8, 100]", (8, 100)),
        ("1,500", (1, 500)),
        ("4-4", (4, 4)),
        ("11,000", (11, 0)),  # the configuration says that no width is 0
        ("eight", "eight"),
        ("", ()),
        (" ", ()),
        *((text, text) for text in ("x", "(((", ";", "×", ",,,", "[]")),
    ],
)
def test_commas_separate_widths(panel: ParameterPanel, text: str, widths: tuple[int, ...] | str) -> None:
    assert _typed(panel, "network.hidden", text) == widths


def test_the_neurons_label_names_layers_and_no_row_moves(panel: ParameterPanel) -> None:
    editor, below = field(panel, "network.hidden"), field(panel, "training.learning_rate")
    label = next(each for each in panel.findChildren(QLabel) if each.buddy() is editor)
    places = set()
    for hidden, name in (((10,), "Neurons"), ((8, 8), "Neurons in each layer"), ((), "Neurons")):
        panel.show_config(Config().replace("network.hidden", hidden))
        panel.show_error(ConfigError("network.hidden", "no"))
        QApplication.processEvents()
        said = child(panel, QLabel, "hiddenLayersError").text()
        assert (label.text().replace("\n", " "), editor.accessibleName(), said) == (name, name, f"{name}: no.")
        assert label.height() >= label.sizeHint().height()
        places.add(below.pos().toTuple())
    assert len(places) == 1


def test_widths_are_stepped_with_the_keys(panel: ParameterPanel) -> None:
    edits = heard(panel.edited)
    panel.show_config(Config().replace("network.hidden", (8, 3)))
    widths = field(panel, "network.hidden")
    widths.setCursorPosition(4)
    QTest.keyClick(widths, Qt.Key.Key_Up)
    assert edits == [{"network.hidden": (8, 4)}]


def test_both_ends_of_the_range_are_emitted_unless_invalid(
    panel: ParameterPanel,
) -> None:
    edits = heard(panel.edited)
    low, high = field(panel, "data.x_min"), field(panel, "data.x_max")
    low.setValue(5)
    panel.show_error(ConfigError("data.x_max", "3 is not allowed"), edits[-1])
    panel.show_config(Config().replace("training.learning_rate", 0.5))
    assert low.value() == 5.0  # what is refused stays as it was typed
    high.setValue(8)
    assert edits[-1] == {"data.x_min": 5.0, "data.x_max": 8.0}
    panel.discard_errors()
    panel.show_config(Config())
    low.lineEdit().setText("abc")
    low.commit()
    assert edits[-1] == {"data.x_min": "abc", "data.x_max": 3.0}
    panel.show_error(ConfigError("data.x_min", "“abc” is not a number"), edits[-1])
    high.setValue(8.0)
    assert edits[-1] == {"data.x_max": 8.0}
    panel.show_config(Config().replace("data.x_max", 8.0))
    assert child(panel, QLabel, "rangeMinError").isVisible()
    assert low.text() == "abc"


def test_the_seed_and_its_companion_are_refused_each_for_itself(panel: ParameterPanel) -> None:
    edits = heard(panel.edited)
    before = field(panel, "network.drawn_before")
    before.setCurrentIndex(1)
    panel.show_error(ConfigError("network.drawn_before", "not today"), edits[-1])
    field(panel, "network.seed").setValue(5)
    panel.show_config(Config().replace("network.seed", 5))
    assert edits == [{"network.drawn_before": 16}, {"network.seed": 5}]
    label = child(panel, QLabel, "drawnBeforeError")
    assert (label.text(), before.currentText()) == ("Drawn before: not today.", "first")
    scale = "network.weight_scale"
    for initialization, factor, in_use in (
        ("zeros", 1, set()),  # where nothing is drawn all three rest
        ("normal", 0, {scale}),
        ("normal", 1, {scale, "network.seed", "network.drawn_before"}),
    ):
        panel.show_config(Config().with_changes({"network.initialization": initialization, scale: factor}))
        paths = (scale, "network.seed", "network.drawn_before")
        assert {path for path in paths if field(panel, path).isEnabled()} == in_use


def test_networks_of_the_notebook_are_chosen_by_name(panel: ParameterPanel) -> None:
    box, edits = field(panel, "network.drawn_before"), heard(panel.edited)
    panel.show_config(Config.notebook())
    assert (box.currentText(), box.count()) == ("5th in the notebook (10 neurons)", 5)
    for drawn, text in ((7, "after 7 numbers"), (0, "first")):  # a setting may have any number
        panel.show_config(Config(drawn_before=drawn))
        assert (box.currentText(), box.count()) == (text, 5 + (drawn == 7))
    box.setCurrentIndex(2)
    assert edits == [{"network.drawn_before": 20}]


def test_the_wheel_does_not_change_what_it_passes_over(panel: ParameterPanel, qtbot: QtBot) -> None:
    editor = field(panel, "data.sample_count")
    editor.clearFocus()
    turn_wheel(editor, QPoint(5, 5), 120)
    assert editor.value() == 20


def test_the_note_on_points_is_legible_in_a_narrow_panel(qtbot: QtBot) -> None:
    panel = seen(qtbot, ParameterPanel(), 276, 500, LIGHT)
    drawn = Config().with_changes({"network.seed": 256, "network.drawn_before": 3_028})
    panel.show_config(drawn.replace("data.points", Points([-2.84, 0.5, 2.12], [1.0, 0.0, 2.0])))
    QApplication.processEvents()
    for name in ("rangeMin", "rangeMax", "networkSeed"):
        line = child(panel, QAbstractSpinBox, name).lineEdit()
        margins = line.textMargins().left() + 2 * 2  # as QLineEdit keeps them
        assert line.fontMetrics().horizontalAdvance(line.text()) <= line.width() - margins
    for label in panel.findChildren(ElidedLabel):
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape])
@pytest.mark.parametrize(("path", "typed"), [("training.learning_rate", "0.5"), ("network.hidden", "4, 5")])
def test_after_enter_and_escape_the_keys_are_the_windows(
    panel: ParameterPanel, key: Qt.Key, path: str, typed: str
) -> None:
    panel.window().activateWindow()
    pressed = [QAction(panel.window(), shortcut=QKeySequence(letter)) for letter in ("Space", "E")]
    panel.window().addActions(pressed)
    heard_keys, edits = [heard(each.triggered) for each in pressed], heard(panel.edited)
    editor, before = field(panel, path), field(panel, path).text()
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, typed)
    QTest.keyClick(editor, key)
    for letter in "e ":
        QTest.keyClicks(not_none(QApplication.focusWidget()), letter)
    assert [len(each) for each in heard_keys] == [1, 1]
    is_escape = key == Qt.Key.Key_Escape
    assert (editor.text(), len(edits)) == ((before, 0) if is_escape else (typed, 1))


@OFFSCREEN
def test_letters_choose_an_entry_of_a_closed_and_of_an_open_list(panel: ParameterPanel) -> None:
    """S took a step, and E trained to the end."""
    panel.window().activateWindow()
    keys = [QAction(panel.window(), shortcut=QKeySequence(letter)) for letter in "SC"]
    panel.window().addActions(keys)
    heard_keys = [heard(key.triggered) for key in keys]
    box: Any = field(panel, "data.target")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_S)
    assert box.currentText() == "sin x"
    box.view().keyboardSearch("")  # the next letter begins another word
    box.showPopup()
    QTest.keyClick(box.view(), Qt.Key.Key_C)
    assert box.view().currentIndex().data() == "cos x"
    box.hidePopup()
    assert heard_keys == [[], []]


@pytest.mark.parametrize(("path", "typed"), [("training.batch_size", "-3"), ("network.hidden", "0")])
def test_escape_takes_back_what_was_refused(panel: ParameterPanel, path: str, typed: str) -> None:
    def refuse(changes: dict[str, Any]) -> None:
        try:
            Config().with_changes(changes)
        except ConfigError as error:
            panel.show_error(error, changes)

    panel.edited.connect(refuse)
    editor = field(panel, path)
    before = editor.text()
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, typed)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.property("invalid")
    assert editor.hasFocus()  # there it can be mended
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.text() == before
    assert not editor.property("invalid")
    assert all(label.isHidden() for label in panel.findChildren(QLabel) if label.objectName().endswith("Error"))


def test_few_settings_show_and_all_that_differ(panel: ParameterPanel) -> None:
    few = {"data.target", "data.noise", "network.hidden", "network.seed", "training.learning_rate"}

    def in_sight() -> set[str]:
        return {path for path in NAMES if field(panel, path).isVisible()}

    panel.show_all(False)
    panel.show_config(Config())
    assert in_sight() == few
    assert not child(panel, QPushButton, "tutorialButton").isVisible()
    for path, value, others in (
        ("data.sample_count", 50, {"data.sample_count"}),
        ("data.x_min", -1.0, {"data.x_min", "data.x_max"}),
        ("network.weight_scale", 0.01, {"network.weight_scale"}),
        ("network.drawn_before", 16, {"network.drawn_before"}),
        ("training.optimizer", "momentum", {"training.optimizer", "training.momentum", "training.nesterov"}),
        ("data.target", "formula", {"data.formula"}),
        ("data.target", "sin", set()),
    ):
        panel.show_config(Config().replace(path, value))
        assert in_sight() == few | others, path
        assert child(panel, QPushButton, "tutorialButton").isVisible()
    panel.show_config(Config())
    panel.reveal(field(panel, "training.batch_size"))  # a lesson points at it
    assert in_sight() == few | {"training.batch_size"}
    panel.show_error(ConfigError("data.formula", "no"), {"data.formula": "x+"})
    assert "data.formula" in in_sight()
    panel.discard_errors()
    panel.show_hidden({"data.noise"})
    panel.show_all(True)
    own = {f"training.{name}" for name in ("momentum", "nesterov", "beta1", "beta2", "alpha", "epsilon")}
    own |= {"training.schedule_steps", "training.gamma"}
    usual = set(NAMES) - own - {"data.noise", "data.points", "network.first_weights"}
    assert in_sight() == usual
    panel.show_config(Config().replace("training.optimizer", "momentum"))
    assert in_sight() == usual | {"training.momentum", "training.nesterov"}


def test_opened_weights_replace_the_seed_until_dropped(panel: ParameterPanel) -> None:
    seeds = {"network.seed", "network.drawn_before"}
    given = Config().replace("network.first_weights", OPENED)
    panel.show_all(False)
    for config in (given, given.with_changes({"training.optimizer": "adam"})):
        panel.show_config(config)
        source = field(panel, "network.first_weights")
        assert source.isVisible()
        assert source.text() == OPENED.origin
        assert not any(field(panel, path).isVisible() for path in seeds)
        assert not field(panel, "network.initialization").isEnabled()
    sources, edits = heard(panel.source_wanted), heard(panel.edited)
    child(panel, QToolButton, "drawWeights").click()
    assert (sources, edits) == ([{"network.first_weights": None}], [])
    panel.show_config(Config())
    assert not field(panel, "network.first_weights").isVisible()
    assert field(panel, "network.seed").isVisible()
    assert field(panel, "network.initialization").isEnabled()
