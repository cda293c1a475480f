"""Why a training goes wrong, in three sentences, and what to change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import floor, isfinite, log10
from typing import Any

import numpy as np

from tinynet_gui.core.analysis.curvature import Stability
from tinynet_gui.core.analysis.dying_relu import Death, DeathBetween, chance_of_the_dead, dead_neurons
from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import MAX_WIDTH, Config, ConfigError
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.run.replay import Moment
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import plain, told_apart
from tinynet_gui.core.training.losses import LOSSES
from tinynet_gui.core.training.optimizers import OPTIMIZERS, PLAIN
from tinynet_gui.core.training.state import TrainerState

PLATEAU_PART = 0.2  # the last part of the losses that is looked at
PLATEAU_MOVE = 1e-3  # it is a plateau if the loss has moved by less than this share of itself
PLATEAU_LENGTH = 100  # fewer losses say nothing
CONSTANT_SHARE = 0.9  # of the loss of the best constant: above it the network is next to a constant
FITTED_SHARE = 1e-4  # below it there is nothing left to explain
MOST_TRIES = 20
ADAM_RATE = 0.01
SLOPE_STEPS = 1_000  # what so many steps down the slope of here would gain tells a slope from a minimum
SLOPE_GAIN = 1e-3  # of the loss


@dataclass(frozen=True)
class Plateau:
    """A loss that does not move.

    Attributes
    ----------
    loss
        The mean of the last losses: the second half of those that were looked at.
    move
        By what share of the larger one the means of the two halves that were looked at differ.
    """

    loss: float
    move: float


@dataclass(frozen=True)
class Explanation:
    """What happened, why, and what would help.

    Attributes
    ----------
    sentences
        Three: what is seen, where it comes from, what it means or what would help.
    suggestion
        Changes for `Config.replace`, each of them allowed: dotted path to value. Empty if there is nothing to mend.
    label
        What the changes are, for the button that applies them; "" if there are none.
    update
        Where the run stood before the update that did it, for the microscope; None if no single one did.
    """

    sentences: tuple[str, str, str]
    suggestion: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""
    update: Moment | None = None


def find_plateau(losses: Array, part: float = PLATEAU_PART, move: float = PLATEAU_MOVE) -> Plateau | None:
    """Return the plateau that a training has come to, or None while its loss still moves.

    Parameters
    ----------
    losses
        By step or evenly spaced over the steps, shape (losses,). With fewer than 100 there is no telling.
    part, move
        The last `part` of the losses is cut into two halves; it is a plateau if their means differ by less than
        `move` of the larger one. In the noise of mini-batches a difference up to ten times that counts as none,
        if it is within four times its standard error.
    """
    count = int(part * len(losses)) // 2
    if len(losses) < PLATEAU_LENGTH or count < 1:
        return None
    last = losses[-2 * count :].astype(np.float64)
    if not np.isfinite(last).all():
        return None
    halves = last.reshape(2, count)
    first, second = (float(mean) for mean in halves.mean(axis=1))
    noise = float(np.sqrt(halves.var(axis=1).sum() / count))
    larger = max(abs(first), abs(second))
    change = abs(first - second) / larger if larger > 0 else 0.0
    if change >= move and (change >= 10 * move or abs(first - second) > 4 * noise):
        return None
    return Plateau(second, change)


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
    try_out
        Takes so many steps from a state, or ends where the loss is not finite.

    Returns
    -------
    float | None
        None if twenty halvings did not help.
    """
    for _ in range(MOST_TRIES):
        rate = _round_down(rate)
        if try_out(config.replace("training.learning_rate", rate), before, steps).step == before.step + steps:
            return rate
        rate /= 2
    return None


def explain_dead_neuron(config: Config, layer: int, index: int, death: Death | DeathBetween | None) -> Explanation:
    """Say why a neuron is dead; `death` is from `dying_relu_search`, None if it was so from the first weights on."""
    name = f"Neuron {index + 1} of hidden layer {layer + 1}"
    lasting = (
        f"A ReLU that is 0 has the slope 0: no gradient reaches its weights, and {chance_of_the_dead(config, layer)}."
    )
    leaky = {"network.activation": "leaky_relu"}, "Use leaky ReLU, which is never flat"
    match death:
        case Death():
            return _explain_death(name, lasting, death)
        case DeathBetween(first=None):
            what = f"{name} gives 0 on every sample, and did so wherever this long run was looked at."
            why = f"Between those steps it may have been active for a while, at the latest before step {death.last:,}."
            return Explanation((what, why, lasting), *leaky)
        case DeathBetween():
            what = f"{name} gives 0 on every sample: it died between step {death.first:,} and step {death.last:,}."
            why = "What can bring the dead back may have done so in between; to look at each step would take too long."
            return Explanation((what, why, lasting), *leaky)
    what = f"{name} gives 0 on every sample, and has done so from the first weights on."
    why = "The seed put its kink outside the samples, or the values that come in never add up to more than 0."
    draws_biases = INITIALIZATIONS[config.network.initialization].has_biases
    if layer == 0 and draws_biases and config.data.x_min < 0 < config.data.x_max:
        return Explanation(
            (what, why, lasting),
            {"network.initialization": "kaiming"},
            "Begin with Kaiming's weights: with biases of 0 every kink is at x = 0, among the samples",
        )
    return Explanation((what, why, lasting), *leaky)


def _explain_death(name: str, lasting: str, death: Death) -> Explanation:
    when = f"numbers were set by hand at step {death.step:,}" if death.is_by_hand else f"step {death.step:,}"
    cause = "That change" if death.is_by_hand else "That update"
    what = (
        f"{name} gives 0 on every sample since {when}: "
        f"before it, {_samples(death.samples_before)} still made it active."
    )
    moves = np.concatenate([death.weights_after - death.weights_before, [death.bias_after - death.bias_before]])
    largest = plain(float(np.max(np.abs(moves))))
    why = "{} moved its bias from {} to {}".format(cause, *told_apart(death.bias_before, death.bias_after))
    if death.layer == 0:
        before, after = told_apart(float(death.weights_before[0]), float(death.weights_after[0]))
        why += f" and its weight from {before} to {after}, and w·x + b is above 0 for no sample any more."
    elif death.culprit == "the layers before":
        why = f"Not its own weights did it: {cause.lower()} moved the layers before it, and what they send it adds up "
        why += "to less."
    else:
        why += f" and its parameters by up to {largest}"
        why += {
            "its own weights": ", and its pre-activation is above 0 for no sample any more.",
            "either": "; the layers before it moved too. Either alone would have done it.",
        }.get(death.culprit, ", and the layers before it too. Neither alone would have done it: both together did.")
    return Explanation(
        (what, why, lasting),
        {"network.activation": "leaky_relu"},
        "Use leaky ReLU, which is never flat",
        update=None if death.is_by_hand else death.before,
    )


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
        lower = _round_down(rate / 10) if tried is None else tried
        means = f"Smaller steps are the remedy that always helps, such as {plain(lower)}{_tried_out(tried)}."
        return _with_rate(config, (what, stability.why, means), lower)
    lower = _round_down(min(stability.rate / 2, rate / 2)) if tried is None else tried
    why = f"At step {since:,}: {stability.why[0].lower()}{stability.why[1:]}" if since else stability.why
    is_plain = OPTIMIZERS[config.training.optimizer].rule(config.training) is PLAIN
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
    return _with_rate(config, (what, why, means), lower)


def explain_plateau(snapshot: Snapshot, plateau: Plateau, stability: Stability | None = None) -> Explanation:
    """Say why the loss does not move; `stability` is from `stable_learning_rate`, at the snapshot's state."""
    config = snapshot.config
    move = f"{100 * plateau.move:.2g} %" if plateau.move >= 1e-5 else "less than 0.001 %"
    what = f"The loss has stayed at {plain(plateau.loss)}: over the last fifth of the steps it has moved by "
    what += f"{move} of itself."
    constant = best_constant_loss(config.training.loss, snapshot.dataset.y_train)
    dead, neurons = dead_neurons(snapshot), sum(config.network.hidden)
    if constant > 0 and plateau.loss < FITTED_SHARE * constant:
        why = f"The best constant would have a loss of {plain(constant)}: the network fits the samples all but exactly."
        return Explanation((what, why, "There is next to nothing left to learn, so this is the end and not a failure."))
    if not INITIALIZATIONS[config.network.initialization].is_random and config.network.hidden:
        why = "All weights began at 0, so all neurons of a layer are alike and get the same gradient or none."
        means = "Only chance can make them differ: a random start breaks the tie."
        return Explanation(
            (what, why, means), {"network.initialization": "pytorch"}, "Begin with PyTorch's random weights"
        )
    if neurons and 2 * len(dead) >= neurons:
        why = f"{len(dead)} of {neurons} neurons are dead: they give 0 on every sample, and no gradient reaches them."
        means = "What is left has too few kinks to follow the samples any better."
        return Explanation(
            (what, why, means), {"network.activation": "leaky_relu"}, "Use leaky ReLU, which is never flat"
        )
    return _explain_slow_or_done(snapshot, what, plateau, constant, stability)


def best_constant_loss(loss: str, y: Array) -> float:
    """Return the loss of the best constant output: what a network that learns nothing of x can reach."""
    function, derivative = LOSSES[loss].function, LOSSES[loss].derivative
    values = y.astype(np.float64).ravel()
    low, high = float(values.min()), float(values.max())
    for _ in range(100):  # a loss is convex: bisect its slope
        middle = 0.5 * (low + high)
        if np.sum(derivative(middle - values)) > 0:
            high = middle
        else:
            low = middle
    return float(np.mean(function(low - values)))


def _explain_slow_or_done(
    snapshot: Snapshot, what: str, plateau: Plateau, constant: float, stability: Stability | None
) -> Explanation:
    config = snapshot.config
    slope = sum(
        float(np.sum(array.astype(np.float64) ** 2)) for g in snapshot.gradients for array in (g.weight, g.bias)
    )

    def would_gain(rate: float) -> bool:
        return SLOPE_STEPS * rate * slope > SLOPE_GAIN * plateau.loss

    rate = config.training.learning_rate
    is_constant = plateau.loss > CONSTANT_SHARE * constant  # it has hardly begun: hardly a minimum
    where = "close to it" if is_constant else "well below it"
    if CONSTANT_SHARE * plateau.loss > constant:
        where = "above it"
    why = f"The best constant would have a loss of {plain(constant)}, and this is {where}: "
    if rate == 0:
        sentences = (what, f"{why}but with a learning rate of 0 nothing moves.", "Any step needs a rate above 0.")
        return _with_rate(config, sentences, 0.001)
    limit = None if stability is None else stability.rate
    if stability is not None and limit is not None and rate < limit / 4 and would_gain(limit / 2):
        why += "the slope of the loss is small here, and so are steps of learning rate times slope."
        means = f"{stability.why} Yours is {plain(rate)}, so longer steps are safe."
        return _with_rate(config, (what, why, means), _round_down(limit / 2))
    widths = config.network.hidden
    rule = OPTIMIZERS[config.training.optimizer].rule(config.training)
    if rule is PLAIN and widths and (is_constant or would_gain(ADAM_RATE)):
        why += "the loss is steep in some directions and flat in others, and one learning rate has to do for all."
        means = "Adam gives every weight steps of its own length, and gets along the flat ones faster."
        return Explanation(
            (what, why, means),
            {"training.optimizer": "adam", "training.learning_rate": ADAM_RATE},
            f"Train with Adam and a learning rate of {ADAM_RATE:g}",
        )
    why += "the optimiser has found a minimum, or a place next to one."
    wider = tuple(min(2 * width, MAX_WIDTH) for width in widths) or (10,)
    if wider == widths:
        return Explanation((what, why, "Another seed may end in another minimum."), *_another_seed(config))
    means = "To fit the samples better, the network needs more neurons; another seed may also end elsewhere."
    changes: dict[str, Any] = {"network.hidden": wider}
    label = f"Use hidden layers of {', '.join(map(str, wider))}"
    if widths and rule.stable_factor is not None:  # twice as wide curves about twice as much
        changes["training.learning_rate"] = _round_down(rate / 2)
        label += f" and half the learning rate, {plain(changes['training.learning_rate'])}"
    return Explanation((what, why, means), changes, label)


def _another_seed(config: Config) -> tuple[dict[str, Any], str]:
    seed = config.network.seed + 1 if config.network.seed < 2**31 - 1 else 0
    return {"network.seed": seed}, f"Try the network of seed {seed}"


def _with_rate(config: Config, sentences: tuple[str, str, str], rate: float) -> Explanation:
    try:
        config.replace("training.learning_rate", rate)
    except ConfigError:
        return Explanation(sentences)
    if rate == 0:  # so small that it rounds to nothing: no suggestion
        return Explanation(sentences)
    return Explanation(sentences, {"training.learning_rate": rate}, f"Set the learning rate to {plain(rate)}")


def _round_down(value: float) -> float:
    """Round to two significant digits, downwards, so that a limit stays a limit."""
    if not isfinite(value) or value <= 0:
        return 0.0
    power = floor(log10(value)) - 1
    return float(f"{floor(round(value / 10.0**power, 9))}e{power}")


def _tried_out(rate: float | None) -> str:
    return "" if rate is None else f"; {plain(rate)} was tried out and stays finite"


def _samples(count: int) -> str:
    return "one sample" if count == 1 else f"{count:,} samples"
