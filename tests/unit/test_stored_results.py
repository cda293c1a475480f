"""Results made again from their numbers say what they said; numbers that are of no experiment make none."""

from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.not_none import not_none
from tests.runs import config_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.claim import Claim, ClaimResult
from tinynet_gui.core.experiments.experiment import ExperimentResult
from tinynet_gui.core.experiments.stored_results import numbers_of, result_of
from tinynet_gui.core.experiments.stored_runs import NONE
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.export.tables import experiment_table
from tinynet_gui.core.run.finished_experiment import MOST_NUMBERS, FinishedExperiment, with_experiment
from tinynet_gui.ui.views.experiments.explain import explain

CONFIG = config_of(training__stop_step=200, data__held_out=0.3, network__seed=5)
WILD = config_of(training__stop_step=200, training__learning_rate=100.0)
RUNS = {"swarm": 50, "ladder": 8, "claim": 50, "depth": 7, "influence": 1}


def _asked(kind: str, config: Config, *about: Claim) -> tuple[FinishedExperiment, ExperimentResult]:
    stop, runs = np.zeros(1, dtype=np.uint8), RUNS[kind]
    result = not_none(EXPERIMENTS[kind].run(config, runs, stop, lambda *_: None, *about))
    parts = astuple(about[0]) if about else ()
    return FinishedExperiment(kind, config, runs, parts, explain(result), numbers_of(result)), result


@pytest.mark.parametrize("config", [CONFIG, WILD])
@pytest.mark.parametrize(("kind", "about"), [("swarm", ()), ("ladder", ()), ("claim", (Claim(4, "mostly", 1.0),))])
def test_a_result_made_again_says_the_same(kind: str, about: tuple[Claim, ...], config: Config) -> None:
    asked, result = _asked(kind, config, *about)
    assert with_experiment((), asked) == (asked,)  # its numbers are few enough
    again = result_of(asked)
    assert type(again) is type(result)
    assert again is not None
    assert explain(again) == explain(result) == asked.answer
    assert experiment_table(again) == experiment_table(result)
    assert [run.config for run in again.runs] == [run.config for run in result.runs]
    assert numbers_of(again) == asked.numbers
    if config is WILD:
        assert any(run.diverged_at is not None for run in again.runs)


def test_the_largest_results_are_few_enough_numbers() -> None:
    for kind, runs in (("swarm", 1_000), ("claim", 1_000), ("ladder", 50 * 15)):
        assert runs <= EXPERIMENTS[kind].most * 15
        assert 6 * runs + 45 <= MOST_NUMBERS


def test_an_experiment_about_whole_curves_keeps_its_words_alone() -> None:
    for kind in ("depth", "influence"):
        asked, _ = _asked(kind, config_of(training__stop_step=10, data__sample_count=3))
        assert asked.numbers == ()
        assert asked.answer
        assert result_of(asked) is None


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
    assert result_of(change(asked)) is None


@pytest.mark.parametrize(
    "about", [(), (4, "mostly"), (4, "often", 1.0), (4.5, "mostly", 1.0), (0, "mostly", 1.0), (4, "mostly", "x")]
)
def test_numbers_of_no_claim_make_none(about: tuple[Any, ...]) -> None:
    asked, result = _asked("claim", CONFIG, Claim(4, "mostly", 1.0))
    assert isinstance(result, ClaimResult)
    assert result_of(replace(asked, about=about)) is None
    assert result_of(replace(asked, runs=49)) is None


_NUMBER = st.floats(allow_nan=False) | st.sampled_from([NONE, 0.0, 1.0, 2.0, 1e300, np.inf])


@settings(max_examples=60)
@given(
    kind=st.sampled_from(["swarm", "ladder", "claim"]),
    numbers=st.lists(st.lists(_NUMBER, min_size=1, max_size=3), min_size=5, max_size=8),
    about=st.lists(st.integers() | st.floats() | st.sampled_from(["always", "x"]), max_size=4),
)
def test_whatever_a_file_has_is_a_result_that_can_be_told_or_none(
    kind: str, numbers: list[list[float]], about: list[Any]
) -> None:
    columns = tuple(map(tuple, numbers))
    result = result_of(FinishedExperiment(kind, Config(), 3, tuple(about), "Words.", columns))
    if result is not None:
        assert explain(result)
        assert experiment_table(result)
