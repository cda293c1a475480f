"""Dead neurons, and the update that did it, found in a run: against walking through all of its steps."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings, strategies as st

from tests.not_none import not_none
from tests.runs import config_of, run_of, trained
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.failures.answers import explanation_of, find_deaths
from tinynet_gui.core.failures.dead_neuron import DeathSearch, explain_dead_neuron
from tinynet_gui.core.failures.symptoms import (
    Death,
    DeathBetween,
    dead_neurons,
    revival_clause,
    stays_dead,
    what_moves_dead,
)
from tinynet_gui.core.network.forward import as_layers, forward
from tinynet_gui.core.network.refs import LayerRef, ParameterRef, frozen_masks
from tinynet_gui.core.run.events import Event, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.replay import Stepper
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.engines import EngineName, run_compiled
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import TrainerState, initial_state, make_dataset
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.network_text import death_text

OFTEN = {"training__learning_rate": 0.02}  # enough for some to die


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
        "training__l1": st.sampled_from([0.0, 0.1]),
    }
)


ABOUT_TO_DIVERGE = {
    "network__seed": 2_733,
    "training__optimizer": "momentum",
    "training__learning_rate": 0.2,
    "training__batch_size": 5,
    "training__weight_decay": 0.1,
}


@example(hidden=(4, 4), memory=0.9, changes=ABOUT_TO_DIVERGE)
@given(hidden=st.sampled_from([(6,), (4, 4)]), memory=st.sampled_from([0.0, 0.9]), changes=CHANGES)
@settings(max_examples=16)
def test_the_step_of_death_is_the_last_active_one(
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


@pytest.mark.parametrize(
    "changes", [{}, {"training__weight_decay": 0.1}, {"training__l1": 0.1}, {"training__momentum": 0.0}]
)
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
        movers = what_moves_dead(config, layer)
        by_memory = remembers and bool({"momentum", "Adam's memory"} & {*movers})
        assert has_moved == (bool({"weight decay", "the L1 penalty"} & {*movers}) or by_memory)
        assert ("the layer" in " ".join(movers)) == (layer > 0)
        assert stays_dead(config, layer) == (movers == ())


@pytest.mark.parametrize(
    ("changes", "comes_back"),
    [
        ({"training__weight_decay": 0.1}, False),
        ({"training__weight_decay": 100.0, "training__learning_rate": 0.015}, True),  # 1 − ηδ is −0.5
        ({"training__weight_decay": 0.1, "training__optimizer": "rmsprop"}, True),
        ({"training__weight_decay": 0.1, "training__optimizer": "adam"}, True),
        ({"training__weight_decay": 0.3, "training__optimizer": "momentum"}, True),
        ({"training__l1": 0.1}, True),
    ],
)
def test_weight_decay_alone_brings_none_back(changes: dict[str, Any], comes_back: bool) -> None:
    """Of the first layer, with plain gradient descent: it shrinks the weight and the bias alike."""
    config = _config((40,), **{"training__learning_rate": 0.01, **changes})
    state, x = initial_state(config), make_dataset(config.data).x_train[:, 0]
    w, b, a, _ = (array.copy() for array in state.parameters)
    w[:, 0], b[:], a[:] = np.linspace(-0.1, 0.1, 40), -0.4, 0.0  # all are dead, and nothing is learned
    state = replace(state, parameters=(w, b, a, state.parameters[3]))
    is_back = False
    for _ in range(60):
        state = run_compiled("Compiled", config, make_dataset(config.data), state, 9).state
        is_back |= bool((forward(as_layers(state.parameters), "relu", x).pre_activations[0] > 0).any())
    assert is_back == comes_back
    assert ("cannot come back" in revival_clause(config, 0)) == (not comes_back)


def _check_moments(death: Death, before: TrainerState, after: TrainerState) -> None:
    """The neuron was alive in the first of these states, and dead in the second."""
    assert (death.before.state.step, death.step) == (before.step, after.step)
    weight, bias = 2 * death.layer, 2 * death.layer + 1
    np.testing.assert_array_equal(death.weights_before, before.parameters[weight][death.index])
    np.testing.assert_array_equal(death.weights_after, after.parameters[weight][death.index])
    assert (death.bias_before, death.bias_after) == tuple(s.parameters[bias][death.index] for s in (before, after))


def _check_death(death: Death, states: list[TrainerState], trainer: Trainer) -> None:
    before, after = states[death.step - 1], states[death.step]
    _check_moments(death, before, after)
    x = trainer.dataset.x_train[:, 0]
    values = forward(as_layers(list(before.parameters)), "relu", x)
    assert death.samples_before == np.count_nonzero(values.pre_activations[death.layer][death.index] > 0) > 0
    inputs = x[None, :] if death.layer == 0 else values.activations[death.layer - 1]
    moved = forward(as_layers(list(after.parameters)), "relu", x)
    new_inputs = x[None, :] if death.layer == 0 else moved.activations[death.layer - 1]
    with np.errstate(over="ignore", invalid="ignore"):  # the last steps before a divergence: too large is ∞
        alone = death.weights_after @ inputs + death.bias_after
        others = death.weights_before @ new_inputs + death.bias_before
    by_itself, by_others = not (alone > 0).any(), not (others > 0).any()
    names = {(1, 0): "its own weights", (0, 1): "the layers before", (1, 1): "either", (0, 0): "both together"}
    assert death.culprit == names[by_itself, by_others]


def test_the_compiled_loop_finds_it_too() -> None:
    config = _config((20,), training__learning_rate=0.1, training__stop_step=200)
    start, trainer = Trainer(config).state(), trained(config, 200)
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
    states = [trainer.state()]
    places = [(layer, index) for layer, width in enumerate((30, 5)) for index in range(width)]
    expected = [place for place in places if not _activity(trainer, states, *place)[0]]
    assert list(dead_neurons(trainer.snapshot(0))) == expected != []
    assert dead_neurons(Trainer(_config((30,), network__activation="tanh")).snapshot(0)) == ()


class RecordedRun:
    """A run that is recorded now and then, changed on the way, and remembered step by step."""

    def __init__(self, config: Config) -> None:
        self.trainer = Trainer(config)
        self.start = config
        self.checkpoints = [self.trainer.state()]
        self.events: list[Event] = []
        self.moments: list[TrainerState] = [self.trainer.state()]  # also around each change by hand
        self.inputs = [self.trainer.dataset.x_train[:, 0]]  # of each moment's samples
        self.by_hand: set[int] = set()  # which of them a hand made

    def walk(self, steps: int, is_recorded: bool = True) -> None:
        for _ in range(steps):
            self.trainer.run(1)
            self._remember()
        if is_recorded:
            self._record()

    def set_bias(self, layer: int, neuron: int, value: float) -> None:
        self._record()
        self.trainer.edit(ParameterRef(layer, "bias", (neuron,)), value)
        self.by_hand.add(len(self.moments))
        self._remember()
        self.events.append(ParameterSet(self.trainer.step, ParameterRef(layer, "bias", (neuron,)), value))

    def set_rate(self, rate: float) -> None:
        self.trainer.apply_live(self.trainer.config.replace("training.learning_rate", rate))
        self.events.append(LiveSettingsChanged(self.trainer.step, self.trainer.config))

    def set_samples(self, low: float, high: float) -> None:
        self._record()
        points = Points(np.linspace(low, high, 5), np.linspace(low, high, 5) ** 2)
        self.trainer.apply_live(self.trainer.config.replace("data.points", points))
        self.by_hand.add(len(self.moments))
        self._remember()
        self.events.append(LiveSettingsChanged(self.trainer.step, self.trainer.config))

    def _remember(self) -> None:
        self.moments.append(self.trainer.state())
        self.inputs.append(self.trainer.dataset.x_train[:, 0])

    def freeze_first_layer(self) -> None:
        frozen = frozenset({LayerRef(0)})
        self.trainer.set_frozen(frozen_masks(frozen, self.trainer.state().parameters))
        self.events.append(FrozenChanged(self.trainer.step, frozen))

    def _record(self) -> None:
        if self.trainer.step > self.checkpoints[-1].step:
            self.checkpoints.append(self.trainer.state())

    def run(self) -> Run:
        return run_of(self.start, self.checkpoints, self.events)

    def search(self, most_work: float = 1e12) -> DeathSearch:
        return DeathSearch(self.run(), most_work)

    def moment(self) -> tuple[Run, Snapshot]:
        return self.run(), self.trainer.snapshot(1)

    def last_alive(self, layer: int, index: int) -> int | None:
        """The place of the last moment at which a neuron was active on a sample."""
        for place in range(len(self.moments) - 1, -1, -1):
            x = self.inputs[place]
            u = forward(as_layers(self.moments[place].parameters), "relu", x).pre_activations[layer][index]
            if (u > 0).any():
                return place
        return None


@given(
    hidden=st.sampled_from([(6,), (4, 4)]),
    seed=st.integers(0, 10_000),
    optimizer=st.sampled_from(["sgd", "momentum", "adam"]),
    acts=st.lists(
        st.tuples(st.integers(1, 15), st.sampled_from(["rate", "kill", "revive", "freeze", "samples", "none"])),
        min_size=1,
        max_size=5,
    ),
)
@settings(max_examples=20)
def test_the_death_is_the_last_moment_of_life_in_any_run(
    hidden: tuple[int, ...], seed: int, optimizer: str, acts: list[tuple[int, str]]
) -> None:
    run = RecordedRun(_config(hidden, **OFTEN, training__optimizer=optimizer, network__seed=seed))
    for steps, act in acts:
        run.walk(steps)
        match act:
            case "rate":
                run.set_rate(0.1)
            case "kill" | "revive":
                run.set_bias(0, steps % hidden[0], -50.0 if act == "kill" else 1.0)
            case "freeze":
                run.freeze_first_layer()
            case "samples":
                run.set_samples(0.1 * steps - 2, 2.0)
    snapshot = run.trainer.snapshot(1)
    if snapshot.diverged_at is not None:
        return
    search = run.search()
    for layer, index in dead_neurons(snapshot):
        death, last = search.find(layer, index), run.last_alive(layer, index)
        if last is None:
            assert death is None
        else:
            assert isinstance(death, Death)
            _check(death, run, last)


def _check(death: Death, run: RecordedRun, last: int) -> None:
    before, after = run.moments[last], run.moments[last + 1]
    _check_moments(death, before, after)
    assert death.is_by_hand == (last + 1 in run.by_hand)
    if not death.is_by_hand:
        again = Stepper().take(death.before.rule, death.before.state, 1)
        np.testing.assert_array_equal(again.parameters[2 * death.layer + 1], after.parameters[2 * death.layer + 1])


def test_a_neuron_killed_by_hand_is_told_so() -> None:
    run = RecordedRun(_config((6,), **OFTEN))
    run.walk(30)
    neuron = next(i for i in range(6) if run.last_alive(0, i) == 30)
    run.set_bias(0, neuron, -50.0)
    run.walk(20)
    for death in (run.search().find(0, neuron), find_deaths(*run.moment())[0, neuron]):
        assert isinstance(death, Death)
        assert (death.step, death.is_by_hand) == (30, True)
    explanation = not_none(explanation_of(*run.moment(), (0, neuron)))
    assert "set by hand at step 30" in explanation.sentences[0]
    assert explanation.sentences[1].startswith("That change moved its bias")


def test_a_neuron_that_the_samples_left_is_told_so() -> None:
    run = RecordedRun(_config((6,), **OFTEN))
    run.walk(30)
    alive = [i for i in range(6) if run.last_alive(0, i) == 30]
    run.set_samples(-3.0, -2.9)
    run.walk(5)
    dead = [i for i in alive if (0, i) in dead_neurons(run.trainer.snapshot(1))]
    assert dead
    for neuron in dead:
        death = run.search().find(0, neuron)
        assert isinstance(death, Death)
        assert (death.step, death.culprit) == (30, "the samples")
        explanation = not_none(explanation_of(*run.moment(), (0, neuron)))
        assert "since the samples were changed at step 30" in explanation.sentences[0]
        assert "the samples were changed" in death_text(death)


@given(seed=st.integers(0, 10_000), work=st.sampled_from([0.0, 3e6, 1e7, 1e12]))
@settings(max_examples=20)
def test_whatever_time_there_is_what_is_said_is_so(seed: int, work: float) -> None:
    run = RecordedRun(_config((6, 4), training__optimizer="adam", network__seed=seed, training__learning_rate=0.1))
    for steps in (7, 1, 12, 9):
        run.walk(steps)
    snapshot, search = run.trainer.snapshot(1), run.search(most_work=work)
    for layer, index in dead_neurons(snapshot):
        last, death = run.last_alive(layer, index), search.find(layer, index)
        assert work or not isinstance(death, Death)  # Adam's memory moves the dead: only a look at each step tells
        match death:
            case Death():
                assert death.step == (-1 if last is None else last + 1)
            case DeathBetween():
                assert last is None or (death.first or 0) <= last < death.last
                text = explain_dead_neuron(run.start, layer, index, death).sentences[0]
                assert ("between" in text) == (death.first is not None)
            case _:
                assert last is None


def test_a_search_that_is_stopped_is_over_and_tells_nothing() -> None:
    run = RecordedRun(_config((30,), **OFTEN))
    run.walk(10)
    assert dead_neurons(run.trainer.snapshot(1))
    assert find_deaths(*run.moment(), np.ones(1, dtype=np.uint8)) == {}
