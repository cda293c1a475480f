"""The view of the runs: what it shows, and what it tells of clicks, keys and its menu."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import apply_theme, assert_letters_differ, child, drag, recolor, seen
from tests.gui.pixels import colors_in
from tests.not_none import not_none
from tinynet_gui.core.maps.valley import Line, Valley
from tinynet_gui.core.values import owned
from tinynet_gui.core.wording.runs import Difference
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import ThemeSource, Zoom
from tinynet_gui.ui.views.runs.runs_model import BRANCHED, DEAD, HELD_OUT, LOSS, NAME, SHOWN, STAR, STEPS, RunRow
from tinynet_gui.ui.views.runs.runs_table import RunsTable
from tinynet_gui.ui.views.runs.runs_view import ALIKE, EMPTY, ENDS, ONE, RunsView
from tinynet_gui.ui.widgets.text import ElidedLabel, ScrolledText
from tinynet_gui.ui.widgets.touch import ZoomFollower

ROWS = (
    RunRow(3, "lr 0.001", is_baseline=True, results=("500", "0.5000", "–", "2")),
    RunRow(5, "lr 0.01", 0, is_shown=True, is_starred=True, results=("+100", "−0.2500", "–", "±0")),
    RunRow(8, "from step 20: 8, 8", is_current=True, branched_off="lr 0.01 · 20", results=("−480", "", "–", "")),
)
DIFFERENCES = (Difference("Learning rate", ("0.001", "0.01", "0.01")), Difference("Steps", ("500", "600", "20")))


@pytest.fixture
def view(qtbot: QtBot) -> RunsView:
    view = seen(qtbot, RunsView(), 560, 400, LIGHT)
    view.show_runs(ROWS, DIFFERENCES)
    return view


@pytest.fixture
def told(view: RunsView) -> list[tuple[object, ...]]:
    """What the view tells: the name of each signal and what it says."""
    told: list[tuple[object, ...]] = []

    def listen(name: str) -> Callable[..., None]:
        return lambda *values: told.append((name, *values))

    table = ("opened", "deleted", "starred", "shown", "renamed", "baseline_chosen")
    questions, answer = (
        ("luck_asked", "first_divergence_asked", "valley_asked"),
        ("updates_wanted", "one_engine_wanted"),
    )
    for part, names in (
        (view, ("keep_pressed",)),
        (view.table, table + questions),
        (view.answer, (*answer, "cancelled")),
    ):
        for name in names:
            getattr(part, name).connect(listen(name))
    return told


def _place(table: RunsTable, row: int, column: int) -> QPoint:
    return table.visualRect(table.runs.index(row, column)).center()


def _click(
    table: RunsTable, row: int, column: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, _place(table, row, column))


def _double_click(table: RunsTable, row: int, column: int) -> None:
    _click(table, row, column)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=_place(table, row, column))


def _texts(view: RunsView, column: int) -> list[str]:
    model = view.table.runs
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def _choose(menu: QMenu, text: str) -> QAction:
    action = next(a for a in menu.actions() if text in a.text().replace("&", ""))
    action.trigger()
    return action


def _press(view: QWidget, name: str) -> None:
    QTest.mouseClick(child(view, QToolButton, name), Qt.MouseButton.LeftButton)


def _menu(view: RunsView) -> QMenu:
    """The menu, which this platform cannot open."""
    menu = view.table.menu()
    menu.deleteLater()
    assert_letters_differ(menu)
    return menu


def test_a_row_says_what_the_run_is(view: RunsView) -> None:
    assert _texts(view, NAME) == ["lr 0.001", "lr 0.01", "▸ from step 20: 8, 8"]
    assert _texts(view, STAR) == ["☆", "★", "☆"]
    assert _texts(view, STEPS) == ["500", "+100", "−480"]
    assert _texts(view, BRANCHED) == ["", "", "lr 0.01 · 20"]
    model = view.table.runs
    heads = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert heads == ["show", "★", "run", "Δ steps", "Δ loss", "Δ held out", "Δ dead", "branched off"]
    assert "lr 0.001" in child(view, QLabel, "runsHint").text()
    hidden = [view.table.isColumnHidden(column) for column in (HELD_OUT, DEAD, BRANCHED)]
    assert (hidden[0], hidden[2]) == (True, False)  # what no run has takes no room
    view.show_runs([replace(ROWS[0], results=("500", "0.5000", "0.6000", "–"))])
    assert [view.table.isColumnHidden(column) for column in (HELD_OUT, DEAD, BRANCHED)] == [False, True, True]
    view.show_runs([replace(row, is_baseline=False, name="<b>x</b>") for row in ROWS])
    assert model.headerData(LOSS, Qt.Orientation.Horizontal) == "loss"
    assert "&lt;b&gt;" in model.data(model.index(0, NAME), Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_drawn_run_shows_its_line_sample_at_any_zoom(view: RunsView, theme: Theme) -> None:
    recolor(view, theme)
    model = view.table.runs
    first, second, third = (model.line(row) for row in ROWS)
    assert first is None
    assert not_none(second).color() == theme.run_color(0)
    assert not_none(third).color() == theme.color("ink")

    def length() -> int:
        QApplication.processEvents()
        rect = view.table.visualRect(model.index(1, SHOWN))
        image, y = view.table.viewport().grab().toImage(), rect.center().y() + 1
        return sum(image.pixelColor(x, y) == theme.run_color(0) for x in range(rect.left(), rect.right()))

    usual = length()
    assert usual > 0
    follower, themes = ZoomFollower(view), ThemeSource()
    themes.set_zoom(Zoom(2.0))
    follower.follow()
    apply_theme(view, theme)
    assert length() == pytest.approx(2 * usual, abs=2)


def test_clicks_show_star_open_and_rename(view: RunsView, told: list[tuple[object, ...]], qtbot: QtBot) -> None:
    table = view.table
    _click(table, 0, SHOWN)
    _click(table, 1, SHOWN)
    _click(table, 0, STAR)
    _click(table, 1, NAME)
    assert told == [("shown", 3, True), ("shown", 5, False), ("starred", 3, True)]
    told.clear()
    _double_click(table, 0, LOSS)
    assert told == [("opened", 3)]
    told.clear()
    _double_click(table, 1, NAME)
    field = child(table, QLineEdit, "runName")
    QTest.keyClicks(field, " mine ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not table.is_editing())
    assert told == [("renamed", 5, "mine")]


@pytest.mark.parametrize("column", [SHOWN, STAR])
def test_a_drag_that_ends_on_a_box_or_a_star_is_no_click(
    view: RunsView, told: list[tuple[object, ...]], column: int
) -> None:
    table = view.table
    for start in (_place(table, 0, NAME), _place(table, 1, column)):
        drag(table.viewport(), start, _place(table, 2, column))
    assert told == []
    _click(table, 2, column)
    assert len(told) == 1
    _double_click(table, 0, column)  # clicks that follow fast count each
    assert len(told) == 3


def test_keys_open_rename_show_and_delete(view: RunsView, told: list[tuple[object, ...]]) -> None:
    table = view.table
    assert table.current_id() == 8  # the run that is looked at is the current row at first
    _click(table, 1, NAME)
    QTest.keyClick(table, Qt.Key.Key_Return)
    QTest.keyClick(table, Qt.Key.Key_Space)
    QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert told == [("opened", 5), ("shown", 5, False), ("deleted", 5), ("deleted", 8)]
    QTest.keyClick(table, Qt.Key.Key_F2)
    QTest.keyClick(child(table, QLineEdit, "runName"), Qt.Key.Key_Escape)
    assert len(told) == 4


def test_the_selection_stays_with_its_runs(view: RunsView) -> None:
    _click(view.table, 0, NAME)
    _click(view.table, 1, NAME, Qt.KeyboardModifier.ControlModifier)
    assert view.table.selected_ids() == [3, 5]
    view.show_runs([RunRow(1, "new"), *ROWS])
    assert view.table.selected_ids() == [3, 5]
    other = [replace(row, is_current=row.run_id == 5) for row in ROWS]
    view.show_runs(other)
    assert view.table.selected_ids() == [5]


def test_the_menu_offers_what_can_be_done_with_one(view: RunsView, told: list[tuple[object, ...]]) -> None:
    _click(view.table, 1, NAME)
    for text in ("Open", "Remove star", "Hide", "Take as baseline", "Delete", "Setting or luck? “lr 0.01”, “lr 0.001”"):
        _choose(_menu(view), text)
    assert told == [
        ("opened", 5),
        ("starred", 5, False),
        ("shown", 5, False),
        ("baseline_chosen", 5),
        ("deleted", 5),
        ("luck_asked", 5, 3),
    ]
    _click(view.table, 0, NAME)
    told.clear()
    _choose(_menu(view), "No baseline")
    _choose(_menu(view), "Where do they part?")  # against the run that is looked at
    assert told == [("baseline_chosen", None), ("first_divergence_asked", 3, 8)]


def test_two_that_are_selected_are_compared(view: RunsView, told: list[tuple[object, ...]]) -> None:
    _click(view.table, 1, NAME)
    _click(view.table, 2, NAME, Qt.KeyboardModifier.ControlModifier)
    menu = _menu(view)
    names = "“lr 0.01”, “from step 20: 8, 8”"
    assert [a.text() for a in menu.actions() if "luck" in a.text()] == [f"Setting or &luck? {names}"]
    assert not next(a for a in menu.actions() if "Open" in a.text()).isEnabled()
    _choose(menu, "luck")
    _choose(_menu(view), "part")
    assert told == [("luck_asked", 5, 8), ("first_divergence_asked", 5, 8)]
    view.show_runs(ROWS[:1])
    assert not next(a for a in _menu(view).actions() if "part" in a.text()).isEnabled()


@pytest.mark.parametrize(
    ("ticked", "selected", "pair"),
    [
        ((3, 5), (8,), (3, 5)),  # the current one is selected by itself
        ((3, 8), (5,), (3, 8)),
        ((5,), (8,), (5, 8)),
        ((5,), (), (5, 8)),
        ((3, 5), (5, 8), (5, 8)),  # who selects two means these
        ((5,), (3,), (3, 8)),
        ((), (8,), None),
        ((8,), (8,), None),
        ((3, 5, 8), (8,), None),
        ((3, 5, 8), (5,), (5, 8)),
    ],
)
def test_those_that_are_ticked_are_compared(
    view: RunsView,
    told: list[tuple[object, ...]],
    ticked: tuple[int, ...],
    selected: tuple[int, ...],
    pair: tuple[int, int] | None,
) -> None:
    view.show_runs([replace(row, is_baseline=False, is_shown=row.run_id in ticked) for row in ROWS])
    view.table.clearSelection()
    for run_id in selected:
        _click(view.table, [3, 5, 8].index(run_id), NAME, Qt.KeyboardModifier.ControlModifier)
    assert view.table.pair() == pair
    if pair is None:
        asked = [action for action in _menu(view).actions() if "Tick two runs first" in action.text()]
        assert [action.isEnabled() for action in asked] == [False] * 3
    else:
        for question in ("luck", "part", "valley"):
            _choose(_menu(view), question)
        assert told == [("luck_asked", *pair), ("first_divergence_asked", *pair), ("valley_asked", *pair)]


def test_only_what_differs_stands_side_by_side(view: RunsView) -> None:
    _press(view, "runsOnlyDifferences")
    table = view.side_by_side
    assert table.isVisible()
    assert not view.table.isVisible()
    model = table.differences
    names = [model.headerData(k, Qt.Orientation.Horizontal) for k in range(model.columnCount())]
    assert names == [row.name for row in ROWS]
    assert [model.headerData(k, Qt.Orientation.Vertical) for k in range(model.rowCount())] == ["Learning rate", "Steps"]
    assert [model.data(model.index(0, k)) for k in range(3)] == ["0.001", "0.01", "0.01"]
    assert model.data(model.index(1, 2), Qt.ItemDataRole.ToolTipRole) == "from step 20: 8, 8: 20"
    empty = child(view, QLabel, "runsEmpty")
    for rows, text in ((ROWS, ALIKE), (ROWS[:1], ONE), ((), EMPTY)):
        view.show_runs(rows)
        assert empty.isVisible()
        assert empty.text() == text


def test_what_differs_has_the_room_that_there_is_at_every_zoom(view: RunsView) -> None:
    long = "a name that is longer than the usual column of a run"
    names = [replace(row, name=f"{long} {row.run_id}") for row in ROWS[:2]]
    view.show_runs(names, [Difference("Learning rate", ("0.001", "0.01"))])
    _press(view, "runsOnlyDifferences")
    table = view.side_by_side

    def widths() -> list[int]:
        QApplication.processEvents()
        return [table.columnWidth(column) for column in range(2)]

    view.resize(300, 400)
    usual = widths()
    view.resize(1_400, 400)
    needed = table.horizontalHeader().fontMetrics().horizontalAdvance(f"{long} 3")
    assert all(width >= needed for width in widths())
    view.resize(300, 400)
    assert widths() == usual
    follower, themes = ZoomFollower(view), ThemeSource()
    themes.set_zoom(Zoom(2.0))
    follower.follow()
    recolor(view, LIGHT)
    assert widths() == pytest.approx([2 * width for width in usual], abs=1)


def test_without_runs_the_view_explains_itself(view: RunsView, told: list[tuple[object, ...]]) -> None:
    view.show_runs(())
    assert child(view, QLabel, "runsEmpty").isVisible()
    assert not child(view, QToolButton, "runsMore").isEnabled()
    _press(view, "runsKeep")
    assert told == [("keep_pressed",)]


def test_an_answer_comes_and_goes(view: RunsView, told: list[tuple[object, ...]]) -> None:
    answer = view.answer
    assert answer.text() == ""
    answer.show_question("Setting or luck?", "…")
    assert answer.isVisible()
    look = child(answer, QWidget, "lookAtBothUpdates")
    answer.show_answer("Cannot tell.")
    assert not look.isVisible()
    assert answer.text() == "Cannot tell."
    label = child(child(answer, ScrolledText, "runAnswerText"), QLabel)
    assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    again = child(answer, QWidget, "trainByOneEngine")
    assert not again.isVisible()
    answer.show_answer("They part.", True, True)
    QTest.mouseClick(look, Qt.MouseButton.LeftButton)
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    _press(answer, "runAnswerClose")
    assert told == [("updates_wanted",), ("one_engine_wanted",), ("cancelled",)]
    assert not answer.isVisible()
    answer.show_question("Setting or luck?", "…")
    QTest.keyClick(view.table, Qt.Key.Key_Escape)
    assert told[3:] == [("cancelled",)]
    assert not answer.isVisible()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_valley_is_drawn_until_the_next_question(view: RunsView, theme: Theme) -> None:
    t, losses = np.linspace(0, 1, 5), np.array([[1, 3, 8, 4, 2], [1, 1, np.inf, 2, 2]])
    one, other = (Line(owned(row), 0.5) for row in losses)
    apply_theme(view, theme)
    answer = view.answer
    answer.show_question(asked := "One valley or two? “10 neurons, seed 2”, “10 neurons, seed 3”", "…")
    assert not answer.valley.isVisible()
    answer.show_answer("Two solutions.")
    answer.show_valley(Valley(t, one, other, (np.array([0]),), 9.0), ("this", "that"))
    view.resize(414, 583)
    QApplication.processEvents()
    assert answer.valley.isVisible()
    title = child(answer, ElidedLabel, "runQuestion")
    assert title.drawn_text() == title.text() == "One valley or two?"
    view.resize(1_400, 583)
    QApplication.processEvents()
    assert title.drawn_text() == title.text() == asked
    curves, gap = answer.valley.curves(), np.where(np.isfinite(losses), losses, np.nan)
    for (at, heights), row in zip(curves, gap, strict=True):
        assert at == pytest.approx(t)
        assert heights == pytest.approx(row, nan_ok=True)
    low, high = answer.valley.plot.getViewBox().viewRange()[1]
    assert low == 0
    assert 8 < high < 9
    assert {theme.accent, theme.muted} <= colors_in(answer.valley.grab().toImage())
    answer.show_question("Where do they part?", "…")
    assert not answer.valley.isVisible()
    assert answer.valley.grab()


def _widths(view: RunsView) -> list[int]:
    return [view.table.columnWidth(column) for column in range(view.table.runs.columnCount())]


@pytest.mark.parametrize("width", [300, 380, 560])
def test_columns_keep_their_width_and_all_are_visible(view: RunsView, width: int) -> None:
    view.resize(width, 400)
    QApplication.processEvents()
    before = _widths(view)
    long = "a name that is much longer than there is room for in any window"
    view.show_runs([replace(row, name=long, results=("99,999", "0.0001234", "–", "17")) for row in ROWS])
    assert _widths(view) == before
    assert sum(before) <= view.table.viewport().width()
    assert not view.table.horizontalScrollBar().isVisible()
    model = view.table.runs
    tip = model.data(model.index(2, NAME), Qt.ItemDataRole.ToolTipRole)
    assert long in tip.replace("\n", " ")
    assert "lr 0.01 · 20" in tip  # also where its column has no room
    assert all(model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount()))


def test_an_answer_leaves_three_runs_visible_and_scrolls(view: RunsView, qtbot: QtBot) -> None:
    view.setMinimumSize(240, 154)  # as where it stands
    view.resize(395, 260)
    many = [RunRow(k, f"run {k}", is_current=k == 20) for k in range(1, 21)]
    view.show_runs(many)
    least = view.minimumSize()
    view.answer.show_question("Where do they part?", "…")
    view.answer.show_answer("The answer to all that was asked. " * 40, True)
    flat = Line(owned([0, 0]), 0.5)
    view.answer.show_valley(Valley(np.linspace(0, 1, 2), flat, flat, (), 0.0), ("this", "that"))
    QApplication.processEvents()
    assert view.height() == 260
    assert view.minimumSize() == least
    assert view.table.height() >= view.table.least_height()
    assert view.answer.geometry().bottom() <= view.height()
    row = view.table.visualRect(view.table.runs.index(19, NAME))
    assert view.table.viewport().rect().contains(row)
    scrolled = child(view.answer, ScrolledText, "runAnswerText")
    assert scrolled.verticalScrollBar().maximum() > 0
    view.answer.show_question("Where do they part?", "…")  # which takes the valley away
    view.answer.show_answer("Cannot tell.")
    qtbot.waitUntil(lambda: view.table.height() > view.table.least_height())
    assert scrolled.verticalScrollBar().maximum() == 0


def test_a_hint_is_there_for_the_runs_alone(view: RunsView) -> None:
    view.show_runs([replace(row, is_baseline=False, is_shown=False) for row in ROWS], DIFFERENCES)
    hint = child(view, QLabel, "runsHint")
    assert hint.isVisible()
    view.resize(380, 400)
    assert hint.fontMetrics().horizontalAdvance(hint.text()) <= 380 - 2 * 8
    _press(view, "runsOnlyDifferences")
    assert hint.text() == ENDS  # whichever step is looked at
