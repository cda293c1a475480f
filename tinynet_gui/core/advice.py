"""Answers to "why?", found by taking the run's steps again."""

from tinynet_gui.core.config import Config
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
MOST_WORK = 2e9  # multiplications that a search for a death may take: a second or two
LEAVING = 50_000


def answer(question: Question) -> Explanation | None:
    """Return why a neuron is dead, a run diverged or its loss does not move; None if there is nothing to explain."""
    snapshot = question.snapshot
    config, dataset = snapshot.config, snapshot.dataset
    start = Trainer(config).state()
    if question.neuron is not None:
        layer, index = question.neuron
        if not question.is_pristine:
            return _unknown_death(layer, index, "Settings or weights were changed in the middle of this run")
        if _work(config, snapshot.step, layer) > MOST_WORK:
            return _unknown_death(layer, index, "This run has become too long")
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


def _unknown_death(layer: int, index: int, reason: str) -> Explanation:
    return Explanation(
        (
            f"Neuron {index + 1} of hidden layer {layer + 1} gives 0 on every sample.",
            f"{reason}, so that its steps cannot be taken again from its settings to find the update that did it.",
            "A ReLU that is 0 has the slope 0: no gradient reaches its weights, and by itself it does not come back.",
        ),
        {"network.activation": "leaky_relu"},
        "Use leaky ReLU, which is never flat",
    )


def _work(config: Config, steps: int, layer: int) -> float:
    """Return about how much it takes to find when a neuron died, in multiplications of the compiled loop.

    In the first layer under plain descent it is found by bisection. Elsewhere each step is looked at, and to
    leave the compiled loop after each costs as much as some ten thousand multiplications.
    """
    a_step = config.network.parameter_count * config.data.sample_count
    is_plain = layer == 0 and config.training.optimizer == "sgd" and config.training.weight_decay == 0
    return steps * (2.0 * a_step if is_plain else a_step + LEAVING)


def death_steps(question: Question) -> dict[tuple[int, int], int]:
    """Return the step at which each dead neuron died, by (layer, index); 0 if it never was alive.

    Empty where the run cannot be taken again, or where that would take too long.
    """
    snapshot = question.snapshot
    dead = dead_neurons(snapshot)
    config, dataset = snapshot.config, snapshot.dataset
    if not question.is_pristine or sum(_work(config, snapshot.step, layer) for layer, _ in dead) > MOST_WORK:
        return {}
    start, replay = Trainer(config).state(), kernel_replay(config, dataset)
    found: dict[tuple[int, int], int] = {}
    for layer, index in dead:
        death = find_death(config, dataset, start, snapshot.step, layer, index, replay)
        found[layer, index] = 0 if death is None else death.step
    return found
