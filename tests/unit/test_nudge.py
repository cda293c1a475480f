"""The loss along a weight: its slope is autograd's gradient, and its kinks are those that brute force finds."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings, strategies as st

from tests.runs import trained
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.step import nudge as nudging
from tinynet_gui.core.step.nudge import Nudge, nudge
from tinynet_gui.core.text.typed_numbers import typed_real
from tinynet_gui.core.training.snapshot import make_snapshot
from tinynet_gui.core.training.start import Dataset, TrainerState, make_dataset
from tinynet_gui.core.training.torch_loop import make_criterion, make_network
from tinynet_gui.core.wording.neurons import title_of
from tinynet_gui.core.wording.nudge_text import nudge_rows, nudge_words

CHANGES = st.fixed_dictionaries(
    {
        "network.hidden": st.sampled_from([(), (1,), (5,), (4, 3), (3, 4, 3)]),
        "network.activation": st.sampled_from(sorted(ACTIVATIONS)),
        "network.seed": st.integers(0, 99),
        "data.seed": st.integers(0, 99),
        "data.sample_count": st.integers(1, 30),
        "data.standardise": st.sampled_from(["none", "xy"]),
        "training.loss": st.sampled_from(sorted(LOSSES)),
        "training.weight_decay": st.sampled_from([0, 0.1]),
        "training.batch_size": st.sampled_from([0, 3]),
    }
)


def drawn(changes: dict[str, Any], place: float) -> tuple[Config, Dataset, TrainerState, ParameterRef]:
    """A network that was trained a little, and one of its numbers."""
    config = Config().with_changes(changes)
    if len(config.network.hidden) > 2:  # one for each layer
        config = config.replace("network.activation", ("relu", config.network.activation, "leaky_relu"))
    state = trained(config, 3).state()
    flat = int(place * sum(array.size for array in state.parameters))
    for array, values in enumerate(state.parameters):
        if flat < values.size:
            index = tuple(int(i) for i in np.unravel_index(flat, values.shape))
            return (
                config,
                make_dataset(config.data),
                state,
                ParameterRef(array // 2, ("weight", "bias")[array % 2], index),
            )
        flat -= values.size
    raise AssertionError


def moved(
    config: Config, dataset: Dataset, state: TrainerState, ref: ParameterRef, offset: float
) -> tuple[torch.nn.Sequential, torch.Tensor, list[tuple[int, Any]]]:
    """By PyTorch in float64: the network with this number moved, its output, and which side everything is on."""
    network = make_network(config.network, state.parameters).double()
    with torch.no_grad():
        list(network.parameters())[ref.array][ref.index] += offset
    value, sides = torch.tensor(dataset.x_train).double(), []
    for place, module in enumerate(network):
        if place % 2 and (config.network.activations[place // 2].has_kink or isinstance(module, torch.nn.ELU)):
            sides.append((place // 2, (value > 0).numpy().T))
        value = module(value)
    errors = value - torch.tensor(dataset.y_train).double()
    corners = {"l1": [0.0], "huber": [-1.0, 1.0]}.get(config.training.loss, [])
    sides += [(len(network) // 2, (errors > corner).numpy().T) for corner in corners]
    return network, value, sides


def sides_at(*at: Any) -> list[tuple[int, Any]]:
    with torch.no_grad():
        return moved(*at)[2]


def loss_at(config: Config, dataset: Dataset, state: TrainerState, ref: ParameterRef, offset: float) -> Any:
    """The loss and its gradient by this number."""
    network, value, _ = moved(config, dataset, state, ref, offset)
    loss = make_criterion(config.training)(value, torch.tensor(dataset.y_train).double())
    loss.backward()
    gradient = list(network.parameters())[ref.array].grad
    assert gradient is not None
    return loss.item(), gradient[ref.index].item()


@settings(max_examples=60)
@given(changes=CHANGES, place=st.floats(0, 0.999), epsilon=st.sampled_from([1e-4, 1e-3, 0.01]))
def test_its_slope_is_autograds_gradient_away_from_kinks(changes: dict[str, Any], place: float, epsilon: float) -> None:
    at = drawn(changes, place)
    found = nudge(*at, epsilon)
    loss, gradient = loss_at(*at, 0.0)
    outer = [loss_at(*at, sign * epsilon)[0] for sign in (-1, 1)]
    np.testing.assert_allclose(found.three, [outer[0], loss, outer[1]], rtol=1e-9, atol=1e-12)
    if found.kinks:
        return
    size = max(1.0, abs(loss), abs(gradient))
    if found.is_straight:  # a parabola, or a line: equal but for rounding
        assert found.slope == pytest.approx(gradient, rel=1e-9, abs=1e-14 * size / epsilon)
    else:
        halved = nudge(*at, epsilon / 2)
        errors = abs(found.slope - gradient), abs(halved.slope - gradient)
        assert errors[0] <= 300 * epsilon**2 * size
        assert errors[1] <= 0.3 * errors[0] + 1e-13 * size / epsilon  # a quarter, as of O(ε²)


MANY = {"network.hidden": (3, 4, 3), "network.activation": "leaky_relu", "network.seed": 10, "data.sample_count": 13}


@settings(max_examples=60)
@example(changes=MANY | {"data.seed": 0, "training.loss": "huber"}, place=0.0, epsilon=2)
@given(changes=CHANGES, place=st.floats(0, 0.999), epsilon=st.sampled_from([0.01, 0.3, 2]))
def test_its_kinks_are_where_a_side_changes(changes: dict[str, Any], place: float, epsilon: float) -> None:
    """Just before each of them and just after it a side differs; between two of them none does, if these are all."""
    at = drawn(changes, place)
    found = nudge(*at, epsilon)
    if not found.is_straight:  # at its own points
        sides = [sides_at(*at, offset) for offset in found.offsets]
        seen = [a != b for one, other in pairwise(sides) for (_, a), (_, b) in zip(one, other, strict=True)]
        assert len(found.kinks) == sum(map(np.count_nonzero, seen))
        return
    apart = 1e-7 * epsilon
    all_of_them = [] if found.has_more else sorted({-epsilon, epsilon, *(kink.at for kink in found.kinks)})
    for low, high in pairwise(all_of_them):
        if high - low > 4 * apart:
            one, middle, other = (sides_at(*at, where) for where in (low + apart, (low + high) / 2, high - apart))
            for (_, a), (_, b), (_, c) in zip(one, middle, other, strict=True):
                np.testing.assert_array_equal(a, b)
                np.testing.assert_array_equal(b, c)
    for kink in found.kinks:
        one, other = (sides_at(*at, kink.at + sign * apart) for sign in (-1, 1))
        differs = [a != b for (layer, a), (_, b) in zip(one, other, strict=True) if layer == kink.layer]
        assert any(where[kink.neuron, kink.sample] for where in differs)


def test_two_kinks_between_points_are_missed_and_it_says_so() -> None:
    at = drawn({"network.activation": "sine", "training.loss": "l1"}, 0.0)
    found = nudge(*at, 100)
    sides = np.array([sides_at(*at, offset)[0][1] for offset in np.linspace(-100, 100, 201)])
    assert 0 < len(found.kinks) < np.count_nonzero(sides[1:] != sides[:-1])
    assert found.has_more


def test_a_wide_network_uses_blocks_and_three_points(monkeypatch: pytest.MonkeyPatch) -> None:
    at = drawn({"network.hidden": (6, 5, 4), "training.loss": "l1"}, 0.02)
    whole = nudge(*at, 0.5)
    assert len(whole.losses) == 33
    monkeypatch.setattr(nudging, "BLOCK_VALUES", 1000)
    parts = nudge(*at, 0.5)
    np.testing.assert_allclose(parts.losses, whole.losses, rtol=1e-14)
    assert sorted((k.layer, k.neuron, k.sample) for k in parts.kinks) == sorted(
        (k.layer, k.neuron, k.sample) for k in whole.kinks
    )
    monkeypatch.setattr(nudging, "MAX_WORK", 1)
    few = nudge(*at, 0.5)
    np.testing.assert_allclose(few.losses, whole.losses[[0, 16, 32]], rtol=1e-14)
    assert len(few.kinks) == len(whole.kinks)
    monkeypatch.setattr(nudging, "MAX_PLACES", 3)
    assert nudge(*at, 0.5).has_more


def test_a_diverged_network_has_a_loss_that_is_not_finite() -> None:
    config, dataset, state, ref = drawn({"network.hidden": (4, 3)}, 0.1)
    broken = TrainerState(0, tuple(np.full_like(array, np.nan) for array in state.parameters), ())
    found: Nudge = nudge(config, dataset, broken, ref, 0.1)
    assert np.isnan(found.slope)


@pytest.mark.parametrize("epsilon", [0, -1, np.nan, 1e9])
def test_what_is_no_step_is_refused(epsilon: float) -> None:
    with pytest.raises(ConfigError, match="epsilon"):
        nudge(*drawn({}, 0.1), epsilon)


def words(changes: dict[str, Any], epsilon: float, ref: ParameterRef, is_broken: bool = False) -> str:
    config = Config().with_changes(changes)
    state, dataset = trained(config, 3).state(), make_dataset(config.data)
    if is_broken:
        state = TrainerState(0, tuple(np.full_like(array, np.inf) for array in state.parameters), state.slots)
    found = nudge(config, dataset, state, ref, epsilon)
    snapshot = make_snapshot(1, config, dataset, state)
    assert title_of(snapshot, ref) == ("Bias of ŷ" if ref.kind == "bias" else "Weight from x to h₁")
    return nudge_words(found, snapshot, is_frozen=False)


@pytest.mark.parametrize("epsilon", [1, 0.01, 1e-4, 1e-6])
def test_the_slope_can_be_computed_from_the_losses_shown(epsilon: float) -> None:
    for seed in range(5):
        at = drawn({"network.hidden": (5,), "network.seed": seed}, 0.1 + seed / 7)
        rows = nudge_rows(nudge(*at, epsilon), make_snapshot(1, *at[:3]))
        below, _, above, slope, _ = (typed_real(text) for _, text in rows)
        assert (above - below) / (2 * epsilon) == pytest.approx(slope, rel=0, abs=1.01e-6)


def test_it_says_how_the_slope_and_the_gradient_are_related() -> None:
    bias, weight = ParameterRef(1, "bias", (0,)), ParameterRef(0, "weight", (0, 0))
    of_all = "The losses are of all 20 training samples, in float64"
    assert words({}, 0.1, bias) == (
        "No kink lies between, so the loss is a parabola there, or a line: the two are equal but for rounding. "
        f"{of_all}."
    )
    assert words({"network.activation": "tanh", "training.l1": 0.1}, 0.1, weight) == (
        "They differ the less the smaller ε is: once it is small, half of it leaves a quarter of the difference. "
        f"{of_all}, without L1 penalty, as backward's gradient is."
    )
    tanh = {"network.activation": "tanh", "training.loss": "l1"}
    assert words(tanh, 1e-6, weight).startswith("No kink is seen at 33 points. Without one they differ the less")
    assert words(tanh, 9, weight).startswith(
        "At least 5 kinks lie between, seen at 33 points: the loss of sample 3, at about w − 1.8"
    )
    assert words({"training.loss": "l1"}, 2, bias).startswith("11 kinks lie between: the loss of sample ")
    huber = {"training.loss": "huber"}
    assert words(huber, 0.05, bias).startswith("No kink or change of Huber's curvature lies between, so the loss is a")
    assert words(huber, 2, bias).startswith("21 changes of Huber's curvature lie between: the loss")
    assert words(huber, 2, weight).startswith("19 kinks and 2 changes of Huber's curvature lie")
    elu = {"network.activation": "elu"}
    assert words(elu, 1e-3, weight).startswith("They differ the less the smaller ε is")
    assert words(elu, 0.05, weight).startswith("1 change of ELU's curvature lies between: h₁ for sample 5, at w + 0.03")
    both = words({**elu, **huber}, 1e-6, weight)
    assert both.startswith("No kink or change of ELU's or Huber's curvature is seen at 33 points.")
    assert "The loss is not a finite number here." in words({}, 0.1, weight, is_broken=True)
