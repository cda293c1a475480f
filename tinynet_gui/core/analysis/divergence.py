"""A loss that is no longer finite: why, and which learning rate would have done."""

from collections.abc import Callable

from tinynet_gui.core.analysis.curvature import Stability, growth
from tinynet_gui.core.analysis.diagnosis import Explanation, round_down, with_rate
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.batches import batch_length
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.optimizers import OPTIMIZERS
from tinynet_gui.core.training.state import TrainerState

MOST_TRIES = 20
FEWEST_STEPS = 1_000  # that a rate is tried for; PyTorch takes a fifth of a second
MOST_ARITHMETIC = 2_000_000_000  # parameters x samples x steps: about a second of compiled code


def steps_to_try(config: Config, samples: int, *, is_compiled: bool) -> int:
    """Return for how many steps a rate is tried: up to the stop step where that takes about a second."""
    cheap = MOST_ARITHMETIC // (config.network.parameter_count * batch_length(config, samples)) if is_compiled else 0
    return min(config.training.stop_step, max(cheap, FEWEST_STEPS))


def tried_rate(
    config: Config,
    before: TrainerState,
    rate: float,
    steps: int,
    try_out: Callable[[Config, TrainerState, int], TrainerState],
) -> float | None:
    """Return a learning rate that was tried from a state and did not diverge: `rate`, or halved until it did not.

    The curvature at one point says nothing of those that follow, and on most ways down it grows at first.

    Parameters
    ----------
    steps
        For how many updates the loss is to stay finite, that after the last one too.
    try_out
        Takes so many steps from a state, or ends where the loss is not finite.

    Returns
    -------
    float | None
        None if twenty halvings did not help.
    """
    for _ in range(MOST_TRIES):
        rate = round_down(rate)
        after = try_out(config.replace("training.learning_rate", rate), before, steps + 1)
        if after.step == before.step + steps + 1:  # one more sees the loss after the last
            return rate
        rate /= 2
    return None


def explain_divergence(
    config: Config,
    diverged_at: int,
    stability: Stability,
    tried: float | None = None,
    *,
    since: int = 0,
    tried_steps: int = FEWEST_STEPS,
) -> Explanation:
    """Say why a training diverged.

    Parameters
    ----------
    config
        The settings with which it diverged.
    stability
        From `core.analysis.curvature.stable_learning_rate`, at a state from before the loss rose: the run's first, or
        where the learning rate was changed.
    tried
        A rate that is known to stay finite for `tried_steps`, from `tried_rate`; it is then the suggestion.
    since
        The step of the state that `stability` is of: since then the settings are as they are.
    """
    rate = config.training.learning_rate
    used = f", set at step {since:,}" if since else ""
    finite = "" if tried is None else f"; {plain(tried)} was tried out and stays finite for {tried_steps:,} steps"
    what = f"The loss was no longer finite at step {diverged_at:,}, with a learning rate of {plain(rate)}{used}."
    if stability.rate is None:
        lower = round_down(rate / 10) if tried is None else tried
        means = f"Smaller steps are the remedy that always helps, such as {plain(lower)}{finite}."
        return with_rate(config, (what, stability.why, means), lower)
    lower = round_down(min(stability.rate / 2, rate / 2)) if tried is None else tried
    why = f"At step {since:,}: {stability.why[0].lower()}{stability.why[1:]}" if since else stability.why
    if rate > stability.rate:
        factor = plain(growth(config.training, stability.curvature))
        memory = OPTIMIZERS[config.training.optimizer].moves_on(config.training)
        built_up = f", once {memory} has built up" if memory else ""
        means = (
            f"{plain(rate)} is {plain(rate / stability.rate)} times that: each step multiplies the error along that "
            f"direction by {factor}{built_up}, where below {plain(stability.rate)} it would have shrunk{finite}."
        )
    else:
        means = (
            f"{plain(rate)} is below that, so it was stable there: the loss curves more further on, or in a "
            f"single batch, and the same happened there{finite}."
        )
    return with_rate(config, (what, why, means), lower)
