"""Advice that is given only if it was tried and helped."""

from collections.abc import Callable
from dataclasses import replace

from tinynet_gui.core.analysis.diagnosis import Explanation
from tinynet_gui.core.config import MAX_SEED, Config
from tinynet_gui.core.text.numbers import plain

SEEDS = 4  # other networks that are tried where the first advice does not help

Try = Callable[[Config], float]
"""Trains anew with settings, and returns the loss to which that comes: infinite if it diverges."""


def with_tried_advice(found: Explanation, config: Config, loss: float, try_out: Try) -> Explanation:
    """Keep what is suggested against a loss, if it comes to a lower one; else suggest a seed that does, or nothing.

    Parameters
    ----------
    config, loss
        The settings that have come to this loss.
    """
    if not found.suggestion:
        return found
    what, why, means = found.sentences
    reached = try_out(config.with_changes(dict(found.suggestion)))
    if reached < loss:
        return replace(found, sentences=(what, why, f"{means} Tried out, it comes to a loss of {plain(reached)}."))
    for seed in range(config.network.seed + 1, min(config.network.seed + SEEDS, MAX_SEED) + 1):
        reached = try_out(config.replace("network.seed", seed))
        if reached < loss:
            means = f"Where one training ends is chance too: from seed {seed} it comes to a loss of {plain(reached)}."
            return Explanation((what, why, means), {"network.seed": seed}, f"Try the network of seed {seed}")
    return Explanation((what, why, "What usually helps was tried out, and so were other seeds: neither does better."))
