"""The inspector, both ways: a snapshot in; edits, switches and copies out."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QScrollArea, QSpinBox, QTextEdit
from pytestqt.qtbot import QtBot

from tests.activations import ALL_AND_MIXED, for_layers
from tests.colors import contrast
from tests.gui.conftest import apply_theme, child, heard, recolor, trained_snapshot
from tests.gui.pixels import colors_in
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef, fits
from tinynet_gui.core.text.formula import as_latex, as_plain
from tinynet_gui.core.text.numbers import read_value, signed
from tinynet_gui.core.wording import network_text
from tinynet_gui.core.wording.network_formula import affine_map, whole_network
from tinynet_gui.core.wording.network_text import module_texts
from tinynet_gui.core.wording.neurons import HINT, LISTED, TAP_HINT, listed_parameters, role_text, values_in
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import FINGER, Zoom, zoom_application
from tinynet_gui.ui.views.diagram.describe import describe
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.inspector.mathematics_view import FormulaView
from tinynet_gui.ui.views.inspector.movement import MAX_LINES, MAX_POINTS, MovementView
from tinynet_gui.ui.views.inspector.parameter_table import ParameterTable
from tinynet_gui.ui.widgets.accessibility import TOOLTIP_LINE
from tinynet_gui.ui.widgets.selection import Selection

SHAPES = [(), (1,), (5,), (10,), (100,), (8, 8, 8)]
NUMBERS, PYTORCH, MATHEMATICS = range(3)


def _label(inspector: Inspector, name: str) -> str:
    label = child(inspector, QLabel, name)
    return "" if label.isHidden() else label.text()


def _click(inspector: Inspector, name: str) -> None:
    child(inspector, QAbstractButton, name).click()


def _precision(inspector: Inspector) -> QSpinBox:
    return child(inspector, QSpinBox, "inspectorPrecision")


def _table(inspector: Inspector) -> ParameterTable:
    return inspector.numbers.table


def _cells(inspector: Inspector) -> list[list[str]]:
    model = _table(inspector).model_of_parameters
    return [[model.text(row, heading) for heading in range(4)] for row in model.rows]


def _formula(inspector: Inspector) -> str:
    return _label(inspector, "inspectorFormulaText").replace("\N{NO-BREAK SPACE}", " ")


def _begin_editing(inspector: Inspector, row: int) -> QLineEdit:
    table = _table(inspector)
    table.edit(table.model_of_parameters.index(row, 1, QModelIndex()))
    return table.viewport().findChildren(QLineEdit, "inspectorValue")[-1]  # one before it may not be deleted yet


def _type(editor: QLineEdit, text: str) -> None:
    editor.selectAll()
    QTest.keyClicks(editor, text)
    assert editor.text() == text
    QTest.keyClick(editor, Qt.Key.Key_Return)


def _copied() -> str:
    return QGuiApplication.clipboard().text()


def test_the_pin_goes_before_the_mouse_and_the_output_last(inspector: Inspector, selection: Selection) -> None:
    inspector.show_snapshot(trained_snapshot((5,)))
    assert (inspector.ref, _label(inspector, "inspectorTitle")) == (NeuronRef(1, 0), "Output ŷ")
    selection.hover(WeightRef(0, 2, 0))
    assert _label(inspector, "inspectorTitle") == "Weight from x to h₃"
    selection.pin(NeuronRef(0, 2))
    selection.hover(NeuronRef(0, 4))
    assert _label(inspector, "inspectorTitle") == "Neuron h₃"
    assert _label(inspector, "inspectorMark") == "pinned"
    _click(inspector, "inspectorLetGo")
    assert selection.pinned is None
    assert _label(inspector, "inspectorTitle") == "Neuron h₅"
    assert _label(inspector, "inspectorMark") == "follows the mouse"
    selection.pin(NeuronRef(0, 4))
    inspector.show_snapshot(trained_snapshot((3,), run_id=2))  # which does not have it
    assert inspector.ref == NeuronRef(1, 0)
    assert not fits(trained_snapshot((5,)).layers, WeightRef(1, 0, 7))


def test_the_inspector_gives_a_sentence_then_all_numbers(inspector: Inspector, selection: Selection) -> None:
    inspector.numbers.show_all(False)
    snapshot = trained_snapshot((5,))
    inspector.show_snapshot(snapshot)
    assert _label(inspector, "inspectorRole") == HINT
    assert not _table(inspector).isVisible()
    selection.hover(NeuronRef(0, 2))
    assert _label(inspector, "inspectorRole") == role_text(snapshot, NeuronRef(0, 2))
    assert _table(inspector).isVisible()
    assert (_table(inspector).model_of_parameters.columnCount(), _label(inspector, "inspectorFormulaText")) == (2, "")
    _click(inspector, "inspectorAll")
    assert (_table(inspector).model_of_parameters.columnCount(), _formula(inspector)[:2]) == (4, "h₃")
    selection.hover(None)
    assert _label(inspector, "inspectorRole") == HINT
    zoom_application(Zoom(least_row=FINGER))  # a touch was seen
    recolor(inspector, LIGHT)
    assert (_label(inspector, "inspectorRole"), _label(inspector, "inspectorMark")) == (TAP_HINT, "")
    inspector.numbers.show_all(False)
    inspector.clear_run()  # the next one has other neurons
    inspector.show_snapshot(trained_snapshot((100,)))
    assert _label(inspector, "inspectorFacts") == ""  # of no list


@pytest.mark.parametrize("hidden", SHAPES)
def test_the_table_has_the_snapshots_numbers(
    inspector: Inspector, selection: Selection, hidden: tuple[int, ...]
) -> None:
    first, later = trained_snapshot(hidden, 0), trained_snapshot(hidden, 50)
    inspector.show_snapshot(first)
    inspector.show_snapshot(later)
    refs: list[Ref] = [kind for layer in range(len(hidden) + 1) for kind in (NeuronRef(layer, 0), LayerRef(layer))]
    for ref in [*refs, WeightRef(0, 0, 0)]:
        selection.pin(ref)
        cells = _cells(inspector)
        assert len(cells) <= 2 * LISTED + 1
        for parameter, (label, value, gradient, moved) in zip(listed_parameters(later, ref), cells, strict=True):
            now, start, slope = (
                getattr(layers[parameter.ref.layer], parameter.ref.kind)[parameter.ref.index]
                for layers in (later.layers, first.layers, later.gradients)
            )
            assert (label, value) == (parameter.label, signed(float(now)))
            assert (gradient, moved) == (signed(float(slope)), signed(float(now - start)))


def test_a_wide_layer_lists_the_largest_and_counts_the_rest(inspector: Inspector) -> None:
    snapshot = trained_snapshot((100,))
    inspector.show_snapshot(snapshot)
    shown = [row.parameter.ref.index for row in _table(inspector).model_of_parameters.rows][:-1]
    sizes = np.sort(np.abs(snapshot.layers[1].weight[0]))
    assert sorted(abs(snapshot.layers[1].weight[index]) for index in shown) == sizes[-LISTED:].tolist()
    assert "88 more in" in _label(inspector, "inspectorFacts")
    _precision(inspector).setValue(7)
    _click(inspector, "inspectorCopy")
    for cells in _cells(inspector):
        assert "\t".join(cells) in _copied()
    assert "88 more in" in _copied()
    assert _copied().startswith("ŷ = ")


def test_formula_kink_and_active_samples_are_told(inspector: Inspector, selection: Selection) -> None:
    snapshot = trained_snapshot((10,))
    inspector.show_snapshot(snapshot)
    selection.pin(NeuronRef(0, 2))
    weight, bias = snapshot.layers[0].weight[2, 0], snapshot.layers[0].bias[2]
    text = _formula(inspector)
    assert text == f"h₃ = ReLU({weight:.4f}·x − {abs(bias):.4f})"
    facts = _label(inspector, "inspectorFacts")
    assert signed(-float(bias) / float(weight)) in facts
    assert f"{snapshot.active_counts[0][2]} of 20 samples" in facts


def test_a_line_is_in_the_inspector_and_the_diagrams_description(
    inspector: Inspector, selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = network_text.layer_lines
    monkeypatch.setattr(network_text, "layer_lines", lambda *of: [*lines(*of), "made up: 7"])
    inspector.show_snapshot(trained_snapshot((10,)))
    selection.pin(LayerRef(0))
    assert _label(inspector, "inspectorFacts").endswith("\nmade up: 7")
    _click(inspector, "inspectorCopy")
    assert _copied().endswith("\nmade up: 7")
    assert "\nmade up: 7" in describe(trained_snapshot((10,)), LayerRef(0))


def test_the_formula_has_the_tables_numbers(inspector: Inspector, selection: Selection) -> None:
    snapshot = trained_snapshot((100,))
    inspector.show_snapshot(snapshot)
    for precision in (2, 6, 10):
        _precision(inspector).setValue(precision)
        text = _formula(inspector)
        cells = _cells(inspector)
        terms = [f"{cell[1][0]} {cell[1][1:]}·{cell[0].removeprefix('from ')}" for cell in cells[:LISTED]]
        bias = f"{cells[LISTED][1][0]} {cells[LISTED][1][1:]}"
        terms[0] = terms[0].removeprefix("+ ").replace("− ", "−")
        assert text == f"ŷ = {' '.join(terms)} + 88 more {bias}"


def test_every_precision_is_shown_and_full_gives_the_number_back(inspector: Inspector, selection: Selection) -> None:
    snapshot = trained_snapshot((5,))
    inspector.show_snapshot(snapshot)
    selection.pin(NeuronRef(0, 1))
    weight = snapshot.layers[0].weight[1, 0]
    for digits in range(2, 10):
        _precision(inspector).setValue(digits)
        assert _cells(inspector)[0][1] == signed(float(weight), digits)
    _precision(inspector).setValue(10)
    assert _precision(inspector).text() == "full"
    values = values_in(snapshot.layers, listed_parameters(snapshot, NeuronRef(0, 1)))
    assert [np.float32(read_value(cell[1])) for cell in _cells(inspector)] == values.tolist()


def test_full_precision_round_trips_and_non_numbers_do_not() -> None:
    for value in np.array([0.1, -1.5e-12, 3.2e30, -0.0, 7.0, 1 / 3], np.float32):
        assert np.float32(read_value(signed(float(value), None))) == value
    for text in ("", "abc", "1 2", "nan", "inf", "1e39", "1_0", "--1"):
        with pytest.raises(ValueError, match=r"not a number|not allowed"):
            read_value(text)


@pytest.mark.parametrize(
    ("ref", "row", "expected"),
    [
        (NeuronRef(0, 2), 0, ParameterRef(0, "weight", (2, 0))),
        (NeuronRef(0, 2), 1, ParameterRef(0, "bias", (2,))),
        (NeuronRef(0, 2), 2, ParameterRef(1, "weight", (0, 2))),
        (WeightRef(1, 0, 2), 0, ParameterRef(1, "weight", (0, 2))),
        (LayerRef(1), 3, ParameterRef(1, "weight", (1, 0))),
        (LayerRef(1), 7, ParameterRef(1, "bias", (1,))),
        (LayerRef(2), 1, ParameterRef(2, "weight", (0, 1))),
        (None, 2, ParameterRef(2, "bias", (0,))),
    ],
)
def test_an_edit_is_told(
    inspector: Inspector, selection: Selection, ref: Ref | None, row: int, expected: ParameterRef, qtbot: QtBot
) -> None:
    inspector.show_snapshot(trained_snapshot((3, 2)))
    selection.pin(ref)
    before = _cells(inspector)
    editor = _begin_editing(inspector, row)
    with qtbot.waitSignal(inspector.parameter_edited) as edited:
        _type(editor, "-0,25")
    assert edited.args == [expected, -0.25]
    assert _cells(inspector) == before  # the table changes when the network has
    qtbot.waitUntil(lambda: not _table(inspector).is_editing())


def test_unchanged_and_invalid_cells_emit_no_edit(inspector: Inspector, qtbot: QtBot) -> None:
    snapshot, table = trained_snapshot((5,)), _table(inspector)
    inspector.show_snapshot(snapshot)
    told = heard(inspector.parameter_edited)
    table.setFocus()
    table.setCurrentIndex(table.model_of_parameters.index(0, 1, QModelIndex()))
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = child(table.viewport(), QLineEdit, "inspectorValue")
    assert np.float32(read_value(editor.text())) == snapshot.layers[1].weight[0, 0]
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not table.is_editing())
    assert told == []
    before = _cells(inspector)
    editor = _begin_editing(inspector, 0)
    _type(editor, "often")
    assert "“often” is not a number" in _label(inspector, "inspectorError")
    assert editor.property("invalid")
    assert _table(inspector).is_editing()
    assert (told, _cells(inspector)) == ([], before)
    _type(editor, "2.5")
    qtbot.waitUntil(lambda: not _table(inspector).is_editing())
    assert told == [ParameterRef(1, "weight", (0, 0)), 2.5]
    assert _label(inspector, "inspectorError") == ""
    editor = _begin_editing(inspector, 0)
    QTest.keyClicks(editor, "x")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not _table(inspector).is_editing())
    assert len(told) == 2


def test_training_leaves_what_is_being_typed_alone(inspector: Inspector, qtbot: QtBot) -> None:
    inspector.show_snapshot(trained_snapshot((100,), 1))
    before = _cells(inspector)
    editor = _begin_editing(inspector, 0)
    editor.selectAll()
    QTest.keyClicks(editor, "0.12")
    inspector.show_snapshot(trained_snapshot((100,), 500))
    qtbot.waitUntil(lambda: _cells(inspector) != before)
    assert editor.text() == "0.12"
    assert [cells[0] for cells in _cells(inspector)] == [cells[0] for cells in before]
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not _table(inspector).is_editing())


def test_freezing_and_switching_off_go_both_ways(inspector: Inspector, selection: Selection, qtbot: QtBot) -> None:
    inspector.show_snapshot(trained_snapshot((5,)))
    freeze, off = (child(inspector, QAbstractButton, f"inspector{name}") for name in ("Freeze", "SwitchOff"))
    assert off.isHidden()  # the output cannot be
    ref = NeuronRef(0, 1)
    selection.pin(ref)
    assert not off.isHidden()
    for box, signal in ((freeze, inspector.frozen_toggled), (off, inspector.switched_off_toggled)):
        for is_on in (True, False):
            with qtbot.waitSignal(signal) as told:
                box.click()
            assert told.args == [ref, is_on]
    assert max(map(len, freeze.toolTip().split("\n"))) <= TOOLTIP_LINE
    with qtbot.assertNotEmitted(inspector.frozen_toggled), qtbot.assertNotEmitted(inspector.switched_off_toggled):
        inspector.show_frozen(frozenset({ref}))
        inspector.show_switched_off(frozenset({ref}))
        assert (freeze.isChecked(), off.isChecked()) == (True, True)
        selection.pin(WeightRef(0, 2, 0))
        assert (freeze.isChecked(), off.isHidden()) == (False, True)


def _refresh(inspector: Inspector) -> QTimer:
    return child(inspector, QTimer, "inspectorRefresh")


def _wait_out(inspector: Inspector) -> None:
    """Let the moment pass after which it writes what it was shown last."""
    assert _refresh(inspector).isActive()
    _refresh(inspector).timeout.emit()


def test_numbers_follow_the_training_only_while_visible(inspector: Inspector, qtbot: QtBot) -> None:
    inspector.show_snapshot(trained_snapshot((5,), 1))
    assert inspector.torch_text.text() == ""
    first = _cells(inspector)
    inspector.show_snapshot(trained_snapshot((5,), 50))
    assert _cells(inspector) == first  # soon, not at once
    qtbot.waitUntil(lambda: _cells(inspector) != first)
    before = _cells(inspector)
    inspector.hide()
    inspector.show_snapshot(trained_snapshot((5,), 100))
    assert not _refresh(inspector).isActive()
    assert _cells(inspector) == before
    inspector.show()
    assert _cells(inspector) != before


def test_moved_begins_anew_with_each_run(inspector: Inspector) -> None:
    inspector.show_snapshot(trained_snapshot((5,), 10))
    assert {cells[3] for cells in _cells(inspector)} == {"+0.0000"}
    inspector.clear_run()
    assert (_cells(inspector), inspector.ref) == ([], None)
    inspector.show_snapshot(trained_snapshot((5,), 20, run_id=2))
    assert {cells[3] for cells in _cells(inspector)} == {"+0.0000"}


def test_the_curve_ends_where_the_table_says(inspector: Inspector, selection: Selection) -> None:
    selection.pin(NeuronRef(0, 1))
    snapshots = [trained_snapshot((5,), steps) for steps in (0, 10, 20, 40)]
    states = [s.state for s in snapshots]
    inspector.show_snapshot(snapshots[0], states[:1])
    inspector.show_snapshot(snapshots[-1], states)
    _wait_out(inspector)
    view = child(inspector, MovementView)
    steps, moved = view.steps, view.moved
    assert steps.tolist() == [0, 10, 20, 40]
    shown = listed_parameters(snapshots[-1], NeuronRef(0, 1))
    first, last = (values_in(s.layers, shown).astype(float) for s in (snapshots[0], snapshots[-1]))
    assert moved[-1].tolist() == (last - first).tolist()
    selection.pin(NeuronRef(0, 2))
    assert view.steps.tolist() == [0, 10, 20, 40]  # another one: its own way, from the start too
    other = [values_in(s.layers, listed_parameters(s, NeuronRef(0, 2))).astype(float) for s in snapshots]
    assert view.moved.tolist() == [(values - other[0]).tolist() for values in other]
    assert _label(inspector, "inspectorFacts").endswith(" since step 0")
    inspector.show_snapshot(snapshots[-1], states, alike_since=11)  # something was changed before step 11
    _wait_out(inspector)
    assert _label(inspector, "inspectorFacts").endswith(" since step 20")


def test_the_record_of_a_weight_is_drawn_from_end_to_end(
    inspector: Inspector,
) -> None:
    first = trained_snapshot((5,), 0)
    inspector.show_snapshot(first, [first.state, first.state])
    view = inspector.numbers.movement_view
    assert view.steps.tolist() == [0, 0]
    inspector.grab()  # two moments at one step: nothing to divide by
    inspector.clear_run()
    inspector.show_snapshot(first, [replace(first.state, step=step) for step in range(1_000)])
    steps, moved = view.steps, view.moved
    assert (steps[0], steps[-1]) == (0, 999)
    assert len(steps) == MAX_POINTS
    assert not moved.any()


def test_all_weights_of_a_wide_layer_can_be_listed_and_set(
    inspector: Inspector, selection: Selection, qtbot: QtBot
) -> None:
    first, now = trained_snapshot((100,), 0), trained_snapshot((100,), 30)
    states = [s.state for s in (first, now)]
    inspector.show_snapshot(first, states[:1])
    inspector.show_snapshot(now, states)
    selection.pin(NeuronRef(1, 0))
    assert len(_cells(inspector)) == LISTED + 1
    _click(inspector, "inspectorListAll")
    cells = _cells(inspector)
    assert [cell[0] for cell in cells[:3]] == ["from h₁", "from h₂", "from h₃"]
    assert [read_value(cell[1]) for cell in cells[:100]] == pytest.approx(now.layers[1].weight[0].tolist(), abs=1e-4)
    assert "more in" not in _label(inspector, "inspectorFacts")
    least = int(np.argmin(np.abs(now.layers[1].weight[0])))
    with qtbot.waitSignal(inspector.parameter_edited) as edited:
        _type(_begin_editing(inspector, least), "0.5")
    assert edited.args == [ParameterRef(1, "weight", (0, least)), 0.5]
    moved = inspector.numbers.movement_view
    moves = now.layers[1].weight[0].astype(float) - first.layers[1].weight[0]
    unmoved = int(np.argmin(np.abs(moves)))
    assert len(moved.moved[0]) <= MAX_LINES + 1
    _table(inspector).setCurrentIndex(_table(inspector).model_of_parameters.index(unmoved, 1, QModelIndex()))
    assert len(moved.moved[0]) == MAX_LINES + 1
    assert moved.moved[-1, -1] == pytest.approx(moves[unmoved])
    selection.pin(WeightRef(0, 1, 0))
    list_all = child(inspector, QAbstractButton, "inspectorListAll")
    assert list_all.isHidden()


@pytest.mark.parametrize("hidden", [(5,), (100,), (8, 8, 8)])
def test_pytorchs_print_highlights_the_neurons_row_and_bias(
    inspector: Inspector, selection: Selection, hidden: tuple[int, ...]
) -> None:
    snapshot = trained_snapshot(hidden)
    inspector.show_snapshot(snapshot)
    inspector.tabs.setCurrentIndex(PYTORCH)
    _click(inspector, "inspectorCopyTorch")
    assert _copied() == inspector.torch_text.text()
    modules = module_texts(snapshot.layers, "relu")
    said = [part for m in modules for part in (m.title, *(m.parameters or ("[]",)), *m.shapes)]
    assert all(part in _copied() for part in said)
    for ref in (NeuronRef(0, hidden[0] - 1), NeuronRef(len(hidden) - 1, 1), NeuronRef(len(hidden), 0)):
        selection.pin(ref)
        row, bias = inspector.torch_text.marked()
        layer = snapshot.layers[ref.layer]
        values = [float(text) for text in row.strip("[]").replace("\N{PARAGRAPH SEPARATOR}", "").split(",")]
        np.testing.assert_allclose(values, layer.weight[ref.index], atol=6e-5)
        assert float(bias) == pytest.approx(float(layer.bias[ref.index]), abs=6e-5)
        assert all(module.title in inspector.torch_text.text() for module in modules)
    selection.pin(WeightRef(len(hidden), 0, 2))
    weight = float(snapshot.layers[-1].weight[0, 2])
    assert [float(text) for text in inspector.torch_text.marked()] == [pytest.approx(weight, abs=6e-5)]
    inspector.show_snapshot(trained_snapshot(hidden, 60))
    _wait_out(inspector)
    later = float(trained_snapshot(hidden, 60).layers[-1].weight[0, 2])
    assert [float(text) for text in inspector.torch_text.marked()] == [pytest.approx(later, abs=6e-5)]


def test_abbreviated_layers_highlight_nothing(inspector: Inspector, selection: Selection) -> None:
    inspector.show_snapshot(trained_snapshot((40, 40), 1))
    inspector.tabs.setCurrentIndex(PYTORCH)
    selection.pin(NeuronRef(1, 3))
    assert "..." in inspector.torch_text.text()
    assert len(inspector.torch_text.marked()) == 1  # the bias is printed in full
    inspector.tabs.setCurrentIndex(MATHEMATICS)
    assert len(inspector.mathematics.formulas()) == 5
    texts = [label.text() for label in inspector.mathematics.findChildren(QLabel)]
    assert any("too long to read" in text for text in texts)


def test_a_selection_in_the_print_stands_still(inspector: Inspector) -> None:
    inspector.show_snapshot(trained_snapshot((5,), 1))
    inspector.tabs.setCurrentIndex(PYTORCH)
    text = inspector.torch_text.text()
    printed = child(inspector, QTextEdit, "inspectorTorchText")
    printed.selectAll()
    inspector.show_snapshot(trained_snapshot((5,), 100))
    _wait_out(inspector)
    assert inspector.torch_text.text() == text
    cursor = printed.textCursor()
    cursor.clearSelection()
    printed.setTextCursor(cursor)
    _wait_out(inspector)
    assert inspector.torch_text.text() != text


@pytest.mark.parametrize("name", ALL_AND_MIXED)
@pytest.mark.parametrize("hidden", [(5,), (8, 8, 8)])
def test_the_mathematics_is_the_cores(inspector: Inspector, hidden: tuple[int, ...], name: str) -> None:
    activation = for_layers(name, len(hidden))
    config = Config().replace("network.hidden", hidden).replace("network.activation", activation)
    snapshot = trained_snapshot(config)
    inspector.show_snapshot(snapshot)
    inspector.tabs.setCurrentIndex(MATHEMATICS)
    inspector.show_input(2.3)
    _wait_out(inspector)
    formulas = inspector.mathematics.formulas()
    assert len(formulas) == 2 * len(hidden) + 2
    assert formulas[0] == affine_map(snapshot.layers, activation, 0, 2.3)
    assert formulas[-1] == whole_network(snapshot.layers, activation)
    _click(inspector, "inspectorCopyFormulas")
    assert _copied().split("\n") == [as_plain(terms) for terms in formulas]
    _click(inspector, "inspectorCopyLatex")
    assert _copied().split("\n") == [rf"\[ {as_latex(terms)} \]" for terms in formulas]
    _precision(inspector).setValue(7)
    inspector.show_input(-1.25)
    _wait_out(inspector)
    assert inspector.mathematics.formulas()[0] == affine_map(snapshot.layers, activation, 0, -1.25, digits=7)


@pytest.mark.parametrize("hidden", SHAPES)
def test_nothing_is_cut_off(inspector: Inspector, selection: Selection, hidden: tuple[int, ...]) -> None:
    inspector.show_snapshot(trained_snapshot(hidden))
    inspector.show_frozen(frozenset({LayerRef(0)}))
    refs = (None, LayerRef(0), LayerRef(len(hidden)))
    for tab, width, ref, precision in itertools.product((NUMBERS, MATHEMATICS), (240, 300), refs, (4, 10)):
        inspector.resize(width, 380)
        inspector.tabs.setCurrentIndex(tab)
        selection.pin(ref)
        _precision(inspector).setValue(precision)
        QApplication.processEvents()
        assert inspector.width() == width or ref is not None  # the window has 272 for it
        for area in inspector.tabs.currentWidget().findChildren(QScrollArea):
            page = area.widget()
            if area.isVisible() and not isinstance(area, FormulaView) and page is not None:
                assert page.width() <= area.viewport().width()
        for formula in inspector.findChildren(FormulaView):
            if formula.isVisible():
                assert formula.page.height <= formula.viewport().height()
        table = _table(inspector)
        if tab == NUMBERS:
            model = table.model_of_parameters
            assert table.horizontalHeader().length() <= table.viewport().width()
            for column in range(model.columnCount()):
                assert table.columnWidth(column) >= table.sizeHintForColumn(column) - 1


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_tab_follows_the_theme_and_selection_is_legible(inspector: Inspector, theme: Theme) -> None:
    apply_theme(inspector, theme)
    for steps in (0, 20, 40):
        inspector.show_snapshot(trained_snapshot((8, 8, 8), steps))
    for tab in range(3):
        inspector.tabs.setCurrentIndex(tab)
        QApplication.processEvents()
        names = colors_in(inspector.grab().toImage().copy(10, 70, 280, 230))
        assert theme.ink in names
        if tab == NUMBERS:
            assert {theme.positive, theme.negative} <= names
    inspector.tabs.setCurrentIndex(NUMBERS)
    table = _table(inspector)
    index = table.model_of_parameters.index(0, 1)
    table.setCurrentIndex(index)
    image = table.viewport().grab(table.visualRect(index)).toImage()
    assert max(contrast(QColor(name), image.pixelColor(0, 0)) for name in colors_in(image)) >= 4.5


def test_a_network_that_is_not_finite_can_be_inspected(inspector: Inspector) -> None:
    snapshot = trained_snapshot(Config().replace("training.learning_rate", 10.0), steps=100)
    assert snapshot.diverged_at is not None
    inspector.show_snapshot(snapshot)
    for tab in range(3):
        inspector.tabs.setCurrentIndex(tab)
        inspector.grab()
