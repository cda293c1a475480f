"""Leave one out: the influences are those of trainings made one by one, and what is said of them is true."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.by_hand import network_by_hand, train_by_hand
from tests.not_none import not_none
from tests.unit.test_experiments import Reports
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.influence import (
    CHANCE_FACTOR,
    ORDERS,
    InfluenceResult,
    SampleInfluence,
    leave_one_out,
    rms_difference,
)
from tinynet_gui.core.experiments.table import changed_since
from tinynet_gui.core.network.forward import as_layers, output_curve
from tinynet_gui.core.training.compiled import kernel
from tinynet_gui.core.training.start import Dataset, initial_state, make_dataset, plot_grid
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import Floats
from tinynet_gui.ui.views.experiments.influence import explain_sample, sample_name
from tinynet_gui.ui.views.experiments.results import explain

FEW_AND_NOISY = {"data.sample_count": 7, "data.noise": 0.5, "network.hidden": (5,)}
SMALL = Config().with_changes({**FEW_AND_NOISY, "training.stop_step": 200, "training.learning_rate": 0.01})


def result_of(config: Config) -> InfluenceResult:
    reports = Reports()
    return not_none(leave_one_out(config, 1, reports.stop, reports))


def without(dataset: Dataset, place: int) -> Dataset:
    x, y = np.delete(dataset.x_train, place, axis=0), np.delete(dataset.y_train, place, axis=0)
    return Dataset(x, y, dataset.x_held_out, dataset.y_held_out)


def trained_by_torch(config: Config, x: Floats, y: Floats) -> torch.nn.Sequential:
    """A training as one writes it by hand, with nothing of this program but the settings' values."""
    torch.manual_seed(config.network.seed)
    network, training = network_by_hand(config.network.hidden), config.training
    kind = torch.optim.Adam if training.optimizer == "adam" else torch.optim.SGD
    optimizer = kind(network.parameters(), lr=training.learning_rate)
    inputs, targets = (torch.tensor(v, dtype=torch.float32).reshape(-1, 1) for v in (x, y))
    loss = torch.nn.MSELoss() if training.loss == "mse" else torch.nn.L1Loss()
    train_by_hand(network, inputs, targets, training.stop_step, optimizer, loss)
    return network


def computed(network: torch.nn.Sequential, x: Floats) -> Floats:
    with torch.no_grad():
        output: Floats = network(torch.tensor(x, dtype=torch.float32).reshape(-1, 1)).numpy()[:, 0].astype(np.float64)
    return output


def dead_neurons(network: torch.nn.Sequential, x: Floats) -> set[tuple[int, int]]:
    values, dead, layer = torch.tensor(x, dtype=torch.float32).reshape(-1, 1), set(), 0
    with torch.no_grad():
        for module in network:
            values = module(values)
            if isinstance(module, torch.nn.ReLU):
                dead |= {(layer, int(k)) for k in np.flatnonzero((values.numpy() <= 0).all(axis=0))}
                layer += 1
    return dead


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data.held_out": 0.3, "data.sample_count": 10},
        {"network.hidden": (4, 6), "training.optimizer": "adam"},
        {"training.loss": "l1", "network.hidden": ()},
        {"network.hidden": (60,), "network.seed": 5},
    ],
)
def test_each_influence_is_that_of_two_trainings_by_torch(changes: dict[str, object]) -> None:
    config = SMALL.with_changes(changes)
    dataset = make_dataset(config.data)
    x, y = (values[:, 0].astype(np.float64) for values in (dataset.x_train, dataset.y_train))
    whole = trained_by_torch(config, x, y)
    between = np.linspace(x.min(), x.max(), 2_001)
    size = np.square if config.training.loss == "mse" else np.abs
    influences = []
    result = result_of(config)
    assert [one.place for one in result.samples] == list(range(result.sample_count)) == list(range(len(x)))
    for one in result.samples:
        others = np.delete(np.arange(len(x)), one.place)
        network = trained_by_torch(config, x[others], y[others])
        influences.append(np.sqrt(np.mean((computed(network, between) - computed(whole, between)) ** 2)))
        assert (one.x, one.y) == (x[one.place], y[one.place])
        assert one.influence == pytest.approx(influences[-1], rel=5e-3, abs=1e-4)
        for loss, trained in ((one.loss_with, whole), (one.loss_without, network)):
            assert loss == pytest.approx(size(computed(trained, x[others]) - y[others]).mean(), rel=2e-3)
        dead, dead_with_all = dead_neurons(network, x[others]), dead_neurons(whole, x)
        assert set(one.died) == dead - dead_with_all
        assert set(one.lived) == dead_with_all - dead
        grid = plot_grid(config.data).astype(np.float64)
        np.testing.assert_allclose(one.output, computed(network, grid), atol=3e-3)
    assert not_none(result.most).place == int(np.argmax(influences))
    assert [one.place for one in result.ranked] == np.argsort(influences)[::-1].tolist()


def test_neurons_that_die_for_want_of_a_sample_are_named() -> None:
    """Both ways: with so few samples much depends on each."""
    config = Config().with_changes({"data.sample_count": 2, "training.stop_step": 1_000})
    result = result_of(config)
    died = [one for one in result.samples if one.died]
    assert died
    for one in died:
        assert f"h{'₀₁₂₃₄₅₆₇₈₉'[one.died[0][1] + 1]}" in explain_sample(result, one)
        assert "then dead" in explain_sample(result, one)


@pytest.mark.bits
@pytest.mark.parametrize("batch_size", [0, 2, 5, 6])
def test_all_trainings_are_by_one_engine_to_the_bit(batch_size: int) -> None:
    """Also where an epoch of all but one is a single batch: six of seven."""
    config, place = SMALL.replace("training.batch_size", batch_size), 3
    dataset, result = make_dataset(SMALL.data), result_of(SMALL.replace("training.batch_size", batch_size))
    for data, output in ((dataset, result.output), (without(dataset, place), result.samples[place].output)):
        start = kernel.Start(config, data, initial_state(config))
        state = kernel.run(config, data, start.state, 200).state
        if batch_size == 0:
            state = kernel.run_in_lanes([start], 200)[0].state
        curve = output_curve(as_layers(state.parameters), "relu", plot_grid(config.data))
        np.testing.assert_array_equal(curve, output)


def test_mini_batches_are_those_of_a_run_of_its_own() -> None:
    config = SMALL.replace("training.batch_size", 3)
    dataset, result = make_dataset(config.data), result_of(config)
    trainer = Trainer(config, without(dataset, 2))
    trainer.run(200)
    np.testing.assert_allclose(result.samples[2].output, trainer.snapshot(0).output, atol=2e-3)
    assert result.by_order > 100 * result_of(SMALL).by_order
    assert result.chance == CHANCE_FACTOR * result.by_order
    assert "With mini-batches another order of the same samples moves the curve by up to" in explain(result)
    assert "A sample without influence moves the curve further in at most 5 of 100 cases." in explain(result)


def test_where_nothing_is_learned_none_is_influential() -> None:
    result = result_of(SMALL.replace("training.learning_rate", 0.0))
    assert [one.influence for one in result.samples] == [0.0] * 7
    assert result.chance > 0
    assert result.most is None
    assert explain(result).startswith("None of the 7 samples is influential: without one the curve moves by 0 at most")


def test_what_rounding_does_is_no_influence() -> None:
    """Both weights are learned exactly, with any of the samples or without: what moves does so by the last bits."""
    config = SMALL.with_changes({"data.noise": 0.0, "data.target": "formula", "data.formula": "1.5*x + 1"})
    config = config.with_changes({"network.hidden": (), "training.learning_rate": 0.05, "training.stop_step": 20_000})
    result = result_of(config)
    assert 0 < max(one.influence for one in result.samples) < 1e-5
    assert result.most is None


def test_one_of_many_noisy_samples_is_not_influential() -> None:
    """Forty samples of which none matters much, in batches of two: another order does as much."""
    config = Config().with_changes({"data.sample_count": 40, "data.noise": 2.0, "training.batch_size": 2})
    result = result_of(config.with_changes({"training.learning_rate": 0.02, "training.stop_step": 3_000}))
    assert result.by_order > 0.1
    assert result.most is None
    assert "no more than chance can do" in explain(result)


def test_without_influence_one_in_twenty_names_a_sample() -> None:
    """What no sample does is what one more order does: of many orders some stand for the left out ones."""
    config = Config().with_changes({"data.sample_count": 20, "data.noise": 0.5, "training.batch_size": 1})
    config = config.with_changes({"training.learning_rate": 0.01, "network.seed": 0})
    dataset, random, count = make_dataset(config.data), np.random.RandomState(0), 200
    starts = []
    for _ in range(count):
        order = random.permutation(20)
        data = replace(dataset, x_train=dataset.x_train[order], y_train=dataset.y_train[order])
        starts.append(kernel.Start(config, data, initial_state(config)))
    states = [run.state for run in kernel.run_many(starts, 400, 400)]
    curves = [output_curve(as_layers(s.parameters), "relu", plot_grid(config.data)).astype(float) for s in states]
    moved = np.array([[np.sqrt(np.mean((a - b) ** 2)) for a in curves] for b in curves])
    named = above = 0.0
    for _ in range(1_000):
        whole, *others = random.permutation(count)[: 1 + ORDERS + 20]
        by_order, influences = moved[whole, others[:ORDERS]].max(), moved[whole, others[ORDERS:]]
        above += float(np.mean(influences > by_order)) / 1_000
        named += bool((influences > CHANCE_FACTOR * by_order).any()) / 1_000
    assert above <= 0.055  # of every twenty orders one moves the curve the most
    assert named <= 0.05


def test_the_sentence_names_the_most_influential() -> None:
    result = result_of(SMALL)
    first, second = result.ranked[:2]
    text = explain(result)
    assert text.startswith(f"Without the sample at {sample_name(result, first)} the curve moves by ")
    assert ": the most influential of 7. The loss over the other 6 is then " in text
    assert f"The next is {sample_name(result, second)}: " in text
    assert "number 2 of 7" in explain_sample(result, second)
    for then, before, said in (
        (1572.31, 1572.28, "is then 1572.31 instead of 1572.28."),
        (2.0, 2.0, "over the other 6 stays 2."),
    ):
        assert said in explain_sample(result, replace(second, loss_without=then, loss_with=before))
    close = replace(second, influence=first.influence * (1 - 1e-9))
    tied = replace(result, samples=tuple(close if one is second else one for one in result.samples))
    assert "has as much influence, as far as can be told" in explain(tied)


def test_with_one_sample_there_is_nothing_to_leave_out() -> None:
    for changes in ({"data.sample_count": 1}, {"data.sample_count": 2, "data.held_out": 0.9}):
        result = result_of(SMALL.with_changes(changes))
        assert result.samples == ()
        assert result.most is None
        assert explain(result) == "With one training sample there is nothing to leave out."


@pytest.mark.parametrize("rate", [0.2, 0.26, 0.28, 0.3])
def test_where_some_diverge_their_influence_is_infinite(rate: float) -> None:
    result = result_of(Config().replace("training.learning_rate", rate))
    is_one = [(one.diverged_at is None) != (result.diverged_at is None) for one in result.samples]
    assert any(is_one)
    assert [np.isinf(one.influence) for one in result.samples] == is_one
    for one in result.samples:
        assert np.isnan(one.output).any() == (one.diverged_at is not None) == np.isinf(one.loss_without)
        assert np.isinf(one.loss_with) == (result.diverged_at is not None)
        assert ("diverges at step" in explain_sample(result, one)) == (one.diverged_at is not None)
    text = explain(result)
    if result.diverged_at is None:
        assert "the training diverges. Without the sample at " in text
        assert f"of the {is_one.count(False)} without which it does not diverge" in text
    else:
        assert text.startswith("With all samples the training diverges at step")
        assert text.endswith("it does not diverge.")


def test_where_all_diverge_there_is_nothing_to_compare() -> None:
    result = result_of(Config().replace("training.learning_rate", 10.0))
    assert [one.influence for one in result.samples] == [0.0] * 20
    assert result.most is None
    assert explain(result).endswith("So it does without any one of the 20.")


def test_it_tells_how_far_it_has_come_and_keeps_what_there_is() -> None:
    config = SMALL.with_changes({"data.sample_count": 100, "training.stop_step": 20})
    reports = Reports()
    whole = not_none(leave_one_out(config, 1, reports.stop, reports))
    assert reports.shares == sorted(reports.shares)
    assert reports.shares[-1] == 1.0
    reports = Reports(stop_after=2)
    part = not_none(leave_one_out(config, 1, reports.stop, reports))
    assert len(part.samples) == 64 - ORDERS - 1
    for one, same in zip(part.samples, whole.samples, strict=False):
        assert (one.place, one.influence) == (same.place, same.influence)
    assert f"of the first {len(part.samples)} of 100" in explain(part)
    assert leave_one_out(config, 1, reports.stop, reports) is None


def test_influence_is_of_its_own_setting_and_opens_no_run() -> None:
    result = result_of(SMALL)
    assert result.runs == ()
    assert changed_since(result, SMALL) == ()
    assert changed_since(result, SMALL.replace("network.seed", 9)) == ("network.seed",)


def test_the_distance_of_two_curves() -> None:
    a, b = np.array([0, 1, 2], np.float32), np.array([0, 1, 5], np.float32)
    assert rms_difference(a, b) == rms_difference(b, a) == pytest.approx(3**0.5)
    assert rms_difference(a, np.array([0, 1, np.inf], np.float32)) == np.inf
    assert rms_difference(np.full(2, 3e38, np.float32), np.full(2, -3e38, np.float32)) == pytest.approx(6e38, rel=1e-6)


def _samples_at(xs: Sequence[float]) -> InfluenceResult:
    empty = np.empty(0, np.float32)
    samples = tuple(SampleInfluence(k, x, 0.0, 1.0, 0.0, 0.0, (), (), empty, None) for k, x in enumerate(xs))
    return InfluenceResult(Config(), len(xs), samples, empty, None, 0.0, 0.0)


def test_names_of_samples_are_just_long_enough_to_differ() -> None:
    result = _samples_at([1.0, 2.11111, 2.11112, -0.5, 1.0])
    names = [sample_name(result, one) for one in result.samples]
    assert names == ["x = 1", "x = 2.11111", "x = 2.11112", "x = −0.5", "x = 1"]
