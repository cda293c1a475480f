"""Advice that is given only if it was tried and helped."""

import math
from collections.abc import Callable
from dataclasses import replace

from tinynet_gui.core.config import MAX_SEED, Config
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.text.numbers import count_text, plain

SEEDS = 4  # other networks that are tried
HELPS = 0.9  # advice helps if it comes below this share of the loss: less would be luck, or the next run's rounding

Try = Callable[[Config, int], float]
"""Trains anew with settings for so many steps; returns the loss at the end, infinite if it diverges."""


def with_tried_advice(found: Explanation, config: Config, loss: float, steps: int, try_out: Try) -> Explanation:
    """Keep what is suggested against a loss, if it comes to a clearly lower one; else suggest a seed that does.

    More neurons are suggested last: only where no other seed of as many does better.

    Parameters
    ----------
    config, loss
        The settings that have come to this loss.
    steps
        For how many steps each is tried.
    """
    if not found.suggestion:
        return found
    what, why, _ = found.sentences
    seeds = range(config.network.seed + 1, min(config.network.seed + SEEDS, MAX_SEED) + 1)
    others = [
        Explanation(
            (what, why, "Where one training ends is chance too."),
            {"network.seed": seed},
            f"Try the network of seed {seed}",
        )
        for seed in seeds
    ]
    for idea in [*others, found] if "network.hidden" in found.suggestion else [found, *others]:
        reached = try_out(config.with_changes(dict(idea.suggestion)), steps)
        if reached < HELPS * loss:
            tried = f"Tried out for {count_text(steps)} steps, this comes to a loss of {plain(reached)}."
            return replace(idea, sentences=(what, why, f"{idea.sentences[2]} {tried}"))
    tried = f"Tried out for {count_text(steps)} steps: “{found.label}”, and other seeds. None comes clearly lower."
    return Explanation((what, why, tried))


def with_tried_cure(found: Explanation, config: Config, steps: int, try_out: Try) -> Explanation:
    """Keep what is suggested against a dead neuron, if with it a training comes to a clearly lower loss than without.

    Parameters
    ----------
    config
        The settings with which the neuron died.
    steps
        For how many steps they, and the suggestion, are tried from the start.
    """
    what, why, means = found.sentences
    without, reached = (try_out(c, steps) for c in (config, config.with_changes(dict(found.suggestion))))
    tried = (
        f"“{found.label}” was tried out from the start: in {count_text(steps)} steps {_comes_to(reached)}; "
        f"without it, {_comes_to(without)}."
    )
    if reached < HELPS * without:
        return replace(found, sentences=(what, why, f"{means} {tried}"))
    return replace(
        found, sentences=(what, why, f"{means} {tried} So nothing is gained by it."), suggestion={}, label=""
    )


def _comes_to(loss: float) -> str:
    return f"the loss comes to {plain(loss)}" if math.isfinite(loss) else "it diverges"
