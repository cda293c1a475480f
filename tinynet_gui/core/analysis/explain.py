"""Answers to "why?", found by taking the run's steps again."""

from tinynet_gui.core.analysis.curvature import stable_learning_rate
from tinynet_gui.core.analysis.dead_neuron import explain_dead_neuron
from tinynet_gui.core.analysis.diagnosis import Explanation
from tinynet_gui.core.analysis.divergence import explain_divergence, settings_in_force, steps_to_try, tried_rate
from tinynet_gui.core.analysis.dying_relu import Death, Replay, Stop, dead_neurons, kernel_replay, trainer_replay
from tinynet_gui.core.analysis.dying_relu_search import DeathSearch
from tinynet_gui.core.analysis.infinite_start import explain_infinite_start
from tinynet_gui.core.analysis.plateau import explain_plateau, find_plateau
from tinynet_gui.core.analysis.question import Question
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset
from tinynet_gui.core.run.checkpoints import Checkpoint, Masks
from tinynet_gui.core.training.compiled.cache import is_compiled
from tinynet_gui.core.training.trainer import Trainer


def answer(question: Question, stop: Stop | None = None) -> Explanation | None:
    """Return why a neuron is dead, a run diverged or its loss does not move; None if there is nothing to explain.

    When another thread makes the element of `stop` nonzero, it soon ends, with an answer that means nothing.
    """
    snapshot = question.snapshot
    config, dataset = snapshot.config, snapshot.dataset
    if question.neuron is not None:
        layer, index = question.neuron
        death = _search(question, stop).find(layer, index)
        return explain_dead_neuron(config, layer, index, death, question.checkpoints[0].state.step)
    if snapshot.diverged_at is not None:
        begun = settings_in_force(
            question.checkpoints,
            snapshot.diverged_at,
            lambda here: _replay(here.config, dataset, here.frozen, stop),
        )
        if snapshot.diverged_at == begun.state.step:
            return explain_infinite_start(snapshot, begun.is_edited)
        stability = stable_learning_rate(begun.config, dataset, begun.state)
        first = Trainer(config).state()  # the suggestion begins anew, with what is set now
        limit = stable_learning_rate(config, dataset, first).rate
        used = begun.config.training.learning_rate
        steps = steps_to_try(config, len(dataset.x_train), is_compiled=is_compiled())
        tried = tried_rate(
            config,
            first,
            min(used if limit is None else limit, used) / 2,
            steps,
            lambda c: _replay(c, dataset, None, stop),
        )
        return explain_divergence(
            begun.config, snapshot.diverged_at, stability, tried, since=begun.state.step, tried_steps=steps
        )
    plateau = find_plateau(question.losses, question.counts)
    if plateau is None:
        return None
    return explain_plateau(snapshot, plateau, stable_learning_rate(config, dataset, snapshot.state))


def find_deaths(question: Question, stop: Stop | None = None) -> dict[tuple[int, int], Death | None]:
    """Return how each dead neuron, (layer, index), died; None if it was dead from the first weights on.

    Without those that were dead already where a record begins that has lost its beginning, and those for which
    there was no time left. When another thread makes the element of `stop` nonzero, it soon ends.
    """
    search = _search(question, stop)
    knows_start = question.checkpoints[0].state.step == 0
    deaths: dict[tuple[int, int], Death | None] = {}
    for place in dead_neurons(question.snapshot):
        death = search.find(*place)
        if search.is_over:
            break
        if death is not None or knows_start:
            deaths[place] = death
    return deaths


def _search(question: Question, stop: Stop | None = None) -> DeathSearch:
    snapshot = question.snapshot

    def make_replay(here: Checkpoint) -> Replay:
        return _replay(here.config, snapshot.dataset, here.frozen, stop)

    return DeathSearch(snapshot.dataset, question.checkpoints, snapshot.state, make_replay, stop=stop)


def _replay(config: Config, dataset: Dataset, frozen: Masks | None = None, stop: Stop | None = None) -> Replay:
    """Take steps again in compiled code, unless something is frozen or it would have to be compiled first."""
    if frozen is None and is_compiled():
        return kernel_replay(config, dataset, stop)
    return trainer_replay(config, frozen, stop)
