"""Whether the size of the samples makes the learning rate unstable, found before the first step."""

import math
from dataclasses import replace

from tinynet_gui.core.analysis.curvature import stable_learning_rate
from tinynet_gui.core.analysis.diagnosis import Explanation, round_down, with_rate
from tinynet_gui.core.analysis.dying_relu import is_mostly_dead
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import Dataset, make_dataset
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.state import TrainerState


def explain_scale(config: Config, dataset: Dataset, state: TrainerState) -> Explanation | None:
    """Say up to which learning rate the first steps of a run are stable, if its own is larger; None if it is not.

    By the curvature of the loss at the first weights (`curvature.stable_learning_rate`): further on it may be another.
    What is suggested is tried in the same way. Imports torch.

    Parameters
    ----------
    config, dataset, state
        With which the run began, or would begin anew.
    """
    used = config.training.learning_rate
    limit = stable_learning_rate(config, dataset, state).rate
    if limit is None or not math.isfinite(limit) or used <= limit:
        return None
    what = f"Learning rate {plain(used)} is unstable on these data: up to {plain(round_down(limit), 2)} is stable."
    why = "The larger x and y are, the steeper the loss is curved at the first weights, and the shorter steps must be."
    scaled = config.replace("data.standardise", "xy")
    standardised = stable_learning_rate(scaled, make_dataset(scaled.data), state).rate
    if config.data.standardise != "xy" and standardised is not None and used <= standardised:
        means = f"When x and y are standardised, up to {plain(round_down(standardised), 2)} is stable there."
        return Explanation((what, why, means), {"data.standardise": "xy"}, "Standardise x and y")
    return with_rate(config, (what, why, "A smaller learning rate is stable, and slow."), round_down(limit / 2))


def has_come_true(snapshot: Snapshot, first_loss: float) -> bool:
    """Whether a run has been thrown off by steps that were too long: up from its first loss, or most neurons dead."""
    return not snapshot.train_loss <= first_loss or is_mostly_dead(snapshot)


def behind(seen: str, scale: Explanation) -> Explanation:
    """Explain what is seen by the scale that has led to it: what would help is what helps against that."""
    what, why, means = scale.sentences
    return replace(scale, sentences=(what, f"{seen} {why}", means))
