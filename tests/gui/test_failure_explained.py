"""Failure explained: divergence, a dead neuron, a plateau; why, and what would help."""

import html
import re
import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow, child, shown_snapshot
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import plain, told_apart
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.jobs.computations import Deaths
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.controllers import diagnosis_controller
from tinynet_gui.ui.window.main_window import MainWindow


def _ask_why(window: MainWindow, qtbot: QtBot) -> str:
    button, text = child(window, QToolButton, "whyButton"), child(window, QLabel, "whyText")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(text.isVisible)
    return html.unescape(re.sub("<[^>]*>", "", text.text().replace("<br>", "\n")))  # without its links


def _apply(window: MainWindow) -> None:
    button = child(window, QPushButton, "adviceButton")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_divergence_is_explained_and_mended_with_one_click(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.learning_rate": 10.0})
    window.session.fast_forward()
    qtbot.waitUntil(lambda: window.session.state.status.phase == "diverged")
    why = _ask_why(window, qtbot)
    assert "at step 3" in why
    assert "learning rate" in why
    _apply(window)
    rate = window.session.config.training.learning_rate
    assert 0 < rate < 1
    window.session.fast_forward(2_000)
    qtbot.waitUntil(lambda: window.session.state.status.phase == "finished")
    assert not window.banner.isVisible() or "Diverged" not in window.banner.text()
    window.session.undo()
    assert window.session.config.training.learning_rate == 10.0


def test_samples_that_are_too_large_are_made_smaller_with_one_click(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"data.target": "formula", "data.formula": "1e30*x"})
    qtbot.waitUntil(lambda: window.session.state.status.phase == "diverged")
    assert "not finite at step 0" in window.banner.text()
    assert "learning rate" not in window.banner.text()
    assert "samples' y" in _ask_why(window, qtbot)
    _apply(window)
    assert window.session.config.data.formula == "(1e30*x)/1e30"
    assert window.session.config.training.learning_rate == 0.001
    qtbot.waitUntil(lambda: window.session.state.status.phase == "ready")
    assert not window.banner.isVisible()


def test_after_standardising_the_rate_that_was_small_for_the_data_is_offered_anew(
    window: MainWindow, qtbot: QtBot
) -> None:
    minutes = np.linspace(0, 90, 40)
    window.session.begin_with({"data.points": Points(minutes, 20 + 70 * np.exp(-minutes / 30), origin="coffee")})
    window.session.begin_with({"data.standardise": "xy"})
    offered = "Learning rate 0.001 is small for these standardised data, as a trial shows."
    qtbot.waitUntil(lambda: window.banner.text() == offered)
    assert window.banner.property("role") == "note"
    _train_to(window, qtbot, 10_000)
    qtbot.waitUntil(lambda: window.banner.text() == offered)
    why = _ask_why(window, qtbot)
    assert f"and to {plain(shown_snapshot(window).train_loss)} with 0.001" in why
    _apply(window)
    rate = window.session.config.training.learning_rate
    assert 0.01 <= rate <= 0.1
    _train_to(window, qtbot, 10_000)
    assert f"the loss comes to {plain(shown_snapshot(window).train_loss)} with {rate}" in why
    assert not window.banner.isVisible()


def _train_to(window: MainWindow, qtbot: QtBot, step: int) -> None:
    window.session.fast_forward(step)
    qtbot.waitUntil(lambda: window.session.state.status.phase == "finished")


def test_a_plateau_is_named_and_explained(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(Config().replace("network.initialization", "zeros"))
    qtbot.waitUntil(lambda: window.session.state.status.compiled == "ready")
    window.session.fast_forward()
    qtbot.waitUntil(lambda: window.session.state.status.phase == "finished")
    assert "Plateau" in window.banner.text()
    assert "began at 0" in _ask_why(window, qtbot)
    _apply(window)
    assert window.session.config.network.initialization == "pytorch"


def test_a_good_run_is_not_called_a_failure(window: MainWindow, qtbot: QtBot) -> None:
    window.session.fast_forward()
    qtbot.waitUntil(lambda: window.session.state.status.phase == "finished")
    assert not window.banner.isVisible()


def test_the_diagram_says_at_which_step_a_neuron_died(window: MainWindow, qtbot: QtBot) -> None:
    window.session.fast_forward(3_000)
    qtbot.waitUntil(lambda: bool(window.diagram.death_steps))
    assert set(window.diagram.death_steps) == {(0, 8)}
    step = window.diagram.death_steps[0, 8]
    window.selection.hover(NeuronRef(0, 8))
    before, after = Trainer(Config()), Trainer(Config())
    before.run(step - 1)
    after.run(step)
    pairs = [(float(t.state().parameters[0][8, 0]), float(t.state().parameters[1][8])) for t in (before, after)]
    weights, biases = (told_apart(*values) for values in zip(*pairs, strict=True))
    assert (
        f"died at step {step}: w {weights[0]} → {weights[1]}, b {biases[0]} → {biases[1]}" in window.diagram.card.text()
    )
    window.selection.pin(NeuronRef(0, 8))
    assert f"since step {step:,}:" in _ask_why(window, qtbot)
    window.session.reset()
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    assert window.diagram.death_steps == {}


def test_a_new_session_knows_nothing_of_the_deaths_of_another(window: MainWindow, qtbot: QtBot) -> None:
    """Although its first run has the same number."""
    for _ in range(2):
        _train_to(window, qtbot, 3_000)
        qtbot.waitUntil(lambda: set(window.diagram.death_steps) == {(0, 8)})
        window.actions_["actionNew"].trigger()
        assert window.diagram.death_steps == {}


def test_a_search_for_deaths_does_not_keep_the_window_from_closing(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[bool] = []

    def search(run: Run, snapshot: Snapshot, job: Job) -> Deaths:
        """Find nothing, however long it takes."""
        while not job.stop[0]:
            time.sleep(0.001)
        stopped.append(True)
        return Deaths(0, {})

    monkeypatch.setattr(diagnosis_controller, "search_for_deaths", search)
    _train_to(window, qtbot, 3_000)
    qtbot.waitUntil(lambda: window.program.jobs.is_running("deaths"))
    window.close()
    assert stopped == [True]


def test_the_banner_follows_what_is_done_by_hand(window: MainWindow, qtbot: QtBot) -> None:
    window.selection.pin(NeuronRef(0, 2))
    assert not window.banner.isVisible()
    window.session.set_parameter(ParameterRef(0, "bias", (2,)), -50.0)
    qtbot.waitUntil(lambda: "h₃ is dead" in window.banner.text())
    qtbot.waitUntil(lambda: window.diagram.death_steps.get((0, 2)) == 0)
    assert "set by hand at step 0" in _ask_why(window, qtbot)
    window.session.undo()
    qtbot.waitUntil(lambda: not window.banner.isVisible())


def test_the_update_that_killed_a_neuron_opens_in_the_microscope(window: MainWindow, qtbot: QtBot) -> None:
    _train_to(window, qtbot, 3_000)
    window.selection.pin(NeuronRef(0, 8))
    step = int(_ask_why(window, qtbot).split("since step ")[1].split(":")[0].replace(",", ""))
    button = child(window, QPushButton, "lookAtUpdateButton")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def shown() -> int | None:
        dissection = window.microscope.dissection
        return None if dissection is None else dissection.before.step + 1

    qtbot.waitUntil(lambda: shown() == step)
    assert window.microscope.isVisible()
    assert not button.isVisible()  # the banner has folded: the diagram shows the update
    dissection = window.microscope.dissection
    assert dissection is not None
    assert dissection.after is not None
    x = dissection.x
    for state, alive in ((dissection.before, True), (dissection.after, False)):
        u = state.parameters[0][8, 0] * x + state.parameters[1][8]
        assert bool((u > 0).any()) is alive
    window.microscope.set_phase(3)
    flow = window.diagram.flow
    assert flow is not None
    assert f"step {step:,}" in flow.caption
    change = dissection.after.parameters[0][8, 0] - dissection.before.parameters[0][8, 0]
    assert float(flow.edges[0][8, 0]) == pytest.approx(float(change), abs=1e-7)
    assert not child(window, QToolButton, "microscopeTake").isEnabled()  # it lies in the past
    assert shown_snapshot(window).step == 3_000
    window.session.take_step()  # the run goes on: nothing of the past is drawn any more
    qtbot.waitUntil(lambda: shown() == 3_002)
    assert window.diagram.flow is not None
    assert not window.diagram.flow.is_of_the_past
