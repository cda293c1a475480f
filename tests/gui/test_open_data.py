"""Data from outside: opened, pasted, dropped and saved, seen in a dialog before anything changes."""

import errno
import os
from functools import partial
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QRadioButton,
    QTableWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.exported import script_of
from tests.gui.conftest import ChooseFile, child, drop, files, heard, recolor, shown_snapshot, train_to, warning
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.data_file import points_of_table, read_table
from tinynet_gui.core.data.delimited import ReadAs
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.data.table import Columns, suggest_columns
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.ui.features.open_data import controller as open_data_controller
from tinynet_gui.ui.features.open_data.data_dialog import DataDialog
from tinynet_gui.ui.style.colors import DARK
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.window.main_window import MainWindow

LAB = Path(__file__).parents[1] / "data" / "lab.xlsx"
TWO = "time (s),height (m)\n0,1.5\n1,2.5\n2,-4\n"
MORE = "no;a;b;test\n1;1,5;10;0\n2;2,5;20;1\n3;3,5;40;0\n"


def _drawn(dots: pg.ScatterPlotItem) -> np.ndarray:
    return np.column_stack(dots.getData())


def dialog_of(text: str, qtbot: QtBot, origin: str = "some.csv") -> DataDialog:
    table = read_table(text)
    dialog = DataDialog(table, suggest_columns(table), origin)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def said(widget: QWidget, name: str) -> str:
    return child(widget, QLabel, name).text()


def written(folder: Path) -> Path:
    """A file of two columns."""
    file = folder / "some.csv"
    file.write_text(TWO, encoding="utf-8")
    return file


def ok(dialog: QWidget) -> QPushButton:
    return child(dialog, QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)


def cells(dialog: QWidget) -> list[list[str]]:
    table = child(dialog, QTableWidget, "dataFirstRows")
    items = [[table.item(row, at) for at in range(table.columnCount())] for row in range(table.rowCount())]
    return [[item.text() if item else "" for item in row] for row in items]


# The dialog alone


def test_it_shows_what_was_understood(qtbot: QtBot) -> None:
    dialog = dialog_of(TWO, qtbot)
    assert said(dialog, "dataOrigin") == "some.csv"
    assert said(dialog, "dataRows") == "3"
    assert said(dialog, "dataXRange") == "0 … 2"
    assert said(dialog, "dataYRange") == "−4 … 2.5"
    understood = said(dialog, "dataUnderstood")
    for words in ("separated by commas", "a decimal point", "the first line names the columns"):
        assert words in understood
    assert cells(dialog) == [["0", "1.5"], ["1", "2.5"], ["2", "−4"]]
    assert child(dialog, QComboBox, "dataHeldOut").isHidden()
    for x, y in ((1, 0), (0, 1)):
        child(dialog, QComboBox, "dataX").setCurrentIndex(x)
        child(dialog, QComboBox, "dataY").setCurrentIndex(y)
        assert said(dialog, "dataXRange") == ("−4 … 2.5" if x else "0 … 2")
    hint = dialog.minimumSizeHint()
    assert (hint.width() <= 640, hint.height() <= 420) == (True, True)
    trained, held_out = map(_drawn, (dialog.preview.trained, dialog.preview.held_out))
    assert trained.tolist() == [[0, 1.5], [1, 2.5], [2, -4]]
    assert len(held_out) == 0
    chosen = heard(dialog.chosen)
    ok(dialog).click()
    assert chosen == [Points([0, 1, 2], [1.5, 2.5, -4], None, "some.csv", "time (s)", "height (m)"), False]


def test_among_more_columns_x_y_and_what_is_held_out_are_chosen(qtbot: QtBot) -> None:
    dialog = dialog_of(MORE, qtbot)
    assert "semicolons" in said(dialog, "dataUnderstood")
    assert "a decimal comma" in said(dialog, "dataUnderstood")
    x, y, held_out = (child(dialog, QComboBox, name) for name in ("dataX", "dataY", "dataHeldOut"))
    assert (x.currentText(), y.currentText(), held_out.currentText()) == ("no", "a", "test")
    assert said(dialog, "dataHeldOutCount") == "1 of 3"
    hint = dialog.minimumSizeHint()
    assert (hint.width() <= 640, hint.height() <= 460) == (True, True)
    x.setCurrentText("b")
    trained, held = map(_drawn, (dialog.preview.trained, dialog.preview.held_out))
    assert trained.tolist() == [[10, 1.5], [40, 3.5]]
    assert held.tolist() == [[20, 2.5]]
    held_out.setCurrentText("none")
    chosen = heard(dialog.chosen)
    ok(dialog).click()
    assert chosen == [Points([10, 20, 40], [1.5, 2.5, 3.5], None, "some.csv", "b", "a"), True]


def test_only_columns_of_numbers_can_be_x_or_y(qtbot: QtBot) -> None:
    dialog = dialog_of("who,when,what\nme,1,2\nyou,3,4\n", qtbot)
    for name in ("dataX", "dataY"):
        box = child(dialog, QComboBox, name)
        assert [box.itemText(at) for at in range(box.count())] == ["when", "what"]
    held_out = child(dialog, QComboBox, "dataHeldOut")
    held_out.setCurrentText("who")
    assert "“me” does not say whether the sample is held out" in said(dialog, "dataError")
    assert not ok(dialog).isEnabled()
    held_out.setCurrentText("none")
    assert ok(dialog).isEnabled()
    assert said(dialog, "dataError") == ""


def test_data_errors_name_line_column_and_what_is_allowed(qtbot: QtBot) -> None:
    dialog = dialog_of("x,y,z\n1,2,3\n2,4 kg,5\n3,,6\n4,5,6\n5,6,7\n", qtbot)
    assert said(dialog, "dataError").startswith("Line 3, column 2: “4 kg” is not a number; allowed are")
    assert not ok(dialog).isEnabled()
    assert said(dialog, "dataYRange") == ""
    assert len(_drawn(dialog.preview.trained)) == 0
    dialog.accept()  # as Enter would
    assert dialog.isVisible()
    child(dialog, QComboBox, "dataY").setCurrentText("z")
    assert said(dialog, "dataError") == ""
    assert ok(dialog).isEnabled()


def test_the_lists_stay_as_wide_whatever_the_ranges_are(qtbot: QtBot) -> None:
    rows = "\n".join(f"{k},{k},{-1e-5 * (k + 1.2345)}" for k in range(5))
    dialog = dialog_of(f"a,b,c\n{rows}\n", qtbot)
    dialog.show()
    box = child(dialog, QComboBox, "dataY")
    width = box.width()
    for name in ("c", "a"):  # long numbers; the column that is x
        box.setCurrentText(name)
        QApplication.processEvents()
        assert box.width() == width


def test_x_and_y_are_swapped_by_choosing_the_column_of_the_other(qtbot: QtBot) -> None:
    dialog = dialog_of("a,b,c\n1,2,3\n4,5,6\n", qtbot)
    x, y = child(dialog, QComboBox, "dataX"), child(dialog, QComboBox, "dataY")
    for box, name, both in ((x, "b", "ba"), (y, "b", "ab"), (x, "c", "cb"), (y, "c", "bc")):
        box.setCurrentText(name)
        assert x.currentText() + y.currentText() == both
        assert said(dialog, "dataError") == ""
        assert ok(dialog).isEnabled()


def test_columns_passed_on_the_way_swap_nothing(qtbot: QtBot) -> None:
    dialog = dialog_of("year,month,day,decimal,average\n1,1,3,4,5\n2,2,4,5,7\n", qtbot)
    x, y = child(dialog, QComboBox, "dataX"), child(dialog, QComboBox, "dataY")
    x.setCurrentText("decimal")
    y.setFocus()
    for both in (("decimal", "day"), ("month", "decimal"), ("decimal", "average")):
        QTest.keyClick(y, Qt.Key.Key_Down)
        assert (x.currentText(), y.currentText()) == both


def test_rows_with_gaps_are_left_out_unless_the_user_says_no(qtbot: QtBot) -> None:
    dialog = dialog_of("a,b,c\n1,2,3\n4,NA,6\n,8,9\n7,8,9\n", qtbot)
    gaps = child(dialog, QCheckBox, "dataGaps")
    assert gaps.text() == "Leave out 2 of 4 rows without a value, the first in line 3"
    assert _drawn(dialog.preview.trained).tolist() == [[1, 2], [7, 8]]
    gaps.click()
    assert said(dialog, "dataError").startswith("Line 4, column 1: nothing is there")
    assert not ok(dialog).isEnabled()
    gaps.click()
    child(dialog, QComboBox, "dataX").setCurrentText("c")
    assert "1 of 4 rows" in gaps.text()
    dialog = dialog_of("a,b\n1,2\n2,OL\n3,4\n4,-999\n5,3\n", qtbot)
    gaps = child(dialog, QCheckBox, "dataGaps")
    assert (gaps.isChecked(), ok(dialog).isEnabled()) == (False, False)  # nothing but gaps is left out unasked
    gaps.click()
    assert _drawn(dialog.preview.trained).tolist() == [[1, 2], [3, 4], [5, 3]]
    dialog = dialog_of(TWO, qtbot)
    assert child(dialog, QCheckBox, "dataGaps").isHidden()
    assert child(dialog, QWidget, "dataQuestion").isHidden()


def test_dates_count_from_the_first_and_label_the_axis(qtbot: QtBot) -> None:
    dialog = dialog_of("Date,U [V],I\n2021-03-01,1.5,1\n2021-03-11,2,2\n2021-03-31,4,3\n", qtbot)
    unit, chosen = child(dialog, QComboBox, "dataUnit"), heard(dialog.chosen)
    assert (unit.currentText(), said(dialog, "dataXRange")) == ("days since 2021-03-01", "0 … 30")
    assert cells(dialog)[0] == ["2021-03-01", "1.5", "1"]
    plot = child(dialog, pg.PlotWidget, "dataPlot")
    axis = plot.getAxis("bottom")
    QApplication.processEvents()
    beside = plot.width() - axis.scenePos().x() - axis.size().width()
    assert 2 * beside > QFontMetrics(axis.style["tickFont"]).horizontalAdvance("2021-03-31")  # or it is cut off
    assert axis.name == "Date [days since 2021-03-01]"
    assert axis.tickStrings([0, 30], 1, 10) == ["2021-03-01", "2021-03-31"]
    unit.setCurrentText("months since 2021-03-01")
    child(dialog, QComboBox, "dataX").setCurrentText("I")
    assert unit.isHidden()
    child(dialog, QComboBox, "dataX").setCurrentText("Date")
    unit.setCurrentText("months since 2021-03-01")
    ok(dialog).click()
    assert chosen[0].x.tolist() == pytest.approx([0, 10 / 31, 30 / 31])
    assert chosen[0].names == {"x_name": "Date [months since 2021-03-01]", "y_name": "U [V]"}


def test_what_was_left_out_or_turned_can_be_had_back(qtbot: QtBot) -> None:
    """Rows that sum up the others, and a table on its side."""
    dialog = dialog_of(f"{MORE}Mittel;2,5;23;\n", qtbot)
    summaries, side = (child(dialog, QCheckBox, name) for name in ("dataSummaries", "dataOnItsSide"))
    assert summaries.text() == "Leave out line 5 with a summary (“Mittel”)"
    assert "left out: line 5 with a summary" in said(dialog, "dataUnderstood")
    assert (summaries.isChecked(), side.isHidden(), said(dialog, "dataRows")) == (True, True, "3")
    asked = heard(dialog.read_again)
    summaries.click()
    assert asked == [ReadAs(skip=())]
    assert not ok(dialog).isEnabled()
    table = read_table(f"{MORE}Mittel;2,5;23;\n", read_as=asked[0])
    dialog.show_table(table, suggest_columns(table))
    assert (summaries.isVisible(), summaries.isChecked(), said(dialog, "dataRows")) == (True, False, "4")
    summaries.click()
    assert asked[1:] == [ReadAs()]
    table = read_table(text := "Zeit;0;2;4\nTemp;90;80;72\n")
    dialog.show_table(table, suggest_columns(table))
    assert (side.isVisible(), side.isChecked(), summaries.isHidden()) == (True, True, True)
    assert _drawn(dialog.preview.trained).tolist() == [[0, 90], [2, 80], [4, 72]]
    assert child(dialog, QTableWidget, "dataFirstRows").verticalHeaderItem(0).text() == "column 2"
    side.click()
    assert asked[2:] == [ReadAs(samples="down")]
    table = read_table(text, read_as=asked[2])
    dialog.show_table(table, suggest_columns(table))
    assert (side.isVisible(), side.isChecked(), said(dialog, "dataRows")) == (True, False, "2")
    side.click()
    assert asked[3:] == [ReadAs()]


def test_samples_are_standardised_if_needed_unless_refused(qtbot: QtBot) -> None:
    dialog = dialog_of("t;T\n0;90\n20;50\n40;30\n", qtbot)
    box = child(dialog, QCheckBox, "dataStandardise")
    assert box.isChecked()
    assert "sees (x − μ)/σ and gives (y − μ)/σ" in said(dialog, "dataStandardiseWhat")
    assert said(dialog, "dataStandardiseWhat").endswith(", as here.")
    chosen = heard(dialog.chosen)
    box.click()
    child(dialog, QComboBox, "dataX").setCurrentIndex(1)
    assert not box.isChecked()  # as the user said
    ok(dialog).click()
    assert chosen[1] is False
    dialog = dialog_of("x;y\n-1;1\n0;0\n1;1\n", qtbot)
    assert not child(dialog, QCheckBox, "dataStandardise").isChecked()
    assert not said(dialog, "dataStandardiseWhat").endswith(", as here.")


def test_of_too_many_rows_a_part_is_drawn_and_that_is_said(qtbot: QtBot) -> None:
    text = "".join(f"{x}\t{2 * x}\n" for x in range(12_000))
    dialog = dialog_of(text, qtbot)
    assert said(dialog, "dataRows") == "10,000 of 12,000, drawn from seed 2"
    expected, _ = points_of_table(read_table(text), Columns(0, 1), origin="some.csv")
    np.testing.assert_array_equal(_drawn(dialog.preview.trained)[:, 0], expected.x)


def test_many_columns_and_markup_are_shown_literally(qtbot: QtBot) -> None:
    names = ",".join(f"<b>{n}</b>" for n in range(300))
    dialog = dialog_of(f"{names}\n" + f"{','.join(map(str, range(300)))}\n" * 3, qtbot, "<h1>a.csv")
    child(dialog, QComboBox, "dataY").setCurrentText("<b>299</b>")
    assert cells(dialog)[0][-1] == "299"
    assert len(cells(dialog)[0]) == 13
    assert said(dialog, "dataOrigin") == "<h1>a.csv"
    assert child(dialog, QLabel, "dataOrigin").toolTip() == "<p>&lt;h1&gt;a.csv</p>"
    recolor(dialog, DARK)
    dialog.grab()


@pytest.mark.parametrize("text", ["1 2\n", "5 1e6\n5 -1e6\n", "-1e-9 3\n1e-9 3\n"])
def test_it_is_drawn_whatever_the_numbers_are(qtbot: QtBot, text: str) -> None:
    dialog = dialog_of(text, qtbot)
    dialog.grab()
    assert ok(dialog).isEnabled()


# Through the window


def shown_dialog(window: MainWindow, qtbot: QtBot) -> DataDialog:
    qtbot.waitUntil(lambda: window.findChild(DataDialog) is not None)
    dialog = child(window, DataDialog)
    assert dialog.isVisible()
    return dialog


def test_opened_data_begin_a_run_and_undo_restores_the_former(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, choose_file: ChooseFile
) -> None:
    train_to(window, qtbot, 50)
    former = window.session.state.run
    choose_file(written(tmp_path))
    window.actions_["actionOpenData"].trigger()
    dialog = shown_dialog(window, qtbot)
    assert window.session.config == Config()
    assert window.session.state.run is former
    ok(dialog).click()
    assert window.session.config.data.points == Points(
        [0, 1, 2], [1.5, 2.5, -4], None, "some.csv", "time (s)", "height (m)"
    )
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    assert window.session.state.run.step == 0
    assert len(window.views.function_plot.layers.samples.trained_points()[0]) == 3
    assert child(window, QComboBox, "targetFunction").currentText() == ""  # the placeholder
    window.session.undo()
    qtbot.waitUntil(lambda: window.session.state.run.step == 50)
    assert window.session.state.run.id == former.id
    assert window.session.config == Config()


def test_cancel_changes_nothing_and_a_training_goes_on(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.session.edit({"training.stop_step": 100_000_000})
    window.session.start()
    window.features["open_data"].open_file(str(written(tmp_path)))
    dialog = shown_dialog(window, qtbot)
    config, step = window.session.config, window.session.state.run.step
    qtbot.waitUntil(lambda: window.session.state.run.step > step + 100)
    dialog.reject()
    assert window.session.config == config
    assert window.session.state.run.id == 1
    assert window.session.state.is_running


THOUSANDS = 'rooms,price\n"842","3,280"\n"1,000","5,000"\n'


def is_read(dialog: QWidget, most: str) -> bool:
    return ok(dialog).isEnabled() and said(dialog, "dataYRange").endswith(most)


@pytest.mark.parametrize("way", ["open", "paste", "drop"])
def test_what_can_be_read_in_two_ways_is_asked(window: MainWindow, qtbot: QtBot, tmp_path: Path, way: str) -> None:
    file = tmp_path / "some.csv"
    file.write_text(THOUSANDS, encoding="utf-8")
    match way:
        case "open":
            window.features["open_data"].open_file(str(file))
        case "paste":
            QGuiApplication.clipboard().setText(THOUSANDS)
            window.features["open_data"].paste()
        case "drop":
            assert drop(window, window, files(file))
    dialog = shown_dialog(window, qtbot)
    assert "“3,280” can be read in two ways" in said(dialog, "dataQuestionText")
    ways = [child(dialog, QRadioButton, f"dataWay{place}") for place in (1, 2)]
    assert [radio.text() for radio in ways] == ["3.28", "3280"]
    assert not any(radio.isChecked() for radio in ways)
    assert not ok(dialog).isEnabled()
    for radio, most in ((ways[1], " 5000"), (ways[0], " 5"), (ways[1], " 5000")):
        radio.click()
        qtbot.waitUntil(partial(is_read, dialog, most))
        assert radio.isChecked()
    ok(dialog).click()
    points = window.session.config.data.points
    assert points is not None
    assert points.y.tolist() == [3280, 5000]
    assert points.names == {"x_name": "rooms", "y_name": "price"}


def test_the_order_of_dates_is_asked_where_they_are_x(window: MainWindow, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("when,a,b\n01/01/2021,1,2\n03/04/2021,3,5\n")
    window.features["open_data"].paste()
    dialog = shown_dialog(window, qtbot)
    way = child(dialog, QRadioButton, "dataWay1")
    assert way.text() == "2021-04-03"
    child(dialog, QComboBox, "dataX").setCurrentText("b")
    assert ok(dialog).isEnabled()
    assert child(dialog, QWidget, "dataQuestion").isHidden()
    child(dialog, QComboBox, "dataX").setCurrentText("when")
    way.click()
    qtbot.waitUntil(ok(dialog).isEnabled)
    assert said(dialog, "dataXRange") == "0 … 92"
    dialog.reject()


def test_another_sheet_and_another_first_line_are_read(window: MainWindow, qtbot: QtBot) -> None:
    window.features["open_data"].open_file(str(LAB))
    dialog = shown_dialog(window, qtbot)
    sheet, begins = child(dialog, QComboBox, "dataSheet"), child(dialog, NumberField, "dataBegins")
    assert (sheet.currentText(), begins.value()) == ("Readings", 3)
    place = begins.pos()
    begins.setValue(6)
    qtbot.waitUntil(lambda: said(dialog, "dataRows") == "3")
    QApplication.processEvents()
    assert begins.pos() == place  # under the mouse
    assert "no line names the columns" in said(dialog, "dataUnderstood")
    sheet.setCurrentText("Notes")
    sheet.textActivated.emit("Notes")
    qtbot.waitUntil(lambda: "two columns of numbers are needed" in said(dialog, "dataError"))
    assert not ok(dialog).isEnabled()
    sheet.setCurrentText("Readings")
    sheet.textActivated.emit("Readings")
    qtbot.waitUntil(ok(dialog).isEnabled)
    assert begins.value() == 3
    ok(dialog).click()
    assert window.views.function_plot.plot.getAxis("left").name == "U [V]"
    assert window.views.function_plot.plot.getAxis("bottom").name == "Day [days since 2021-03-01]"
    qtbot.waitUntil(lambda: said(window, "inspectorTitle") == "Output ŷ: U [V]")
    model = window.views.data_table.rows_of_samples
    window.frame.layout.show(window.views.data_table)
    assert [model.name(column) for column in (0, 1)] == ["Day [days since 2021-03-01]", "U [V]"]
    assert model.headerData(1, Qt.Orientation.Horizontal) == "U [V]\ny"
    assert "# y: U [V]" in script_of(window.session.state.run)


REFUSED = [
    (b"", "two columns of them are needed"),
    (b"a,b\nc,d\ne,f\n", "line 2, column 1: “c” is not a number; allowed are finite numbers such as 1.5"),
    (b"\x89PNG\r\n\x1a\n\0\0", "this is a picture (PNG)"),
    (None, "there is no such file or folder"),
]


def test_what_cannot_be_read_is_refused_and_nothing_has_changed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "some.csv"
    for content, trouble in REFUSED:
        file.unlink(missing_ok=True)
        if content is not None:
            file.write_bytes(content)
        window.features["open_data"].open_file(str(file))
        text = warning(window, qtbot)
        assert text.startswith("some.csv is not used; nothing has changed.")
        assert trouble in text
    for text, said_of_it in (
        ("", "no text in the clipboard. Copy two columns"),
        ("  \n", "no text in the clipboard. Copy two columns"),
        ("Dear <b>all</b>, see below.", "The pasted text is not used; nothing has changed.\n\n"),
    ):
        QGuiApplication.clipboard().setText(text)
        window.actions_["actionPasteData"].trigger()
        told = warning(window, qtbot)
        assert said_of_it in told
        assert "two columns" in told
    assert window.session.config == Config()
    assert window.session.state.run.id == 1
    assert window.session.state.session.history.next_undo is None
    assert window.findChild(QDialog, "dataDialog") is None


def test_two_columns_are_pasted(window: MainWindow, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("cos(x)")
    for name in ("formula", "hiddenLayers"):  # in a text field a text is pasted
        field = child(window, QLineEdit, name)
        field.setFocus()
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        assert field.text() == "cos(x)"
        field.undo()
    rate = child(window, QWidget, "learningRate")
    rate.setFocus()
    QTest.keyClick(rate, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert not window.program.jobs.is_running(open_data_controller.KEY)
    assert window.findChild(QMessageBox, "warning") is None
    assert window.findChild(DataDialog) is None
    QGuiApplication.clipboard().setText("t\ty\r\n1,5\t2\r\n2,5\t3,25\r\n")
    window.views.diagram.setFocus()
    QTest.keyClick(window.views.diagram, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    dialog = shown_dialog(window, qtbot)
    assert said(dialog, "dataOrigin") == "pasted"
    assert window.session.config == Config()
    ok(dialog).click()
    assert window.session.config.data.points == Points([1.5, 2.5], [2, 3.25], origin="pasted", x_name="t")


def test_a_file_is_dropped_onto_any_view(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    file = written(tmp_path)
    targets = (
        window,
        window.views.diagram,
        window.views.function_plot.plot.viewport(),
        window.views.loss_plot.plot.viewport(),
    )
    for target in targets:
        assert drop(window, target, files(file)), target
        dialog = shown_dialog(window, qtbot)
        dialog.reject()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not drop(window, window, files(file, file))
    assert not drop(window, window, files())
    assert window.session.config == Config()
    file = tmp_path / "run.json"  # settings are opened
    file.write_text(Config().replace("network.hidden", (3,)).to_json(), encoding="utf-8")
    assert drop(window, window, files(file))
    assert window.session.config.network.hidden == (3,)
    file.write_text("{", encoding="utf-8")
    assert drop(window, window, files(file))
    assert "run.json is not used" in warning(window, qtbot)
    assert window.session.config.network.hidden == (3,)


def test_saved_data_reopen_to_the_bit_in_their_units(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, choose_file: ChooseFile
) -> None:
    random = np.random.default_rng(5)
    x, y = random.normal(size=(2, 50)) * 10.0 ** random.integers(-12, 5, 50)
    points = Points(x, y, random.random(50) < 0.3, origin="made up")
    x_train, y_train = x[~points.held_out], y[~points.held_out]
    file = tmp_path / "my data.csv"
    choose_file(file)
    for standardise in ("none", "xy"):
        window.session.begin_with({"data.points": points, "data.standardise": standardise})
        qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
        window.actions_["actionSaveData"].trigger()
        table, layers = read_table(file.read_bytes()), shown_snapshot(window).layers
        assert table.names == ("x", "y", "held_out", "predicted")
        predicted = table.columns[3].values
        if standardise == "none":
            truth = output_curve(layers, "relu", x.astype(np.float32))
            np.testing.assert_array_equal(predicted.astype(np.float32), truth)
        else:
            inner = output_curve(layers, "relu", ((x - x_train.mean()) / x_train.std()).astype(np.float32))
            truth, atol = inner * y_train.std() + y_train.mean(), 1e-5 * y_train.std()
            np.testing.assert_allclose(predicted, truth, rtol=0, atol=atol)
    window.actions_["actionOpenData"].trigger()
    ok(shown_dialog(window, qtbot)).click()
    assert window.session.config.data.points == Points(points.x, points.y, points.held_out, "my data.csv")


def test_what_is_saved_and_what_cannot_be_is_said(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, choose_file: ChooseFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Path("/nowhere/data.csv")
    choose_file(nowhere)
    window.actions_["actionSaveData"].trigger()
    text = warning(window, qtbot)
    assert text.startswith("Nothing was saved.")
    assert f"{nowhere}: there is no such file or folder." in text
    assert window.frame.status.currentMessage() == ""

    file = tmp_path / "data.csv"
    choose_file(file)
    window.actions_["actionSaveData"].trigger()
    table = read_table(file.read_bytes())
    np.testing.assert_array_equal(table.columns[0].values, window.session.state.run.dataset.x_train[:, 0])
    assert window.frame.status.currentMessage() == "saved 20 samples to data.csv"

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file.write_text("mine", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        window.actions_["actionSaveData"].trigger()
        assert warning(window, qtbot).startswith("Nothing was saved.")
    assert file.read_text(encoding="utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]

    choose_file(tmp_path / "run.json")
    hidden = frozenset({"view.microscope", "training.momentum"})  # what students see goes with the settings
    window.session.set_view(hidden=hidden)
    window.actions_["actionSave"].trigger()
    assert (tmp_path / "run.json").exists()
    assert window.frame.status.currentMessage() == "saved the settings to run.json"
    window.session.show_all()
    drop(window, window, files(tmp_path / "run.json"))
    assert window.session.state.session.view.hidden == hidden


def test_a_long_reading_can_be_cancelled(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "long.csv"
    file.write_text("x,y\n" + 40_000 * "1.5,2.25\n2,3\n3,4\n4,5\n5,6\n6,7\n7,8\n8,9\n9,0\n0,1\n", encoding="utf-8")
    window.features["open_data"].open_file(str(file))
    qtbot.waitUntil(lambda: (dialog := window.findChild(QDialog, "readingDialog")) is not None and dialog.isVisible())
    child(window, QDialog, "readingDialog").reject()
    assert not window.program.jobs.is_running(open_data_controller.KEY)
    window.features["open_data"].open_file(str(written(tmp_path)))
    dialog = shown_dialog(window, qtbot)  # the first reading has ended early
    assert said(dialog, "dataRows") == "3"
    assert window.session.config == Config()
    dialog.reject()
