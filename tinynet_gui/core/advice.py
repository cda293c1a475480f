"""Answers to "why?", found by taking the run's steps again."""

from tinynet_gui.core.compiled.cache import is_compiled
from tinynet_gui.core.config import Config
from tinynet_gui.core.curvature import stable_learning_rate
from tinynet_gui.core.data import Dataset
from tinynet_gui.core.death_search import MOST_WORK, DeathSearch
from tinynet_gui.core.deaths import Replay, dead_neurons, kernel_replay, trainer_replay
from tinynet_gui.core.failure import (
    Explanation,
    explain_dead_neuron,
    explain_divergence,
    explain_plateau,
    find_plateau,
    tried_rate,
)
from tinynet_gui.core.question import Question
from tinynet_gui.core.recording import Masks
from tinynet_gui.core.state import TrainerState
from tinynet_gui.core.trainer import Trainer

TRIED_STEPS = 1_000


def answer(question: Question) -> Explanation | None:
    """Return why a neuron is dead, a run diverged or its loss does not move; None if there is nothing to explain."""
    snapshot = question.snapshot
    config, dataset = snapshot.config, snapshot.dataset
    if question.neuron is not None:
        layer, index = question.neuron
        death = _search(question).find(layer, index)
        return explain_dead_neuron(config, layer, index, death, question.checkpoints[0].state.step)
    if snapshot.diverged_at is not None:
        begun = _latest_settings_from(question)
        stability = stable_learning_rate(config, dataset, begun)
        limit = config.training.learning_rate if stability.rate is None else stability.rate
        rate = min(limit, config.training.learning_rate) / 2
        first = Trainer(config).state()  # the suggestion begins anew
        tried = tried_rate(config, first, rate, TRIED_STEPS, lambda c: _replay(c, dataset))
        return explain_divergence(config, snapshot.diverged_at, stability, tried, since=begun.step)
    plateau = find_plateau(question.losses)
    if plateau is None:
        return None
    return explain_plateau(snapshot, plateau, stable_learning_rate(config, dataset, snapshot.state))


def death_steps(question: Question) -> dict[tuple[int, int], int]:
    """Return the step at which each dead neuron died, by (layer, index); 0 if it was dead from the first weights on.

    Without those that were dead already where a record begins that has lost its beginning.
    """
    dead = dead_neurons(question.snapshot)
    search = _search(question, MOST_WORK / max(1, len(dead)))
    deaths = {place: search.find(*place) for place in dead}
    knows_start = question.checkpoints[0].state.step == 0
    return {
        place: 0 if death is None else death.step for place, death in deaths.items() if death is not None or knows_start
    }


def _search(question: Question, most_work: float = MOST_WORK) -> DeathSearch:
    snapshot = question.snapshot
    return DeathSearch(
        snapshot.dataset,
        question.checkpoints,
        snapshot.state,
        lambda config, frozen: _replay(config, snapshot.dataset, frozen),
        most_work,
    )


def _replay(config: Config, dataset: Dataset, frozen: Masks | None = None) -> Replay:
    """Take steps again in compiled code, unless something is frozen or it would have to be compiled first."""
    if frozen is None and is_compiled():
        return kernel_replay(config, dataset)
    return trainer_replay(config, frozen)


def _latest_settings_from(question: Question) -> TrainerState:
    """Return the state from which on the settings were those of the moment, or the first that is known."""
    checkpoints = question.checkpoints
    place = len(checkpoints) - 1
    while place and not checkpoints[place].is_edited and checkpoints[place - 1].config == checkpoints[place].config:
        place -= 1
    return checkpoints[place].state
