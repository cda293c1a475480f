"""Losses, runs and experiments as CSV, each number to the bit; results made again from numbers say what they said."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import astuple, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinynet_gui
from tests.not_none import not_none
from tests.runs import config_of, walk
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.data_file import write_table
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.base import NONE, ExperimentResult
from tinynet_gui.core.experiments.claim import Claim, ClaimResult
from tinynet_gui.core.experiments.depth import DepthResult
from tinynet_gui.core.experiments.influence import InfluenceResult
from tinynet_gui.core.experiments.ladder import WidthsResult
from tinynet_gui.core.experiments.swarm import SwarmResult
from tinynet_gui.core.experiments.table import EXPERIMENTS, numbers_of, stored_result
from tinynet_gui.core.export.tables import TOO_LONG, experiment_table, loss_table, runs_table
from tinynet_gui.core.run.comparison import results_at
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.loss_history import CAPACITY, LossHistory
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import MAX_NUMBERS, FinishedExperiment, with_experiment
from tinynet_gui.core.text.csv_text import csv_text, for_spreadsheet
from tinynet_gui.core.wording.setting_line import read_setting
from tinynet_gui.ui.views.experiments.results import explain

R = TypeVar("R", bound=ExperimentResult)
SHORT = Config().with_changes({"training.stop_step": 20, "data.held_out": 0.2, "data.sample_count": 8})


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_of_a_short_run_every_loss_is_there_to_the_bit() -> None:
    run = walk(SHORT, [(40, "nothing", 0.0)], kept=8).run
    assert list(read(loss_table(run))[0]) == ["step", "training loss"]
    run = replace(run, held_out_losses=run.held_out_losses.with_losses([(0, 0.1), (33, 2.5)]))
    rows = read(loss_table(run))
    steps, losses = run.losses.curve()
    assert [int(row["step"]) for row in rows] == steps.astype(int).tolist() == list(range(40))
    assert [np.float32(row["training loss"]) for row in rows] == losses.tolist()
    held_out = {int(row["step"]): np.float32(row["held-out loss"]) for row in rows if row["held-out loss"]}
    assert held_out == {0: np.float32(0.1), 33: 2.5}


def test_of_a_long_run_each_line_says_of_which_steps_it_is() -> None:
    losses = np.random.default_rng(0).random(3 * CAPACITY).astype(np.float32)
    run = replace(walk(SHORT, [], kept=1).run, losses=LossHistory().with_losses(0, losses))
    rows = read(loss_table(run))
    assert (rows[0]["first step"], rows[-1]["last step"]) == ("0", str(len(losses) - 1))
    for row in rows:
        part = losses[int(row["first step"]) : int(row["last step"]) + 1]
        assert np.float32(row["lowest training loss"]) == part.min()
        assert np.float32(row["highest training loss"]) == part.max()
        assert float(row["mean training loss"]) == pytest.approx(part.mean(dtype=np.float64))


def test_the_state_after_the_last_step_has_a_line_of_one_step() -> None:
    count = 2 * CAPACITY
    history = LossHistory().with_losses(0, np.ones(count, dtype=np.float32))
    run = replace(walk(SHORT, [], kept=1).run, losses=history)
    run = replace(run, held_out_losses=run.held_out_losses.with_losses([(0, 2.0), (count, 0.5)]))
    *_, before, last = read(loss_table(run))
    assert (before["first step"], before["last step"]) == (str(count - 2), str(count - 1))
    assert (last["first step"], last["last step"]) == (str(count), str(count))
    assert (last["mean training loss"], last["held-out loss"]) == ("", "0.5")


def test_the_settings_of_a_run_are_those_of_its_last_step() -> None:
    asked = SHORT.replace("training.learning_rate", 0.5)
    run = walk(SHORT, [(5, "nothing", 0.0)], kept=5).run
    left = replace(run, wanted=replace(run.wanted, config=asked), events=(LiveSettingsChanged(run.step, asked),))
    (row,) = read(runs_table([left], {}))
    assert read_setting(row["setting"]).config == SHORT
    first, second = read(runs_table([left, replace(walk(asked, [(5, "nothing", 0.0)], kept=5).run, id=2)], {}))
    assert (first["lr"], second["lr"]) == ("0.001", "0.5")


def test_runs_stand_side_by_side_with_what_sets_them_apart() -> None:
    other = SHORT.with_changes({"network.hidden": (3, 2), "training.learning_rate": 0.01})
    configs = [SHORT, other, SHORT.replace("data.points", Points(np.arange(60.0), np.arange(60.0)))]
    runs = [replace(walk(config, [(5, "nothing", 0.0)], kept=5).run, id=n) for n, config in enumerate(configs)]
    results = {run.id: results_at(run, run.step) for run in runs[:2]}
    first, second, third = read(runs_table(runs, results))
    assert (first["hidden"], second["hidden"], second["lr"]) == ("10", "3,2", "0.01")
    for row, run in zip((first, second), runs, strict=False):
        found = results[run.id]
        assert (float(row["training loss"]), float(row["held-out loss"])) == (found.train_loss, found.held_out_loss)
        assert (int(row["step"]), int(row["dead neurons"])) == (5, found.dead)
        assert read_setting(row["setting"]).config == run.config
    assert (third["training loss"], third["setting"]) == ("", TOO_LONG)


def _experiment(name: str, kind: type[R], runs: int = 3, *about: Claim) -> tuple[R, list[dict[str, str]]]:
    """The result of an experiment, and the rows of its table."""
    result = EXPERIMENTS[name].run(SHORT, runs, np.zeros(1, dtype=np.uint8), lambda *_: None, *about)
    assert isinstance(result, kind)
    return result, read(experiment_table(result))


def test_a_swarm_has_a_line_for_each_seed() -> None:
    result, rows = _experiment("swarm", SwarmResult)
    assert [float(row["training loss"]) for row in rows] == [run.final_loss for run in result.runs]
    assert [float(row["held-out loss"]) for row in rows] == [run.validation_loss for run in result.runs]
    assert [int(row["network seed"]) for row in rows] == [run.config.network.seed for run in result.runs]
    assert [row["failed by"] for row in rows] == list(result.causes)


def test_a_ladder_has_a_line_for_each_width_and_seed() -> None:
    result, rows = _experiment("ladder", WidthsResult)
    expected = [(part.width, run.final_loss) for part in result.widths for run in part.runs]
    assert [(int(row["neurons"]), float(row["training loss"])) for row in rows] == expected


def test_depth_has_a_line_for_each_shape_rate_and_seed() -> None:
    result, rows = _experiment("depth", DepthResult)
    expected = [final for part in result.shapes for finals in part.finals for final in finals.tolist()]
    assert [float(row["training loss"]) for row in rows] == expected
    assert {row["network seed"] for row in rows} == {str(run.config.network.seed) for run in result.shapes[0].runs}


def test_without_each_sample_has_a_line_for_each() -> None:
    result, rows = _experiment("influence", InfluenceResult)
    assert [float(row["influence"]) for row in rows] == [one.influence for one in result.samples]
    assert [float(row["x"]) for row in rows] == [one.x for one in result.samples]


def test_a_claim_has_a_line_for_each_seed() -> None:
    result, rows = _experiment("claim", ClaimResult, 40, Claim(5, "never", 8.0))
    assert [float(row["training loss"]) for row in rows] == [run.final_loss for run in result.seeds.runs]
    assert [int(row["network seed"]) for row in rows] == [run.config.network.seed for run in result.seeds.runs]
    below = [float(row["training loss"]) < float(row["limit"]) for row in rows]
    assert [row["below the limit"] == "1" for row in rows] == below
    assert len(set(below)) == 2


def test_the_lines_of_each_experiment_are_read_above() -> None:
    assert set(re.findall(r' = _experiment\("(\w+)", ', Path(__file__).read_text(encoding="utf-8"))) == set(EXPERIMENTS)


def test_cells_are_quoted_where_needed_and_gaps_are_empty() -> None:
    assert csv_text(["a", "b"], [["8,8", None], ["x\ny", 0.1]]) == 'a,b\n"8,8",\n"x\ny",0.1\n'
    german = csv_text(["a", -1.5], [[np.float32(0.1), 10_000]], ";", ",")
    assert german == "a;-1,5\n0,1;10000\n"
    table = csv_text(["a", "0.5"], [[12345.678, -0.0012345678], ["x;1.25", None], [10_000, "lr=0.12345678&seed=1"]])
    assert for_spreadsheet(table, ".") == table
    german = 'a;0,5\n12346,0;-0,001235\n"x;1.25";\n10000;lr=0.12345678&seed=1\n'
    assert for_spreadsheet(table, ",", 4) == german
    assert for_spreadsheet(csv_text(["a"], [["=b"], ["1e999"], ["nan"]]), ",", 4) == "a\n'=b\n1e999\nnan\n"


def test_no_text_is_a_formula_to_any_spreadsheet() -> None:
    begins = re.compile('"?\\s*[=+\\-@＝＋－＠]|[\t\r]')
    for sign in "=+-@＝＋－＠\t\r":
        for text in (f"{sign}cmd|' /C calc'!A0", f" {sign}1+1|", f"x;{sign}A1", f"x\n{sign}A1"):
            for separator in ",;\t":
                written = csv_text(["a"], [[text]], separator)
                _, [cell] = csv.reader(io.StringIO(written, newline=""), delimiter=separator)
                assert not begins.match(cell)
                for other in {*",;\t"} - {separator}:
                    assert not any(begins.match(part) for line in written.split("\n") for part in line.split(other))
    for harmless in ("-0.5", "+3", "1e-7", "-inf", "x - 1", "a, b", "lr=0.1&formula=max(x,-x)"):
        assert csv_text(["a"], [[harmless]]).splitlines()[1].strip('"') == harmless
    package = Path(tinynet_gui.__file__).parent
    assert [file.name for file in package.rglob("*.py") if "csv.writer(" in file.read_text(encoding="utf-8")] == [
        "csv_text.py"
    ]


def test_names_from_outside_are_no_formulas_in_the_tables() -> None:
    run = replace(walk(SHORT, [], kept=1).run, name="=cmd|' /C calc'!A0")
    assert "\n'=cmd|" in runs_table([run], {})
    points = Points([0.5, 1.0], [2.0, -3.0], None, "", "=x()", "＠SUM(A1)")
    assert write_table(points).splitlines()[0] == "'=x(),'＠SUM(A1),held_out"


def test_a_run_without_steps_has_a_heading() -> None:
    run = walk(SHORT, [], kept=1).run
    assert isinstance(run, Run)
    assert loss_table(run) == "step,training loss\n"


CONFIG = config_of(training__stop_step=200, data__held_out=0.3, network__seed=5)
WILD = config_of(training__stop_step=200, training__learning_rate=100.0)
KEPT = [kind for kind, experiment in EXPERIMENTS.items() if experiment.stored_as is not None]
ABOUT = {"claim": (Claim(4, "mostly", 1.0),)}


@cache
def _asked(kind: str, config: Config) -> tuple[FinishedExperiment, ExperimentResult]:
    stop, about = np.zeros(1, dtype=np.uint8), ABOUT.get(kind, ())
    runs = min(max(EXPERIMENTS[kind].fewest, 8), EXPERIMENTS[kind].most)
    result = not_none(EXPERIMENTS[kind].run(config, runs, stop, lambda *_: None, *about))
    parts = astuple(about[0]) if about else ()
    return FinishedExperiment(kind, config, runs, parts, explain(result), numbers_of(result)), result


@pytest.mark.parametrize("config", [CONFIG, WILD])
@pytest.mark.parametrize("kind", KEPT)
def test_a_result_made_again_says_the_same(kind: str, config: Config) -> None:
    asked, result = _asked(kind, config)
    assert with_experiment((), asked) == (asked,)  # its numbers are few enough
    again = stored_result(asked)
    assert type(again) is type(result)
    assert again is not None
    assert explain(again) == explain(result) == asked.answer
    assert experiment_table(again) == experiment_table(result)
    assert [run.config for run in again.runs] == [run.config for run in result.runs]
    assert numbers_of(again) == asked.numbers
    if config is WILD:
        assert any(run.diverged_at is not None for run in again.runs)


def test_the_largest_results_are_few_enough_numbers() -> None:
    for kind in KEPT:
        asked, _ = _asked(kind, CONFIG)
        assert sum(map(len, asked.numbers)) * EXPERIMENTS[kind].most / asked.runs <= MAX_NUMBERS, kind


def test_an_experiment_about_whole_curves_keeps_its_words_alone() -> None:
    assert set(EXPERIMENTS) - set(KEPT) == {"depth", "influence"}
    for kind in ("depth", "influence"):
        asked, _ = _asked(kind, config_of(training__stop_step=10, data__sample_count=3))
        assert asked.numbers == ()
        assert asked.answer
        assert stored_result(asked) is None


def _changed(column: int, place: int, value: float) -> Callable[[FinishedExperiment], FinishedExperiment]:
    def change(asked: FinishedExperiment) -> FinishedExperiment:
        columns = [list(each) for each in asked.numbers]
        columns[column][place] = value
        return replace(asked, numbers=tuple(map(tuple, columns)))

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda asked: replace(asked, numbers=asked.numbers[:-1]),
        lambda asked: replace(asked, numbers=asked.numbers[1:]),
        lambda asked: replace(asked, numbers=(asked.numbers[0][:-1], *asked.numbers[1:])),
        lambda asked: replace(asked, numbers=tuple(() for _ in asked.numbers)),
        lambda asked: replace(asked, kind="claim"),
        lambda asked: replace(asked, kind="ladder"),
        lambda asked: replace(asked, kind="another"),
        _changed(0, 0, -0.5),
        _changed(1, 0, NONE),  # some samples are held out
        _changed(2, 0, 1.5),
        _changed(3, 0, 10.0),  # diverged, with a loss
        _changed(3, 0, 10.5),
        _changed(3, 0, 201.0),
        _changed(4, 0, 11.0),  # more dead than there are
        _changed(4, 0, np.inf),
        _changed(5, 0, 5.0),  # of four causes
        _changed(5, 0, -2.0),
        _changed(6, 0, np.inf),
        _changed(6, 2, 0.5),
    ],
)
def test_numbers_of_no_swarm_make_none(change: Callable[[FinishedExperiment], FinishedExperiment]) -> None:
    asked, _ = _asked("swarm", CONFIG)
    assert stored_result(change(asked)) is None


@pytest.mark.parametrize(
    "about", [(), (4, "mostly"), (4, "often", 1.0), (4.5, "mostly", 1.0), (0, "mostly", 1.0), (4, "mostly", "x")]
)
def test_numbers_of_no_claim_make_none(about: tuple[Any, ...]) -> None:
    asked, result = _asked("claim", CONFIG)
    assert isinstance(result, ClaimResult)
    assert stored_result(replace(asked, about=about)) is None
    assert stored_result(replace(asked, runs=49)) is None


_NUMBER = st.floats(allow_nan=False) | st.sampled_from([NONE, 0.0, 1.0, 2.0, 1e300, np.inf])


@settings(max_examples=60)
@given(
    kind=st.sampled_from(KEPT),
    numbers=st.lists(st.lists(_NUMBER, min_size=1, max_size=3), min_size=5, max_size=8),
    about=st.lists(st.integers() | st.floats() | st.sampled_from(["always", "x"]), max_size=4),
)
def test_any_stored_numbers_are_a_readable_result_or_none(
    kind: str, numbers: list[list[float]], about: list[Any]
) -> None:
    columns = tuple(map(tuple, numbers))
    result = stored_result(FinishedExperiment(kind, Config(), 3, tuple(about), "Words.", columns))
    if result is not None:
        assert explain(result)
        assert experiment_table(result)
