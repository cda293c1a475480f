"""An experiment that the program does not have is added by its two records alone, and is in all places of one."""

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QPushButton, QSpinBox, QToolButton, QTreeWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import WAIT_MS, child, choose, key_text, show_result
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.base import (
    RUN_COLUMNS,
    Experiment,
    ExperimentResult,
    Number,
    Report,
    TrainedRun,
    run_cells,
    seeds_of,
    train_all,
)
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.lessons.expression import parse_expression
from tinynet_gui.core.lessons.lesson import RunExperiment
from tinynet_gui.core.lessons.measurements import of_experiment, with_functions
from tinynet_gui.core.lessons.reading.reader import read_lesson
from tinynet_gui.core.text.language import speaking
from tinynet_gui.core.values import Stop
from tinynet_gui.core.wording.setting_line import hideable
from tinynet_gui.ui.views.experiments.controller import EXPERIMENT
from tinynet_gui.ui.views.experiments.drawing import Axes, Control, Drawing, ShownExperiment
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.window.main_window import MainWindow

# Its half in core


@dataclass(frozen=True)
class PeriodResult:
    """Runs, and every how many of them one is counted."""

    experiment: ClassVar = "made_up"
    config: Config
    runs: tuple[TrainedRun, ...]
    period: int

    @property
    def counted(self) -> tuple[TrainedRun, ...]:
        return self.runs[:: self.period]


def _train(config: Config, runs: int, stop: Stop, report: Report, period: int) -> PeriodResult | None:
    done: list[TrainedRun] = []
    for group in train_all(seeds_of(config, runs), stop, keep_every=1):
        done += group
        report(len(done) / runs, PeriodResult(config, tuple(done), period))
    return PeriodResult(config, tuple(done), period) if done else None


MADE_UP = Experiment[PeriodResult](
    _train,
    fewest=3,
    most=80,
    usual=40,
    columns=(*RUN_COLUMNS, "period"),
    rows=lambda result: [[*run_cells(run), result.period] for run in result.runs],
    numbers={
        "counted": Number("How many were counted.", lambda result: len(result.counted)),
        "loss": Number("Of a run.", lambda result: {k: run.final_loss for k, run in enumerate(result.runs)}, ("k",)),
    },
)

# Its half in ui


class PeriodControl(Control):
    """Asks for the period; 0 is none."""

    def __init__(self) -> None:
        super().__init__()
        self.period = QSpinBox()
        QHBoxLayout(self).addWidget(self.period)
        self.period.valueChanged.connect(self.changed)

    @property
    def about(self) -> int | None:
        return self.period.value() or None

    def show_config(self, config: Config) -> None:
        self.period.setMaximum(config.network.hidden[0])


def _draw(drawing: Drawing, result: PeriodResult) -> None:
    drawing.enter("●", "data", "one that counts")
    x = np.arange(0.0, len(result.runs), result.period)
    y = np.array([run.final_loss for run in result.counted])
    drawing.add_runs(x, y, result.counted, color="data", size=8)
    drawing.everything = Range(-1.0, 100.0), Range(0.0, 2.0 * float(y.max()))


SHOWN_MADE_UP = ShownExperiment[PeriodResult](
    "Made up",
    "Which of them count?",
    "A dot for each that counts.",
    lambda result: f"{len(result.counted)} of {len(result.runs)} count. The others do not.",
    _draw,
    Axes(("number", "loss")),
    list_name="Those that count",
    listed=lambda result: result.counted,
    curves=lambda result: result.counted,
    control=PeriodControl,
)


@pytest.fixture
def window(make_window: Callable[..., MainWindow], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> MainWindow:
    monkeypatch.setitem(EXPERIMENTS, "made_up", MADE_UP)
    monkeypatch.setitem(SHOWN, "made_up", SHOWN_MADE_UP)
    window = make_window(Config().replace("training.stop_step", 50))
    qtbot.waitUntil(lambda: window.session.state.status.compiled == "ready", timeout=WAIT_MS)
    show_result(window, window.views.experiments)
    choose(window, "experimentKind", "made_up")
    return window


def _run(window: MainWindow, qtbot: QtBot) -> PeriodResult:
    window.views.experiments.findChildren(PeriodControl)[0].period.setValue(3)
    child(window, QPushButton, "experimentRun").click()
    qtbot.waitUntil(lambda: not window.program.jobs.is_running(EXPERIMENT), timeout=WAIT_MS)
    result = window.views.experiments.result
    assert isinstance(result, PeriodResult)
    return result


def test_what_there_is_of_it_is_shown_on_its_way(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Event()

    def train(config: Config, runs: int, stop: Stop, report: Report, period: int) -> PeriodResult | None:
        def tell(share: float, result: ExperimentResult | None) -> None:
            report(share, result)
            while share < 1 and not stop[0] and not seen.wait(0.05):  # what comes too soon after another is not told
                report(share, result)

        return _train(config, runs, stop, tell, period)

    monkeypatch.setitem(EXPERIMENTS, "made_up", replace(MADE_UP, run=train))
    answers: list[str] = []
    window.views.experiments.result_changed.connect(lambda _: answers.append(window.views.experiments.answer()))
    window.views.experiments.result_changed.connect(lambda _: seen.set())
    _run(window, qtbot)
    assert answers[0] == "11 of 32 count. The others do not."
    assert answers[-1] == "14 of 40 count. The others do not."


def test_a_made_up_experiment_has_its_question_and_controls(
    window: MainWindow,
) -> None:
    view, runs = window.views.experiments, child(window, NumberField, "experimentRuns")
    assert view.answer() == "Which of them count?"
    assert (runs.property("minimum"), runs.value(), runs.property("maximum")) == (3, 40, 80)
    (control,) = view.findChildren(PeriodControl)
    assert control.isVisible()
    assert control.period.maximum() == 10
    assert not child(window, QPushButton, "experimentRun").isEnabled()
    control.period.setValue(3)
    assert child(window, QPushButton, "experimentRun").isEnabled()
    kinds = child(window, QComboBox, "experimentKind")
    kinds.setCurrentIndex(0)
    assert not control.isVisible()
    choose(window, "experimentKind", "made_up")
    window.actions_["actionVisible"].trigger()
    tree = child(window, QTreeWidget, "visibleTree")
    (item,) = tree.findItems("Made up", Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive)
    item.setCheckState(0, Qt.CheckState.Unchecked)
    assert window.session.state.session.view.hidden == {"experiment.made_up"}
    assert kinds.currentData() != "made_up"
    assert child(window.frame.status, QToolButton, "hiddenNote").isVisible()


LESSON = """+++
title = "Made up"
about = "It speaks of what was made up."
minutes = 5
hidden = ["experiment.made_up"]
+++

## One

```lesson
experiment = {kind = "made_up", name = "it"}
```

{it.counted} of them counted, and the fourth ended at {it.loss(3)}.
"""


def test_a_made_up_experiment_runs_shows_saves_and_opens(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, result = window.views.experiments, _run(window, qtbot)
    assert (len(result.runs), result.period, len(result.counted)) == (40, 3, 14)
    assert view.answer() == "14 of 40 count. The others do not."
    (entry,) = view.plot.entries
    assert entry.endswith("</b> one that counts")
    QApplication.processEvents()  # a layout shows what is new in it
    (drawn,) = (plot for plot in view.plot.findChildren(pg.PlotWidget) if not plot.isHidden())
    assert [drawn.getAxis(side).labelText for side in ("bottom", "left")] == ["number", "loss"]
    assert drawn.getViewBox().viewRange()[0] == [-1.0, 100.0]
    (dots,) = (item for item in drawn.getPlotItem().items if isinstance(item, pg.ScatterPlotItem))
    assert list(dots.data["y"]) == [run.final_loss for run in result.counted]
    listed = child(window, QComboBox, "experimentRunList")
    assert listed.accessibleName() == "Those that count"
    assert [listed.itemText(k).split(" ·")[0] for k in range(14)] == [f"seed {2 + 3 * k}" for k in range(14)]
    dots.sigClicked.emit(dots, [dots.points()[5]], None)
    assert listed.currentIndex() == 5
    assert "swarm: 14 seeds" in key_text(window)

    assert "experiment.made_up" in hideable()
    lesson, known = read_lesson(LESSON), with_functions(of_experiment("it", result))
    assert lesson.hidden == {"experiment.made_up"}
    assert lesson.steps[0].action == RunExperiment("made_up", 40, "it")
    assert parse_expression("it.counted + it.loss(3)").value(known) == 14 + result.runs[3].final_loss
    assert math.isnan(parse_expression("it.loss(40)").value(known))

    losses = [run.final_loss for run in result.runs]
    for kind, written in enumerate([[float(f"{loss:.4g}") for loss in losses], losses]):
        file = str(tmp_path / "numbers.csv")
        ask = "PySide6.QtWidgets.QFileDialog.getSaveFileName"
        monkeypatch.setattr(ask, lambda *a, answer=(file, kind): (answer[0], a[-1].split(";;")[answer[1]]))
        child(view, QAction, "saveNumbers").trigger()
        rows = list(csv.DictReader(io.StringIO((tmp_path / "numbers.csv").read_text(encoding="utf-8"))))
        assert [float(row["training loss"]) for row in rows] == written
        assert {row["period"] for row in rows} == {"3"}
    with speaking("de"):
        child(view, QAction, "saveNumbers").trigger()
    with open(tmp_path / "numbers.csv", encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter=";"))
    assert [row["training loss"] for row in rows] == [str(loss).replace(".", ",") for loss in losses]

    listed.setCurrentIndex(2)
    child(window, QPushButton, "experimentOpen").click()
    assert window.session.config == result.counted[2].config
    assert not view.plot.is_faint  # the seed is what it varies
    window.session.edit({"data.noise": 0.5})
    assert view.plot.is_faint
    assert window.views.function_plot.layers.swarm.drawn() is None
