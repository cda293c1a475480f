"""A network with a number that is not finite is a state like any other: nothing warns of it, in any frame."""

import numpy as np
import pytest

from tests.activations import ALL_AND_MIXED, for_layers
from tests.contributions import contributions
from tests.runs import config_of, trained
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.function.neurons import largest_parts, stacked
from tinynet_gui.core.network.forward import probe
from tinynet_gui.core.network.refs import LayerRef, NeuronRef
from tinynet_gui.core.step.dissection import (
    Dissection,
    activation_gradients,
    carried,
    chain,
    dissect,
    pre_activation_gradients,
    weight_gradients,
)
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.network_text import summary_lines

VALUES = (np.inf, -np.inf, np.nan, 3e38, -3e38)


def _broken(config: Config, place: int, value: float) -> TrainerState:
    """The state after three steps, with one number in it replaced."""
    trainer = trained(config, 3)
    state = trainer.state()
    parameters = [array.copy() for array in state.parameters]
    parameters[place].flat[0] = value
    return TrainerState(state.step, tuple(parameters), state.slots)


def _look_at(snapshot: Snapshot) -> None:
    parts = contributions(snapshot, snapshot.grid)
    stacked(parts, float(snapshot.layers[-1].bias[0]))
    largest_parts(parts, 2)
    for layer in range(len(snapshot.layers)):
        summary_lines(snapshot, LayerRef(layer), 4)
        summary_lines(snapshot, NeuronRef(layer, 0), 4)
    probe(snapshot.layers, snapshot.config.network.activation, 0.7)


def _look_into(dissection: Dissection) -> None:
    for position in (None, 0):
        carried(dissection, position)
        weight_gradients(dissection, position)
    pre_activation_gradients(dissection)
    activation_gradients(dissection)
    for layer in range(len(dissection.layers)):
        chain(dissection, layer, "weight", 0, 0)
        chain(dissection, layer, "bias", 0)


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("activation", ALL_AND_MIXED)
def test_a_moment_is_looked_at_without_a_warning(activation: str, place: int) -> None:
    config = config_of(network__hidden=(4, 3), network__activation=for_layers(activation, 2))
    for value in VALUES:
        trainer = Trainer(config)
        trainer.load(_broken(config, place, value))
        snapshot = trainer.snapshot(0)
        assert not np.isfinite(value) or snapshot.state.parameters[place].flat[0] == np.float32(value)
        _look_at(snapshot)


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_a_step_is_taken_apart_without_a_warning(weight_decay: float, optimizer: str, place: int) -> None:
    config = config_of(network__hidden=(4, 3), training__optimizer=optimizer, training__weight_decay=weight_decay)
    config = config.replace("training.l1", weight_decay)
    for value in VALUES:
        dissection = dissect(config, _broken(config, place, value))
        assert (dissection.update is None) == (not np.isfinite(dissection.loss))
        _look_into(dissection)
