"""Deaths found in the record of a run, against walking through all of its steps."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinynet_gui.core.analysis.dying_relu import Death, Replay, dead_neurons, trainer_replay
from tinynet_gui.core.analysis.dying_relu_search import DeathSearch
from tinynet_gui.core.analysis.explain import answer, find_deaths
from tinynet_gui.core.analysis.question import Question
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.run.checkpoints import Checkpoint, Recording
from tinynet_gui.core.run.snapshot import as_layers
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.training.trainer import Trainer

NO_LOSSES = np.empty(0, dtype=np.float32)


def by_pytorch(here: Checkpoint) -> Replay:
    return trainer_replay(here.config, here.frozen)


class Run:
    """A run that is recorded now and then, changed on the way, and remembered step by step."""

    def __init__(self, config: Config) -> None:
        self.trainer = Trainer(config)
        self.recording = Recording(Checkpoint(self.trainer.state(), config))
        self.frozen: tuple[npt.NDArray[np.bool_], ...] | None = None
        self.moments: list[TrainerState] = [self.trainer.state()]  # also around each change by hand
        self.by_hand: set[int] = set()  # which of them a hand made

    def walk(self, steps: int) -> None:
        for _ in range(steps):
            self.trainer.run(1)
            self.moments.append(self.trainer.state())
        self.recording.add_state(self.trainer.state())

    def set_bias(self, layer: int, neuron: int, value: float) -> None:
        self.trainer.edit(layer, "bias", (neuron,), value)
        self.by_hand.add(len(self.moments))
        self.moments.append(self.trainer.state())
        self._note(is_edited=True)

    def set_rate(self, rate: float) -> None:
        self.trainer.apply_live(self.trainer.config.replace("training.learning_rate", rate))
        self._note()

    def freeze_first_weights(self) -> None:
        self.frozen = tuple(np.full(p.shape, k == 0) for k, p in enumerate(self.trainer.state().parameters))
        self.trainer.set_frozen(self.frozen)
        self._note()

    def _note(self, is_edited: bool = False) -> None:
        self.recording.add(Checkpoint(self.trainer.state(), self.trainer.config, self.frozen, is_edited))

    def search(self, most_work: float = 1e12) -> DeathSearch:
        end = self.trainer.state()
        return DeathSearch(self.trainer.dataset, self.recording.checkpoints, end, by_pytorch, most_work)

    def question(self, neuron: tuple[int, int] | None = None) -> Question:
        return Question(self.trainer.snapshot(1), NO_LOSSES, self.recording.checkpoints, neuron)

    def last_alive(self, layer: int, index: int) -> int | None:
        """The place of the last moment at which a neuron was active on a sample."""
        x = self.trainer.dataset.x_train[:, 0]
        for place in range(len(self.moments) - 1, -1, -1):
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
        st.tuples(st.integers(1, 15), st.sampled_from(["rate", "kill", "revive", "freeze", "none"])),
        min_size=1,
        max_size=5,
    ),
)
@settings(max_examples=20, deadline=None)
def test_the_death_is_the_last_moment_of_life_in_any_run(
    hidden: tuple[int, ...], seed: int, optimizer: str, acts: list[tuple[int, str]]
) -> None:
    run = Run(_config(hidden, optimizer, seed))
    for steps, act in acts:
        run.walk(steps)
        if act == "rate":
            run.set_rate(0.1)
        elif act == "kill":
            run.set_bias(0, steps % hidden[0], -50.0)
        elif act == "revive":
            run.set_bias(0, steps % hidden[0], 1.0)
        elif act == "freeze":
            run.freeze_first_weights()
    snapshot = run.trainer.snapshot(1)
    if snapshot.diverged_at is not None:
        return
    search = run.search()
    for layer, index in dead_neurons(snapshot):
        death, last = search.find(layer, index), run.last_alive(layer, index)
        if last is None:
            assert death is None
        else:
            assert death is not None
            _check(death, run, last)


def _check(death: Death, run: Run, last: int) -> None:
    before, after = run.moments[last], run.moments[last + 1]
    assert death.step == after.step
    assert death.is_by_hand == (last + 1 in run.by_hand)
    assert death.before.state.step == before.step
    weight, bias = 2 * death.layer, 2 * death.layer + 1
    if not death.is_by_hand:
        again = by_pytorch(death.before)(death.before.state, 1)
        np.testing.assert_array_equal(again.parameters[bias], after.parameters[bias])
    np.testing.assert_array_equal(death.weights_before, before.parameters[weight][death.index])
    np.testing.assert_array_equal(death.weights_after, after.parameters[weight][death.index])
    assert death.bias_before == before.parameters[bias][death.index]
    assert death.bias_after == after.parameters[bias][death.index]


def test_a_neuron_killed_by_hand_is_told_so() -> None:
    run = Run(_config((6,)))
    run.walk(30)
    neuron = next(i for i in range(6) if run.last_alive(0, i) == 30)
    run.set_bias(0, neuron, -50.0)
    run.walk(20)
    death = run.search().find(0, neuron)
    assert death is not None
    assert (death.step, death.is_by_hand) == (30, True)
    explanation = answer(run.question((0, neuron)))
    assert explanation is not None
    assert "set by hand at step 30" in explanation.sentences[0]
    assert explanation.sentences[1].startswith("That change moved its bias")
    found = find_deaths(run.question())[0, neuron]
    assert found is not None
    assert found.step == 30


def test_without_time_to_look_at_every_step_a_death_is_found_all_the_same() -> None:
    run = Run(_config((8, 8), "adam").replace("training.learning_rate", 0.1))
    for _ in range(4):
        run.walk(20)
    found = 0
    for layer, index in dead_neurons(run.trainer.snapshot(1)):
        last, death = run.last_alive(layer, index), run.search(most_work=0.0).find(layer, index)
        assert (death is None) == (last is None)
        if death is not None:
            found += 1
            again = run.moments[death.step - 1 : death.step + 1]
            x = run.trainer.dataset.x_train[:, 0]
            alive = [
                bool((forward(as_layers(s.parameters), "relu", x).pre_activations[layer][index] > 0).any())
                for s in again
            ]
            assert alive == [True, False]
    assert found


def test_a_search_that_is_stopped_is_over_and_tells_nothing() -> None:
    run = Run(_config((30,)))
    run.walk(10)
    stop = np.ones(1, dtype=np.uint8)
    assert dead_neurons(run.trainer.snapshot(1))
    assert find_deaths(run.question(), stop) == {}


def test_where_the_record_has_lost_its_beginning_nothing_is_made_up() -> None:
    run = Run(_config((30,)))
    dead = dead_neurons(run.trainer.snapshot(1))[0]
    assert find_deaths(run.question())[dead] is None
    run.walk(10)
    latest = run.recording.checkpoints[-1]
    question = Question(run.trainer.snapshot(1), NO_LOSSES, (latest,), dead)
    assert find_deaths(question) == {}
    explanation = answer(question)
    assert explanation is not None
    assert "already at step 10" in explanation.sentences[0]


@pytest.mark.parametrize("steps", [0, 25])
def test_divergence_is_explained_from_where_the_rate_was_set(steps: int) -> None:
    config = _config((6,)).replace("training.learning_rate", 0.001)
    run = Run(config)
    run.walk(steps)
    run.set_rate(5.0)
    run.trainer.run(200)
    assert run.trainer.diverged_at is not None
    explanation = answer(run.question())
    assert explanation is not None
    assert ("set at step 25" in explanation.sentences[0]) == (steps == 25)
    assert explanation.sentences[1].startswith("At step 25: the loss curves") == (steps == 25)
    assert explanation.suggestion["training.learning_rate"] < 1
