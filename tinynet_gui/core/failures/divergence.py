"""A loss that is no longer finite: why, and which learning rate did better in a trial."""

from collections.abc import Callable

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.failures.diagnosis import Explanation, round_down, with_rate
from tinynet_gui.core.step.curvature import Stability, growth
from tinynet_gui.core.text.numbers import count_text, plain

MOST_TRIES = 20


def tried_rate(rate: float, goes_well: Callable[[float], bool]) -> float | None:
    """Return a learning rate that goes well in a trial: `rate`, or half of it until one does.

    The curvature at one point says nothing about later ones, and on most ways down it grows at first.

    None if twenty halvings did not help.
    """
    for _ in range(MOST_TRIES):
        rate = round_down(rate)
        if rate and goes_well(rate):
            return rate
        rate /= 2
    return None


def explain_divergence(
    config: Config, diverged_at: int, stability: Stability, tried: float | None, tried_steps: int, *, since: int = 0
) -> Explanation:
    """Say why a training diverged.

    Parameters
    ----------
    config
        The settings it diverged with.
    stability
        From `core.step.curvature.stable_learning_rate`, at a state from before the loss rose: the run's first, or
        where the learning rate was changed.
    tried, tried_steps
        A rate that stayed finite for `tried_steps` steps in a trial, from `tried_rate`: the suggestion; None if no
        tried rate did.
    since
        The step of the state that `stability` was computed at: the settings have not changed since.
    """
    rate = config.training.learning_rate
    used = f", set at step {since:,}" if since else ""
    what = f"The loss was no longer finite at step {diverged_at:,}, with a learning rate of {plain(rate)}{used}."
    finite = f"stays finite for {count_text(tried_steps)} steps."
    help_ = f"Smaller ones were tried out, and none {finite}"
    if tried is not None:
        help_ = f"{plain(tried)} was tried out and {finite}"
    why = f"At step {since:,}: {stability.why[0].lower()}{stability.why[1:]}" if since else stability.why
    if stability.rate is None:
        means = "Smaller steps are the usual remedy."
    elif rate > stability.rate:
        factor = plain(growth(config.training, stability.curvature))
        memory = OPTIMIZERS[config.training.optimizer].moves_on(config.training)
        built_up = f", once {memory} has built up" if memory else ""
        means = (
            f"{plain(rate)} is {plain(rate / stability.rate)} times that: around there each step multiplies the error "
            f"along that direction by {factor}{built_up}, where below {plain(stability.rate)} it would have shrunk."
        )
    else:
        means = (
            f"{plain(rate)} is below that, so the error along that direction shrank at first. Further on the loss can "
            "curve more, and so can that of a single batch."
        )
    sentences = (what, help_, f"{why} {means}")
    return Explanation(sentences) if tried is None else with_rate(config, sentences, tried)
