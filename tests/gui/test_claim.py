"""A claim is stated as a sentence, tested, and refuted by a run that can be opened."""

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, choose, heard, recolor, show_result, shown_snapshot
from tests.gui.shared_window import SharedWindow
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import TrainedRun
from tinynet_gui.core.experiments.claim import Claim, ClaimResult, Quantifier, SeedsThat
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsView
from tinynet_gui.ui.views.experiments.results import explain
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.window.main_window import MainWindow


@pytest.fixture
def view(qtbot: QtBot) -> ExperimentsView:
    view = ExperimentsView()
    qtbot.addWidget(view)
    view.resize(393, 262)
    view.show_config(Config())
    choose(view, "experimentKind", "claim")
    view.show()
    qtbot.waitExposed(view)
    return view


def result_of(claim: Claim, losses: list[float], wanted: int = 0) -> ClaimResult:
    """Runs with such final losses, the first from seed 0; those with infinite ones diverged."""
    nothing = np.zeros(0, dtype=np.float32)
    config = Config().replace("network.hidden", (claim.neurons,))
    runs = tuple(
        TrainedRun(config.replace("network.seed", seed), loss, None, nothing, nothing, 1, 0, 0.0, at)
        for seed, loss in enumerate(losses)
        for at in [7 if np.isinf(loss) else None]
    )
    return ClaimResult(claim, SeedsThat(config, runs, tuple(map(claim.is_reached_by, runs))), wanted or len(runs))


def test_the_claim_begins_with_the_neurons_of_the_settings(view: ExperimentsView) -> None:
    neurons, meaning = child(view, NumberField, "claimNeurons"), child(view, QLabel, "claimMeaning")
    assert not meaning.isVisible()
    assert view.about == Claim(10, "always", 0.01)
    neurons.setValue(1)
    choose(view, "claimQuantifier", "never")
    child(view, QLineEdit, "claimLimit").setText("0,5")
    assert view.about == Claim(1, "never", 0.5)
    assert "gets below" in [label.text() for label in view.findChildren(QLabel) if label.isVisible()]
    assert neurons.text() == "1 neuron"
    seeds = child(view, NumberField, "experimentRuns")
    assert (seeds.property("minimum"), seeds.value(), seeds.property("maximum")) == (50, 256, 1_000)
    view.show_config(Config().replace("network.hidden", (8, 4)))
    assert neurons.value() == 8
    assert meaning.text() == "One hidden layer of 8 neurons is meant; the settings have 8, 4."
    neurons.setValue(3)
    view.show_config(Config().with_changes({"network.hidden": (8, 4), "data.noise": 0.5}))
    assert neurons.value() == 3  # as it was typed: the layers are the same
    assert "of 3 neurons" in meaning.text()
    view.show_config(Config().replace("network.hidden", ()))
    assert neurons.value() == 3
    assert meaning.text().endswith("the settings have none.")
    view.show_config(Config())
    assert neurons.value() == 10
    assert not meaning.isVisible()
    choose(view, "experimentKind", "swarm")
    assert view.about is None
    assert not neurons.isVisible()


@pytest.mark.parametrize("typed", ["", "abc", "0", "-1", "inf", "nan", "<b>1"])
def test_what_is_no_limit_is_told_and_not_run(view: ExperimentsView, typed: str) -> None:
    limit, run = child(view, QLineEdit, "claimLimit"), child(view, QPushButton, "experimentRun")
    refusal, wanted = child(view, QLabel, "claimRefusal"), heard(view.run_wanted)
    limit.setText(typed)
    assert view.about is None
    assert not run.isEnabled()
    assert refusal.isVisible()
    assert refusal.text().endswith("is not a limit: write a number above 0, such as 0.01")
    QTest.keyClick(limit, Qt.Key.Key_Return)
    assert wanted == []
    limit.setText("2e-3")
    assert run.isEnabled()
    assert not refusal.isVisible()
    QTest.keyClick(limit, Qt.Key.Key_Return)
    assert wanted == ["claim", 256]
    limit.setText("")
    choose(view, "experimentKind", "swarm")
    assert run.isEnabled()


@pytest.mark.parametrize(
    ("quantifier", "below", "above", "said"),
    [
        ("always", 256, 0, "Yes, 5 neurons always get below 0.5: in all 256 seeds, so in at least 98.5 % of all."),
        ("always", 255, 1, "No, 5 neurons do not always get below 0.5: in only 255 of 256 seeds. That is 99.6 %; "),
        ("never", 0, 256, "Yes, 5 neurons never get below 0.5: in none of 256 seeds, so in at most 1.5 % of all."),
        ("never", 1, 255, "No, 5 neurons do get below 0.5: in 1 of 256 seeds. That is 0.4 %; "),
        ("mostly", 200, 56, "Yes, 5 neurons mostly get below 0.5: in 200 of 256 seeds."),
        ("always", 0, 256, "No, 5 neurons do not always get below 0.5: in none of 256 seeds. That is 0.0 %; "),
        ("mostly", 56, 200, "No, 5 neurons do not mostly get below 0.5: in only 56 of 256 seeds."),
        ("mostly", 130, 126, "Cannot tell whether 5 neurons mostly get below 0.5: they did in 130 of 256 seeds."),
    ],
)  # fmt: skip
def test_the_verdict_is_said(quantifier: Quantifier, below: int, above: int, said: str) -> None:
    words = explain(result_of(Claim(5, quantifier, 0.5), [0.25] * below + [0.75] * above))
    assert words.startswith(said)
    assert "one hidden layer of 5 neurons" in words
    assert "(95 % confidence)" in words
    assert ("counterexample is seed" in words) == (min(below, above) == 1)


def test_before_all_seeds_are_there_nothing_is_said_too_early() -> None:
    for claim in (Claim(1, "always", 0.5), Claim(1, "mostly", 0.5)):
        words = explain(result_of(claim, [0.25] * 64, wanted=256))
        assert words.startswith("So far 1 neuron got below 0.5 in 64 of the first 64 of 256 seeds.")
    words = explain(result_of(Claim(1, "always", 0.5), [0.25, np.inf], wanted=256))
    assert words.startswith("No, 1 neuron does not always get below 0.5: in only 1 of the first 2 of 256 seeds.")
    assert "The counterexample is seed 1: it diverged." in words


@pytest.mark.parametrize(("quantifier", "seed"), [("always", 2), ("mostly", 2), ("never", 3)])
def test_the_counterexample_is_the_first_of_the_list(view: ExperimentsView, quantifier: Quantifier, seed: int) -> None:
    result, opened = result_of(Claim(5, quantifier, 0.5), [0.4, 0.9, np.inf, 0.1]), list[Config]()
    view.open_wanted.connect(opened.append)
    view.begin()
    view.finish(result)
    runs = child(view, QComboBox, "experimentRunList")
    assert runs.currentIndex() == 0
    assert runs.itemText(0).startswith(f"seed {seed} ")
    child(view, QPushButton, "experimentOpen").click()
    assert [config.network.seed for config in opened] == [seed]
    view.plot.run_clicked.emit(result.seeds.runs[1])
    assert runs.currentText().startswith("seed 1 ")


@pytest.mark.parametrize(("quantifier", "wrong"), [("always", "not below it: 2"), ("never", "below it: 1")])
def test_counterexamples_have_a_guesss_colour_and_none_is_red(
    view: ExperimentsView, quantifier: Quantifier, wrong: str
) -> None:
    result = result_of(Claim(5, quantifier, 0.5), [0.4, 0.9, np.inf])
    view.begin()
    view.finish(result)
    for theme in (LIGHT, DARK):
        recolor(view, theme)
        limit, *dots = view.plot.entries
        assert limit.endswith("the limit, 0.5")
        assert [entry.endswith(f"</b> {wrong}") for entry in dots] == [theme.color("guess").name() in e for e in dots]
        assert len(dots) == 2
        (drawn,) = view.plot.findChildren(pg.PlotWidget)
        scatters = [item for item in drawn.getPlotItem().items if isinstance(item, pg.ScatterPlotItem)]
        colors = [item.opts["brush"].color().name() for item in scatters]
        assert sorted(colors) == sorted(theme.color(name).name() for name in ("ink", "guess"))
        assert theme.color("error").name() not in "".join(view.plot.entries)


# In the window


@pytest.fixture
def window(shared: SharedWindow) -> MainWindow:
    window = shared.get(Config().with_changes({"training.stop_step": 300, "network.hidden": (8, 8)}))
    window.resize(1280, 800)
    show_result(window, window.views.experiments)
    return window


def _focused(window: MainWindow) -> QWidget:
    focus = not_none(QApplication.focusWidget())
    assert focus.window() is window
    return focus


def _press(window: MainWindow, key: Qt.Key) -> str:
    """Press a key, wherever the keyboard is, and return where it is then."""
    QTest.keyClick(_focused(window), key)
    return _focused(window).objectName()


def _type(window: MainWindow, text: str) -> None:
    QTest.keyClicks(_focused(window), text)


def test_a_claim_and_its_counterexample_by_keyboard_alone(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    kind = child(window, QComboBox, "experimentKind")
    kind.setFocus()
    _press(window, Qt.Key.Key_End)
    assert kind.currentData() == "claim"
    assert [_press(window, Qt.Key.Key_Tab) for _ in range(3)] == ["experimentRuns", "experimentRun", "claimNeurons"]
    _type(window, "3")
    assert _press(window, Qt.Key.Key_Tab) == "claimQuantifier"
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Home):
        _press(window, key)
    assert _press(window, Qt.Key.Key_Tab) == "claimLimit"
    _type(window, "0.5")
    assert window.views.experiments.about == Claim(3, "always", 0.5)
    assert _press(window, Qt.Key.Key_Return) == "claimLimit"  # the keyboard stays where it is
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT))
    result = window.views.experiments.result
    assert isinstance(result, ClaimResult)
    assert len(result.seeds.runs) == 256
    assert result.config == window.session.config.replace("network.hidden", (3,))
    assert result.verdict == "no"
    worst = max(result.seeds.runs, key=lambda run: run.final_loss)
    child(window, QPushButton, "experimentOpen").setFocus()
    _type(window, " ")
    assert window.session.config == worst.config
    qtbot.waitUntil(lambda: shown_snapshot(window).step == 300)
    assert shown_snapshot(window).train_loss == worst.final_loss
    assert not child(window, QLabel, "experimentSetting").isVisible()  # it is of the claim's setting
    window.session.edit({"data.noise": 0.5})
    assert "Noise" in child(window, QLabel, "experimentSetting").text()
    assert window.views.experiments.plot.is_faint
