"""The lazy twin in the function plot: of each moment in sight, and the ghost's; or why there is none."""

import gc
import re
from collections.abc import Callable
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, is_at, key_text, shown_snapshot, train_to
from tests.gui.shared_window import SharedWindow
from tests.runs import config_of
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.lazy_twin.of_run import rates_of, twin_at
from tinynet_gui.core.lazy_twin.twin import LazyTwin, Rates
from tinynet_gui.core.network.forward import as_layers
from tinynet_gui.core.network.refs import LayerRef, ParameterRef
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.values import Floats, Stop
from tinynet_gui.ui.features import lazy_twin
from tinynet_gui.ui.views.function_plot.other_curves import LazyTwinCurve, TornCurve, TwinShown
from tinynet_gui.ui.window.main_window import MainWindow

BIAS = ParameterRef(1, "bias", (0,))


@pytest.fixture
def window(shared: SharedWindow, qtbot: QtBot) -> MainWindow:
    """A window with the twin of a run of 300 steps."""
    window = shared.get(config_of(training__stop_step=300, training__learning_rate=0.01))
    window.session.set_view(shows_preview=False)
    train_to(window, qtbot, 300)
    window.actions_["actionLazyTwin"].trigger()
    return window


def _said(window: MainWindow) -> str:
    """What is heard of it, its parts joined."""
    entries = window.views.function_plot.layers.lazy_twin.legend_entries()
    return " ".join(re.sub("<.*?>", "", entry) for entry in entries).removeprefix("╍ ")


def _curve(window: MainWindow) -> Floats | None:
    drawn = window.views.function_plot.layers.lazy_twin.drawn()
    return None if drawn is None else np.asarray(drawn[1], np.float64)


def _wait_for(window: MainWindow, qtbot: QtBot, expected: Callable[[], Floats]) -> None:
    def is_drawn() -> bool:
        curve, y = _curve(window), expected()
        return curve is not None and curve.shape == y.shape and np.allclose(curve, y, rtol=1e-5, atol=1e-6)

    qtbot.waitUntil(is_drawn)


def _of_run(window: MainWindow, first: int, step: int) -> Floats:
    run = window.session.state.run
    twin, x = twin_at(run, first), window.views.function_plot.scene.grid()
    return twin.line(x).at(twin.after(rates_of(run, first, step)))


def test_the_twin_follows_the_moment_and_manual_edits(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    assert session.state.session.view.shows_twin
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))
    percent = 100 * twin_at(session.state.run, 0).kernel_movement(session.state.run.checkpoints[-1].parameters)
    assert f"its lazy twin the kernel moved {percent:.0f} %" in _said(window)
    session.look_at(120)
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 120))
    session.look_at(None)
    session.set_parameter(BIAS, 4.0)
    qtbot.waitUntil(lambda: len(session.state.run.events) > 0 and session.state.run.events[-1].step == 300)
    _wait_for(window, qtbot, lambda: _of_run(window, 300, 300))
    snapshot, drawn = shown_snapshot(window), window.views.function_plot.layers.lazy_twin.curve()
    np.testing.assert_allclose(np.interp(snapshot.grid, *drawn), snapshot.output, atol=1e-4)  # there they are one
    assert "the kernel moved 0 %" in key_text(window)
    session.edit({"training.learning_rate": 0.02})
    train_to(window, qtbot, 400)
    _wait_for(window, qtbot, lambda: _of_run(window, 300, 400))
    session.look_at(250)
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 250))


def test_it_reaches_as_far_as_the_view(window: MainWindow, qtbot: QtBot) -> None:
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))
    window.views.function_plot.plot.setXRange(-20, 5, padding=0)
    assert window.views.function_plot.scene.grid()[0] == -20
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))


def test_it_is_torn_where_the_tear_can_be_seen(window: MainWindow, qtbot: QtBot) -> None:
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))
    plot = window.views.function_plot
    (item,) = (item for item in plot.plot.items() if isinstance(item, TornCurve))

    def strokes() -> int:
        path = item.getPath()
        return sum(path.elementAt(place).isMoveTo() for place in range(path.elementCount()))

    x, y = plot.layers.lazy_twin.curve()
    is_jump = np.diff(x) == 0
    heights = np.abs(np.diff(y))[is_jump]
    start = as_layers(window.session.state.run.checkpoints[0].parameters)
    kinks = find_linear_regions(start, "relu", *x[[0, -1]].tolist()).kinks.x
    np.testing.assert_allclose(x[1:][is_jump], np.unique(kinks))
    (low, high), pixels = plot.plot.getViewBox().viewRange()[1], plot.plot.getViewBox().height()
    assert strokes() == 1 + np.count_nonzero(heights > (high - low) / pixels) > 1
    plot.plot.setYRange(-1e5, 1e5, padding=0)
    assert strokes() == 1


def test_it_is_drawn_once_for_each_moment(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))
    drawn, show = list[TwinShown | str](), LazyTwinCurve.show_twin

    def show_and_count(layer: LazyTwinCurve, shown: TwinShown | str) -> None:
        drawn.append(shown)
        show(layer, shown)

    monkeypatch.setattr(LazyTwinCurve, "show_twin", show_and_count)
    monkeypatch.setattr(lazy_twin, "READ_S", 1000.0)
    window.session.look_at(120)
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 120))
    window.session.edit({"training.stop_step": 400})
    assert len(drawn) == 1


def test_with_a_ghost_it_is_where_the_ghost_is(window: MainWindow, qtbot: QtBot) -> None:
    session, ghost = window.session, window.views.function_plot.layers.ghost
    session.set_view(shows_preview=True)
    session.edit({"training.learning_rate": 0.02})
    qtbot.waitUntil(lambda: ghost.preview is not None)
    x = window.views.function_plot.scene.grid()

    def at_the_end() -> Floats:
        twin = twin_at(session.state.run, 0)
        return twin.line(x).at(twin.after([*rates_of(session.state.run, 0, 300), Rates(0.02, 0.0, 300)]))

    _wait_for(window, qtbot, at_the_end)
    assert "the ghost’s lazy twin the kernel moved" in _said(window)
    session.edit({"network.seed": 5})
    qtbot.waitUntil(lambda: ghost.preview is not None and ghost.preview.config.network.seed == 5)
    qtbot.waitUntil(lambda: len(session.state.run.checkpoints) == 1)

    def of_the_seed() -> Floats:
        twin = twin_at(session.state.run, 0)
        return twin.line(x).at(twin.after([Rates(0.02, 0.0, 300)]))

    _wait_for(window, qtbot, of_the_seed)
    session.set_view(shows_preview=False)
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 0))


def test_it_says_that_it_diverges_and_why_there_is_none(window: MainWindow, qtbot: QtBot) -> None:
    edge, view = twin_at(window.session.state.run, 0).largest_rate(0.0), window.views.function_plot.plot.getViewBox()
    window.session.begin_with({"training.learning_rate": 1.1 * edge})
    train_to(window, qtbot, 1)
    in_view = view.viewRange()
    train_to(window, qtbot, 20)
    qtbot.waitUntil(lambda: f"its lazy twin diverges above a learning rate of {edge:.3g}" in _said(window))
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 20))
    assert view.viewRange() == in_view
    window.session.begin_with({"training.learning_rate": 0.1839})  # 0.184 is not above 0.184
    train_to(window, qtbot, 1)
    qtbot.waitUntil(lambda: _said(window).endswith("above a learning rate of 0.1838"))
    window.session.begin_with({"training.optimizer": "adam"})
    qtbot.waitUntil(lambda: "no lazy twin for plain SGD only, not Adam" in _said(window))
    assert _curve(window) is None
    window.actions_["actionLazyTwin"].trigger()
    assert "lazy twin" not in key_text(window)


def test_where_nothing_trains_the_kernel_is_not_said_to_move(window: MainWindow, qtbot: QtBot) -> None:
    for layer in range(2):
        window.session.freeze(LayerRef(layer), True)
    _wait_for(window, qtbot, lambda: _of_run(window, 300, 300))
    assert _said(window) == "its lazy twin"


def test_a_known_twin_stays_while_another_is_computed(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is one that could not be found said to be on its way."""
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))
    fails, really_submit = list[Callable[[str], None]](), window.program.jobs.submit

    def submit(key: str, *of: Any, **how: Any) -> None:
        if key == lazy_twin.KEY:
            fails.append(how["on_error"])
        else:
            really_submit(key, *of, **how)

    monkeypatch.setattr(window.program.jobs, "submit", submit)
    window.session.set_parameter(BIAS, 4.0)
    qtbot.waitUntil(lambda: _said(window) == "its lazy twin is being computed")
    late = child(window, QTimer, "twinLate")
    window.session.look_at(299)
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 299))
    window.session.look_at(None)
    qtbot.waitUntil(late.isActive)
    window.session.look_at(298)
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 298))
    assert not late.isActive()
    window.session.look_at(None)
    qtbot.waitUntil(lambda: _said(window) == "its lazy twin is being computed")
    fails[-1]("Traceback")
    assert _said(window) == "no lazy twin an error ended its computation"
    asked = len(fails)
    window.session.edit({"training.stop_step": 400})
    assert len(fails) == asked + 1  # an error is not remembered beyond the next act


def test_large_twins_are_not_cached_and_none_once_off(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lazy_twin, "LARGEST", 0)
    made, make = list[ReferenceType[LazyTwin]](), LazyTwin.__init__

    def counted(twin: LazyTwin, start: Moment, stop: Stop | None = None) -> None:
        made.append(ref(twin))
        make(twin, start, stop)

    monkeypatch.setattr(LazyTwin, "__init__", counted)
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))
    window.session.set_parameter(BIAS, 4.0)
    _wait_for(window, qtbot, lambda: _of_run(window, 300, 300))
    gc.collect()
    assert sum(twin() is not None for twin in made) == 1
    window.actions_["actionLazyTwin"].trigger()
    gc.collect()
    assert not any(twin() for twin in made)


def test_an_open_question_holds_it_back(window: MainWindow, qtbot: QtBot) -> None:
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))
    window.session.set_question_open(True)
    assert (_curve(window), "lazy twin" in key_text(window)) == (None, False)
    window.session.set_question_open(False)
    assert (_curve(window) is None, "lazy twin" in key_text(window)) == (False, True)


def test_a_large_networks_kernel_is_measured_at_rest(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _wait_for(window, qtbot, lambda: _of_run(window, 0, 300))
    monkeypatch.setattr(lazy_twin, "SMALL", 0)
    window.session.look_at(120)
    qtbot.waitUntil(lambda: is_at(window, 120))
    assert "the kernel moved" not in key_text(window)
    qtbot.waitUntil(lambda: "its lazy twin the kernel moved" in _said(window))
