"""Advice that is given only if it helped in a trial."""

import math
from collections.abc import Callable
from dataclasses import replace

from tinynet_gui.core.config import MAX_SEED, Config
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.text.numbers import count_text, plain

SEEDS = 4  # other networks to try
HELPS = 0.9  # advice helps if the loss falls below this share: less would be luck, or the next run's rounding
MEAN = " (mean over the last tenth of the steps)"  # so it is not quite the last loss, which is seen elsewhere

Try = Callable[[Config, int], float]
"""Trains from the start with settings for a number of steps; returns the final loss, infinite if it diverges."""


def with_tried_advice(found: Explanation, config: Config, loss: float, steps: int, try_out: Try) -> Explanation:
    """Keep a suggestion against a high loss if its trial ends clearly lower; else suggest a seed that does.

    More neurons are suggested last: only if no other seed of the same network does better.

    Parameters
    ----------
    config, loss
        The settings, and the loss they ended with.
    steps
        The length of each trial.
    """
    if not found.suggestion:
        return found
    what, why, _ = found.sentences
    seeds = range(config.network.seed + 1, min(config.network.seed + SEEDS, MAX_SEED) + 1)
    chance = what, why, "Where one training ends is chance too."
    others = [Explanation(chance, {"network.seed": seed}, f"Try the network of seed {seed}") for seed in seeds]
    for idea in [*others, found] if "network.hidden" in found.suggestion else [found, *others]:
        reached = try_out(config.with_changes(dict(idea.suggestion)), steps)
        if reached < HELPS * loss:
            tried = f"“{idea.label}” was tried out: in {count_text(steps)} steps {_comes_to(reached)}{MEAN}."
            return replace(idea, sentences=(what, why, f"{idea.sentences[2]} {tried}"))
    tried = f"Tried out for {count_text(steps)} steps: “{found.label}”, and other seeds. None ends clearly lower."
    return Explanation((what, why, tried))


def with_tried_cure(found: Explanation, config: Config, steps: int, try_out: Try) -> Explanation:
    """Keep a suggestion against a dead neuron if training with it ends with a clearly lower loss than without.

    Parameters
    ----------
    config
        The settings with which the neuron died.
    steps
        The length of both trials, with these settings and with the suggestion, from the start.
    """
    what, why, means = found.sentences
    without, reached = (try_out(c, steps) for c in (config, config.with_changes(dict(found.suggestion))))
    mean = MEAN if math.isfinite(min(reached, without)) else ""
    tried = (
        f"“{found.label}” was tried out from the start: in {count_text(steps)} steps {_comes_to(reached)}; "
        f"without it, {_comes_to(without)}{mean}."
    )
    if reached < HELPS * without:
        return replace(found, sentences=(what, why, f"{means} {tried}"))
    return replace(
        found, sentences=(what, why, f"{means} {tried} That is not clearly better."), suggestion={}, label=""
    )


def _comes_to(loss: float) -> str:
    return f"the loss comes to {plain(loss)}" if math.isfinite(loss) else "it diverges"
