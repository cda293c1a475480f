"""The samples as a table: each gesture in the view alone, and through the window with undo and with the plot."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTabWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, place_in, seen, shown_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import MAX_POINTS, Points
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.training.start import points_of
from tinynet_gui.ui.style.colors import LIGHT
from tinynet_gui.ui.views.data_table.data_model import ERROR, HELD_OUT, PREDICTED, X, Y, cell_text, decimals_of
from tinynet_gui.ui.views.data_table.data_table import DataTable
from tinynet_gui.ui.widgets.accessibility import wrapped
from tinynet_gui.ui.widgets.text import ScrolledText
from tinynet_gui.ui.window.main_window import MainWindow

FOUR = Points([-2.0, -1.0, 1.0, 2.0], [4.0, 1.0, 1.5, 3.0], origin="four.csv")
CONTROL = Qt.KeyboardModifier.ControlModifier


@dataclass
class Hand:
    """Edits in a table, and hears what comes of it."""

    view: DataTable
    heard: list[Points] = field(default_factory=list)
    selected: list[list[int]] = field(default_factory=list)

    def index(self, row: int, column: int) -> QModelIndex:
        return self.view.rows_of_samples.index(row, column)

    def cells(self, column: int) -> list[str]:
        return [self.index(row, column).data() for row in range(self.view.rows_of_samples.rowCount())]

    def numbers(self) -> list[int]:
        model = self.view.rows_of_samples
        return [int(model.headerData(row, Qt.Orientation.Vertical)) for row in range(model.rowCount())]

    def editor(self, row: int, column: int) -> QLineEdit:
        self.view.table.setCurrentIndex(self.index(row, column))
        self.view.table.edit(self.index(row, column))
        editor = self.view.table.findChildren(QLineEdit, "dataValue")[-1]  # one before may not be deleted yet
        assert isinstance(editor, QLineEdit)
        return editor

    def type(self, row: int, column: int, text: str) -> QLineEdit:
        editor = self.editor(row, column)
        editor.selectAll()
        _keys(editor, text)
        _enter(editor)
        return editor

    def click(self, row: int, column: int = Y, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        place = self.view.table.visualRect(self.index(row, column)).center()
        QTest.mouseClick(self.view.table.viewport(), Qt.MouseButton.LeftButton, modifiers, place)

    def click_heading(self, column: int) -> None:
        header = self.view.table.horizontalHeader()
        place = QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.view.table, key, modifiers)

    def paste(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.press(Qt.Key.Key_V, CONTROL)

    def copy(self) -> str:
        self.press(Qt.Key.Key_C, CONTROL)
        return QGuiApplication.clipboard().text()


@pytest.fixture
def hand(qtbot: QtBot) -> Hand:
    view = seen(qtbot, DataTable(), 272, 300, LIGHT)
    view.show_points(FOUR)
    hand = Hand(view)
    view.points_edited.connect(hand.heard.append)
    view.points_edited.connect(view.show_points)
    view.selection_changed.connect(lambda places: hand.selected.append(places.tolist()))
    return hand


def _keys(editor: QLineEdit, text: str) -> None:
    for sign in text:  # QTest knows ASCII only
        press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, sign)
        QApplication.sendEvent(editor, press)


def _enter(editor: QLineEdit) -> None:
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # Qt takes over what was typed a little later


def _click_add(hand: Hand) -> None:
    child(hand.view, QToolButton, "dataAdd").click()


# What is shown


def test_it_shows_every_sample(hand: Hand) -> None:
    hand.view.show_points(Points([0.5, 12.25, -3.0], [1 / 3, -2.0, 1e-7], [False, True, False]))
    assert hand.cells(X) == ["0.50", "12.25", "−3.00"]
    assert hand.cells(Y) == ["0.333", "−2.000", "0.000"]
    assert hand.cells(PREDICTED) == hand.cells(ERROR) == ["", "", ""]
    checked = [hand.index(row, HELD_OUT).data(Qt.ItemDataRole.CheckStateRole) for row in range(3)]
    assert checked == [Qt.CheckState.Unchecked, Qt.CheckState.Checked, Qt.CheckState.Unchecked]
    assert child(hand.view, QLabel, "dataCount").text() == "3 samples, 1 held out"
    assert "0.3333333333333333" in hand.index(0, Y).data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize(("width", "is_whole"), [(272, False), (480, True)])
def test_names_of_columns_keep_apart_and_the_tooltip_says_all(hand: Hand, width: int, is_whole: bool) -> None:
    names = {"x_name": "Zeit [min]", "y_name": "Temperatur [°C] der Tasse"}
    hand.view.resize(width, 300)
    hand.view.show_points(Points(FOUR.x, FOUR.y, **names))
    header, model = hand.view.table.horizontalHeader(), hand.view.rows_of_samples
    assert header.length() <= hand.view.table.viewport().width()
    for column, name in ((X, names["x_name"]), (Y, names["y_name"])):
        shown = model.headerData(column, Qt.Orientation.Horizontal).split("\n")[0]
        assert header.fontMetrics().horizontalAdvance(shown) + 4 <= header.sectionSize(column)
        assert name.startswith(shown.rstrip("…"))
        assert name in model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert (shown == names["y_name"]) == is_whole


def test_what_the_network_makes_of_it_is_beside_it(hand: Hand) -> None:
    hand.view.show_predicted(np.array([4.5, 1.0, 1.4996, np.nan], dtype=np.float32))
    assert hand.cells(PREDICTED) == ["4.500", "1.000", "1.500", "NaN"]
    assert hand.cells(ERROR) == ["+0.500", "0.000", "0.000", "NaN"]
    hand.view.show_predicted(None)
    assert hand.cells(ERROR) == [""] * 4
    hand.view.show_predicted(np.zeros(7, dtype=np.float32))  # of other samples
    assert hand.cells(PREDICTED) == [""] * 4


@pytest.mark.parametrize(
    ("values", "decimals", "text"),
    [
        ((3.14159, 1.0), 3, "3.142"),
        ((0.99999,), 3, "1.000"),
        ((0.0512345,), 4, "0.0512"),
        ((123456.7,), 0, "123457"),
        ((-4e-5, 1.0), 3, "0.000"),
        ((0.0, 3e6), None, "0"),
        ((12.0, -1.23456e9), None, "12"),
        ((3e-5,), None, "3.00·10⁻⁵"),
        ((np.nan, 1.0), 3, "NaN"),
    ],
)
def test_a_column_is_written_in_the_way_of_its_largest_number(
    values: tuple[float, ...], decimals: int | None, text: str
) -> None:
    assert decimals_of(np.array(values)) == decimals
    assert cell_text(values[0], decimals) == text


def test_nothing_is_cut_off_where_the_inspector_is_narrow(hand: Hand) -> None:
    hand.view.show_points(points_of(Config().data))
    hand.view.show_predicted(np.full(20, -1.25, dtype=np.float32))
    table = hand.view.table
    assert table.horizontalScrollBar().maximum() == 0
    hand.view.resize(200, 300)
    assert table.horizontalScrollBar().maximum() > 0  # it scrolls
    assert all(
        table.columnWidth(column) >= table.fontMetrics().horizontalAdvance(text)
        for column in (X, Y, PREDICTED, ERROR)
        for text in hand.cells(column)
    )


# Editing


@pytest.mark.parametrize(("text", "value"), [("2,5", 2.5), ("−3", -3.0), ("3·10⁻⁴", 3e-4), ("-1000000", -1e6)])
def test_a_number_is_typed(hand: Hand, text: str, value: float) -> None:
    hand.type(1, Y, text)
    (points,) = hand.heard
    assert points.y.tolist() == [4.0, value, 1.5, 3.0]
    np.testing.assert_array_equal(points.x, FOUR.x)
    assert points.origin == "four.csv"
    hand.type(1, Y, "3e6")  # y may be as large as in a file
    assert hand.heard[-1].y[1] == 3e6
    assert hand.cells(Y)[1] == "3.00·10⁶"
    hand.type(1, Y, "1e39")
    assert "“1e39” is not allowed: −3.402823e+38 to 3.402823e+38" in hand.view.error()


def test_typing_replaces_a_cell_and_only_changes_are_emitted(hand: Hand) -> None:
    editor = hand.editor(1, X)
    assert editor.text() == "−1"
    _enter(editor)
    hand.type(1, X, "-1.0")
    assert hand.heard == []
    hand.click(2, X)
    hand.press(Qt.Key.Key_7)
    editor = hand.view.table.findChildren(QLineEdit, "dataValue")[-1]
    assert editor.text() == "7"
    _enter(editor)
    assert hand.heard[-1].x.tolist() == [-2.0, -1.0, 7.0, 2.0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("often", "“often” is not a number"),
        ("1e7", "“1e7” is not allowed: −1,000,000 to 1,000,000"),
        ("nan", "“nan” is not allowed"),
        ("", "is not a number"),
    ],
)
def test_what_is_no_number_is_refused_and_stays_to_be_mended(hand: Hand, text: str, reason: str) -> None:
    heights = hand.view.table.height()
    editor = hand.editor(0, X)
    QTest.keyClick(editor, Qt.Key.Key_Backspace)
    _keys(editor, text)
    _enter(editor)
    assert reason in hand.view.error()
    assert editor.property("invalid")
    assert (editor.text(), hand.heard) == (text, [])
    assert hand.view.table.is_editing()
    assert hand.view.table.height() == heights
    editor.selectAll()
    _keys(editor, "5")
    assert hand.view.error() == ""
    _enter(editor)
    assert hand.heard[-1].x[0] == 5.0


def test_a_check_box_holds_out_but_not_the_last_one(hand: Hand) -> None:
    check = Qt.ItemDataRole.CheckStateRole
    for row in range(3):
        hand.view.rows_of_samples.setData(hand.index(row, HELD_OUT), Qt.CheckState.Checked.value, check)
    assert hand.heard[-1].held_out.tolist() == [True, True, True, False]
    hand.view.rows_of_samples.setData(hand.index(3, HELD_OUT), Qt.CheckState.Checked, check)
    assert len(hand.heard) == 3
    assert "At least one sample is needed to train on" in hand.view.error()
    hand.view.rows_of_samples.setData(hand.index(0, HELD_OUT), Qt.CheckState.Unchecked.value, check)
    assert hand.heard[-1].held_out.tolist() == [False, True, True, False]
    assert hand.view.error() == ""
    hand.view.table.setCurrentIndex(hand.index(1, HELD_OUT))
    hand.press(Qt.Key.Key_Space)  # flips the box of the current cell
    assert hand.heard[-1].held_out.tolist() == [False, False, True, False]


def test_delete_deletes_what_is_selected(hand: Hand) -> None:
    hand.press(Qt.Key.Key_Delete)
    assert hand.heard == []
    hand.click(0)
    hand.click(2, modifiers=CONTROL)
    assert hand.selected[-1] == [0, 2]
    hand.press(Qt.Key.Key_Delete)
    assert hand.heard[-1] == FOUR.at(np.array([1, 3]))
    assert hand.view.selected.tolist() == hand.selected[-1] == []
    hand.press(Qt.Key.Key_A, CONTROL)
    hand.press(Qt.Key.Key_Delete)
    assert len(hand.heard) == 1
    assert "needed to train on" in hand.view.error()


def test_the_menu_holds_out_what_is_selected(hand: Hand) -> None:
    assert [a.isEnabled() for a in hand.view.table.menu().actions() if a.text()] == [True, True, False, False, False]
    hand.click(1)
    hand.click(3, modifiers=CONTROL)
    actions = {action.text(): action for action in hand.view.table.menu().actions()}
    actions["&Hold out"].trigger()
    assert hand.heard[-1].held_out.tolist() == [False, True, False, True]
    actions["&Train on"].trigger()
    assert hand.heard[-1] == FOUR


@pytest.mark.parametrize("typed", ["2.5", "2"])  # the last one's x too, if it is typed
def test_plus_adds_a_sample_once_a_number_is_typed(hand: Hand, typed: str) -> None:
    _click_add(hand)
    assert hand.cells(X) == ["−2", "−1", "1", "2", "2"]
    assert hand.view.selected.tolist() == [4]
    assert hand.heard == []
    (editor,) = hand.view.table.findChildren(QLineEdit, "dataValue")
    _keys(editor, typed)
    _enter(editor)
    (points,) = hand.heard
    assert (points.x.tolist(), points.y[-1]) == ([-2.0, -1.0, 1.0, 2.0, float(typed)], 3.0)
    assert hand.view.points == points
    _click_add(hand)
    assert hand.view.rows_of_samples.rowCount() == 6


def test_a_sample_for_which_nothing_is_typed_is_not_added(hand: Hand) -> None:
    hand.click_heading(Y)
    _click_add(hand)
    (editor,) = hand.view.table.findChildren(QLineEdit, "dataValue")
    _keys(editor, "7")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert hand.heard == []
    assert hand.view.points == FOUR
    assert hand.numbers() == [2, 3, 4, 1]
    assert child(hand.view, QLabel, "dataCount").text() == "4 samples"


# Copy and paste


def test_what_is_selected_is_copied_and_else_all(hand: Hand) -> None:
    assert hand.copy() == "-2.0\t4.0\n-1.0\t1.0\n1.0\t1.5\n2.0\t3.0\n"
    hand.click(1)
    hand.click(2, modifiers=CONTROL)
    assert hand.copy() == "-1.0\t1.0\n1.0\t1.5\n"
    hand.click_heading(X)
    hand.click_heading(X)
    assert hand.copy() == "1.0\t1.5\n-1.0\t1.0\n"  # as they are seen
    hand.view.show_points(FOUR.with_held_out(np.array([False, True, True, False])))
    assert hand.copy() == "1.0\t1.5\n-1.0\t1.0\n"  # held out, all of them


def test_what_is_turned_or_left_out_of_what_is_pasted_is_said(hand: Hand) -> None:
    count = len(hand.view.points)
    hand.paste("x;y\n5;6\n7;8\nMittel;7\n")
    assert hand.view.points.x[count:].tolist() == [5, 7]
    assert hand.view.error() == "2 samples were pasted: left out: line 4 with a summary (“Mittel”)."


def test_rows_are_pasted_at_the_end(hand: Hand) -> None:
    hand.paste("5\t6\n7\t8,5\n")
    (points,) = hand.heard
    assert points.at(np.arange(4)) == FOUR
    assert (points.x[4:].tolist(), points.y[4:].tolist()) == ([5.0, 7.0], [6.0, 8.5])
    assert hand.view.selected.tolist() == hand.selected[-1] == [4, 5]
    assert hand.copy() == "5.0\t6.0\n7.0\t8.5\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1\t2\n3e9\t4\n5\t6\n", "line 2, column 1: “3e9” is not allowed"),
        ("2021-03-01\t2\n2021-03-02\t3\n", "line 1: “2021-03-01” is a date"),
        ("1\t3,280\n2\t842\n", "line 1: “3,280” can be read in two ways: 3.28 or 3280"),
        ("1\t2\n" * (MAX_POINTS - 3), "that would make 10,001 samples: at most 10,000"),
    ],
)
def test_what_cannot_be_pasted_is_said(hand: Hand, text: str, reason: str) -> None:
    hand.paste(text)
    assert hand.heard == []
    assert hand.view.error().startswith("Nothing was pasted: ")
    assert reason in hand.view.error()
    label = child(hand.view, ScrolledText, "dataError")
    assert label.isVisible()
    assert label.toolTip() == wrapped(hand.view.error())
    for name in ("dataAdd", "dataCount"):  # nothing is hidden by it
        assert child(hand.view, QWidget, name).isVisible()
    hand.paste("1\t2\n")
    assert hand.view.error() == ""
    hand.paste(text)
    hand.view.show_points(FOUR.at(np.array([1, 2])))  # what was wrong is over when the samples change
    assert hand.view.error() == ""


# Sorting


def test_headings_sort_stably_and_a_third_click_restores(hand: Hand) -> None:
    hand.click_heading(Y)
    assert (hand.cells(Y), hand.numbers()) == (["1.0", "1.5", "3.0", "4.0"], [2, 3, 4, 1])
    hand.click_heading(Y)
    assert hand.numbers() == [1, 4, 3, 2]
    hand.view.show_points(Points([3.0, 1.0, 2.0, 1.0], [0.0, 1.0, 0.0, 1.0]))
    assert hand.numbers() == [2, 4, 1, 3]
    for order in ([1, 2, 3, 4], [1, 3, 2, 4]):
        hand.click_heading(Y)
        assert hand.numbers() == order


def test_every_column_sorts(hand: Hand) -> None:
    hand.view.show_points(FOUR.with_held_out(np.array([True, False, False, False])))
    hand.view.show_predicted(np.array([4.0, 5.0, 1.0, 9.0], dtype=np.float32))
    orders = {X: [1, 2, 3, 4], Y: [2, 3, 4, 1], HELD_OUT: [2, 3, 4, 1], PREDICTED: [3, 1, 2, 4], ERROR: [3, 1, 2, 4]}
    for column, order in orders.items():
        hand.click_heading(column)
        assert hand.numbers() == order


def test_rows_sorted_by_the_error_wait_until_the_training_rests(hand: Hand) -> None:
    predicted = np.array([4.0, 3.0, 2.0, 1.0], dtype=np.float32)
    hand.click_heading(PREDICTED)
    for is_at_rest, order in ((False, [1, 2, 3, 4]), (True, [4, 3, 2, 1])):
        hand.view.show_predicted(predicted, is_at_rest=is_at_rest)
        assert hand.numbers() == order


def test_sorted_rows_stay_sorted_whatever_comes(hand: Hand) -> None:
    hand.click_heading(X)
    hand.click_heading(X)
    assert hand.numbers() == [4, 3, 2, 1]
    hand.type(0, X, "-9")
    assert hand.heard[-1].x.tolist() == [-2.0, -1.0, 1.0, -9.0]
    assert hand.cells(X) == ["1", "−1", "−2", "−9"]
    assert hand.view.table.currentIndex().row() == 3  # where the sample is now
    before = hand.view.points
    hand.click(1)
    hand.press(Qt.Key.Key_Delete)
    hand.paste("0\t0\n")
    assert hand.cells(X) == ["1", "0", "−2", "−9"]
    hand.view.show_points(before)  # as many, as undo brings them
    assert hand.cells(X) == ["1", "−1", "−2", "−9"]
    hand.view.show_points(Points([5.0, 7.0, 6.0, 8.0], [1.0, 2.0, 3.0, 0.0]))  # others altogether
    assert hand.cells(X) == ["8", "7", "6", "5"]
    hand.click_heading(X)
    assert hand.numbers() == [1, 2, 3, 4]


def test_no_row_moves_while_the_hand_is_on_a_sample_or_in_a_cell(hand: Hand) -> None:
    hand.click_heading(X)
    hand.view.select(np.array([0]))
    hand.view.show_in_hand(True)
    hand.view.show_points(Points([9.0, *FOUR.x[1:]], FOUR.y))
    hand.view.show_points(Points([9.0, *FOUR.x[1:], 0.0], [*FOUR.y, 0.0]))
    assert hand.numbers() == [1, 2, 3, 4, 5]
    hand.view.show_in_hand(False)
    assert hand.numbers() == [2, 5, 3, 4, 1]
    assert hand.view.table.selected_places().tolist() == [0]
    editor = hand.editor(0, X)
    hand.view.show_points(Points([-5.0, *FOUR.x[1:], 0.0], [*FOUR.y, 0.0]))
    assert hand.numbers() == [2, 5, 3, 4, 1]
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert hand.numbers() == [1, 2, 5, 3, 4]


# Selection


def test_a_selection_goes_both_ways(hand: Hand) -> None:
    hand.click_heading(Y)
    hand.click(0)
    assert hand.selected[-1] == [1]
    heard = len(hand.selected)
    hand.view.select(np.array([0, 3]))
    assert len(hand.selected) == heard  # what comes from outside is not told
    assert sorted({i.row() for i in hand.view.table.selectedIndexes()}) == [2, 3]
    hand.view.select(np.array([4]))  # of a sample that is to come
    hand.view.show_points(Points(np.append(FOUR.x, 0.0), np.append(FOUR.y, 0.0), origin=FOUR.origin))
    assert hand.view.table.selected_places().tolist() == [4]
    hand.press(Qt.Key.Key_Escape)
    assert hand.selected[-1] == []


def test_ten_thousand_samples_stay_usable(hand: Hand) -> None:
    random = np.random.default_rng(2)
    hand.view.show_points(Points(random.normal(size=MAX_POINTS), random.normal(size=MAX_POINTS)))
    hand.view.show_predicted(random.normal(size=MAX_POINTS).astype(np.float32))
    hand.click_heading(ERROR)
    hand.type(0, X, "0.5")
    place = hand.numbers()[0] - 1
    assert hand.heard[-1].x[place] == 0.5
    _click_add(hand)
    assert "no more are allowed" in hand.view.error()
    hand.view.select(np.arange(0, MAX_POINTS, 2))
    hand.press(Qt.Key.Key_Delete)
    assert len(hand.view.points) == MAX_POINTS // 2


# Through the window


@pytest.fixture
def editing(window: MainWindow, qtbot: QtBot) -> Hand:
    window.resize(1280, 800)
    child(window, QTabWidget, "inspectorTabs").setCurrentWidget(window.views.data_table)
    return Hand(window.views.data_table)


def test_what_the_network_makes_of_the_samples_follows_it(editing: Hand, window: MainWindow, qtbot: QtBot) -> None:
    def expected() -> list[str]:
        snapshot = shown_snapshot(window)
        x = editing.view.points.x.astype(np.float32)
        curve = output_curve(snapshot.layers, snapshot.config.network.activation, x)
        return [cell_text(float(value), 3) for value in curve]

    title = child(window.views.inspector, QLabel, "inspectorTitle")
    assert title.text() == "Samples"  # not what is pinned
    assert editing.cells(PREDICTED) == expected()
    editing.type(0, X, "2.75")
    assert editing.cells(PREDICTED) == expected()
    before = editing.cells(PREDICTED)
    window.session.fast_forward(300)
    qtbot.waitUntil(lambda: editing.cells(PREDICTED) != before and editing.cells(PREDICTED) == expected())
    window.views.inspector.tabs.setCurrentIndex(0)  # nothing is computed for what is not seen
    assert title.text() == "Output ŷ"
    stale = editing.cells(PREDICTED)
    window.session.fast_forward(900)
    qtbot.waitUntil(lambda: window.session.state.run.step >= 900)
    qtbot.waitUntil(lambda: not child(window.session, QTimer, "dataRefresh").isActive())
    assert editing.cells(PREDICTED) == stale != expected()
    window.views.inspector.tabs.setCurrentWidget(editing.view)
    assert editing.cells(PREDICTED) == expected()
    window.session.new_seed()
    qtbot.waitUntil(lambda: window.session.state.run.step == 0 and editing.cells(PREDICTED) == expected())
    window.session.edit({"network.hidden": (500, 600)})  # a large one is asked aside
    qtbot.waitUntil(lambda: len(shown_snapshot(window).layers) == 3 and editing.cells(PREDICTED) == expected())
    window.views.inspector.tabs.setCurrentIndex(0)
    points = editing.view.points
    window.session.edit({"data.sample_count": 7})
    assert editing.view.points is points  # nothing is written, either
    window.views.inspector.tabs.setCurrentWidget(editing.view)
    assert editing.view.points == points_of(window.session.config.data)


def test_table_and_plot_have_one_selection(editing: Hand, window: MainWindow, qtbot: QtBot) -> None:
    samples = window.views.function_plot.layers.editor
    editing.click(3)
    assert samples.selected.tolist() == [3]
    editing.click(5, modifiers=CONTROL)
    assert samples.selected.tolist() == [3, 5]
    window.actions_["actionEditData"].trigger()
    assert samples.selected.tolist() == [3, 5]  # they can be dragged now
    QTest.keyClick(window.views.function_plot.plot, Qt.Key.Key_Up)
    assert editing.view.selected.tolist() == [3, 5]
    QTest.keyClick(window.views.function_plot.plot, Qt.Key.Key_Escape)
    assert editing.view.selected.tolist() == []
    editing.paste("1\t5\n")
    assert samples.selected.tolist() == [20]
    QTest.keyClick(window.views.function_plot.plot, Qt.Key.Key_Delete)
    assert len(editing.view.points) == 20
    assert editing.view.selected.tolist() == samples.selected.tolist() == []
    window.session.undo()
    assert len(editing.view.points) == 21
    surface = window.views.function_plot.plot.viewport()
    QTest.mouseClick(surface, Qt.MouseButton.LeftButton, pos=surface.rect().center())
    assert len(editing.view.points) == 22
    assert editing.view.table.selected_places().tolist() == samples.selected.tolist() == [21]


def test_a_row_moves_with_its_dragged_sample(editing: Hand, window: MainWindow) -> None:
    plot = window.views.function_plot
    window.actions_["actionEditData"].trigger()
    editing.click_heading(X)
    order = editing.numbers()
    place = order[0] - 1  # the leftmost
    points = editing.view.points
    surface, end = plot.plot.viewport(), place_in(plot.plot, 2.8, 3.0)
    start = place_in(plot.plot, points.x[place], points.y[place])
    QTest.mousePress(surface, Qt.MouseButton.LeftButton, pos=start)
    for part in (end + QPoint(-20, 0), end):
        QTest.mouseMove(surface, part)
    assert editing.view.points.x[place] == pytest.approx(2.8, abs=0.05)
    assert editing.numbers() == order  # while the hand is on it
    QTest.mouseRelease(surface, Qt.MouseButton.LeftButton, pos=end)
    assert editing.numbers() == [*order[1:], place + 1]
    assert editing.view.table.selected_places().tolist() == [place]


def test_keys_of_the_table_are_no_shortcuts_of_the_window(editing: Hand, window: MainWindow) -> None:
    editing.click(0, X)
    pace = window.session.state.session.pace
    editing.press(Qt.Key.Key_Minus)
    editor = editing.view.table.findChildren(QLineEdit, "dataValue")[-1]  # one before may not be deleted yet
    assert editor.text() == "-"
    assert window.session.state.session.pace == pace
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    editing.view.table.setCurrentIndex(editing.index(0, HELD_OUT))
    editing.press(Qt.Key.Key_Space)
    assert not window.session.state.is_running
    assert editing.view.points.held_out[0]


def test_three_rows_show_and_after_a_touch_the_current_one(window: MainWindow) -> None:
    table = window.views.data_table.table
    window.resize(1272, 760)  # a screen of 1280 x 800
    window.frame.layout.show(window.views.data_table)
    QApplication.processEvents()
    assert table.viewport().height() >= 3 * table.verticalHeader().defaultSectionSize()
    table.setCurrentIndex(table.model().index(12, 0))
    window.themes.set_touch()
    QApplication.processEvents()
    in_sight = table.viewport().rect().contains(table.visualRect(table.currentIndex()))
    window.themes.set_touch(False)
    assert in_sight
