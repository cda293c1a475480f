"""What a frozen weight, neuron or layer holds."""

import numpy as np
import pytest

from tests.unit.random_networks import random_layers
from tinynet_gui.core.network.frozen import holder_of, is_frozen, is_partly_frozen, parameters_of
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef

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


def test_a_layer_is_all_its_weights_and_biases_and_a_neuron_a_row_and_its_bias() -> None:
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
