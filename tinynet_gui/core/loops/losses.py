"""Losses alone: a pasted list, and the loops whose losses from the same start are those."""

import re
from collections.abc import Iterator
from dataclasses import field

import numpy as np

from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.delimited import OnProgress, ignore_progress
from tinynet_gui.core.loops.gradients import LoopSamples, Objective
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.text.numbers import count_text, listed, loss_text
from tinynet_gui.core.training.start import initial_parameters, make_dataset
from tinynet_gui.core.values import Floats, Ints, frozen_dataclass

MAX_LINES = 100_000
MAX_LOOKED_AT = 4_000  # characters, to tell whether a text is losses
MAX_STEPS = 20_000  # taken to compare losses
MAX_WORK = 60_000_000  # samples x parameters x steps: about a minute
NEAR = 0.02  # of a loss
NUDGE = 1e-6  # change of the first weights: rounding may change the losses as much as it does
MAX_PARTED = 3.0  # times the effect of `NUDGE`
EVERY = (1, 10, 100, 500, 1_000)  # steps between two numbers that come without their steps
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]*\w)|\b(?:nan|inf)\b")

LOOPS = {
    "tutorial": N_("a loop as in the tutorial"),
    "never_reset": N_("gradients never reset"),
    "broadcast": N_("targets of shape (n,)"),
    "sum": N_("the sum of the losses for their mean"),
    "late": N_("the gradient of the step before"),
    "twice": N_("`optimizer.step()` twice in each step"),
    "ascent": N_("a wrong sign"),
    "never_reset broadcast": N_("gradients never reset and targets of shape (n,)"),
}


class LossesError(ValueError):
    """The text has no losses; the message says what is allowed."""


@frozen_dataclass(eq=False)
class PastedLosses:
    """Losses by step.

    Attributes
    ----------
    steps, losses
        Updates before each loss, ascending int64, and the losses, float64.
    are_counted
        Whether the steps were in the text; else the numbers are counted from 0.
    """

    steps: Ints
    losses: Floats
    are_counted: bool = False


@frozen_dataclass(eq=False)
class LikelyLoops:
    """The loops that would print the pasted losses, by name in `LOOPS` and as a sentence; `every` is one of `EVERY`."""

    names: tuple[str, ...]
    text: str
    every: int = 1
    losses: dict[str, Floats] = field(default_factory=dict)

    def ends(self, pasted: PastedLosses) -> Iterator[str]:
        """Yield a line for each loop: its loss at the last step compared, and the pasted one."""
        for name, losses in self.losses.items():
            place = int(np.flatnonzero(pasted.steps * self.every < len(losses))[-1])
            step, yours = int(pasted.steps[place]) * self.every, loss_text(pasted.losses[place])
            words, ours = _("{loop}: {loss} at step {step}; yours is {yours}"), loss_text(losses[step])
            yield words.format(loop=_(LOOPS[name]), loss=ours, step=count_text(step), yours=yours)


def is_losses(text: str) -> bool:
    """Return whether a text is meant as losses: it says so, or has a single number in each line."""
    lines = text[:MAX_LOOKED_AT].splitlines()[: -1 if len(text) > MAX_LOOKED_AT else None]
    lines = [line.strip() for line in lines if line.strip()]
    try:
        count = len(read_losses("\n".join(lines)).losses)
    except LossesError:
        return False
    return count > 1 and ("loss" in text[:MAX_LOOKED_AT].lower() or all(map(_NUMBER.fullmatch, lines)))


def read_losses(text: str) -> PastedLosses:
    """Read one number a line, or a step and a loss as the tutorial prints them, with words between them or none.

    `LossesError` if there are none, or the steps do not ascend.
    """
    lines = [line for line in text.splitlines() if _NUMBER.search(line)]
    if not 1 <= len(lines) <= MAX_LINES:
        words = _("{count} lines with numbers: 1 to {most} are needed, a loss in each")
        raise LossesError(words.format(count=count_text(len(lines)), most=count_text(MAX_LINES)))
    numbers = [[float(found) for found in _NUMBER.findall(line)] for line in lines]
    losses = np.array([line[-1] for line in numbers])
    firsts = np.array([line[0] for line in numbers])
    if all(len(line) == 1 for line in numbers):
        return PastedLosses(np.arange(len(losses)), losses)
    is_counted = all(len(line) > 1 for line in numbers) and np.isfinite(firsts).all() and (firsts % 1 == 0).all()
    if not is_counted or firsts[0] < 0 or firsts[-1] > 10**9 or (np.diff(firsts) <= 0).any():
        raise LossesError(_("each line needs a loss, or a step and a loss, with steps that ascend"))
    return PastedLosses(firsts.astype(np.int64), losses, are_counted=True)


def likely_loops(pasted: PastedLosses, config: Config, on_progress: OnProgress = ignore_progress) -> LikelyLoops:
    """Say which loops, from the start of a configuration and with its settings, have these losses."""
    if config.training.batch_size:
        return LikelyLoops((), _("Losses of batches depend on the order of the samples, which they do not tell."))
    size = config.network.parameter_count * len(make_dataset(config.data).x_train)
    most = min(MAX_STEPS, MAX_WORK // size)
    if pasted.steps[0] > most:
        words = _("Losses after more than {most} steps of this network are not compared.")
        return LikelyLoops((), words.format(most=count_text(most)))
    spacings = [every for every in EVERY if pasted.steps[-1] * every <= most]
    for every in [1] if pasted.are_counted or not spacings else spacings:
        steps = pasted.steps * every
        known = steps <= most
        runs = losses_of_loops(config, int(steps[known][-1]) + 1, on_progress)
        given, places = pasted.losses[known], steps[known]
        names = tuple(name for name, losses in runs.items() if _are_near(losses[0, places], losses[1, places], given))
        if names:
            words = _("From this start these losses may be those of {loops}. Losses alone accuse nobody.")
            if every > 1:
                words = _(
                    "From this start these losses (with a loss every {every} steps) may be those of {loops}. Losses "
                    "alone accuse nobody."
                )
            text = words.format(every=count_text(every), loops=listed([_(LOOPS[name]) for name in names], "or"))
            return LikelyLoops(names, text, every, {name: runs[name][0] for name in names})
    words = _("No loop that I know has these losses from this start: are the samples and weights the same?")
    return LikelyLoops((), words)


def _are_near(ours: Floats, nudged: Floats, theirs: Floats) -> bool:
    with np.errstate(all="ignore"):
        is_near = np.abs(ours - theirs) <= NEAR * np.abs(theirs) + MAX_PARTED * np.abs(ours - nudged)
    return bool((is_near | ~(np.isfinite(ours) | np.isfinite(theirs))).all())


def losses_of_loops(config: Config, count: int, on_progress: OnProgress = ignore_progress) -> dict[str, Floats]:
    """Return what each loop in `LOOPS` prints as its loss, before each of `count` steps.

    float64 of shape (2, count): from the first weights of a configuration, and from these a little off.
    """
    dataset, training = make_dataset(config.data), config.training
    x, y = (column[:, 0].astype(np.float64) for column in (dataset.x_train, dataset.y_train))
    start = np.concatenate([part.ravel() for part in initial_parameters(config.network)]).astype(np.float64)
    rule = OPTIMIZERS[training.optimizer].rule(training)
    names, samples = [*LOOPS] * 2, LoopSamples(config.network.widths, x, y, np.arange(len(start)), 0.0)
    is_broadcast = np.array(["broadcast" in name for name in names])
    factors = np.array([{"sum": len(x), "ascent": -1}.get(name, 1) for name in names], dtype=np.float64)
    repeats = np.array([2 if name == "twice" else 1 for name in names])
    nudge = NUDGE * np.random.default_rng(0).choice([-1.0, 1.0], len(start))
    rows = np.repeat(np.stack([start, start * (1 + nudge)]), len(LOOPS), axis=0)
    memory = [np.zeros_like(rows) for _ in rule.slots]
    summed, before, losses = np.zeros_like(rows), np.zeros_like(rows), np.zeros((len(names), count))
    is_summed, is_late = (np.array([habit in name for name in names])[:, None] for habit in ("never_reset", "late"))
    steps_of_each = np.zeros(len(names), dtype=np.int64)
    with np.errstate(all="ignore"):
        for step in range(count):
            on_progress(step / count)
            found = np.zeros_like(rows)
            for chosen, compares_all in ((~is_broadcast, False), (is_broadcast, True)):
                objective = Objective(config.network.activation, training.loss, compares_all)
                part = samples.gradients(objective, rows[chosen], np.full(int(chosen.sum()), step))
                found[chosen], losses[chosen, step] = part.values, part.losses * factors[chosen]
            found = found * factors[:, None] + training.l1 * np.sign(rows)
            summed = summed + found
            given = np.where(is_summed, summed, np.where(is_late & (step > 0), before, found))
            before = found
            for call in range(int(repeats.max())):
                moves = repeats > call
                steps_of_each = steps_of_each + moves
                for t in {*steps_of_each[moves].tolist()}:
                    now = moves & (steps_of_each == t)
                    gradient = given[now] + training.weight_decay * rows[now]
                    slots = [slot[now] for slot in memory]
                    rows[now], *new = rule.update(rows[now], gradient, *slots, *rule.constants_at(training, t))
                    for slot, values in zip(memory, new, strict=True):
                        slot[now] = values
    return dict(zip(LOOPS, losses.reshape(2, -1, count).swapaxes(0, 1), strict=True))
