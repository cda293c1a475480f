"""Whether the size of the samples makes the learning rate unstable, found before the first step."""

import math

from tinynet_gui.core.analysis.curvature import stable_learning_rate
from tinynet_gui.core.analysis.diagnosis import Explanation, round_down, with_rate
from tinynet_gui.core.data.dataset import make_dataset
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import plain


def explain_scale(snapshot: Snapshot) -> Explanation | None:
    """Say up to which learning rate the first steps of a run are stable, if its own is larger; None if it is not.

    By the curvature of the loss at the first weights (`curvature.stable_learning_rate`): further on it may be another.
    What is suggested is tried in the same way. Imports torch.
    """
    config, used = snapshot.config, snapshot.config.training.learning_rate
    limit = stable_learning_rate(config, snapshot.dataset, snapshot.state).rate
    if limit is None or not math.isfinite(limit) or used <= limit:
        return None
    what = f"A learning rate of {plain(used)} is unstable on these data: up to {plain(round_down(limit), 2)} is stable."
    why = "The larger x and y are, the steeper the loss is curved at the first weights, and the shorter steps must be."
    scaled = config.replace("data.standardise", "xy")
    standardised = stable_learning_rate(scaled, make_dataset(scaled.data), snapshot.state).rate
    if config.data.standardise != "xy" and standardised is not None and used <= standardised:
        means = f"When x and y are standardised, up to {plain(round_down(standardised), 2)} is stable there."
        return Explanation((what, why, means), {"data.standardise": "xy"}, "Standardise x and y")
    return with_rate(config, (what, why, "A smaller learning rate is stable, and slow."), round_down(limit / 2))
