"""Parameters set by hand and parameters held: exact, whatever the optimiser; what a frozen ref holds."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings, strategies as st

from tests.runs import assert_same_state, config_of, trained
from tests.unit.random_networks import random_layers
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import (
    LayerRef,
    NeuronRef,
    ParameterRef,
    Ref,
    WeightRef,
    holder_of,
    is_frozen,
    is_partly_frozen,
    parameters_of,
)
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.training.trainer import Trainer

OPTIMIZER_CHOICES = [(name, False) for name in OPTIMIZERS] + [("momentum", True)]


def _config(optimizer: str = "sgd", nesterov: bool = False, **changes: Any) -> Config:
    own = {"network__hidden": (4, 3), "training__optimizer": optimizer, "training__nesterov": nesterov}
    return config_of(training__weight_decay=0.05, training__l1=0.02, **own, **changes)


def _masks(state: TrainerState, seed: int) -> tuple[npt.NDArray[np.bool_], ...]:
    random = np.random.default_rng(seed)
    return tuple(random.random(p.shape) < 0.5 for p in state.parameters)


@pytest.mark.parametrize("optimizer", OPTIMIZER_CHOICES)
@given(seed=st.integers(0, 1_000), before=st.integers(0, 5))
@settings(max_examples=5)
def test_what_is_frozen_stays_and_the_rest_moves(optimizer: tuple[str, bool], seed: int, before: int) -> None:
    trainer = trained(_config(*optimizer, training__batch_size=7), before)
    start = trainer.state()
    masks = _masks(start, seed)
    trainer.set_frozen(masks)
    trainer.run(20)
    ends = list(zip(masks, start.parameters, trainer.state().parameters, strict=True))
    assert all((new[mask] == old[mask]).all() for mask, old, new in ends)
    assert any((new[~mask] != old[~mask]).any() for mask, old, new in ends)


@pytest.mark.parametrize("optimizer", OPTIMIZER_CHOICES)
def test_one_step_moves_the_rest_as_an_ordinary_step_would(optimizer: tuple[str, bool]) -> None:
    ordinary, held = Trainer(_config(*optimizer)), Trainer(_config(*optimizer))
    start = ordinary.state()
    masks = _masks(start, 1)
    held.set_frozen(masks)
    ordinary.run(1)
    held.run(1)
    everything = zip(masks, start.parameters, ordinary.state().parameters, held.state().parameters, strict=True)
    for mask, old, free, new in everything:
        np.testing.assert_array_equal(new, np.where(mask, old, free))


@pytest.mark.parametrize("optimizer", OPTIMIZER_CHOICES)
def test_with_nothing_frozen_every_step_is_an_ordinary_one(optimizer: tuple[str, bool]) -> None:
    ordinary, thawed = Trainer(_config(*optimizer)), Trainer(_config(*optimizer))
    nothing = tuple(np.zeros(p.shape, bool) for p in thawed.state().parameters)
    thawed.set_frozen(tuple(~mask for mask in nothing))
    thawed.set_frozen(nothing)
    assert np.array_equal(ordinary.run(10), thawed.run(10))
    thawed.set_frozen(None)
    assert np.array_equal(ordinary.run(10), thawed.run(10))
    assert_same_state(ordinary.state(), thawed.state())


def test_a_frozen_run_can_be_put_back() -> None:
    """The masks are not part of the state: they stay while it is exchanged."""
    trainer = Trainer(_config("adam"))
    masks = _masks(trainer.state(), 2)
    trainer.set_frozen(masks)
    trainer.run(10)
    state = trainer.state()
    losses = trainer.run(10)
    end = trainer.state()
    trainer.load(state)
    assert np.array_equal(trainer.run(10), losses)
    assert_same_state(trainer.state(), end)


def test_masks_of_another_network_are_refused() -> None:
    trainer = Trainer(_config())
    with pytest.raises(ValueError, match="shapes"):
        trainer.set_frozen((np.zeros((4, 1), bool),))


@pytest.mark.parametrize("optimizer", OPTIMIZER_CHOICES)
@pytest.mark.parametrize("before", [0, 10])
def test_an_edit_changes_one_number_and_training_goes_on(optimizer: tuple[str, bool], before: int) -> None:
    """As if the state had been taken out, changed and put back: the optimiser keeps its memory."""
    config = _config(*optimizer)
    edited, reloaded = Trainer(config), Trainer(config)
    edited.run(before)
    edited.edit(ParameterRef(1, "weight", (2, 3)), 0.75)
    edited.edit(ParameterRef(0, "bias", (1,)), -0.5)

    reloaded.run(before)
    state = reloaded.state()
    parameters = [p.copy() for p in state.parameters]
    parameters[2][2, 3], parameters[1][1] = 0.75, -0.5
    reloaded.load(TrainerState(state.step, tuple(parameters), state.slots))

    assert_same_state(edited.state(), reloaded.state())
    assert edited.step == before
    assert np.array_equal(edited.run(20), reloaded.run(20))
    assert_same_state(edited.state(), reloaded.state())


def test_a_frozen_parameter_can_be_set_and_stays_there() -> None:
    trainer = Trainer(_config("momentum"))
    trainer.set_frozen(tuple(np.ones(p.shape, bool) for p in trainer.state().parameters))
    trainer.run(3)
    trainer.edit(ParameterRef(2, "bias", (0,)), 1.25)
    trainer.run(5)
    assert trainer.state().parameters[-1].tolist() == [1.25]


@pytest.mark.parametrize(
    ("layer", "kind", "index", "value"),
    [
        *((layer, "weight", (0, 0), 1.0) for layer in (3, -1)),
        *((0, "weight", index, 1.0) for index in ((4, 0), (-1, 0), (0,))),
        *((0, "bias", index, 1.0) for index in ((0, 0), ())),
        *((0, "bias", (0,), value) for value in (float("nan"), float("inf"), 1e39)),
    ],
)
def test_an_edit_that_cannot_be_is_refused(layer: int, kind: Any, index: tuple[int, ...], value: float) -> None:
    trainer = Trainer(_config())
    before = trainer.state()
    with pytest.raises(ValueError, match=r"no weight|no bias|finite"):
        trainer.edit(ParameterRef(layer, kind, index), value)
    assert_same_state(trainer.state(), before)


def test_a_divergence_after_an_edit_goes_back_to_after_the_edit() -> None:
    """The checkpoint from before an edit must not come back."""
    config = Config().replace("training.learning_rate", 0.001)
    trainer = trained(config, 50)
    trainer.edit(ParameterRef(0, "weight", (0, 0)), 100.0)
    trainer.edit(ParameterRef(1, "weight", (0, 0)), 100.0)
    edited = trainer.state()
    trainer.run(10_000)
    assert trainer.diverged_at is not None
    again = Trainer(config)
    again.load(edited)
    again.run(trainer.step - 50)
    assert_same_state(again.state(), trainer.state())


def test_an_edit_can_cause_and_mend_a_divergence() -> None:
    trainer = trained(Config(), 5)
    value = float(trainer.state().parameters[-1][0])
    trainer.edit(ParameterRef(1, "bias", (0,)), 3e38)
    assert len(trainer.run(3)) == 0
    assert (trainer.step, trainer.diverged_at) == (5, 5)
    trainer.edit(ParameterRef(1, "bias", (0,)), value)
    assert trainer.diverged_at is None
    assert len(trainer.run(3)) == 3


ALL: tuple[Ref, ...] = (
    *(LayerRef(layer) for layer in range(3)),
    *(NeuronRef(layer, index) for layer, width in enumerate((4, 3, 1)) for index in range(width)),
    *(WeightRef(layer, *at) for layer, shape in enumerate(((4, 1), (3, 4), (1, 3))) for at in np.ndindex(shape)),
)


def _held_by(refs: tuple[Ref, ...]) -> list[np.ndarray]:
    """Masks of all parameters, weight, bias, weight, ...: as the worker makes them."""
    arrays = [array for layer in random_layers((4, 3), 0) for array in (layer.weight, layer.bias)]
    masks = [np.zeros(array.shape, dtype=bool) for array in arrays]
    for ref in refs:
        for parameter in parameters_of(ref):
            masks[parameter.array][parameter.index] = True
    return masks


def test_what_a_layer_and_a_neuron_hold_when_frozen() -> None:
    layer, neuron = _held_by((LayerRef(1),)), _held_by((NeuronRef(1, 2),))
    assert [mask.all() for mask in layer] == [False, False, True, True, False, False]
    assert [mask.any() for mask in layer] == [False, False, True, True, False, False]
    assert np.argwhere(neuron[2]).tolist() == [[2, 0], [2, 1], [2, 2], [2, 3]]
    assert np.argwhere(neuron[3]).tolist() == [[2]]
    assert sum(int(mask.sum()) for mask in neuron) == 5
    assert sum(int(mask.sum()) for mask in _held_by((WeightRef(2, 0, 1),))) == 1


@pytest.mark.parametrize(
    "frozen", [(), (WeightRef(1, 2, 3),), (NeuronRef(1, 2), WeightRef(0, 1, 0)), (LayerRef(1), NeuronRef(0, 3))]
)
def test_what_is_said_is_what_the_trainer_holds(frozen: tuple[Ref, ...]) -> None:
    held = _held_by(frozen)
    for place, mask in enumerate(held):
        for index in np.ndindex(mask.shape):
            parameter = ParameterRef(place // 2, "bias" if place % 2 else "weight", index)
            assert is_frozen(parameter, set(frozen)) == mask[index]
    for ref in ALL:
        within = [mask & own for mask, own in zip(held, _held_by((ref,)), strict=True)]
        held_count, count = (sum(int(mask.sum()) for mask in masks) for masks in (within, _held_by((ref,))))
        assert (holder_of(ref, set(frozen)) is not None) == (held_count == count)
        if held_count < count:
            assert is_partly_frozen(ref, set(frozen)) == (held_count > 0)


def test_the_narrowest_holder_is_named() -> None:
    edge = WeightRef(1, 2, 3)
    assert holder_of(edge, {LayerRef(1), NeuronRef(1, 2)}) == NeuronRef(1, 2)
    assert holder_of(edge, {LayerRef(1)}) == LayerRef(1)
    assert holder_of(LayerRef(1), {NeuronRef(1, 0)}) is None
