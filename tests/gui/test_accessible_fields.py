"""Fields, lists and buttons by the interfaces of screen readers and dictation alone."""

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, seen
from tests.not_none import not_none
from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.ui.style.colors import LIGHT
from tinynet_gui.ui.views.lesson.page import AskedQuestion
from tinynet_gui.ui.views.lesson.question_box import QuestionBox
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.views.time_line.time_line import StepField
from tinynet_gui.ui.widgets.fields.number_fields import NumberField, count_field
from tinynet_gui.ui.window.main_window import MainWindow

ALL = QAccessible.RelationFlag.AllRelations


@pytest.fixture
def panel(qtbot: QtBot) -> ParameterPanel:
    panel = seen(qtbot, ParameterPanel(), 280, 700, LIGHT)
    panel.show_config(Config())
    panel.show_all(True)
    QApplication.processEvents()
    return panel


def _asked(widget: QWidget) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(widget)


def _related(widget: QWidget, flag: QAccessible.RelationFlag) -> list[object]:
    return [other.object() for other, found in _asked(widget).relations(ALL) if found == flag]


def _insert(field: QWidget, text: str) -> None:
    """Write a text into a field as dictation does."""
    count = _asked(field).textInterface().characterCount()
    _asked(field).editableTextInterface().replaceText(0, count, text)


def _is_moving(window: MainWindow, wanted: bool) -> bool:
    return window.session.state.is_moving is wanted


def test_the_first_action_of_start_starts_and_pauses(window: MainWindow, qtbot: QtBot) -> None:
    start = child(window, QToolButton, "startButton")
    for is_moving in (True, False):
        actions = _asked(start).actionInterface()
        assert actions.actionNames()[0] == QAccessibleActionInterface.pressAction()
        actions.doAction(actions.actionNames()[0])
        qtbot.waitUntil(partial(_is_moving, window, is_moving))
        assert start.text() == ("Pause" if is_moving else "Start")


def test_a_number_field_reports_and_accepts_values(panel: ParameterPanel) -> None:
    edits = heard(panel.edited)
    rate, seed, held = (child(panel, NumberField, name) for name in ("learningRate", "networkSeed", "heldOut"))
    for field, number, ends in ((rate, 0.001, (0, 1_000)), (seed, 2, (0, 2**31 - 1)), (held, 0, (0, 90))):
        told = _asked(field).valueInterface()
        assert (told.currentValue(), told.minimumValue(), told.maximumValue()) == (number, *ends)
    assert _asked(held).valueInterface().minimumStepSize() == 5
    _asked(rate).valueInterface().setCurrentValue(100.001)
    _asked(held).valueInterface().setCurrentValue(12.5)
    assert (rate.text(), held.text()) == ("100.001", "12.5 %")
    assert edits == [{"training.learning_rate": 100.001}, {"data.held_out": 0.125}]
    seed.lineEdit().setText("abc")
    assert _asked(seed).valueInterface().currentValue() is None


def test_inserted_text_counts_as_typed_text(panel: ParameterPanel, qtbot: QtBot) -> None:
    edits, rate = heard(panel.edited), child(panel, NumberField, "learningRate")
    _insert(rate, "0.5")  # nobody is in it, so nobody will leave it
    assert edits == [{"training.learning_rate": 0.5}]
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    rate.setFocus()
    _insert(rate, "0.25")
    assert len(edits) == 1
    child(panel, NumberField, "noise").setFocus()
    assert edits[1:] == [{"training.learning_rate": 0.25}]
    _insert(child(panel, QWidget, "hiddenLayers"), "8, 8")
    assert edits[2:] == [{"network.hidden": (8, 8)}]


def test_inserted_guesses_and_steps_are_taken(qtbot: QtBot) -> None:
    box = seen(qtbot, QuestionBox(), 300, 200)
    box.show_question(AskedQuestion("How many?", "number", low=0, high=100), None, is_asked=True, is_new=True)
    said, button = heard(box.answered), child(box, QAbstractButton, "lessonAnswer")
    assert not button.isEnabled()
    _insert(child(box, QWidget, "lessonNumber"), "1,000")
    button.click()
    limits = child(box, QLabel, "lessonLimits")
    assert limits.text() == "1,000: one, or one thousand? Write 1 or 1000"
    assert _asked(child(box, QWidget, "lessonNumber")).state().invalid
    _insert(child(box, QWidget, "lessonNumber"), "1/4")
    button.click()
    assert said == [0.25]
    steps = seen(qtbot, StepField(), 100, 30)
    steps.show_step(10, 500)
    wanted = heard(steps.step_typed)
    _insert(steps, "300")
    assert wanted == [300]


def _lists(window: MainWindow) -> Iterator[QComboBox]:
    for tabs in window.findChildren(QTabWidget):
        for place in range(tabs.count()):
            tabs.setCurrentIndex(place)
            yield from (box for box in window.findChildren(QComboBox) if box.isVisible())


def test_each_list_says_what_it_is_and_each_cross_what_it_closes(window: MainWindow) -> None:
    named = {}
    for box in _lists(window):
        named[box.objectName()] = [_asked(label).text(QAccessible.Text.Name) for label in _labels(box)]
        assert any(named[box.objectName()]), box.objectName()
    assert named["experimentKind"] == ["Experiment"]
    assert named["mapNamed"] == ["Map"]
    crosses = [each for each in window.findChildren(QAbstractButton) if each.text() in ("✕", "×")]
    names = {cross.accessibleName() for cross in crosses}
    assert len(names) == len(crosses) >= 3
    assert not names & {"", "✕", "×"}


def _labels(box: QComboBox) -> list[QWidget]:
    found = _related(box, QAccessible.RelationFlag.Label)
    return [label for label in found if isinstance(label, QWidget)]


def _place(field: QWidget, error: QWidget) -> QRect:
    """Where a field is on the page on which the error lies."""
    return QRect(field.mapTo(not_none(error.parentWidget()), QPoint()), field.size())


@pytest.mark.parametrize(
    ("path", "name", "height"),
    [
        ("data.target", "targetFunction", 700),
        ("network.hidden", "hiddenLayers", 700),
        ("training.stop_step", "stopStep", 700),
        ("training.stop_step", "stopStep", 260),
    ],
)
def test_an_error_is_beside_its_field_and_linked_to_it(
    panel: ParameterPanel, path: str, name: str, height: int
) -> None:
    panel.resize(280, height)
    QApplication.processEvents()
    field, error = child(panel, QWidget, name), child(panel, QLabel, f"{name}Error")
    flags = QAccessible.RelationFlag
    assert (_related(field, flags.DescriptionFor), _asked(field).state().invalid) == ([], 0)
    panel.show_error(ConfigError(path, "no"))
    QApplication.processEvents()
    at_field = _place(field, error)
    gap = max(error.geometry().top() - at_field.bottom(), at_field.top() - error.geometry().bottom())
    assert 0 < gap <= 4
    assert _asked(field).state().invalid
    assert (_related(field, flags.DescriptionFor), _related(error, flags.Described)) == ([error], [field])
    for part in (field, error):
        assert not part.visibleRegion().isEmpty()
    panel.discard_errors()
    assert (_related(field, flags.DescriptionFor), _asked(field).state().invalid) == ([], 0)


def test_an_error_leaves_the_field_that_is_in_use_free(panel: ParameterPanel, qtbot: QtBot) -> None:
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    panel.show_error(ConfigError("data.sample_count", "no"))
    refused, error = child(panel, QWidget, "sampleCount"), child(panel, QLabel, "sampleCountError")
    for name, is_above in (("heldOut", False), ("rangeMin", True), ("sampleCount", False)):
        field = child(panel, QWidget, name)
        field.setFocus()
        QApplication.processEvents()
        assert (error.geometry().bottom() < refused.geometry().top()) is is_above
        assert not error.geometry().intersects(_place(field, error))


def test_an_ambiguous_count_is_refused_and_the_last_one_counts(qtbot: QtBot) -> None:
    view = seen(qtbot, QWidget(), 300, 200)
    box = count_field(" seeds")
    box.setParent(view)
    box.setObjectName("seeds")
    box.setRange(50, 1_000)
    box.show()
    page = QPlainTextEdit(view)
    page.setGeometry(0, box.height(), 300, 200 - box.height())
    page.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    counts = heard(box.valueChanged)
    assert box.text() == "50 seeds"
    for text, reason in (
        ("1.000", "1.000: one, or one thousand? Write 1 or 1000."),
        ("60,5 seeds", "“60,5” is not a whole number: 50 to 1,000."),
        ("20", "20 is not allowed: 50 to 1,000."),
    ):
        box.lineEdit().selectAll()
        QTest.keyClicks(box, text)
        QTest.keyClick(box, Qt.Key.Key_Return)
        error = child(view, QLabel, "seedsError")
        assert (error.text(), error.isVisible(), box.count) == (reason, True, 50)
        page.setFocus()  # which leaves no room: it is covered
        QApplication.processEvents()
        assert view.rect().contains(error.geometry())
        assert not error.geometry().intersects(box.geometry())
    box.lineEdit().selectAll()
    QTest.keyClicks(box, "256")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert (box.text(), counts[-1], child(view, QLabel, "seedsError").isVisible()) == ("256 seeds", 256, False)


def test_a_text_that_a_reader_sets_counts_as_typed_text(panel: ParameterPanel) -> None:
    edits = heard(panel.edited)
    _asked(child(panel, QWidget, "hiddenLayers")).setText(QAccessible.Text.Value, "8, 8")
    assert edits == [{"network.hidden": (8, 8)}]
