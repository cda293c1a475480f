"""How many directions do the work: made-up layers, and a hundred neurons that become two."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.runs import config_of
from tests.unit.random_networks import SEEDS, layer_of, random_layers
from tinynet_gui.core.function.neurons import directions
from tinynet_gui.core.network.forward import Layer, as_layers
from tinynet_gui.core.training.compiled.kernel import Start, run_many
from tinynet_gui.core.training.start import initial_state, make_dataset


def of(*neurons: tuple[float, float, float]) -> tuple[Layer, Layer]:
    """A network of neurons with these kinks, incoming and outgoing weights."""
    kinks, w, out = (list(numbers) for numbers in zip(*neurons, strict=True))
    return layer_of([[v] for v in w], [-v * kink for v, kink in zip(w, kinks, strict=True)]), layer_of([out], [0])


@pytest.mark.parametrize(
    ("neurons", "count"),
    [
        ([(0, 1, 1)], 1),
        ([(0, 1, 1), (0, -1, 1)], 2),  # two sides
        ([(0, 1, 1), (0.09, 2, 1)], 1),  # within 1 % of the range
        ([(0, 1, 1), (0.11, 2, 1)], 2),
        ([(0, 1, 1), (0.09, 1, 2), (0.18, 1, 1)], 1),  # from the one that bends most
        ([(0, 1, 1), (0.09, 1, 0.5), (0.18, 1, 1)], 2),
        ([(0, 1, 1), (3, 1, 0.01)], 1),  # 99 % is enough
        ([(0, 1, 1), (3, 1, 0.02)], 2),
        ([(0, 1, 1), (0, 1, -1), (3, 1, 1)], 1),  # opposite ones cancel
        ([(0, 1, 1), (6, 1, 1), (-6, 1, 1)], 1),  # what is outside bends nothing
        ([(0, 1, 0)], 0),
        ([(6, 1, 1)], 0),
        ([(0, 0, 1)], 0),
    ],
)
def test_directions_of_made_up_neurons(neurons: list[tuple[float, float, float]], count: int) -> None:
    assert directions(of(*neurons), "relu", -5, 5) == count


@given(seed=SEEDS, width=st.integers(1, 30), power=st.integers(-8, 8))
@settings(max_examples=30)
def test_order_units_and_weight_balance_do_not_matter(seed: int, width: int, power: int) -> None:
    hidden, output = random_layers((width,), seed)
    order, unit = np.random.default_rng(seed).permutation(width), np.float32(2.0**power)
    expected = directions((hidden, output), "relu", -3, 3)
    for w, b, out, end in (
        (hidden.weight[order], hidden.bias[order], output.weight[:, order], 3.0),
        (hidden.weight / unit, hidden.bias, output.weight, 3 * float(unit)),
        (hidden.weight * unit, hidden.bias * unit, output.weight * unit, 3.0),
    ):
        assert directions((Layer(w, b), Layer(out, output.bias)), "leaky_relu", -end, end) == expected


def test_no_directions_without_kinks_or_with_more_layers() -> None:
    one, infinite = random_layers((4,), 0), of((np.inf, 1, 1))
    assert [directions(one, activation, -1, 1) for activation in ("tanh", "identity")] == [None, None]
    assert [
        directions(layers, "relu", -1, 1) for layers in (random_layers((), 0), random_layers((4, 4), 0), infinite)
    ] == [None] * 3
    with pytest.raises(ValueError, match="no interval"):
        directions(one, "relu", 1, 1)


@pytest.mark.parametrize(("scale", "least", "most"), [(1, 34, 50), (0.1, 10, 22), (0.01, 2, 2)])
def test_a_hundred_neurons_become_two_from_small_weights(scale: float, least: int, most: int) -> None:
    """The tutorial with n = 100, in 8 of 8 seeds; known before: about 43, 10 to 19, and 2."""
    config = config_of(network__hidden=(100,), network__weight_scale=scale)
    dataset = make_dataset(config.data)
    seeded = [config.replace("network.seed", seed) for seed in range(200, 208)]
    starts = [Start(one, dataset, initial_state(one)) for one in seeded]
    ends = [as_layers(run.state.parameters) for run in run_many(starts, 10_000, 10_000)]
    found = [directions(end, "relu", float(dataset.x_train.min()), float(dataset.x_train.max())) for end in ends]
    assert all(number is not None and least <= number <= most for number in found), found
