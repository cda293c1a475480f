"""Experiments: what they count is counted, what they say is so."""

import os
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet_gui.core.analysis import sweep
from tinynet_gui.core.analysis.best_piecewise_linear import best_losses
from tinynet_gui.core.analysis.preview import preview_end
from tinynet_gui.core.analysis.sweep import (
    DEPTHS,
    LADDER_WIDTHS,
    batch_size,
    causes_of_failure,
    dead_share_in_theory,
    hidden_of_size,
    ladder,
    shallow_against_deep,
    swarm,
    train_all,
)
from tinynet_gui.core.analysis.sweep_results import (
    ExperimentResult,
    LadderResult,
    Rung,
    RunOutcome,
    Spread,
    SwarmResult,
)
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.views.experiments.explain import explain

SHORT = Config().replace("training.stop_step", 300)


class Reports:
    def __init__(self, stop_after: int = 10**9) -> None:
        self.stop = np.zeros(1, dtype=np.uint8)
        self.shares: list[float] = []
        self.results: list[ExperimentResult] = []
        self._stop_after = stop_after

    def __call__(self, share: float, result: ExperimentResult) -> None:
        self.shares.append(share)
        self.results.append(result)
        if len(self.shares) >= self._stop_after:
            self.stop[0] = 1


def test_every_run_of_a_swarm_is_the_run_of_its_seed() -> None:
    (outcomes,) = train_all([SHORT.replace("network.seed", seed) for seed in (2, 3, 4, 5, 6)], Reports().stop)
    for outcome in outcomes:
        trainer = Trainer(outcome.config)
        trainer.run(300)
        assert outcome.final_loss == pytest.approx(trainer.loss(), rel=1e-3)
        np.testing.assert_allclose(outcome.output, trainer.snapshot(0).output, atol=1e-2)


def test_a_swarm_reports_and_explains() -> None:
    reports = Reports()
    result = swarm(SHORT, 70, reports.stop, reports)
    assert result is not None
    assert reports.shares == [32 / 70, 64 / 70, 1.0]
    assert len(result.outcomes) == len(result.causes) == 70
    seeds = [o.config.network.seed for o in result.outcomes]
    assert seeds == list(range(2, 72))
    assert result.spread.low <= result.spread.median <= result.spread.high
    text = explain(result)
    assert text.startswith("70 seeds: median loss")
    assert "theory says" in text


def test_a_cancelled_swarm_keeps_what_there_is() -> None:
    reports = Reports(stop_after=1)
    result = swarm(SHORT, 500, reports.stop, reports)
    assert result is not None
    assert len(result.outcomes) == 32
    reports.stop[0] = 1
    assert swarm(SHORT, 500, reports.stop, reports) is None


@pytest.mark.parametrize("made", [0, 2])
def test_a_swarm_that_is_cancelled_makes_no_further_network(monkeypatch: pytest.MonkeyPatch, made: int) -> None:
    """To make one large network takes a second: thirty-two of them would keep the window from closing."""
    stop, trainers = Reports().stop, []

    class Counted(Trainer):
        def __init__(self, config: Config) -> None:
            super().__init__(config)
            trainers.append(self)
            stop[0] = len(trainers) >= made

    monkeypatch.setattr(sweep, "Trainer", Counted)
    stop[0] = made == 0
    assert list(train_all([SHORT] * 32, stop)) == []
    assert len(trainers) == made


def test_a_swarm_that_is_cancelled_looks_at_no_further_run(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, looked_at = Reports().stop, []

    def look(*arguments: object) -> None:
        looked_at.append(arguments)
        stop[0] = 1

    monkeypatch.setattr(sweep, "_outcome", look)
    assert list(train_all([SHORT] * 32, stop)) == []
    assert len(looked_at) == 1


def test_large_networks_go_in_small_batches() -> None:
    assert batch_size([SHORT] * 100) == 32
    assert batch_size([SHORT.replace("network.hidden", (1_000,))] * 100) == 32
    largest = SHORT.replace("network.hidden", (1_000,) * 6)
    cores = os.cpu_count() or 1
    assert batch_size([largest] * 100) == min(32, max(cores, 10_000_000 // largest.network.parameter_count)) < 32
    assert batch_size([]) == 32


def test_the_search_for_the_best_fit_can_be_stopped() -> None:
    x = np.linspace(-3, 3, 40)
    stop = np.ones(1, dtype=np.uint8)
    assert len(best_losses(x, x**2, 30, stop)) == 1
    assert ladder(SHORT, 3, stop, Reports()) is None


def test_runs_that_diverge_are_counted_as_such() -> None:
    reports = Reports()
    result = swarm(SHORT.replace("training.learning_rate", 10.0), 50, reports.stop, reports)
    assert result is not None
    assert set(result.causes) == {"diverged"}
    assert "50 failed: 50 diverged" in explain(result)


def _outcome(loss: float, dead_share: float = 0.0, before: float | None = None) -> RunOutcome:
    losses = np.full(100, loss if before is None else before, dtype=np.float32)
    return RunOutcome(SHORT, loss, None, losses, np.zeros(401, np.float32), 10, 0, dead_share, None)


def test_causes() -> None:
    outcomes = [*[_outcome(0.1)] * 5, _outcome(1.0, dead_share=0.6), _outcome(1.0), _outcome(1.0, before=2.0)]
    assert causes_of_failure(outcomes) == ("",) * 5 + ("dead neurons", "plateau", "slow")
    diverged = replace(_outcome(float("inf")), diverged_at=7)
    assert causes_of_failure([diverged]) == ("diverged",)


@pytest.mark.parametrize("steps", [1, 50])
def test_after_a_few_steps_nothing_is_called_a_plateau(steps: int) -> None:
    config = SHORT.replace("training.stop_step", steps).replace("training.learning_rate", 1e-6)
    (outcomes,) = train_all([config], Reports().stop)
    assert causes_of_failure(outcomes) == ("slow",)


@pytest.mark.parametrize("bounds", [(-3.0, 3.0), (-1.0, 1.0), (-0.5, 0.5), (1.0, 2.0), (-4.0, -0.5), (0.0, 0.3)])
def test_the_dead_share_in_theory_is_what_sampling_gives(bounds: tuple[float, float]) -> None:
    random = np.random.RandomState(0)
    w, b = random.uniform(-1, 1, size=(2, 400_000))
    dead = np.maximum(w * bounds[0], w * bounds[1]) + b <= 0
    assert dead_share_in_theory(*bounds) == pytest.approx(dead.mean(), abs=0.003)


@given(st.floats(1, 50))
def test_on_a_symmetric_range_the_dead_share_is_a_quarter_of_its_inverse(radius: float) -> None:
    assert dead_share_in_theory(-radius, radius) == pytest.approx(1 / (4 * radius))


def test_the_dead_share_of_real_networks_is_that_of_theory() -> None:
    reports = Reports()
    config = SHORT.replace("training.stop_step", 1).replace("network.hidden", (40,))
    result = swarm(config, 300, reports.stop, reports)
    assert result is not None
    assert result.dead_in_theory is not None
    assert result.dead_at_start == pytest.approx(result.dead_in_theory, abs=0.01)


def test_a_ladder_has_all_rungs_and_says_where_it_overfits() -> None:
    config = Config.from_dict(
        {"data": {"noise": 0.5, "held_out": 0.3, "sample_count": 40}, "training": {"stop_step": 10_000}}
    )
    reports = Reports()
    result = ladder(config, 3, reports.stop, reports)
    assert result is not None
    assert tuple(rung.width for rung in result.rungs) == LADDER_WIDTHS
    assert reports.shares[-1] == 1
    first, last = result.rungs[0], result.rungs[-1]
    assert last.training.median < first.training.median
    assert first.best_fit is not None
    assert first.within_reach is not None
    for rung in result.rungs:
        if rung.best_fit is not None:
            assert min(o.final_loss for o in rung.outcomes) >= 0.99 * rung.best_fit
    text = explain(result)
    assert "fit the held-out samples best" in text
    assert "they learn the noise" in text


def _rung(width: int, training: float, held_out: float, config: Config = SHORT) -> Rung:
    outcome = replace(_outcome(training), config=config)
    return Rung(width, (outcome,), Spread(training, training, training), Spread(0, held_out, 9), None, None)


NOISY = SHORT.replace("data.noise", 0.5)
INF = float("inf")


@pytest.mark.parametrize(
    ("rungs", "said", "not_said"),
    [
        ([_rung(8, 0.1, 0.2, NOISY), _rung(1_000, 0.05, 0.4, NOISY)], "With 1,000 it is 0.4000", "diverge"),
        ([_rung(8, 0.1, 0.2, NOISY), _rung(1_000, 0.05, 0.4, NOISY)], "they learn the noise", "diverge"),
        ([_rung(8, 0.1, 0.2, NOISY), _rung(1_000, INF, INF, NOISY)], "With 1,000 neurons half of the runs", "noise"),
        ([_rung(8, 0.1, 0.2, NOISY), _rung(1_000, 0.3, 0.4, NOISY)], "8 neurons fit", "noise"),  # not learned at all
        ([_rung(8, 0.1, 0.2), _rung(1_000, 0.05, 0.4)], "not what lies between them", "noise"),  # there is none
        (
            [_rung(8, 0.1, 0.2, NOISY), _rung(144, 0.05, 0.4, NOISY), _rung(377, INF, INF), _rung(610, INF, INF)],
            "they learn the noise. With 377 and 610 neurons half",
            "∞",
        ),
        ([_rung(1, INF, INF), _rung(2, INF, INF)], "no width to recommend", "best"),
    ],
)
def test_a_ladder_tells_learning_the_noise_from_diverging(rungs: list[Rung], said: str, not_said: str) -> None:
    text = explain(LadderResult(tuple(rungs)))
    assert said in text
    assert not_said not in text


def test_a_contest_in_which_all_diverge_has_no_winner() -> None:
    reports = Reports()
    result = shallow_against_deep(SHORT.replace("training.learning_rate", 10.0), 2, reports.stop, reports)
    assert result is not None
    assert "By steps, none is ahead" in explain(result)


def test_shallow_against_deep_at_equal_parameter_count() -> None:
    reports = Reports()
    config = SHORT.replace("network.hidden", (40,))
    result = shallow_against_deep(config, 4, reports.stop, reports)
    assert result is not None
    assert [len(c.hidden) for c in result.contestants] == list(DEPTHS)
    for contestant in result.contestants:
        assert contestant.parameters == pytest.approx(121, rel=0.15)
        assert contestant.curves.shape == (3, len(contestant.steps))
        assert (np.diff(contestant.curves, axis=0) >= 0).all()
        assert contestant.seconds_per_step > 0
    assert "By steps" in explain(result)
    assert "In the same time" in explain(result)


@pytest.mark.parametrize("rate", [0.001, 1_000.0])
def test_the_time_of_a_step_is_that_of_the_steps_that_were_taken(monkeypatch: pytest.MonkeyPatch, rate: float) -> None:
    """Also where the run diverges at once, and is over long before the step to stop at."""
    seconds = [0.0]
    run = kernel.run

    def a_second_for_each_step(
        config: Config, dataset: Dataset, state: TrainerState, *rest: int, **stop: Any
    ) -> kernel.KernelRun:
        done = run(config, dataset, state, *rest, **stop)
        seconds[0] += done.state.step - state.step
        return done

    monkeypatch.setattr(kernel, "run", a_second_for_each_step)
    monkeypatch.setattr(sweep, "perf_counter", lambda: seconds[0])
    result = shallow_against_deep(SHORT.replace("training.learning_rate", rate), 1, Reports().stop, Reports())
    assert result is not None
    assert [contestant.seconds_per_step for contestant in result.contestants] == [1.0] * len(DEPTHS)


def test_close_contests_are_not_called() -> None:
    reports = Reports()
    result = shallow_against_deep(SHORT, 3, reports.stop, reports)
    assert result is not None
    one = result.contestants[0]
    overlapping = replace(one, final=Spread(one.final.low, one.final.median * 1.01, one.final.high))
    ahead = replace(one, final=Spread(1e-9, 1e-9, 1e-9), hidden=(3, 3))
    assert "too close to call" in explain(replace(result, contestants=(one, overlapping)))
    assert "By steps, 3-3 is ahead" in explain(replace(result, contestants=(one, ahead)))


@pytest.mark.parametrize("depth", DEPTHS)
@given(st.integers(10, 3_000))
def test_widths_of_a_size_are_the_nearest(depth: int, parameters: int) -> None:
    def count(width: int) -> int:
        return Config().replace("network.hidden", (width,) * depth).network.parameter_count

    hidden = hidden_of_size(depth, parameters)
    width = hidden[0]
    assert len(set(hidden)) == 1
    for other in (width - 1, width + 1):
        if 1 <= other <= 1_000:
            assert abs(count(width) - parameters) <= abs(count(other) - parameters)


def test_explaining_a_ladder_tells_cannot_from_did_not() -> None:
    reports = Reports()
    result = ladder(Config(), 2, reports.stop, reports)
    assert isinstance(result, LadderResult)
    assert "too few kinks" in explain(result)
    assert "could reach" in explain(result)


def test_results_so_far_are_results() -> None:
    reports = Reports()
    swarm(SHORT, 64, reports.stop, reports)
    assert all(isinstance(result, SwarmResult) for result in reports.results)
    assert [len(r.outcomes) for r in reports.results if isinstance(r, SwarmResult)] == [32, 64]


@given(st.lists(st.floats(-3, 3, width=16), min_size=3, max_size=15, unique=True), st.integers(0, 10**6))
def test_more_kinks_never_fit_worse(x: list[float], seed: int) -> None:
    y = np.random.RandomState(seed).normal(size=len(x))
    losses = best_losses(x, y, len(x))
    assert (np.diff(losses) <= 1e-12).all()
    line = np.polyval(np.polyfit(x, y, 1), x)
    assert losses[0] == pytest.approx(np.mean((y - line) ** 2), abs=1e-6)


def test_a_curve_with_three_kinks_is_found_with_three() -> None:
    x = np.linspace(-3, 3, 41)
    y = np.abs(x) + 2 * np.maximum(x - 1.5, 0) - 3 * np.maximum(x + 1.5, 0)
    losses = best_losses(x, y, 3)
    assert losses[3] < 1e-12
    assert losses[1] > 1e-3


@pytest.mark.parametrize("hidden", [(), (10,), (6, 5)])
def test_a_preview_is_the_end_of_the_run(hidden: tuple[int, ...]) -> None:
    config = SHORT.replace("network.hidden", hidden)
    preview = preview_end(config, np.zeros(1, dtype=np.uint8))
    assert preview is not None
    trainer = Trainer(config)
    trainer.run(300)
    assert preview.final_loss == pytest.approx(trainer.loss(), rel=1e-3)
    np.testing.assert_allclose(preview.output, trainer.snapshot(0).output, atol=1e-2)
    assert preview.end_step == 300
    assert len(preview.steps) == len(preview.losses)


def test_a_preview_of_a_divergence_says_when() -> None:
    preview = preview_end(SHORT.replace("training.learning_rate", 10.0), np.zeros(1, dtype=np.uint8))
    assert preview is not None
    assert preview.diverged_at is not None
    assert preview.end_step == preview.diverged_at - 1
    assert np.isfinite(preview.final_loss)


def test_a_preview_that_is_stopped_is_none() -> None:
    assert preview_end(SHORT, np.ones(1, dtype=np.uint8)) is None
