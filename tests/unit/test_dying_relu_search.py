"""Deaths found in a run, against walking through all of its steps."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.not_none import not_none
from tests.runs import run_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.failures.answers import answer, find_deaths
from tinynet_gui.core.failures.dead_neuron import explain_dead_neuron
from tinynet_gui.core.failures.dying_relu import Death, DeathBetween, dead_neurons
from tinynet_gui.core.failures.dying_relu_search import DeathSearch
from tinynet_gui.core.network.forward import as_layers, forward
from tinynet_gui.core.network.frozen import frozen_masks
from tinynet_gui.core.network.refs import LayerRef, ParameterRef
from tinynet_gui.core.run.events import Event, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.network_text import death_text


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
        self.trainer.set_frozen(frozen_masks(frozen, [p.shape for p in self.trainer.state().parameters]))
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


def _config(hidden: tuple[int, ...], optimizer: str = "sgd", seed: int = 2) -> Config:
    config = Config().replace("network.hidden", hidden).replace("network.seed", seed)
    return config.replace("training.optimizer", optimizer).replace("training.learning_rate", 0.02)


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
@settings(max_examples=20, deadline=None)
def test_the_death_is_the_last_moment_of_life_in_any_run(
    hidden: tuple[int, ...], seed: int, optimizer: str, acts: list[tuple[int, str]]
) -> None:
    run = RecordedRun(_config(hidden, optimizer, seed))
    for steps, act in acts:
        run.walk(steps)
        if act == "rate":
            run.set_rate(0.1)
        elif act == "kill":
            run.set_bias(0, steps % hidden[0], -50.0)
        elif act == "revive":
            run.set_bias(0, steps % hidden[0], 1.0)
        elif act == "freeze":
            run.freeze_first_layer()
        elif act == "samples":
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
    assert death.step == after.step
    assert death.is_by_hand == (last + 1 in run.by_hand)
    assert death.before.state.step == before.step
    weight, bias = 2 * death.layer, 2 * death.layer + 1
    if not death.is_by_hand:
        again = Replay(run.run()).advance(death.before.state, death.before.rule, 1)
        np.testing.assert_array_equal(again.parameters[bias], after.parameters[bias])
    np.testing.assert_array_equal(death.weights_before, before.parameters[weight][death.index])
    np.testing.assert_array_equal(death.weights_after, after.parameters[weight][death.index])
    assert death.bias_before == before.parameters[bias][death.index]
    assert death.bias_after == after.parameters[bias][death.index]


def test_a_neuron_killed_by_hand_is_told_so() -> None:
    run = RecordedRun(_config((6,)))
    run.walk(30)
    neuron = next(i for i in range(6) if run.last_alive(0, i) == 30)
    run.set_bias(0, neuron, -50.0)
    run.walk(20)
    death = run.search().find(0, neuron)
    assert isinstance(death, Death)
    assert (death.step, death.is_by_hand) == (30, True)
    explanation = not_none(answer(*run.moment(), (0, neuron)))
    assert "set by hand at step 30" in explanation.sentences[0]
    assert explanation.sentences[1].startswith("That change moved its bias")
    found = find_deaths(*run.moment())[0, neuron]
    assert isinstance(found, Death)
    assert found.step == 30


def test_a_neuron_that_the_samples_left_is_told_so() -> None:
    run = RecordedRun(_config((6,)))
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
        explanation = not_none(answer(*run.moment(), (0, neuron)))
        assert "since the samples were changed at step 30" in explanation.sentences[0]
        assert "the samples were changed" in death_text(death)


@given(seed=st.integers(0, 10_000), work=st.sampled_from([0.0, 3e6, 1e7, 1e12]))
@settings(max_examples=20, deadline=None)
def test_whatever_time_there_is_what_is_said_is_so(seed: int, work: float) -> None:
    run = RecordedRun(_config((6, 4), "adam", seed).replace("training.learning_rate", 0.1))
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
    run = RecordedRun(_config((30,)))
    run.walk(10)
    stop = np.ones(1, dtype=np.uint8)
    assert dead_neurons(run.trainer.snapshot(1))
    assert find_deaths(*run.moment(), stop) == {}
