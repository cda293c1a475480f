"""What is said of a layer, against the arrays that it is read from."""

import numpy as np
import pytest

from tests.runs import trained
from tinynet_gui.core.arrays import largest
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.summaries import is_dead, layer_summary


@pytest.mark.parametrize("hidden", [(), (1,), (10,), (8, 5)])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_layer_is_summed_up(hidden: tuple[int, ...], activation: str) -> None:
    trainer = trained(Config().replace("network.hidden", hidden).replace("network.activation", activation), 100)
    snapshot = trainer.snapshot(1)
    for layer, here in enumerate(snapshot.layers):
        facts = layer_summary(snapshot, layer)
        assert facts.shape == here.weight.shape
        assert facts.parameter_count == here.weight.size + here.bias.size
        assert abs(facts.largest_weight) == np.abs(here.weight).max()
        assert facts.largest_weight == here.weight[facts.largest_at]
        if layer == len(hidden):
            assert (facts.active_counts, facts.dead_count) == (None, None)
        else:
            counts = snapshot.active_counts[layer]
            assert facts.active_counts == (counts.min(), counts.max())
            dead = sum(is_dead(snapshot, layer, index) for index in range(hidden[layer]))
            assert facts.dead_count == (dead if activation == "relu" else None)


def test_one_neuron_of_the_tutorials_ten_is_dead_in_the_end() -> None:
    trainer = trained(Config(), 2_000)
    assert layer_summary(trainer.snapshot(1), 0).dead_count == 1


@pytest.mark.parametrize("size", [1, 7, 8, 9, 1_000, 8_192, 100_001])
def test_the_largest_are_the_first_of_a_sort(size: int) -> None:
    values = np.random.default_rng(size).standard_normal(size).astype(np.float32)
    expected = sorted(np.argsort(-np.abs(values), kind="stable")[:8].tolist())
    assert largest(values, 8) == expected


def test_among_equals_the_first_are_taken_and_nan_is_the_last() -> None:
    assert largest(np.zeros(20, dtype=np.float32), 3) == [0, 1, 2]
    assert largest(np.zeros(20_000, dtype=np.float32), 3) == [0, 1, 2]
    assert largest(np.full(20_000, np.nan, dtype=np.float32), 3) == [0, 1, 2]
    mostly = np.full(20_000, np.nan, dtype=np.float32)
    mostly[[5_000, 5_001, 17_000]] = 1, -3, 2
    assert largest(mostly, 2) == [5_001, 17_000]
    assert largest(np.array([1, np.nan, -2, np.inf, 0.5], dtype=np.float32), 3) == [0, 2, 3]
