"""Dead neurons, and the update that did it: against walking through every step."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.runs import config_of, run_of, trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.dying_relu import Death, DeathBetween, dead_neurons, is_final, movers_of_the_dead
from tinynet_gui.core.failures.dying_relu_search import DeathSearch
from tinynet_gui.core.network.forward import as_layers, forward
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.optimizers import OPTIMIZERS
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer


def _config(hidden: tuple[int, ...], **changes: Any) -> Config:
    return config_of(network__hidden=hidden, **changes)


def _activity(trainer: Trainer, states: list[TrainerState], layer: int, index: int) -> list[bool]:
    """Whether the neuron is active on any sample, state by state."""
    x = trainer.dataset.x_train[:, 0]
    at = [forward(as_layers(list(s.parameters)), "relu", x).pre_activations[layer][index] for s in states]
    return [bool((u > 0).any()) for u in at]


def _search(config: Config, start: TrainerState, end: TrainerState, engine: EngineName = "PyTorch") -> DeathSearch:
    """Look through a run of which only the start and the end were recorded."""
    return DeathSearch(run_of(config, [start, end] if end.step else [start], engine=engine), most_work=1e12)


def _walk(trainer: Trainer, steps: int) -> list[TrainerState]:
    """Return all states of a run up to its end or its divergence."""
    states = [trainer.state()]
    while len(states) <= steps:
        trainer.run(1)
        if trainer.diverged_at is not None:
            return states[:-1]
        states.append(trainer.state())
    return states if np.isfinite(trainer.loss()) else states[:-1]


CHANGES = st.fixed_dictionaries(
    {
        "network__seed": st.integers(0, 10_000),
        "training__optimizer": st.sampled_from(list(OPTIMIZERS)),
        "training__learning_rate": st.sampled_from([0.02, 0.05, 0.2]),
        "training__batch_size": st.sampled_from([0, 5]),
        "training__weight_decay": st.sampled_from([0.0, 0.1]),
    }
)


@given(hidden=st.sampled_from([(6,), (4, 4)]), memory=st.sampled_from([0.0, 0.9]), changes=CHANGES)
@settings(max_examples=16, deadline=None)
def test_the_step_is_the_one_after_which_it_was_never_active_again(
    hidden: tuple[int, ...], memory: float, changes: dict[str, Any]
) -> None:
    config = _config(hidden, training__momentum=memory, training__beta1=memory, **changes)
    trainer = Trainer(config)
    states = _walk(trainer, 40)
    last = len(states) - 1
    assume(last > 0)
    for layer, width in enumerate(hidden):
        for index in range(width):
            active = _activity(trainer, states, layer, index)
            expected = None if not any(active) else last - active[::-1].index(True) + 1
            if active[-1]:
                continue
            death = _search(config, states[0], states[-1]).find(layer, index)
            assert not isinstance(death, DeathBetween)
            assert (None if death is None else death.step) == expected
            if death is not None:
                _check_death(death, states, trainer)


@pytest.mark.parametrize("changes", [{}, {"training__weight_decay": 0.1}, {"training__momentum": 0.0}])
@pytest.mark.parametrize("hidden", [(6,), (4, 4), (3, 3, 3)])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_only_what_is_named_moves_the_dead(optimizer: str, hidden: tuple[int, ...], changes: dict[str, Any]) -> None:
    config = _config(hidden, training__optimizer=optimizer, **changes)
    trainer = trained(config, 5)  # the optimiser has something to remember
    for layer in range(len(hidden)):
        trainer.edit(ParameterRef(layer, "bias", (0,)), -50.0)
    before = trainer.state()
    trainer.run(2)
    after = trainer.state()
    for layer in range(len(hidden)):
        assert _activity(trainer, [before, after], layer, 0) == [False, False]
        places = (2 * layer, 2 * layer + 1)
        has_moved = any(not np.array_equal(before.parameters[p][0], after.parameters[p][0]) for p in places)
        remembers = any(np.any(slot[p][0]) for slot in before.slots[:1] for p in places)
        movers = movers_of_the_dead(config, layer)
        by_memory = remembers and bool({"momentum", "Adam's memory"} & {*movers})
        assert has_moved == ("weight decay" in movers or by_memory)
        assert ("the layer" in " ".join(movers)) == (layer > 0)
        assert is_final(config, layer) == (movers == ())


def _check_death(death: Death, states: list[TrainerState], trainer: Trainer) -> None:
    before, after = states[death.step - 1], states[death.step]
    weight, bias = 2 * death.layer, 2 * death.layer + 1
    np.testing.assert_array_equal(death.weights_before, before.parameters[weight][death.index])
    np.testing.assert_array_equal(death.weights_after, after.parameters[weight][death.index])
    assert (death.bias_before, death.bias_after) == tuple(s.parameters[bias][death.index] for s in (before, after))
    x = trainer.dataset.x_train[:, 0]
    values = forward(as_layers(list(before.parameters)), "relu", x)
    assert death.samples_before == np.count_nonzero(values.pre_activations[death.layer][death.index] > 0) > 0
    inputs = x[None, :] if death.layer == 0 else values.activations[death.layer - 1]
    alone = death.weights_after @ inputs + death.bias_after
    moved = forward(as_layers(list(after.parameters)), "relu", x)
    new_inputs = x[None, :] if death.layer == 0 else moved.activations[death.layer - 1]
    others = death.weights_before @ new_inputs + death.bias_before
    by_itself, by_others = not (alone > 0).any(), not (others > 0).any()
    names = {(1, 0): "its own weights", (0, 1): "the layers before", (1, 1): "either", (0, 0): "both together"}
    assert death.culprit == names[by_itself, by_others]
    assert death.before.state.step == death.step - 1


def test_the_compiled_loop_finds_it_too() -> None:
    config = _config((20,), training__learning_rate=0.1, training__stop_step=200)
    trainer = Trainer(config)
    start = trainer.state()
    trainer.run(200)
    dead = dead_neurons(trainer.snapshot(0))
    engines: tuple[EngineName, ...] = ("PyTorch", "Compiled", "Compiled ×16")
    found = []
    for engine in engines:
        search = _search(config, start, trainer.state(), engine)
        deaths = [search.find(*place) for place in dead]
        found.append([death.step if isinstance(death, Death) else death for death in deaths])
    assert found[0] == found[1] == found[2]
    assert any(found[0])


def test_the_dead_of_a_snapshot() -> None:
    trainer = Trainer(_config((30, 5)))
    snapshot = trainer.snapshot(0)
    states = [trainer.state()]
    places = [(layer, index) for layer, width in enumerate((30, 5)) for index in range(width)]
    expected = [place for place in places if not _activity(trainer, states, *place)[0]]
    assert list(dead_neurons(snapshot)) == expected
    assert expected
    assert dead_neurons(Trainer(_config((30,), network__activation="tanh")).snapshot(0)) == ()
