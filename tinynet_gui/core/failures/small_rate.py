"""Is the learning rate small for standardised samples, as the size of the data needed it before? Found by trials."""

import math
from dataclasses import replace

from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.data_scale import tried
from tinynet_gui.core.failures.diagnosis import Explanation, with_rate
from tinynet_gui.core.failures.trials import Trials
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.state import TrainerState

FACTORS = (10, 30, 100)
LARGEST = 0.1  # rate that may be called small
HELPS = 0.5  # a larger rate is offered if the loss comes below this share: else the rate does not matter much


def explain_small_rate(config: Config, dataset: Dataset, state: TrainerState, trials: Trials) -> Explanation | None:
    """Offer a larger learning rate to a run that begins with standardised samples; None if none clearly helps.

    Parameters
    ----------
    config, dataset, state
        The start of the run.
    """
    used = config.training.learning_rate
    if config.data.standardise == "none" or not 0 < used <= LARGEST:
        return None
    steps = trials.steps(config, len(dataset.x_train), config.training.stop_step)

    def loss_with(rate: float) -> float:
        failure, _, loss = tried(config.replace("training.learning_rate", rate), dataset, state, steps, trials)
        return math.inf if failure else loss

    losses = {rate: loss_with(rate) for rate in (used, *(float(f"{factor * used:.3g}") for factor in FACTORS))}
    now, best = losses[used], min(losses, key=losses.__getitem__)
    if not losses[best] < HELPS * now < math.inf:
        return None
    what = f"Learning rate {plain(used)} is small for these data, as a trial shows."
    why = "A rate that was chosen for larger x and y can be small for standardised ones."
    means = (
        f"Tried out for {count_text(steps)} steps, the loss comes to {plain(losses[best])} with {plain(best)}, "
        f"and to {plain(now)} with {plain(used)}."
    )
    return replace(with_rate(config, (what, why, means), best), is_alarm=False)
