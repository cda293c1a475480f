"""Why a loss no longer moves, and what is worth trying."""

from dataclasses import replace
from typing import Any

import numpy as np

from tinynet_gui.core.choices import gradient_changes, loops, losses, optimizers
from tinynet_gui.core.choices.schedules import CONSTANT, at_step
from tinynet_gui.core.config import MAX_SEED, MAX_WIDTH, TrainingConfig
from tinynet_gui.core.failures.dead_neuron import leaky_relu_change
from tinynet_gui.core.failures.diagnosis import Explanation, round_down, with_rate
from tinynet_gui.core.failures.symptoms import Plateau, dead_neurons, is_mostly_dead, stretches_compared
from tinynet_gui.core.step.curvature import Stability
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, listed, plain
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import Array

CONSTANT_SHARE = 0.9  # of the best constant's loss: above it the network is almost a constant
FITTED_SHARE = 1e-4  # below it there is nothing left to explain
ADAM_RATE = 0.01
SLOPE_STEPS = 1_000  # the gain of this many steps down the current slope tells a slope from a minimum
SLOPE_GAIN = 1e-3  # of the loss
SMALL_SHARE = 4  # a rate that is a smaller part of the whole one may be why nothing moves
HELD_GAIN = 0.1  # if the slope alone would gain this share, something else keeps the loss from falling


def explain_plateau(snapshot: Snapshot, plateau: Plateau, stability: Stability | None = None) -> Explanation:
    """Say why the loss does not move, and what is worth trying (`with_tried_advice` tries it).

    `stability` is that of `stable_learning_rate` at the snapshot's state.
    """
    config = snapshot.config
    what = stretches_compared(plateau)
    constant = best_constant_loss(config.training, snapshot.dataset.y_train)
    dead, neurons = dead_neurons(snapshot), sum(config.network.hidden)
    if constant > 0 and plateau.loss < FITTED_SHARE * constant:
        why = _("The best constant would have a loss of {constant}: the network fits the samples all but exactly.")
        means = _("There is next to nothing left to learn, so this is the end and not a failure.")
        return Explanation((what, why.format(constant=plain(constant)), means))
    if (mistake := loops.training_loop(config.training).why) and config.training.learning_rate:
        means = _("The tutorial's loop resets the gradients in each step, and has targets of the shape of the outputs.")
        return Explanation((what, mistake, means), {"training.loop": loops.TUTORIAL}, _("Train as in the tutorial"))
    rate, whole = at_step(config.training, snapshot.step).learning_rate, config.training.learning_rate
    if snapshot.step >= config.training.warm_up and rate < whole / SMALL_SHARE:
        why = _("By its schedule the learning rate is down to {rate} here, from {whole}.")
        why = why.format(rate=plain(rate), whole=plain(whole))
        means = _("Steps so short change next to nothing: a schedule is to end like this. A constant rate goes on.")
        return Explanation((what, why, means), {"training.schedule": CONSTANT}, _("Train at a constant learning rate"))
    if config.training.learning_rate == 0:
        sentences = (what, _("With a learning rate of 0 nothing moves."), _("Any step needs a rate above 0."))
        return with_rate(config, sentences, 0.001)
    if not config.network.is_random and config.network.hidden:
        why = _("All weights began at 0, so all neurons of a layer are alike and get the same gradient or none.")
        means = _("Only chance can make them differ: a random start breaks the tie.")
        drawn = {"network.initialization": "pytorch", "network.weight_scale": 1.0}
        return Explanation((what, why, means), drawn, _("Begin with PyTorch's random weights"))
    if is_mostly_dead(snapshot):
        why = _("{dead} of {count} neurons are dead: they give 0 on every sample, and no gradient reaches them.")
        why = why.format(dead=count_text(len(dead)), count=count_text(neurons))
        means = _("Only those that are active on some sample get a gradient.")
        return Explanation((what, why, means), *leaky_relu_change(config.network))
    return _explain_slow_or_done(snapshot, what, plateau, constant, stability)


def is_failure(snapshot: Snapshot, plateau: Plateau) -> bool:
    """Whether the network at a plateau has learned next to nothing from x, or is mostly dead."""
    constant = best_constant_loss(snapshot.config.training, snapshot.dataset.y_train)
    is_constant = plateau.loss > CONSTANT_SHARE * constant
    return plateau.loss >= FITTED_SHARE * constant and (is_mostly_dead(snapshot) or is_constant)


def plateau_words(snapshot: Snapshot, plateau: Plateau) -> str:
    """Return a line saying that the loss does not move; calmly, unless it is a failure."""
    if is_failure(snapshot, plateau):
        return _("Plateau: the loss does not move any more.")
    if plateau.loss < FITTED_SHARE * best_constant_loss(snapshot.config.training, snapshot.dataset.y_train):
        return _("The network fits the samples: there is next to nothing left to learn.")
    return _("The loss has settled.")


def best_constant_loss(training: TrainingConfig, y: Array) -> float:
    """Return the loss of the best constant output: the limit of a network that learns nothing from x."""
    function, derivative = losses.LOSSES[training.loss].function, losses.LOSSES[training.loss].derivative
    values = y.astype(np.float64).ravel()
    low, high = float(values.min()), float(values.max())
    for _bisection in range(100):  # a loss is convex: bisect its slope
        middle = 0.5 * (low + high)
        if np.sum(derivative(middle - values)) > 0:
            high = middle
        else:
            low = middle
    return float(np.sum(function(low - values)) / loops.divisor(training, values.size))


def _explain_slow_or_done(
    snapshot: Snapshot, what: str, plateau: Plateau, constant: float, stability: Stability | None
) -> Explanation:
    config = replace(snapshot.config, training=at_step(snapshot.config.training, snapshot.step))
    slope = sum(
        float(np.sum(array.astype(np.float64) ** 2)) for g in snapshot.gradients for array in (g.weight, g.bias)
    )

    def would_gain(rate: float) -> bool:
        return SLOPE_STEPS * rate * slope > SLOPE_GAIN * plateau.loss

    rate = config.training.learning_rate
    is_constant = plateau.loss > CONSTANT_SHARE * constant  # it has learned next to nothing: hardly a minimum
    # Translators: in these three {why} is such as “the steps are short”.
    words = _("The best constant would have a loss of {constant}, and this is well below it: {why}")
    if CONSTANT_SHARE * plateau.loss > constant:
        words = _("The best constant would have a loss of {constant}, and this is above it: {why}")
    elif is_constant:
        words = _("The best constant would have a loss of {constant}, and this is close to it: {why}")

    def because(why: str) -> str:
        return words.format(constant=plain(constant), why=why)

    if (active := gradient_changes.active_pulls(config.training)) and _is_held(snapshot, slope, plateau.loss):
        pulls = listed([pull.definite for pull in active])
        # Translators: {pulls} is such as “the L1 penalty and weight decay”.
        why = ngettext(
            "{pulls} pulls the weights towards 0 about as hard as the slope of the loss moves them away.",
            "{pulls} pull the weights towards 0 about as hard as the slope of the loss moves them away.",
            len(active),
        )
        means = _("With less of it the loss can be lower, and the weights larger.")
        without = {f"training.{pull.setting}": 0.0 for pull in active}
        label = _("Train without {pulls}").format(pulls=pulls)
        return Explanation((what, because(why.format(pulls=pulls)), means), without, label)
    longest, norm = config.training.max_norm, float(np.sqrt(slope))
    rule = optimizers.OPTIMIZERS[config.training.optimizer].rule(config.training)
    if 0 < longest < norm and rule.divisor is None and would_gain(rate):
        why = _("the gradient has a norm of {norm}, and clipping shortens it to {longest} in every step.")
        why = because(why.format(norm=plain(norm), longest=plain(longest)))
        means = _("Without clipping the steps are as long as the slope of the loss makes them.")
        return Explanation((what, why, means), {"training.max_norm": 0.0}, _("Train without gradient clipping"))
    limit = None if stability is None else stability.rate
    if stability is not None and limit is not None and rate < limit / 4 and would_gain(limit / 2):
        why = because(_("the slope of the loss is small here, and so are steps of learning rate times slope."))
        means = _("Yours is {rate}: longer steps are worth a try.").format(rate=plain(rate))
        return with_rate(config, (what, why, f"{stability.why} {means}"), round_down(limit / 2))
    widths = config.network.hidden
    if rule.divisor is not None and is_constant and rate < ADAM_RATE / 4:
        why = _("the steps are short: how far one moves a weight depends on the learning rate, hardly on the slope.")
        why, means = because(why), _("Yours is {rate}: longer steps are worth a try.").format(rate=plain(rate))
        return with_rate(config, (what, why, means), ADAM_RATE)
    if rule is optimizers.PLAIN and widths and (is_constant or would_gain(ADAM_RATE)):
        why = _("the loss is steeper in some directions than in others, and one learning rate has to do for all.")
        means = _("Adam gives every weight steps of its own length, and often gets along the flat directions faster.")
        changes: dict[str, Any] = {"training.optimizer": "adam", "training.learning_rate": ADAM_RATE}
        label = _("Train with Adam and a learning rate of {rate}").format(rate=plain(ADAM_RATE))
        return Explanation((what, because(why), means), changes, label)
    why = because(_("the optimiser's steps gain next to nothing here. It may be next to a minimum."))
    wider = tuple(min(2 * width, MAX_WIDTH) for width in widths) or (10,)
    if wider == widths:
        seed = config.network.seed + 1 if config.network.seed < MAX_SEED else 0
        means = _("Another seed may end in another minimum.")
        label = _("Try the network of seed {seed}").format(seed=seed)
        return Explanation((what, why, means), {"network.seed": seed}, label)
    means = _("More neurons can bend the curve in more places.")
    changes, label = {"network.hidden": wider}, _("Use hidden layers of {widths}")
    if widths and rule.divisor is None:  # twice as wide mostly curves more; Adam divides that out
        changes["training.learning_rate"] = round_down(rate / 2)
        label = _("Use hidden layers of {widths} and half the learning rate, {rate}")
    label = label.format(widths=", ".join(map(str, wider)), rate=plain(round_down(rate / 2)))
    return Explanation((what, why, means), changes, label)


def _is_held(snapshot: Snapshot, slope: float, loss: float) -> bool:
    """Whether the penalties' pull towards 0 balances the loss's gradient, which alone would lower the loss."""
    training = snapshot.config.training
    arrays = [array.astype(np.float64) for array in snapshot.state.parameters]
    nothing = [np.zeros_like(w) for w in arrays]
    for each in gradient_changes.active_pulls(training):
        nothing = [each.change(w, g, each.value(training)) for w, g in zip(arrays, nothing, strict=True)]
    pull = sum(float(np.sum(g**2)) for g in nothing)
    return 4 * pull > slope and SLOPE_STEPS * training.learning_rate * slope > HELD_GAIN * loss
