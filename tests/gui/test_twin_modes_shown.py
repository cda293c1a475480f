"""The lazy twin's error in its modes, over the loss: of the moment in sight, from one search for the twin."""

import re
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, is_at, key_text, train_to
from tests.gui.shared_window import SharedWindow
from tests.runs import config_of
from tinynet_gui.core.lazy_twin.of_run import Mode, TwinModes, all_rates, modes_of, twin_at
from tinynet_gui.core.lazy_twin.twin import LazyTwin
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.run.session import ViewState, new_session
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.values import Floats
from tinynet_gui.ui.views.loss_plot.scene import MAX_MODES, ErrorModes
from tinynet_gui.ui.widgets.drawn_parts import DrawnParts
from tinynet_gui.ui.widgets.plots.layer import LegendLabel
from tinynet_gui.ui.window.main_window import MainWindow

STOP = 400


def _switch(window: MainWindow) -> QAction:
    actions: list[QAction] = window.views.loss_plot.view.menu.menu.actions()
    return next(action for action in actions if action.text() == "What the &twin learns when")


def _modes(window: MainWindow) -> ErrorModes:
    layer: ErrorModes = window.views.loss_plot.layers.modes
    return layer


def _key(window: MainWindow) -> str:
    return child(window, LegendLabel, "lossKey").text()


def _beside(window: MainWindow) -> dict[str, tuple[float, float]]:
    """What stands beside the lines, and where."""
    texts = [item for item in window.views.loss_plot.plot.items() if isinstance(item, pg.TextItem)]
    return {text.toPlainText(): text.pos().toTuple() for text in texts if text.isVisible()}


def _expected(window: MainWindow, first: int, stop_at: int) -> TwinModes:
    run = window.session.state.run
    return modes_of(twin_at(run, first), first, *all_rates(run, first, stop_at), MAX_MODES)


def _is_drawn(window: MainWindow, expected: TwinModes) -> bool:
    found = _modes(window).found
    is_alike = isinstance(found, TwinModes) and found.steps.tolist() == expected.steps.tolist()
    return is_alike and isinstance(found, TwinModes) and np.array_equal(found.total, expected.total)


@pytest.fixture
def window(shared: SharedWindow, qtbot: QtBot) -> MainWindow:
    """A window with the modes of the twin of 400 steps of the tutorial."""
    window = shared.get(config_of(training__stop_step=STOP))
    train_to(window, qtbot, STOP)
    _switch(window).trigger()
    qtbot.waitUntil(lambda: isinstance(_modes(window).found, TwinModes))
    return window


def _drawn(window: MainWindow) -> list[Floats]:
    return [10**y for _, y in _modes(window).lines()]


def test_a_line_for_each_mode_adds_up_to_the_twins(window: MainWindow) -> None:
    expected = _expected(window, 0, STOP)
    assert _is_drawn(window, expected)
    total, *parts = _drawn(window)
    np.testing.assert_allclose(np.sum(parts, axis=0), total, rtol=1e-9)
    np.testing.assert_allclose(total, expected.total)
    assert total[0] == pytest.approx(window.session.state.run.losses.curve(10)[1][0], rel=1e-5)
    assert "0 sign changes: error halved at step 63" in _key(window)
    assert "…" not in _key(window)
    beside = _beside(window)
    assert {"0: 63", "1: 349", "other modes"} <= beside.keys()
    for mode in expected.modes:  # told without its colour
        name = next(
            name for name in beside if name.startswith(f"{mode.sign_changes}: {count_text(round(mode.halved_at))}")
        )
        x, y = beside[name]
        line_px = 20 * window.views.loss_plot.plot.getViewBox().viewPixelSize()[1]
        assert y == pytest.approx(np.interp(x, expected.steps, np.log10(mode.losses)), abs=line_px)
    hint = child(window, LegendLabel, "lossKey").toolTip()
    assert re.search("Point at a line .*\n0 sign changes: error halved at step 63\n1 sign change: .* 349\n", hint)
    heard = child(window, DrawnParts, "lossPlotCurves")
    parts_heard = [heard.part(place) for place in range(heard.count())]
    (smoothest,) = (part for part in parts_heard if part.name == "— 0 sign changes: error halved at step 63")
    assert smoothest.description.startswith(f"From {plain(expected.modes[0].losses[0])} at 0")
    assert [part.name for part in parts_heard][-1] == "┈ never learned"
    assert window.views.function_plot.layers.lazy_twin.drawn() is None  # it has a switch of its own
    low, high = window.views.loss_plot.plot.getViewBox().viewRange()[1]
    assert low < np.log10(min(part[0] for part in parts[:-1])) < high  # each mode is in view where it begins


def test_modes_follow_rate_time_line_and_manual_edits(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.edit({"training.learning_rate": 0.01})
    train_to(window, qtbot, 500)
    qtbot.waitUntil(lambda: _is_drawn(window, _expected(window, 0, 500)))
    assert "2: 574" in _beside(window)  # (2,139 − 400)/10 after the change
    session.look_at(100)
    qtbot.waitUntil(lambda: is_at(window, 100))
    assert _is_drawn(window, _expected(window, 0, 500))
    session.look_at(None)
    session.set_parameter(ParameterRef(1, "bias", (0,)), 5.0)
    qtbot.waitUntil(lambda: _is_drawn(window, _expected(window, 500, 501)))
    smoothest = _expected(window, 500, 501).modes[0]
    assert f"{smoothest.sign_changes} sign changes: error halved at step {smoothest.halved_at:.0f}" in _key(window)
    train_to(window, qtbot, 600)
    session.look_at(100)
    qtbot.waitUntil(lambda: _is_drawn(window, _expected(window, 0, 500)))  # no further than that change
    assert _expected(window, 0, 500).steps[-1] == 500


def test_modes_are_drawn_up_to_a_later_penalty(window: MainWindow, qtbot: QtBot) -> None:
    """With a penalty there is no twin."""
    window.session.edit({"training.l1": 0.1})
    train_to(window, qtbot, 500)
    qtbot.waitUntil(lambda: "without an L1 penalty" in _key(window))
    window.session.look_at(50)
    qtbot.waitUntil(lambda: _is_drawn(window, _expected(window, 0, STOP)))
    found = _modes(window).found
    assert isinstance(found, TwinModes)
    assert found.steps[-1] == STOP


def test_missing_modes_have_a_reason_and_questions_hide_them(window: MainWindow, qtbot: QtBot) -> None:
    window.session.set_question_open(True)
    assert (_modes(window).found, list(_modes(window).lines())) == ("", [])
    window.session.set_question_open(False)
    qtbot.waitUntil(lambda: isinstance(_modes(window).found, TwinModes))
    window.session.edit({"training.learning_rate": 0.3, "network.seed": 3})
    qtbot.waitUntil(lambda: "0 sign changes: error grows" in _key(window))
    window.session.edit({"training.optimizer": "adam"})
    qtbot.waitUntil(lambda: "not Adam" in _key(window))
    assert list(_modes(window).lines()) == []
    _switch(window).trigger()
    assert "Adam" not in _key(window)


def test_a_line_that_is_pointed_at_is_named(window: MainWindow) -> None:
    """Of two that are close, the nearer one."""
    plot, found = window.views.loss_plot, _expected(window, 0, STOP)
    box, seen = plot.plot.getViewBox(), 0
    for mode in found.modes:
        here = QPointF(STOP / 2, np.log10(np.interp(STOP / 2, found.steps, mode.losses)))
        if box.viewRange()[1][0] < here.y():
            plot.plot.scene().sigMouseMoved.emit(box.mapViewToScene(here))
            assert plot.value.text().startswith(f"{mode.sign_changes} sign change")
            seen += 1
    assert seen >= 4
    plot.plot.scene().sigMouseMoved.emit(box.mapViewToScene(QPointF(STOP / 2, box.viewRange()[1][1])) + QPointF(0, 1))
    assert plot.value.text().startswith("step")


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
def test_the_function_plot_can_still_be_read(window: MainWindow, qtbot: QtBot, size: tuple[int, int]) -> None:
    window.actions_["actionLazyTwin"].trigger()
    window.resize(*size)
    qtbot.waitUntil(lambda: "lazy twin" in key_text(window))
    QApplication.processEvents()
    box, key = window.views.function_plot.plot.getViewBox(), child(window, LegendLabel, "lossKey")
    assert (box.width() >= 200, box.height() >= 160) == (True, True)
    assert key.height() < 3 * key.fontMetrics().lineSpacing()
    assert key.heightForWidth(key.width()) <= key.height()


def test_beside_a_ghost_modes_are_the_runs(window: MainWindow, qtbot: QtBot) -> None:
    session, layers = window.session, window.views.function_plot.layers
    session.set_view(shows_preview=True, shows_twin=True)
    session.edit({"network.seed": 3})
    qtbot.waitUntil(lambda: layers.ghost.preview is not None and len(session.state.run.checkpoints) > 0)
    qtbot.waitUntil(lambda: _is_drawn(window, _expected(window, 0, STOP)))

    session.edit({"training.optimizer": "momentum"})
    why = "for plain SGD only, not SGD with momentum"
    qtbot.waitUntil(lambda: why in _key(window) and why in key_text(window))
    assert (layers.lazy_twin.drawn(), list(_modes(window).lines())) == (None, [])
    session.edit({"training.optimizer": "sgd"})
    qtbot.waitUntil(lambda: len(session.state.run.checkpoints) > 0 and layers.lazy_twin.drawn() is not None)
    qtbot.waitUntil(lambda: _is_drawn(window, _expected(window, 0, STOP)))


@pytest.mark.parametrize("other", ["run", "session"])
def test_what_is_late_is_not_that_of_another_run(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    monkeypatch.setattr(window.program.jobs, "submit", lambda *_, **__: None)
    if other == "run":
        window.session.new_seed()
    else:
        session = new_session(config_of(network__seed=5))
        assert session.run.id == window.session.state.run.id
        window.session.take_over(replace(session, view=ViewState(shows_modes=True)))
        assert list(_modes(window).lines()) == []
    qtbot.waitUntil(lambda: "is being computed" in _key(window))
    assert list(_modes(window).lines()) == []


def test_without_a_finite_loss_no_line_is_drawn(window: MainWindow) -> None:
    """As in six layers of one neuron with weights of 1e35."""
    in_view, beyond = window.views.loss_plot.plot.getViewBox().viewRange(), np.full(5, np.inf)
    _modes(window).show_modes("")
    without = window.views.loss_plot.plot.getViewBox().viewRange()
    _modes(window).show_modes(TwinModes(np.arange(5.0), (Mode(1.0, 0, np.inf, True, beyond),), beyond, None))
    assert window.views.loss_plot.plot.getViewBox().viewRange() == without != in_view
    assert "0 sign changes: error grows" in _key(window)


def test_the_twin_is_searched_for_once(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[object]()
    monkeypatch.setattr(LazyTwin, "__init__", lambda twin, *_: made.append(twin))
    window.actions_["actionLazyTwin"].trigger()
    qtbot.waitUntil(lambda: window.views.function_plot.layers.lazy_twin.drawn() is not None)
    assert made == []
