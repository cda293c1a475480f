"""Formulas under the mouse and the keyboard: selected, copied, standing still meanwhile; what is pinned is marked."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, seen, trained_snapshot
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, Ref, WeightRef
from tinynet_gui.core.text.formula import Matrix, Part, Submatrix, Term, TermRange, as_latex, as_plain
from tinynet_gui.core.wording.network_formula import affine_map
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import set_theme
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.views.inspector.mathematics_view import FormulaView, MathematicsView
from tinynet_gui.ui.views.inspector.typeset import areas
from tinynet_gui.ui.widgets.selection import Selection

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot) -> MathematicsView:
    """The mathematics of the tutorial's network of five neurons, in which the formulas have several lines."""
    view = seen(qtbot, MathematicsView(), 300, 500, LIGHT)
    view.show_snapshot(trained_snapshot((5,)), 1.5, 4)
    qtbot.waitExposed(view)
    return view


def _captions(view: MathematicsView) -> list[QLabel]:
    return [label for label in view.findChildren(QLabel) if label.text()]


def _formulas(view: MathematicsView) -> list[FormulaView]:
    return [formula for formula in view.findChildren(FormulaView) if formula.terms]


@pytest.fixture
def formula(view: MathematicsView) -> FormulaView:
    """u = W·v + b."""
    return _formulas(view)[0]


def _at(formula: FormulaView, part: Part) -> QPoint:
    """The middle of the first rectangle of a part."""
    area = areas(formula.page, part)[0]
    shift = formula.horizontalScrollBar().value()
    return QPoint(round(area.x + area.width / 2) - shift, round(area.y + area.height / 2))


def _entry(term: int, row: int, column: int = 0) -> Submatrix:
    return Submatrix(term, (row, row), (column, column))


def _drag(formula: FormulaView, start: Part, end: Part) -> None:
    viewport = formula.viewport()
    QTest.mousePress(viewport, LEFT, Qt.KeyboardModifier.NoModifier, _at(formula, start))
    for _ in range(2):  # the second after the formula has been scrolled
        QTest.mouseMove(viewport, _at(formula, end))
    QTest.mouseRelease(viewport, LEFT, Qt.KeyboardModifier.NoModifier, _at(formula, end))


def _copied() -> str:
    return QGuiApplication.clipboard().text()


def _copy(widget: QWidget) -> str:
    QGuiApplication.clipboard().clear()
    QTest.keyClick(widget, Qt.Key.Key_C, CONTROL)
    return _copied()


WEIGHT, INPUT, BIAS, RESULT = 2, 3, 5, 7  # where the matrices are among the terms of u = W v + b = u


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (TermRange(0, 0), TermRange(1, 1)),
        (TermRange(4, 4), TermRange(1, 1)),
        (TermRange(0, 0), _entry(BIAS, 4)),
        (_entry(BIAS, 0), _entry(RESULT, 4)),  # over several lines
    ],
)
def test_a_drag_selects_terms_and_ctrl_c_copies_latex(formula: FormulaView, start: Part, end: Part) -> None:
    _drag(formula, start, end)
    assert len(formula.page.lines) > 1
    places = [part.first if isinstance(part, TermRange) else part.term for part in (start, end)]
    expected = formula.terms[min(places) : max(places) + 1]
    assert _copy(formula) == as_latex(expected)
    formula.copy_plain()
    assert _copied() == as_plain(expected)


def test_two_and_three_clicks(formula: FormulaView) -> None:
    viewport, bias = formula.viewport(), formula.terms[BIAS]
    assert isinstance(bias, Matrix)
    here = _at(formula, _entry(BIAS, 2))
    QTest.mouseDClick(viewport, LEFT, pos=here)
    assert _copy(formula) == bias.rows[2][0].latex
    QTest.mouseClick(viewport, LEFT, pos=here)
    assert _copy(formula) == as_latex(formula.terms)
    QTest.mouseClick(viewport, LEFT, pos=here)  # a fourth begins anew
    assert formula.selected() == ()
    edge = areas(formula.page, TermRange(BIAS, BIAS))[0]
    QTest.mouseDClick(viewport, LEFT, pos=QPoint(round(edge.x) + 2, here.y()))
    assert formula.selected() == (bias,)
    QTest.mouseClick(viewport, LEFT, pos=_at(formula, TermRange(0, 0)))  # elsewhere: not a third one
    assert formula.selected() == ()


def test_shift_stretches_what_is_selected(formula: FormulaView) -> None:
    QTest.mouseClick(formula.viewport(), LEFT, pos=_at(formula, TermRange(1, 1)))
    QTest.mouseClick(formula.viewport(), LEFT, SHIFT, _at(formula, TermRange(4, 4)))
    assert formula.selected() == formula.terms[1:5]
    QTest.mouseClick(formula.viewport(), LEFT, SHIFT, _at(formula, TermRange(0, 0)))
    assert formula.selected() == formula.terms[0:2]


def test_a_click_a_press_elsewhere_and_escape_let_go(view: MathematicsView, formula: FormulaView) -> None:
    QTest.keyClick(formula, Qt.Key.Key_A, CONTROL)
    assert formula.selected() == formula.terms
    QTest.mouseClick(formula.viewport(), LEFT, pos=_at(formula, TermRange(1, 1)))
    assert formula.selected() == ()
    formula.select_all()
    QTest.keyClick(formula, Qt.Key.Key_Escape)
    assert formula.selected() == ()
    formula.select_all()
    QTest.mouseClick(_captions(view)[1], LEFT)
    assert formula.selected() == ()
    formula.select_all()
    second = _formulas(view)[1]
    _drag(second, TermRange(0, 0), TermRange(1, 1))  # only one formula has a selection
    assert (formula.selected(), second.selected()) == ((), second.terms[:2])


def test_what_is_selected_stands_still_and_the_rest_moves_on(view: MathematicsView, formula: FormulaView) -> None:
    before, caption = view.formulas(), _captions(view)[0].text()
    _drag(formula, TermRange(0, 0), TermRange(1, 1))
    later = trained_snapshot((5,), steps=100)
    view.show_snapshot(later, 2.5, 4)
    assert view.formulas()[0] == formula.terms == before[0]
    assert _captions(view)[0].text() == caption  # with the x that the numbers are of
    assert all(now != then for now, then in zip(view.formulas()[1:], before[1:], strict=True))
    assert "stands still" in formula.toolTip()
    formula.clear_selection()  # and catches up at once
    assert formula.terms == affine_map(later.layers, "relu", 0, 2.5)
    assert _captions(view)[0].text() != caption
    QTest.mousePress(formula.viewport(), LEFT, pos=_at(formula, TermRange(1, 1)))
    view.show_snapshot(trained_snapshot((5,), steps=200), 2.5, 4)
    assert formula.terms == affine_map(later.layers, "relu", 0, 2.5)  # likewise under the pressed mouse
    QTest.mouseRelease(formula.viewport(), LEFT, pos=_at(formula, TermRange(1, 1)))
    assert formula.terms != affine_map(later.layers, "relu", 0, 2.5)


@pytest.mark.parametrize(
    ("hidden", "run_id", "ref"),
    [((5,), 2, None), ((3, 2), 2, None), ((5,), 1, NeuronRef(0, 1)), ((5,), 1, LayerRef(1))],
)
def test_another_run_or_pin_does_not_wait_for_a_selection(
    view: MathematicsView, formula: FormulaView, hidden: tuple[int, ...], run_id: int, ref: Ref | None
) -> None:
    formula.select_all()
    before = formula.terms
    view.show_snapshot(trained_snapshot(hidden, 30, run_id), 1.5, 4, ref)
    assert formula.terms != before
    assert formula.selected() == ()
    formula.select_all()
    view.clear()
    assert (view.formulas(), formula.is_frozen()) == ([], False)


def test_the_menu_copies_what_is_selected_or_all(formula: FormulaView, qtbot: QtBot) -> None:
    def trigger(name: str) -> None:
        menu = formula.menu()
        child(menu, QAction, name).trigger()
        menu.deleteLater()

    trigger("formulaCopyText")
    assert _copied() == as_plain(formula.terms)
    _drag(formula, TermRange(0, 0), TermRange(1, 1))
    trigger("formulaCopyLatex")
    assert _copied() == as_latex(formula.terms[:2])
    trigger("formulaSelectAll")
    assert formula.selected() == formula.terms
    trigger("formulaCopyLatex")
    assert _copied() == as_latex(formula.terms)


def test_tab_goes_from_formula_to_formula(view: MathematicsView, qtbot: QtBot) -> None:
    first, second, *_ = _formulas(view)
    view.activateWindow()
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    QTest.keyClick(first, Qt.Key.Key_Tab)
    qtbot.waitUntil(second.hasFocus)
    QTest.keyClick(second, Qt.Key.Key_A, CONTROL)
    assert _copy(second) == as_latex(second.terms)


def test_a_wide_formula_is_scrolled_by_the_stroke(qtbot: QtBot) -> None:
    formula = seen(qtbot, FormulaView(), 120, 100)
    formula.show_terms(affine_map(trained_snapshot((8, 8)).layers, "relu", 1, 1.0))
    bar = formula.horizontalScrollBar()
    assert bar.maximum() > 0
    _drag(formula, _entry(WEIGHT, 1, 1), _entry(WEIGHT, 1, 4))
    assert bar.value() > 0
    _drag(formula, _entry(WEIGHT, 2, 5), _entry(WEIGHT, 2, 5))  # no stroke at all
    QTest.mouseDClick(formula.viewport(), LEFT, pos=_at(formula, _entry(WEIGHT, 2, 3)))
    weight = formula.terms[WEIGHT]
    assert isinstance(weight, Matrix)
    assert formula.selected() == (weight.rows[2][3],)


def test_the_wheel_over_a_formula_scrolls_the_formulas(view: MathematicsView, formula: FormulaView) -> None:
    area = child(view, QScrollArea, "inspectorFormulas")
    here = formula.viewport().mapTo(view, formula.viewport().rect().center())
    QTest.wheelEvent(view.windowHandle(), QPointF(here), QPoint(0, -120))
    assert area.verticalScrollBar().value() > 0


def _marked(terms: tuple[Term, ...]) -> list[list[str]]:
    return [
        [cell.plain for row in term.rows for cell in row if cell.is_marked]
        for term in terms
        if isinstance(term, Matrix)
    ]


def test_the_pinned_neuron_is_marked_in_the_matrices(inspector: Inspector, selection: Selection) -> None:
    inspector.tabs.setCurrentIndex(2)
    snapshot = trained_snapshot((40, 3))
    inspector.show_snapshot(snapshot)
    ref: Any = NeuronRef(0, 20)
    selection.hover(ref)
    assert not any(any(found) for terms in inspector.mathematics.formulas() for found in _marked(terms))
    selection.pin(ref)
    first, activation, second, *_ = inspector.mathematics.formulas()
    weight, _, bias, u = _marked(first)
    assert weight == [f"{snapshot.layers[0].weight[20, 0]:.4f}".replace("-", "−")]  # in sight, though the layer is long
    assert bias == [f"{snapshot.layers[0].bias[20]:.4f}".replace("-", "−")]
    assert _marked(activation)[0] == u
    column, h, *rest = _marked(second)
    assert column == [f"{value:.4f}".replace("-", "−") for value in snapshot.layers[1].weight[:, 20]]
    assert h == _marked(activation)[1]
    assert rest == [[], []]
    selection.pin(WeightRef(1, 2, 20))
    assert _marked(inspector.mathematics.formulas()[2])[0] == [column[2]]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_marked_and_selected_have_colours_of_their_own(qtbot: QtBot, theme: Theme) -> None:
    set_theme(theme)
    formula = seen(qtbot, FormulaView(), 400, 200)
    formula.setStyleSheet(f"background: {theme.card};")
    view = MathematicsView()
    qtbot.addWidget(view)
    view.show_snapshot(trained_snapshot((5,)), 1.0, 4, NeuronRef(0, 2))
    formula.show_terms(view.formulas()[0])

    def background(row: int) -> str:
        area = areas(formula.page, _entry(WEIGHT, row))[0]
        return formula.grab().toImage().pixelColor(round(area.x + 1), round(area.y + 2)).name()

    bare, marked = background(1), background(2)
    _drag(formula, _entry(WEIGHT, 0), _entry(WEIGHT, 1))
    assert len({bare, marked, background(1)}) == 3
    assert background(3) == bare


def test_of_a_pinned_layer_there_is_no_other(view: MathematicsView) -> None:
    snapshot = trained_snapshot((4, 3))
    view.show_snapshot(snapshot, 1.0, 4)
    every = view.formulas()
    for layer in range(3):
        view.show_snapshot(snapshot, 1.0, 4, LayerRef(layer))
        assert view.formulas() == every[2 * layer : 2 * layer + (2 if layer < 2 else 1)]
        assert "at x = 1" in _captions(view)[0].text()
