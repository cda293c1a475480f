"""A loss that is no longer finite: why, and which learning rate would have done."""

from collections.abc import Callable

from tinynet_gui.core.analysis.curvature import Stability
from tinynet_gui.core.analysis.diagnosis import Explanation, round_down, with_rate
from tinynet_gui.core.analysis.dying_relu import Replay, trainer_replay
from tinynet_gui.core.config import Config
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.state import TrainerState

MOST_TRIES = 20


def tried_rate(
    config: Config,
    before: TrainerState,
    rate: float,
    steps: int = 1_000,
    make_replay: Callable[[Config], Replay] = trainer_replay,
) -> float | None:
    """Return a learning rate that was tried from a state and did not diverge: `rate`, or halved until it did not.

    The curvature at one point says nothing of those that follow, and on most ways down it grows at first.

    Parameters
    ----------
    make_replay
        `trainer_replay`, or with the compiled loop ``lambda config: kernel_replay(config, dataset)``.

    Returns
    -------
    float | None
        None if twenty halvings did not help.
    """
    for _ in range(MOST_TRIES):
        rate = round_down(rate)
        if make_replay(config.replace("training.learning_rate", rate))(before, steps).step == before.step + steps:
            return rate
        rate /= 2
    return None


def explain_divergence(
    config: Config, diverged_at: int, stability: Stability, tried: float | None = None, *, since: int = 0
) -> Explanation:
    """Say why a training diverged.

    Parameters
    ----------
    stability
        From `core.analysis.curvature.stable_learning_rate`, at a state from before the loss rose: the run's first, or
        where the learning rate was changed.
    tried
        A rate that is known to stay finite, from `tried_rate`; it is then the suggestion.
    since
        The step of the state that `stability` is of: since then the settings are as they are.
    """
    rate = config.training.learning_rate
    used = f", set at step {since:,}" if since else ""
    what = f"The loss was no longer finite at step {diverged_at:,}, with a learning rate of {plain(rate)}{used}."
    if stability.rate is None:
        lower = round_down(rate / 10) if tried is None else tried
        means = f"Smaller steps are the remedy that always helps, such as {plain(lower)}{_tried_out(tried)}."
        return with_rate(config, (what, stability.why, means), lower)
    lower = round_down(min(stability.rate / 2, rate / 2)) if tried is None else tried
    why = f"At step {since:,}: {stability.why[0].lower()}{stability.why[1:]}" if since else stability.why
    is_plain = config.training.optimizer == "sgd"
    if rate > stability.rate:
        times = f" by {plain(abs(1 - rate * stability.curvature))}" if is_plain else ""
        means = (
            f"{plain(rate)} is {plain(rate / stability.rate)} times that: each step multiplies the error along that "
            f"direction{times}, where below {plain(stability.rate)} it would have shrunk{_tried_out(tried)}."
        )
    else:
        means = (
            f"{plain(rate)} is below that, so it was stable there: the loss curves more further on, or in a "
            f"single batch, and the same happened there{_tried_out(tried)}."
        )
    return with_rate(config, (what, why, means), lower)


def _tried_out(rate: float | None) -> str:
    return "" if rate is None else f"; {plain(rate)} was tried out and stays finite"
