"""Experiments: what they count is counted, what they say is so."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from tests.not_none import not_none
from tests.runs import config_of, trained
from tinynet_gui.core.choices.activations import ActivationNames
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments import base, depth, swarm as swarm_module
from tinynet_gui.core.experiments.base import ExperimentResult, Spread, TrainedRun, group_size, spread, train_all
from tinynet_gui.core.experiments.claim import Claim
from tinynet_gui.core.experiments.depth import DEPTHS, DepthResult, hidden_of_size, learning_rates, shallow_against_deep
from tinynet_gui.core.experiments.ladder import WIDTHS, WidthResult, WidthsResult, ladder_of_widths, widths_result
from tinynet_gui.core.experiments.swarm import (
    causes_of_failure,
    chance_interval,
    dead_share_in_theory,
    reach_of,
    train_swarm,
)
from tinynet_gui.core.experiments.table import EXPERIMENTS, changed_since
from tinynet_gui.core.function.reachable_lines import kinks_within_reach
from tinynet_gui.core.lessons.measurements import of_experiment, with_functions
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.run.train import preview_end
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.start import Dataset, TrainerState, initial_state, make_dataset, plot_grid
from tinynet_gui.ui.views.experiments.results import explain

R = TypeVar("R")
INF = float("inf")
SHORT = Config().replace("training.stop_step", 300)

_SAID = {
    "diverged": "diverged",
    "dead neurons": "with at least half of a layer's neurons dead",
    "plateau": "stuck on a plateau",
    "slow": "still on their way",
}


class Reports:
    def __init__(self, stop_after: int = 10**9) -> None:
        self.stop = np.zeros(1, dtype=np.uint8)
        self.shares: list[float] = []
        self.results: list[ExperimentResult] = []
        self._stop_after = stop_after

    def __call__(self, share: float, result: ExperimentResult | None) -> None:
        self.shares.append(share)
        if result is not None:
            self.results.append(result)
        if len(self.results) >= self._stop_after:
            self.stop[0] = 1


def _asked(experiment: Callable[..., R | None], config: Config, runs: int) -> R:
    return not_none(experiment(config, runs, Reports().stop, Reports()))


def test_every_run_of_a_swarm_is_the_run_of_its_seed() -> None:
    before = SHORT.replace("network.drawn_before", 16)
    seeds = [one.replace("network.seed", seed) for one in (SHORT, before) for seed in (2, 3, 4, 5, 6)]
    (outcomes,) = train_all(seeds, Reports().stop)
    assert len({outcome.final_loss for outcome in outcomes}) == 10
    for outcome in outcomes:
        trainer = trained(outcome.config, 300)
        assert outcome.final_loss == pytest.approx(trainer.loss(), rel=1e-3)
        assert len(outcome.losses) == 100
        np.testing.assert_allclose(outcome.output, trainer.snapshot(0).output, atol=1e-2)


def test_a_swarm_reports_and_explains() -> None:
    reports = Reports()
    result = not_none(train_swarm(SHORT, 70, reports.stop, reports))
    assert reports.shares == sorted(reports.shares)
    line = swarm_module.LINE_SHARE
    assert reports.shares[-3:] == [line + (1 - line) * share for share in (32 / 70, 64 / 70, 1.0)]
    assert [len(result.runs) for result in reports.results] == [32, 64, 70]  # so far
    assert len(result.causes) == 70
    assert [run.config.network.seed for run in result.runs] == list(range(2, 72))
    assert changed_since(result, SHORT.replace("network.drawn_before", 16)) == ("network.drawn_before",)
    assert result.spread.low <= result.spread.median <= result.spread.high
    text = explain(result)
    failed = Counter(cause for cause in result.causes if cause)
    [(most, count)] = failed.most_common(1)
    failing = f"failed (diverged or ended above a loss of {loss_text(result.reach.limit)})"
    assert text.startswith(f"{failed.total()} of 70 seeds {failing}: {count} {_SAID[most]}")
    assert text.partition(". ")[0].count(",") == len(failed) - 1  # all of them in the headline
    for cause, count in failed.items():
        assert f"{count} {_SAID[cause]}" in text.partition(". ")[0]
    assert f". The median loss is {loss_text(float(np.median([run.final_loss for run in result.runs])))}, the" in text
    assert "theory says" in text
    good = replace(result, causes=("",) * 70)
    assert explain(good).startswith(f"None of 70 seeds {failing}. The median loss is ")
    one = replace(result, runs=result.runs[:1], causes=("slow",))
    assert explain(one).startswith(f"1 of 1 seed {failing}: 1 still on their way.")


def test_a_cancelled_swarm_keeps_what_there_is() -> None:
    reports = Reports(stop_after=1)
    result = not_none(train_swarm(SHORT, 500, reports.stop, reports))
    assert len(result.runs) == 32


@pytest.mark.parametrize("made", [0, 2])
def test_a_swarm_that_is_cancelled_makes_no_further_network(monkeypatch: pytest.MonkeyPatch, made: int) -> None:
    """To make one large network takes a second: thirty-two of them would keep the window from closing."""
    stop, networks = Reports().stop, []

    def counted(config: Config) -> TrainerState:
        networks.append(config)
        stop[0] = len(networks) >= made
        return initial_state(config)

    monkeypatch.setattr(base, "initial_state", counted)
    stop[0] = made == 0
    assert list(train_all([SHORT] * 32, stop)) == []
    assert len(networks) == made


@pytest.mark.bits
@pytest.mark.parametrize(("fit", "kept"), [(1_000, 64), (20, 16), (0, 1)])
def test_a_swarm_keeps_as_many_networks_as_fit(monkeypatch: pytest.MonkeyPatch, fit: int, kept: int) -> None:
    monkeypatch.setattr(swarm_module, "CURVE_PARAMETERS", fit * SHORT.network.parameter_count)
    result = _asked(train_swarm, SHORT, 64)
    networks = [run for run in result.runs if run.layers]
    assert len(networks) == kept
    for run in networks:
        curve = output_curve(run.layers, SHORT.network.activation, plot_grid(SHORT.data))
        np.testing.assert_array_equal(curve, run.output)


def test_large_networks_go_in_small_batches() -> None:
    large, largest = (SHORT.replace("network.hidden", hidden) for hidden in ((1_000,), (1_000,) * 6))
    assert [group_size(config) for config in (SHORT, large)] == [32, 32]
    assert [group_size(largest, workers) for workers in (1, 3)] == [10_000_000 // largest.network.parameter_count, 3]
    assert [group_size(config, map) for config in (SHORT, large, largest)] == [16, 4, 1]  # for one core


def test_runs_that_diverge_are_counted_as_such() -> None:
    result = _asked(train_swarm, SHORT.replace("training.learning_rate", 10.0), 50)
    assert set(result.causes) == {"diverged"}
    assert explain(result).startswith("50 of 50 seeds failed (")
    assert "): 50 diverged. " in explain(result)


def _run(loss: float, dead_share: float = 0.0, before: float | None = None) -> TrainedRun:
    losses = np.full(100, loss if before is None else before, dtype=np.float32)
    return TrainedRun(SHORT, loss, None, losses, np.zeros(401, np.float32), 10, 0, dead_share, None)


@pytest.mark.parametrize("steps", [1, 50])
def test_after_a_few_steps_nothing_is_called_a_plateau(steps: int) -> None:
    config = SHORT.replace("training.stop_step", steps).replace("training.learning_rate", 1e-6)
    (outcomes,) = train_all([config], Reports().stop)
    assert causes_of_failure(outcomes, reach_of(outcomes, 0, None)) == ("slow",)


@pytest.mark.parametrize("bounds", [(-3.0, 3.0), (-1.0, 1.0), (-0.5, 0.5), (1.0, 2.0), (-4.0, -0.5), (0.0, 0.3)])
def test_the_dead_share_in_theory_is_what_sampling_gives(bounds: tuple[float, float]) -> None:
    random = np.random.RandomState(0)
    w, b = random.uniform(-1, 1, size=(2, 400_000))
    dead = np.maximum(w * bounds[0], w * bounds[1]) + b <= 0
    assert dead_share_in_theory(*bounds) == pytest.approx(dead.mean(), abs=0.003)


@given(st.floats(1, 50))
def test_the_dead_share_on_a_symmetric_range_is_as_in_theory(radius: float) -> None:
    assert dead_share_in_theory(-radius, radius) == pytest.approx(1 / (4 * radius))


@pytest.mark.parametrize("scale", [0.01, 0, 1])
def test_real_networks_have_the_dead_share_of_theory(scale: float) -> None:
    config = SHORT.with_changes({"training.stop_step": 1, "network.weight_scale": scale})
    config = config.with_changes({"network.hidden": (40, 2), "network.activation": ("relu", "tanh")})
    share = _asked(train_swarm, config, 300).dead_at_start
    if not scale:
        assert (share.dead, share.theory) == (share.neurons, None)
        return
    low, high = not_none(share.by_chance)
    assert low <= share.dead / share.neurons <= high
    assert share.dead / share.neurons == pytest.approx(share.theory, abs=0.01)


@pytest.mark.parametrize(
    ("hidden", "activation", "kinks"),
    [
        ((), "tanh", 0),
        ((8,), "relu", 7),
        ((8,), "identity", None),
        ((8, 5), ("relu", "identity"), 7),
        ((9, 3), ("identity", "leaky_relu"), 2),
        ((8, 5), ("relu", "tanh"), None),  # it bends what it passes on
    ],
)
def test_only_a_layer_with_a_kink_places_kinks(
    hidden: tuple[int, ...], activation: ActivationNames, kinks: int | None
) -> None:
    assert kinks_within_reach(config_of(network__hidden=hidden, network__activation=activation)) == kinks


def test_a_ladder_has_all_widths_and_says_where_it_overfits() -> None:
    config = Config().with_changes({"data.noise": 0.5, "data.held_out": 0.3, "data.sample_count": 40})
    reports = Reports()
    result = not_none(ladder_of_widths(config, 3, reports.stop, reports))
    assert tuple(one.width for one in result.widths) == WIDTHS
    assert reports.shares[-1] == 1
    assert result.widths[-1].training.median < result.widths[0].training.median
    assert result.widths[0].within_reach is not None
    reached = np.inf
    for one in result.widths:
        if one.at_least is not None and one.within_reach is not None:
            assert one.at_least <= one.within_reach <= min(run.final_loss for run in one.runs)
            assert one.within_reach <= reached  # a wider network can be a narrower one
            reached = one.within_reach
    for words in ("fit the held-out samples best", "they learn the noise"):
        assert words in explain(result)


def _ladder(losses: npt.NDArray[np.float64]) -> WidthsResult:
    """A ladder of which each width, a row, came to these losses from its seeds."""
    widths = []
    for width, row in zip(WIDTHS, losses, strict=False):
        middle = Spread(0.0, float(np.median(row)), INF)
        widths.append(WidthResult(width, tuple(map(_run, row.tolist())), middle, None, None, None))
    return widths_result(SHORT, widths)


@pytest.mark.parametrize("seeds", [8, 12])
def test_ladders_miss_a_best_width_at_most_once_in_twenty(seeds: int) -> None:
    """All widths are alike, and one neuron is therefore enough."""
    random, passed_over = np.random.RandomState(seeds), 0
    for _ in range(200):
        result = _ladder(np.exp(random.normal(size=(15, seeds)) + random.normal(size=seeds) - 3))
        passed_over += not_none(result.choice).smallest != 1
    assert passed_over <= 14  # of 200; of 2.5 % there are more in 1 of 1,000 tests


def test_the_smallest_width_that_cannot_be_told_apart_is_named() -> None:
    random = np.random.RandomState(0)
    logarithms = np.array([0.0, -2.0, -4.0, -4.1, -4.2])[:, None] + 0.2 * random.normal(size=(5, 8))
    logarithms[4] = logarithms[2, ::-1] - 0.01  # the lowest median, by next to nothing
    result = _ladder(np.exp(logarithms - 1))
    choice, text = not_none(result.choice), explain(result)
    assert (choice.smallest, choice.best in (5, 8)) == (3, True)
    assert "3 neurons are the fewest that fit the samples as well as any, as far as can be told" in text
    assert f"(paired permutation test, 8 seeds, p = {not_none(choice.p):.2g})" in text
    assert "test" not in text.partition(" How that is judged: ")[0]
    clear = _ladder(np.exp(logarithms[:3] - 1))
    choice, text = not_none(clear.choice), explain(clear)
    assert (choice.smallest, choice.best, choice.p) == (3, 3, None)
    assert "3 neurons fit the samples best" in text
    assert "no narrower network is as good." in text
    assert text.endswith("(paired permutation test, 8 seeds).")
    few = _ladder(np.exp(logarithms[:, :7] - 1))
    assert few.choice is None
    assert "with fewer than 8 seeds another number may do so by chance" in explain(few)


def _width(width: int, training: float, held_out: float, config: Config = SHORT) -> WidthResult:
    run = replace(_run(training), config=config)
    return WidthResult(width, (run,), Spread(training, training, training), Spread(0, held_out, 9), None, None)


NOISY = SHORT.replace("data.noise", 0.5)


@pytest.mark.parametrize(
    ("widths", "said", "not_said"),
    [
        ([_width(8, 0.1, 0.2, NOISY), _width(1_000, 0.05, 0.4, NOISY)], "With 1,000 it is 0.4000", "diverge"),
        ([_width(8, 0.1, 0.2, NOISY), _width(1_000, 0.05, 0.4, NOISY)], "they learn the noise", "diverge"),
        ([_width(8, 0.1, 0.2, NOISY), _width(1_000, INF, INF, NOISY)], "With 1,000 neurons half of the runs", "noise"),
        ([_width(8, 0.1, 0.2, NOISY), _width(1_000, 0.3, 0.4, NOISY)], "8 neurons fit", "noise"),  # not learned at all
        ([_width(8, 0.1, 0.2), _width(1_000, 0.05, 0.4)], "not what lies between them", "noise"),  # there is none
        (
            [_width(8, 0.1, 0.2, NOISY), _width(144, 0.05, 0.4, NOISY), _width(377, INF, INF), _width(610, INF, INF)],
            "they learn the noise. With 377 and 610 neurons half",
            "∞",
        ),
        ([_width(1, INF, INF), _width(2, INF, INF)], "no width to recommend", "best"),
    ],
)
def test_a_ladder_tells_learning_the_noise_from_diverging(widths: list[WidthResult], said: str, not_said: str) -> None:
    text = explain(WidthsResult(SHORT, tuple(widths)))
    assert said in text
    assert not_said not in text


def test_a_contest_in_which_all_diverge_has_no_winner() -> None:
    result = _asked(shallow_against_deep, SHORT.replace("training.learning_rate", 1_000.0), 7)
    assert "By steps, none is ahead" in explain(result)


def test_shallow_against_deep_at_equal_parameter_count() -> None:
    result = _asked(shallow_against_deep, SHORT.replace("network.hidden", (40,)), 4)
    assert [len(c.hidden) for c in result.shapes] == list(DEPTHS)
    for shape in result.shapes:
        assert shape.parameters == pytest.approx(121, rel=0.15)
        assert shape.curves.shape == (3, len(shape.steps))
        assert (np.diff(shape.curves, axis=0) >= 0).all()
        assert 0 < shape.seconds_per_step.low <= shape.seconds_per_step.median <= shape.seconds_per_step.high
        assert shape.finals.shape == (len(shape.rates), 4)
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
    monkeypatch.setattr(depth, "perf_counter", lambda: seconds[0])
    result = _asked(shallow_against_deep, SHORT.replace("training.learning_rate", rate), 1)
    assert [shape.seconds_per_step for shape in result.shapes] == [Spread(1.0, 1.0, 1.0)] * len(DEPTHS)


@pytest.mark.parametrize("depth", DEPTHS)
@given(st.integers(10, 3_000))
def test_widths_of_a_size_are_the_nearest(depth: int, parameters: int) -> None:
    def count(width: int) -> int:
        return Config().replace("network.hidden", (width,) * depth).network.parameter_count

    [width] = set(hidden_of_size(depth, parameters))
    for other in (width - 1, width + 1):
        if 1 <= other <= 1_000:
            assert abs(count(width) - parameters) <= abs(count(other) - parameters)


def test_a_width_that_cannot_differs_from_one_that_did_not() -> None:
    """The two kinks of the best line found, as three neurons: one for the slope, one for each kink."""
    result = _asked(ladder_of_widths, Config(), 2)
    assert "too few kinks" in explain(result)
    assert "could reach" in explain(result)
    [reach] = [not_none(one.within_reach) for one in result.widths if one.width == 3]
    dataset = make_dataset(Config().data)
    x, y = (array[:, 0].astype(np.float64) for array in (dataset.x_train, dataset.y_train))
    best = INF
    grid = np.linspace(x.min(), x.max(), 61)
    for place, a in enumerate(grid):
        for b in grid[place + 1 :]:
            hidden = np.column_stack([*(np.maximum(x - kink, 0) for kink in (x.min(), a, b)), np.ones_like(x)])
            errors = y - hidden @ np.linalg.lstsq(hidden, y, rcond=None)[0]
            best = min(best, float(np.mean(errors**2)))
    assert reach <= best * (1 + 1e-6)  # the search is finer than this grid
    assert reach == pytest.approx(best, rel=0.05)


FAR = Points([1990.0, 1995, 2010, 2020], [5e3, 7e3, 9e3, 1e4])


@pytest.mark.parametrize(
    ("changes", "atol"),
    [
        *(({"network.hidden": hidden}, 1e-2) for hidden in [(), (10,), (6, 5)]),
        ({"data.points": FAR, "data.standardise": "xy"}, 5),
    ],
)
def test_a_preview_is_the_end_of_the_run(changes: dict[str, Any], atol: float) -> None:
    config = SHORT.with_changes(changes)
    preview = not_none(preview_end(config, None, np.zeros(1, dtype=np.uint8)))
    trainer = trained(config, 300)
    assert preview.final_loss == pytest.approx(trainer.loss(), rel=1e-3)
    np.testing.assert_allclose(preview.output, trainer.snapshot(0).output, atol=atol)
    assert preview.end_step == 300
    assert len(preview.steps) == len(preview.losses)


def test_a_preview_reports_divergence_and_is_none_if_stopped() -> None:
    preview = not_none(preview_end(SHORT.replace("training.learning_rate", 10.0), None, np.zeros(1, dtype=np.uint8)))
    assert preview.end_step == not_none(preview.diverged_at) - 1
    assert np.isfinite(preview.final_loss)
    assert preview_end(SHORT, None, np.ones(1, dtype=np.uint8)) is None


def test_a_run_is_measured_against_what_this_network_could_reach() -> None:
    """With two neurons half parabolas are failures, as a whole one is in reach; with one neuron they are not."""
    for width, failed_near_half in (((2,), True), ((1,), False)):
        result = _asked(train_swarm, Config().replace("network.hidden", width), 96)
        causes = [c for r, c in zip(result.runs, result.causes, strict=True) if 1.2 < r.final_loss < 2.0]
        assert len(causes) > 10
        assert all(bool(cause) == failed_near_half for cause in causes)
    result = _asked(train_swarm, Config(), 64)
    assert all(not c for r, c in zip(result.runs, result.causes, strict=True) if r.final_loss < 0.3)
    assert "less than nine tenths of the way from the best constant" in explain(result)


def test_a_failure_is_one_whatever_the_others_did() -> None:
    """Not a matter of the median: the same loss is judged alike whether most runs or few have it."""
    half, good = _run(1.6), _run(0.05)
    for runs in ([half] * 9 + [good], [half] + [good] * 9):
        causes = causes_of_failure(runs, reach_of(runs, 0, None))
        assert [bool(cause) for cause in causes] == [run.final_loss > 1 for run in runs]


def test_causes() -> None:
    runs = [*[_run(0.1)] * 5, _run(1.0, dead_share=0.6), _run(1.0), _run(1.0, before=2.0)]
    assert causes_of_failure(runs, reach_of(runs, 0, None)) == ("",) * 5 + ("dead neurons", "plateau", "slow")
    diverged = replace(_run(INF), diverged_at=7)
    assert causes_of_failure([diverged], reach_of([diverged], 0, None)) == ("diverged",)

    constant = [_run(4.7)] * 5  # where only seeds tell what is in reach it is no success
    assert "" not in causes_of_failure(constant, reach_of(constant, 0, None))


@given(st.lists(st.floats(0, 10), min_size=1, max_size=12))
def test_quartiles_are_the_usual_ones(losses: list[float]) -> None:
    here = spread(losses)
    assert [here.low, here.median, here.high] == pytest.approx(np.quantile(losses, [0.25, 0.5, 0.75]))


def test_quartiles_of_runs_some_of_which_diverged() -> None:
    assert spread([1.0, 2.0, INF, INF]) == Spread(1.75, INF, INF)
    assert spread([1.0, 2.0, 3.0, INF]) == Spread(1.75, 2.5, INF)
    assert spread([INF, INF]) == Spread(INF, INF, INF)


@pytest.mark.parametrize(("trials", "probability"), [(50, 0.103), (2_560, 0.103), (7, 0.5), (1_000_000, 0.08)])
def test_the_interval_of_chance_holds_95_of_100_counts(trials: int, probability: float) -> None:
    low, high = chance_interval(trials, probability)
    counts = np.random.RandomState(0).binomial(trials, probability, 100_000) / trials
    assert max(np.mean(counts < low), np.mean(counts > high)) <= 0.027
    assert np.mean((counts >= low) & (counts <= high)) >= 0.948


def test_a_dead_share_that_chance_does_not_explain_is_said() -> None:
    result = _asked(train_swarm, SHORT.replace("training.stop_step", 1), 50)
    assert "they agree" in explain(result)
    odd = replace(result, dead_at_start=replace(result.dead_at_start, dead=result.dead_at_start.neurons // 2))
    assert "do not agree" in explain(odd)


def test_an_experiment_can_be_stopped_before_anything_is_trained() -> None:
    stop = np.ones(1, dtype=np.uint8)
    about = {"claim": (Claim(5, "always", 0.1),)}
    for kind, each in EXPERIMENTS.items():
        assert each.run(SHORT, each.fewest, stop, Reports(), *about.get(kind, ())) is None, kind


def test_a_result_is_of_the_settings_that_it_did_not_vary() -> None:
    config = SHORT.replace("training.stop_step", 20)
    one = _asked(train_swarm, config, 50)
    assert changed_since(one, one.runs[7].config) == ()
    assert changed_since(one, config.replace("training.learning_rate", 0.1)) == ("training.learning_rate",)
    assert changed_since(one, config.replace("network.hidden", (3,))) == ("network.hidden",)
    many = _asked(ladder_of_widths, config, 1)
    assert changed_since(many, many.widths[3].runs[0].config) == ()
    assert changed_since(many, config.replace("data.noise", 0.5)) == ("data.noise",)
    deep = _asked(shallow_against_deep, config, 2)
    assert all(changed_since(deep, run.config) == () for shape in deep.shapes for run in shape.runs)
    assert changed_since(deep, config.replace("network.hidden", (100,))) == ("network.hidden",)


def test_a_small_grid_of_learning_rates_within_what_is_allowed() -> None:
    assert learning_rates(0.001) == (0.0001, 0.00032, 0.001, 0.0032, 0.01, 0.032, 0.1)
    assert learning_rates(0.0) == (0.0,)
    assert max(learning_rates(1_000.0)) == 1_000.0


def test_depth_compares_at_most_what_one_layer_can_have() -> None:
    result = _asked(shallow_against_deep, SHORT.with_changes({"network.hidden": (99, 99), "training.stop_step": 2}), 1)
    for shape in result.shapes:
        assert shape.parameters == pytest.approx(3_001, rel=0.03)
        assert f"{shape.parameters:,} parameters" in explain(result)


def _verdict_said(is_sure: bool, seeds: int, result: DepthResult) -> str:
    verdict = depth.DepthVerdict(1, 0, (0.3, 0.1, 0.4), 0.004 if is_sure else 0.3, is_sure)
    shapes = tuple(replace(shape, finals=np.ones((6, seeds))) for shape in result.shapes)
    return explain(replace(result, shapes=shapes, by_steps=verdict))


def test_a_winner_is_named_only_if_it_is_sure() -> None:
    result = _asked(shallow_against_deep, SHORT, 2)
    assert "By steps, nothing can be said" in explain(result)
    said = _verdict_said(True, 20, result)
    assert said.startswith("By steps, 4, 4 is ahead: its mean loss is 0.1000, 3 times lower than that of 10. ")
    assert "a paired permutation test: p = 0.004 and p" in said.rpartition("The mean is")[2]
    assert "p =" not in said.rpartition("The mean is")[0]
    uncertain = "By steps, no winner is certain: 4, 4 has the lowest mean loss, 0.1000, but that may be chance."
    assert _verdict_said(False, 20, result).startswith(uncertain)


def test_headline_details_and_lesson_share_the_mean_loss() -> None:
    result = _asked(shallow_against_deep, SHORT, 7)
    by_steps = not_none(result.by_steps)
    scope, text = with_functions(of_experiment("fair", result)), explain(result)
    for shape in result.shapes:
        (at,) = [place for place, rate in enumerate(shape.rates) if rate == shape.rate]
        finals = np.nan_to_num(shape.finals[at], nan=result.constant, posinf=result.constant)
        mean = loss_text(float(np.exp(np.log(np.minimum(finals, result.constant)).mean())))
        typical = scope["fair.typical"]
        assert callable(typical)
        assert loss_text(typical(len(shape.hidden))) == mean
        details = text.partition("Mean loss at the end: ")[2].partition(". ")[0]
        name = ", ".join(map(str, shape.hidden))
        assert [part.rpartition(" ")[2] for part in details.split("; ") if part.startswith(f"{name} (")] == [mean]
    best = loss_text(by_steps.typical[by_steps.best])
    assert f"mean loss is {best}" in text or f"lowest mean loss, {best}" in text


@pytest.mark.parametrize("scatter", [0.5, 1.0, 2.0])
def test_differences_are_noticed_as_often_as_claimed(scatter: float) -> None:
    """As often whatever it is, so that no factor has to be told: shapes of which one is that much better."""
    random, noticed = np.random.RandomState(1), 0
    for _ in range(60):
        logs = [scatter * (random.normal(size=(1, 20)) + (0, 0, -1)[place]) for place in range(3)]
        noticed += depth.verdict(logs, logs, logs).is_sure
    assert noticed / 60 == pytest.approx(0.6, abs=0.15)
