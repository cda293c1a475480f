"""Answers to "why?", found by taking the run's steps again."""

from tinynet_gui.core.curvature import stable_learning_rate
from tinynet_gui.core.deaths import dead_neurons, find_death, kernel_replay
from tinynet_gui.core.failure import (
    Explanation,
    explain_dead_neuron,
    explain_divergence,
    explain_plateau,
    find_plateau,
    tried_rate,
)
from tinynet_gui.core.question import Question
from tinynet_gui.core.state import TrainerState
from tinynet_gui.core.trainer import Trainer

TRIED_STEPS = 1_000
MOST_STEPS = 200_000  # replayed one by one at most, to find when neurons died


def answer(question: Question) -> Explanation | None:
    """Return why a neuron is dead, a run diverged or its loss does not move; None if there is nothing to explain."""
    snapshot = question.snapshot
    config, dataset = snapshot.config, snapshot.dataset
    start = Trainer(config).state()
    if question.neuron is not None:
        layer, index = question.neuron
        if not question.is_pristine:
            return _unknown_death(layer, index)
        replay = kernel_replay(config, dataset)
        death = find_death(config, dataset, start, snapshot.step, layer, index, replay)
        return explain_dead_neuron(config, layer, index, death)
    if snapshot.diverged_at is not None:
        stability = stable_learning_rate(config, dataset, start)
        limit = config.training.learning_rate if stability.rate is None else stability.rate
        rate = min(limit, config.training.learning_rate) / 2
        tried = tried_rate(config, start, rate, TRIED_STEPS, lambda c: kernel_replay(c, dataset))
        return explain_divergence(config, snapshot.diverged_at, stability, tried)
    plateau = find_plateau(question.losses)
    if plateau is None:
        return None
    here = TrainerState(snapshot.step, tuple(a for layer in snapshot.layers for a in (layer.weight, layer.bias)), ())
    return explain_plateau(snapshot, plateau, stable_learning_rate(config, dataset, here))


def _unknown_death(layer: int, index: int) -> Explanation:
    return Explanation(
        (
            f"Neuron {index + 1} of hidden layer {layer + 1} gives 0 on every sample.",
            "Settings or weights were changed in the middle of this run, so that its steps cannot be taken again "
            "from its settings to find the update that did it.",
            "A ReLU that is 0 has the slope 0: no gradient reaches its weights, and by itself it does not come back.",
        ),
        {"network.activation": "leaky_relu"},
        "Use leaky ReLU, which is never flat",
    )


def death_steps(question: Question) -> dict[tuple[int, int], int]:
    """Return the step at which each dead neuron died, by (layer, index); 0 if it never was alive.

    Empty where the run cannot be taken again, or where that would take too long.
    """
    snapshot = question.snapshot
    dead = dead_neurons(snapshot)
    steps_to_look_at = sum(snapshot.step for layer, _ in dead if layer > 0) + len(dead) * snapshot.step // 100
    if not question.is_pristine or steps_to_look_at > MOST_STEPS:
        return {}
    config, dataset = snapshot.config, snapshot.dataset
    start, replay = Trainer(config).state(), kernel_replay(config, dataset)
    found: dict[tuple[int, int], int] = {}
    for layer, index in dead:
        death = find_death(config, dataset, start, snapshot.step, layer, index, replay)
        found[layer, index] = 0 if death is None else death.step
    return found
