"""The sharpness below the loss: computed only in sight, and of the run as it is looked at."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, is_at, train_to
from tests.gui.shared_window import SharedWindow
from tests.not_none import not_none
from tests.runs import config_of
from tinynet_gui.core.step.sharpness import SharpnessCurve, recorded_moments, sharpness_of
from tinynet_gui.ui.views.loss_plot.controller import KEY
from tinynet_gui.ui.views.loss_plot.loss_plot import SHARPNESS_SHARE
from tinynet_gui.ui.widgets.plots.layer import LegendLabel
from tinynet_gui.ui.window.main_window import MainWindow


def _switch(window: MainWindow, text: str = "How &sharply the loss curves") -> QAction:
    actions: list[QAction] = window.views.loss_plot.view.menu.menu.actions()
    return next(action for action in actions if action.text() == text)


def _is_whole(window: MainWindow) -> bool:
    """Whether it is known at every recorded moment of the run up to the one in sight."""
    state, curve = window.session.state, window.views.loss_plot.sharpness.curve
    steps = [recorded.state.step for recorded in recorded_moments(state.run_so_far)]
    return curve is not None and curve.steps.tolist() == steps and not window.program.jobs.is_running(KEY)


@pytest.fixture
def window(shared: SharedWindow, qtbot: QtBot) -> MainWindow:
    """A window with the sharpness of 400 steps at a learning rate of 0.1."""
    window = shared.get(config_of(training__learning_rate=0.1, training__stop_step=400))
    train_to(window, qtbot, 400)
    _switch(window).trigger()
    qtbot.waitUntil(lambda: _is_whole(window))
    return window


def _limits(window: MainWindow) -> list[tuple[float, float]]:
    steps, limits = window.views.loss_plot.sharpness.limit_line.getData()
    return [(float(step), round(float(10**limit), 3)) for step, limit in zip(steps, limits, strict=True)]


def test_it_is_that_of_every_recorded_moment_with_the_limit(window: MainWindow) -> None:
    curve, run = not_none(window.views.loss_plot.sharpness.curve), window.session.state.run
    found = [sharpness_of(recorded) for recorded in recorded_moments(run)]
    np.testing.assert_array_equal(curve.values, [(each.here, each.after) for each in found])
    assert curve.means[-1] == pytest.approx(20, rel=0.05)
    assert [limit for _, limit in _limits(window)] == [20, 20, 20, 20]
    assert "2/η = 20" in child(window, LegendLabel, "sharpnessKey").text()
    assert window.actions_["actionSharpness"].isChecked()


def test_a_right_click_on_the_plot_offers_its_switches(window: MainWindow) -> None:
    plot, switch = window.views.loss_plot, _switch(window, "&Logarithmic loss")
    switch.trigger()
    assert not plot.is_log
    plot.set_log(True)
    assert switch.isChecked()
    assert window.session.state.session.view.log_loss


def test_an_open_question_hides_limit_losses_and_errors(window: MainWindow) -> None:
    """They may be its answer."""

    def said() -> tuple[str, ...]:
        key, loss = child(window, LegendLabel, "sharpnessKey").text(), child(window, QLabel, "lossLabel").text()
        kinks = child(window.views.function_plot, LegendLabel, "functionKey").toolTip()
        return key, loss, child(window, QLabel, "plotFoot").text(), str("Here 99 % of the bend" in kinks)

    shown, limits = said(), _limits(window)
    window.session.set_question_open(True)
    assert "2/η" not in said()[0]
    assert said()[1:] == ("loss –", "", "False")
    assert np.isnan([limit for _, limit in _limits(window)]).all()
    window.session.set_question_open(False)
    assert (said(), _limits(window)) == (shown, limits)
    assert "RMS error" in shown[2]
    assert shown[3] == "True"


def test_it_follows_the_learning_rate_the_past_and_a_branch(window: MainWindow, qtbot: QtBot) -> None:
    session, plot = window.session, window.views.loss_plot.sharpness
    session.edit({"training.learning_rate": 0.08})
    train_to(window, qtbot, 450)
    qtbot.waitUntil(lambda: _is_whole(window))
    assert (400.0, 20.0) in _limits(window)
    assert (400.0, 25.0) in _limits(window)
    session.look_at(150)
    qtbot.waitUntil(lambda: session.state.past is not None and _is_whole(window))
    assert (not_none(plot.curve).steps[-1], {limit for _, limit in _limits(window)}) == (150, {20.0})
    session.edit({"training.learning_rate": 0.05})
    qtbot.waitUntil(lambda: is_at(window, 150) and _is_whole(window))
    assert _limits(window)[-1][1] == 40


def test_adam_has_its_own_limit_or_a_reason_for_none(window: MainWindow, qtbot: QtBot) -> None:
    why, key = child(window, QLabel, "whyNoLimit"), child(window, LegendLabel, "sharpnessKey")
    window.session.edit({"training.optimizer": "adam", "training.batch_size": 4})
    qtbot.waitUntil(lambda: is_at(window, 0) and _is_whole(window))
    assert "λ_max for Adam of all samples, not of batches" in key.text()
    assert "Adam divides its steps by √v̂ + ε" in key.toolTip().replace("\n", " ")
    assert "2·(1 + β₁)/((1 − β₁)·η) = 380" in key.text()
    assert {limit for _, limit in _limits(window)} == {380}
    assert not why.isVisible()
    window.session.edit({"training.loss": "l1"})
    qtbot.waitUntil(lambda: is_at(window, 0) and _is_whole(window) and why.isVisible())
    assert why.text().startswith("No limit: the L1 loss has a corner at every sample")
    assert "no rate is stable" in why.toolTip().replace("\n", " ")
    assert np.isnan([limit for _, limit in _limits(window)]).all()


def test_out_of_sight_nothing_is_computed(window: MainWindow, qtbot: QtBot) -> None:
    plot = window.views.loss_plot.sharpness
    window.frame.layout.show(window.views.experiments)
    train_to(window, qtbot, 450)
    QApplication.processEvents()
    assert not window.program.jobs.is_running(KEY)
    assert not_none(plot.curve).steps[-1] == 400
    window.frame.layout.show(window.views.loss_plot)
    qtbot.waitUntil(lambda: _is_whole(window))
    assert not_none(plot.curve).steps[-1] == 450


def test_while_it_trains_it_is_drawn_once_for_what_is_found(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    plot, jobs = window.views.loss_plot.sharpness, window.program.jobs
    window.session.edit({"training.stop_step": 100_000_000})
    qtbot.waitUntil(lambda: _is_whole(window))
    done, show, submit = list[str](), plot.show_curve, jobs.submit

    def draw(curve: SharpnessCurve) -> None:
        done.append("drawn")
        show(curve)

    def ask(key: str, *request: Any, **answers: Any) -> None:
        done.extend(["asked"] if key == KEY else [])
        submit(key, *request, **answers)

    monkeypatch.setattr(plot, "show_curve", draw)
    monkeypatch.setattr(jobs, "submit", ask)
    window.session.start()
    qtbot.waitUntil(lambda: done.count("asked") > 2)
    assert all(one != other for one, other in pairwise(done))


def test_switched_off_the_loss_is_as_it_was(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["actionSharpness"].trigger()
    before = window.views.loss_plot.grab().toImage()
    window.actions_["actionSharpness"].trigger()
    qtbot.waitUntil(lambda: _is_whole(window))
    upper, lower = window.views.loss_plot.plot.getViewBox(), window.views.loss_plot.sharpness.plot.getViewBox()
    qtbot.waitUntil(lambda: abs(lower.height() / (upper.height() + lower.height()) - SHARPNESS_SHARE) < 0.02)
    assert lower.height() >= 160
    assert upper.viewRange()[0] == pytest.approx(lower.viewRange()[0])
    _switch(window).trigger()
    qtbot.waitUntil(lambda: window.views.loss_plot.grab().toImage() == before)
