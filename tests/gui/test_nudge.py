"""A number nudged: asked for in the inspector and the diagram, followed by its dialog; what it says is computed."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, recolor, shown_snapshot, train_to
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef, WeightRef
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.features.nudge import KEY, NudgeDialog
from tinynet_gui.ui.style.colors import DARK
from tinynet_gui.ui.views.inspector.parameter_table import NUDGE
from tinynet_gui.ui.widgets.fields.number_fields import NumberField, ScrubLabel
from tinynet_gui.ui.widgets.fields.refusals import FieldError
from tinynet_gui.ui.window.main_window import MainWindow

NO_KEY = Qt.KeyboardModifier.NoModifier
WEIGHT = ParameterRef(0, "weight", (2, 0))


def says(window: MainWindow, words: str) -> bool:
    texts = (child(window, QLabel, f"nudge{name}").text() for name in ("Title", "Rows", "Words"))
    return words in "\n".join(texts)


def rows(window: MainWindow) -> list[float]:
    lines = child(window, QLabel, "nudgeRows").text().splitlines()
    return [float(line.split()[-1].replace("−", "-")) for line in lines]


def test_a_pressed_gradient_or_a_rows_menu_asks_for_it(window: MainWindow, qtbot: QtBot) -> None:
    """By the mouse, by Enter, by the Menu key, and for a weight in the diagram's menu."""
    train_to(window, qtbot, 3)
    inspector = window.context.views.inspector
    window.context.selection.pin(NeuronRef(0, 2))
    inspector.numbers.show_all(True)
    table, asked = inspector.numbers.table, heard(inspector.nudge_wanted)
    model = table.model_of_parameters
    model.set_shape(False, True)
    gradient, value = model.index(0, 2), model.index(0, 1)
    for index in (value, gradient):
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())
    assert asked == [WEIGHT]
    arrow, hand = Qt.CursorShape.ArrowCursor, Qt.CursorShape.PointingHandCursor
    for index, shape in ((value, arrow), (gradient, hand), (value, arrow)):
        at, none = QPointF(table.visualRect(index).center()), Qt.MouseButton.NoButton
        moved = QMouseEvent(QEvent.Type.MouseMove, at, table.viewport().mapToGlobal(at), none, none, NO_KEY)
        QApplication.sendEvent(table.viewport(), moved)
        assert table.viewport().cursor().shape() == shape
        assert gradient.data(Qt.ItemDataRole.FontRole).underline() == (index == gradient)
    table.setCurrentIndex(model.index(1, 2))
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert asked.pop() == ParameterRef(0, "bias", (2,))
    for index, offered in ((value, True), (model.index(-1, -1), False)):
        menu = table.menu(index)
        assert (NUDGE in [action.text() for action in menu.actions()]) == offered
        menu.close()
    next(action for action in table.menu(value).actions() if action.text() == NUDGE).trigger()
    window.context.selection.pin(WeightRef(1, 0, 4))
    menu = QMenu()
    inspector.fill_menu(menu)
    next(action for action in menu.actions() if action.text() == NUDGE).trigger()
    assert asked == [WEIGHT, WEIGHT, ParameterRef(1, "weight", (0, 4))]
    qtbot.waitUntil(partial(says, window, "Weight from h₅ to ŷ"))


def test_a_nudge_is_named_by_its_network_and_late_ones_dropped(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_to(window, qtbot, 3)
    window.context.views.inspector.nudge_wanted.emit(ParameterRef(1, "weight", (0, 0)))
    qtbot.waitUntil(partial(says, window, "slope"))
    window.session.edit({"network.hidden": (10, 10)})
    qtbot.waitUntil(partial(says, window, "Weight from h₁[1] to h₁[2]"))
    answers, submit = list[Callable[[], None]](), window.program.jobs.submit

    def hold(key: str, function: Any, *of: Any, on_result: Callable[[Any], None], **other: Any) -> None:
        if key == KEY:
            answers.append(lambda: on_result(function(*of, Job(lambda _: None))))
        else:
            submit(key, function, *of, on_result=on_result, **other)

    monkeypatch.setattr(window.program.jobs, "submit", hold)
    dialog = child(window, NudgeDialog)
    monkeypatch.setattr(dialog, "epsilon", 1.0)
    dialog.epsilon_edited.emit()
    late, shown = answers.pop(), rows(window)
    window.session.edit({"network.seed": 11})
    qtbot.waitUntil(lambda: len(answers) > 0)
    late()
    assert rows(window) == shown
    answers.pop()()
    assert rows(window) != shown


def test_a_nudge_shows_three_losses_and_follows_the_moment(window: MainWindow, qtbot: QtBot) -> None:
    train_to(window, qtbot, 30)
    window.context.views.inspector.nudge_wanted.emit(WEIGHT)
    qtbot.waitUntil(partial(says, window, "slope"))
    dialog, snapshot = child(window, NudgeDialog), shown_snapshot(window)
    assert not dialog.isModal()
    below, here, above, slope, gradient = rows(window)
    assert here == pytest.approx(snapshot.train_loss, rel=1e-6)
    assert gradient == pytest.approx(float(snapshot.gradients[0].weight[2, 0]), abs=1e-6)
    assert slope == pytest.approx((above - below) / 0.2, abs=1e-6)
    field = child(dialog, NumberField, "nudgeEpsilon")
    label = next(label for label in dialog.findChildren(ScrubLabel) if label.buddy() is field)
    QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    QTest.mouseMove(label, QPoint(2 + 8 * 4, 2))
    QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=QPoint(34, 2))
    assert dialog.epsilon == 2
    qtbot.waitUntil(partial(says, window, "kinks lie between: h₃ for sample"))
    field.selectAll()
    for key in (Qt.Key.Key_1, Qt.Key.Key_Return):
        QTest.keyClick(field, key)
    assert (dialog.isVisible(), dialog.epsilon) == (True, 1)
    background = dialog.curve.grab().toImage()
    recolor(dialog, DARK)
    assert dialog.curve.grab().toImage() != background
    window.context.views.inspector.nudge_wanted.emit(ParameterRef(0, "bias", (2,)))
    qtbot.waitUntil(partial(says, window, "loss at b + ε"))
    assert not says(window, "at w")
    field.setValue(-1)
    assert "is not allowed" in child(dialog, FieldError).text()
    assert dialog.epsilon == 1
    window.session.edit({"training.weight_decay": 0.1, "training.batch_size": 5})
    window.session.freeze(NeuronRef(0, 2), True)
    qtbot.waitUntil(
        partial(says, window, "without weight decay, as backward's gradient is. A step's own gradient is of")
    )
    qtbot.waitUntil(partial(says, window, "The number is frozen"))
    window.session.edit({"network.hidden": (2,)})
    qtbot.waitUntil(dialog.isHidden)
