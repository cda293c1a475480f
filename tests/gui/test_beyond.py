"""Runs and samples beyond what a 32-bit number holds."""

import dataclasses

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from tests.gui.shared_window import SharedWindow
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.training.training_thread import TrainingThread
from tinynet_gui.ui.controllers.actions_controller import LAST_STEP
from tinynet_gui.ui.window.main_window import MainWindow


def test_a_run_goes_on_beyond_step_2_31(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    session = window.session
    training = window.program.findChildren(TrainingThread)[0]
    far = dataclasses.replace(Trainer(session.config).state(), step=2**31 - 5)
    training.begin(dataclasses.replace(session.state.run, checkpoints=(far,)))
    qtbot.waitUntil(lambda: session.state.run.step == far.step)
    session.fast_forward(2**31 + 20)
    qtbot.waitUntil(lambda: session.state.status.phase == "finished")
    assert session.state.run.step == 2**31 + 20
    session.start()
    assert session.state.status.stop_at > 2**31 + 20
    session.take_step()
    qtbot.waitUntil(lambda: not session.state.is_running)
    window.grab()
    asked: list[tuple[int, int, int]] = []

    def answer(parent: object, title: str, text: str, value: int, least: int, most: int) -> tuple[int, bool]:
        asked.append((value, least, most))
        return value, False

    monkeypatch.setattr(QInputDialog, "getInt", answer)
    window.actions_["actionGoTo"].trigger()
    assert asked == [(LAST_STEP, 0, LAST_STEP)]  # those before can be looked at


@pytest.mark.parametrize("formula", ["1.1e38*x", "3e38*step(x)", "1e-40*x"])
def test_samples_at_the_ends_of_float32_are_shown_without_a_warning(shared: SharedWindow, formula: str) -> None:
    window = shared.get(Config.from_dict({"data": {"target": "formula", "formula": formula}}))
    assert window.session.state.snapshot is not None
    window.function_plot.show_snapshot(window.session.state.snapshot)
    window.grab()
