"""What is said of a run follows what is done to it: its phase, its engine, its speed; and what it refuses."""

import math
from functools import partial

import numpy as np
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow, follow_snapshots, heard, shown_bias, shown_snapshot, stands_at
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.events import LARGEST
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.ui.window.main_window import MainWindow


def _wait_for_phase(window: MainWindow, qtbot: QtBot, phase: str) -> None:
    qtbot.waitUntil(lambda: window.session.state.status.phase == phase)


def _bias(window: MainWindow) -> float:
    """The output's bias as the window shows it."""
    return float(shown_snapshot(window).layers[1].bias[0])


def _bias_is(window: MainWindow, value: float) -> bool:
    return _bias(window) == value


def test_a_divergence_by_hand_is_over_when_it_is_taken_back(window: MainWindow, qtbot: QtBot) -> None:
    for steps, phase in ((0, "ready"), (3, "paused")):
        for _ in range(steps):
            window.session.take_step()
        qtbot.waitUntil(partial(stands_at, window, steps))
        before = _bias(window)
        window.session.set_parameter(ParameterRef(1, "bias", (0,)), 3e38)
        _wait_for_phase(window, qtbot, "diverged")
        assert window.banner.isVisible()
        window.session.undo()
        _wait_for_phase(window, qtbot, phase)
        assert _bias(window) == before
        assert not window.banner.isVisible()


def test_another_learning_rate_alone_does_not_make_a_diverged_run_finite(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.learning_rate": 10.0})
    window.session.fast_forward()
    _wait_for_phase(window, qtbot, "diverged")
    frames: list[Snapshot] = []
    follow_snapshots(window, frames.append)
    window.session.edit({"training.learning_rate": 0.001})
    qtbot.waitUntil(lambda: bool(frames))
    assert window.session.state.status.phase == "diverged"


def test_the_engine_is_named_before_a_step_is_taken_and_at_the_end_of_a_fast_forward(
    window: MainWindow, qtbot: QtBot
) -> None:
    def wait_for_engine(name: EngineName) -> None:
        qtbot.waitUntil(lambda: window.session.state.status.engine == name)

    window.session.set_engine("compiled")
    wait_for_engine("Compiled")
    window.session.set_engine("pytorch")
    wait_for_engine("PyTorch")
    window.session.set_engine("compiled")
    wait_for_engine("Compiled")
    window.session.freeze(NeuronRef(0, 0), True)  # the compiled loop cannot
    wait_for_engine("PyTorch")
    assert window.session.state.status.phase == "ready"
    window.session.freeze(NeuronRef(0, 0), False)
    window.session.set_engine("auto")
    window.session.fast_forward(50)
    _wait_for_phase(window, qtbot, "finished")  # which may come with the first frame already
    assert window.session.state.status.engine == "Compiled"


def test_the_speed_takes_over_from_a_fast_forward(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(Config().replace("training.stop_step", 100_000_000))
    window.session.fast_forward()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 0)
    assert window.session.state.status.is_fast_forward
    window.session.set_pace(0)
    assert not window.session.state.status.is_fast_forward
    assert window.session.state.is_running
    frames: list[Snapshot] = []
    follow_snapshots(window, frames.append)
    qtbot.waitUntil(lambda: len(frames) >= 3)
    assert frames[-1].step - frames[-2].step == 1


def test_beyond_float32_is_its_largest_number_and_what_is_not_finite_changes_nothing(
    window: MainWindow, qtbot: QtBot
) -> None:
    failures = heard(window.program.failed)
    before = _bias(window)
    assert np.isfinite(np.float32(LARGEST))
    for largest in (-LARGEST, LARGEST):
        window.session.set_parameter(ParameterRef(1, "bias", (0,)), 1.03 * largest)
        qtbot.waitUntil(partial(_bias_is, window, largest))
        window.session.undo()
        qtbot.waitUntil(partial(_bias_is, window, before))
    assert failures == []
    for value in (math.inf, -math.inf, math.nan):
        window.session.set_parameter(ParameterRef(1, "bias", (0,)), value)
        assert window.session.state.session.history.next_undo is None, value
    window.session.set_parameter(ParameterRef(0, "bias", (0,)), 0.5)
    qtbot.waitUntil(lambda: shown_bias(window, 0) == 0.5)
    assert _bias(window) == before
