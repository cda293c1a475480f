"""What is open and what experiments said is there again after the window was closed."""

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QTabWidget, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow, child, choose, show_result
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.claim import Claim, ClaimResult
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.run.session import FinishedExperiment, new_session
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.experiments.results import AGAIN, explain
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.window.main_window import MainWindow

CONFIG = Config().replace("training.stop_step", 50)


def _run(window: MainWindow, qtbot: QtBot, kind: str, runs: int) -> Any:
    window.views.experiments.run(kind, runs)
    qtbot.waitUntil(
        lambda: window.views.experiments.result is not None and not window.program.jobs.is_running(EXPERIMENT)
    )
    return window.views.experiments.result


def _note(window: MainWindow) -> str:
    return child(window, QLabel, "experimentSetting").text()


def test_what_an_experiment_found_is_there_again(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(CONFIG, remember=True)
    show_result(window, window.views.experiments)
    _run(window, qtbot, "swarm", 60)
    child(window, NumberField, "claimNeurons").setValue(7)
    choose(window, "claimQuantifier", "never")
    result = _run(window, qtbot, "claim", 50)
    assert isinstance(result, ClaimResult)
    assert result.claim == Claim(7, "never", 0.01)
    said, drawn = window.views.experiments.answer(), window.views.experiments.plot.entries
    assert not window.session.state.session.history.done  # undo does not concern it
    child(window, QTabWidget, "inspectorTabs").setCurrentIndex(2)
    window.close()

    again = make_window(remember=True)
    assert again.views.experiments.isVisible()  # the open tabs are open
    assert child(again, QTabWidget, "inspectorTabs").currentIndex() == 2
    assert again.views.experiments.answer() == said == explain(result)
    assert again.views.experiments.plot.entries == drawn
    assert child(again, QComboBox, "experimentKind").currentData() == "claim"
    assert again.views.experiments.about == result.claim
    assert (child(again, NumberField, "experimentRuns").value(), _note(again)) == (50, "")
    assert isinstance(again.views.experiments.result, ClaimResult)
    again.session.edit({"data.noise": 0.5})
    assert _note(again) == "These results are for a different setting: Noise σ 0."
    again.session.undo()
    runs = child(again, QComboBox, "experimentRunList")
    choose(again, "experimentKind", "swarm")
    assert " of 60 seeds failed" in again.views.experiments.answer()
    assert (child(again, NumberField, "experimentRuns").value(), runs.count()) == (60, 60)
    assert again.views.function_plot.layers.swarm.drawn() is None  # the curves are not kept
    best = not_none(again.views.experiments.result)
    child(again, QPushButton, "experimentOpen").click()
    assert again.session.config == min(best.runs, key=lambda run: run.final_loss).config
    choose(again, "experimentKind", "ladder")
    assert again.views.experiments.answer() == SHOWN["ladder"].question


def test_results_on_curves_restore_words_and_redraw_on_a_run(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(CONFIG, remember=True)
    show_result(window, window.views.experiments)
    _run(window, qtbot, "influence", 1)
    said = window.views.experiments.answer()
    window.close()
    again = make_window(remember=True)
    assert again.views.experiments.answer() == said
    assert again.views.experiments.result is None
    button = child(again, QPushButton, "experimentRun")
    assert (button.text(), _note(again)) == ("Run again", AGAIN)
    again.session.edit({"data.noise": 0.5})
    assert _note(again) == f"These results are for a different setting: Noise σ 0. {AGAIN}"
    again.session.undo()
    show_result(again, again.views.experiments)
    qtbot.waitUntil(button.isEnabled)
    button.click()
    qtbot.waitUntil(
        lambda: again.views.experiments.result is not None and not again.program.jobs.is_running(EXPERIMENT)
    )
    assert again.views.experiments.answer() == said  # the same trainings, to the bit
    assert (button.text(), _note(again)) == ("Run", "")


def test_another_session_has_its_own_answers(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(CONFIG)
    show_result(window, window.views.experiments)
    _run(window, qtbot, "swarm", 50)
    session = window.session.state.session
    assert [asked.kind for asked in session.experiments] == ["swarm"]
    said = window.views.experiments.answer()
    window.session.keep_experiment(FinishedExperiment("unknown", CONFIG, 9, (), "Of a later version."))
    assert window.views.experiments.answer() == said
    asked = FinishedExperiment("depth", CONFIG, 9, (), "None is ahead. But still.")
    window.session.take_over(replace(new_session(CONFIG), experiments=(asked,)))
    assert window.views.experiments.answer() == asked.answer
    assert child(window, QComboBox, "experimentKind").currentData() == "depth"
    window.session.take_over(new_session(CONFIG))
    assert window.views.experiments.answer() == SHOWN["depth"].question
    window.session.take_over(session)
    assert window.views.experiments.answer() == said


def test_results_in_a_lessons_session_are_not_kept(make_window: MakeWindow, qtbot: QtBot) -> None:
    """Such as that of a lesson: its answers do not stand beside the next question either."""
    window = make_window(CONFIG)
    show_result(window, window.views.experiments)
    window.session.take_over(new_session(CONFIG), window.session.state.session)
    result = _run(window, qtbot, "swarm", 50)
    assert window.views.experiments.answer() == explain(result)
    assert window.session.state.session.experiments == window.session.state.own_session.experiments == ()
    for kind in ("ladder", "swarm"):
        choose(window, "experimentKind", kind)
    assert window.views.experiments.answer() == SHOWN["swarm"].question
    own = window.session.state.own_session
    window.views.experiments.run("swarm", 1_000)
    window.session.take_over(own)  # while it runs
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT))
    assert window.session.state.session.experiments == ()


@pytest.fixture
def view(qtbot: QtBot) -> ExperimentsView:
    view = ExperimentsView()
    qtbot.addWidget(view)
    view.show_config(CONFIG)
    return view


@pytest.mark.parametrize(
    "about",
    [(), (0, "always", 0.1), (5, "sometimes", 0.1), (5, "always", -1.0), (5, "always", float("inf")), ("5", 1, "x")],
)
def test_an_input_that_is_none_changes_nothing(view: ExperimentsView, about: tuple[int | float | str, ...]) -> None:
    before = child(view, NumberField, "claimNeurons").value()
    view.remember([FinishedExperiment("claim", CONFIG, 999_999, about, "No.")], shows_latest=True)
    assert view.about == Claim(before, "always", 0.01)
    assert child(view, NumberField, "experimentRuns").value() == 1_000
    assert view.answer() == "No."


def test_words_from_a_file_are_literal_and_unknown_skipped(view: ExperimentsView) -> None:
    question = view.answer()
    view.remember([FinishedExperiment("unknown", CONFIG, 5, (), "Words.")], shows_latest=True)
    assert view.answer() == question
    view.remember([FinishedExperiment("swarm", CONFIG, 60, (), "<b>One</b>. <img src='x'> Two.")], shows_latest=True)
    assert view.answer() == "<b>One</b>. <img src='x'> Two."
    labels = [label.text() for label in view.findChildren(QLabel)]
    assert not any("<b>One" in text or "<img" in text for text in labels)
    assert child(view, QToolButton, "experimentDetails").isVisibleTo(view)
    view.remember([FinishedExperiment("swarm", CONFIG, 60, (), "")], shows_latest=True)
    assert view.answer() == question


def test_a_seed_the_experiment_varies_is_not_a_change(view: ExperimentsView) -> None:
    tried = (
        ("swarm", "network.seed", False),
        ("swarm", "network.hidden", True),
        ("ladder", "network.hidden", False),
        ("claim", "network.hidden", False),
        ("depth", "network.hidden", True),
        ("influence", "network.seed", True),
    )
    assert {kind for kind, _, _ in tried} == set(EXPERIMENTS)
    for kind, path, is_other in tried:
        view.show_config(CONFIG.replace(path, (3,) if path == "network.hidden" else 5))
        view.remember([FinishedExperiment(kind, CONFIG, 60, (), "Words.")], shows_latest=True)
        note = child(view, QLabel, "experimentSetting").text()
        assert note.endswith(AGAIN)
        assert ("different setting" in note) == is_other, kind
