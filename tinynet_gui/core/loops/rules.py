"""Rules of a training step, each tried against recorded steps: which of them made these?

A rule is an objective (what the gradient is taken of), a habit (what the loop makes of its gradients) and an optimiser
with its numbers. Its learning rate is fitted. What a rule leaves unexplained is compared with what rounding can do: the
rounding of the recorded weights, and that of gradients, which is sent through the rule as noise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np

from tinynet_gui.core.choices import activations, losses, optimizers
from tinynet_gui.core.choices.gradient_changes import DECAY, L1
from tinynet_gui.core.loops.gradients import Gradients, LoopRecord, LoopSamples, Objective, Steps
from tinynet_gui.core.network.forward import unflattened
from tinynet_gui.core.network_files.reading import parameter_names
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.text.numbers import count_text, in_full, listed, numbers_listed, plain
from tinynet_gui.core.values import Flags, Floats, frozen_dataclass

MARGIN = 8.0  # times the rounding that is expected
USABLE = 0.05  # largest doubt, as a share of an entry of a step, with which the entry still counts
MIN_SPARE = 4  # entries
MIN_SHARE = 0.9  # of the steps' squared length, in usable entries
MIN_TURN = 0.01
MAX_PLACES = 4_000  # parameters that are looked at


@frozen_dataclass
class Habit:
    """How a loop turns the gradients of the steps so far into what it gives its optimiser.

    Attributes
    ----------
    name
        That of the setting ``training.loop``, where it has one.
    given
        Maps gradients of shape (..., steps, places) to what the optimiser is given.
    words
        What the loop does, as the end of a sentence; "" for the tutorial's.
    line
        The tutorial's line that is wrong or missing.
    times
        Calls of ``optimizer.step()`` in a step.
    needs
        How many earlier steps decide what a step is given; it cannot be told where they are not recorded.
    """

    name: str
    given: Callable[[Floats], Floats]
    words: str = ""
    line: str = ""
    times: int = 1
    needs: int = 0


TUTORIAL = Habit("tutorial", lambda g: g)
HABITS: dict[str, Habit] = {
    habit.name: habit
    for habit in (
        TUTORIAL,
        Habit(
            "never_reset",
            lambda g: np.cumsum(g, axis=-2),
            N_("each gradient is added to all earlier ones: `optimizer.zero_grad()` is missing"),
            "optimizer.zero_grad()",
            needs=1,
        ),
        Habit(
            "late",
            lambda g: np.concatenate([g[..., :1, :], g[..., :-1, :]], axis=-2),
            N_("each step takes the gradient of the step before: `loss.backward()` comes after `optimizer.step()`"),
            "loss.backward()",
            needs=1,
        ),
        Habit("twice", lambda g: g, N_("`optimizer.step()` is called twice in each step"), "optimizer.step()", times=2),
    )
}


@frozen_dataclass
class LoopRule:
    """A rule of a training step.

    Attributes
    ----------
    numbers
        The optimiser's, by the names of the configuration's fields, with ``weight_decay`` and ``l1``.
    rate
        Fitted; negative where the loss is climbed. The first one, if it changes.
    changes
        Whether each step has a rate of its own.
    """

    objective: Objective
    habit: Habit
    optimizer: str
    rule: optimizers.Rule
    numbers: Mapping[str, float] = field(default_factory=dict)
    rate: float = 0.0
    changes: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether each step is a multiple of the gradient: an optimiser without memory, and no penalty."""
        return not self.rule.slots and not any(self.numbers.get(name) for name in PENALTIES)

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The names of what is wrong with it; empty for a loop as it should be."""
        names = [self.habit.name] if self.habit is not TUTORIAL else []
        names += ["broadcast"] if self.objective.is_broadcast else []
        return (*names, "ascent") if self.rate < 0 else tuple(names)


PENALTIES = ("weight_decay", "l1")
USUAL = {"momentum": 0.9, "beta1": 0.9, "beta2": 0.999, "alpha": 0.99, "epsilon": 1e-8, "decoupled": 0.01}
_ADAM, _RMSPROP = (optimizers.OPTIMIZERS[name].rules[0] for name in ("adam", "rmsprop"))
_ADAMW = replace(_ADAM, numbers=(*_ADAM.numbers, "decoupled"))  # a decay that bypasses Adam's memory


def _adagrad_update(w: Any, g: Any, v: Any, rate: Any, epsilon: Any) -> tuple[Any, ...]:
    v = v + g * g
    return w + rate * g / (np.sqrt(v) + epsilon), v


_ADAGRAD = replace(_RMSPROP, constants=lambda t, _: (-t.learning_rate, 1e-10), update=_adagrad_update, numbers=())
LOOP_OPTIMIZERS = optimizers.OPTIMIZERS | {
    "adamw": optimizers.Optimizer("AdamW", "AdamW", (_ADAMW,)),
    "adagrad": optimizers.Optimizer("Adagrad", "Adagrad", (_ADAGRAD,)),
}


@frozen_dataclass
class Fit:
    """How a rule fits steps.

    Attributes
    ----------
    rates
        Of each step; all the same unless each is fitted on its own.
    excess
        What each step leaves unexplained, in units of what rounding allows; NaN where rounding hides all of it.
    left
        The same as a share of the step.
    share
        Of the steps' squared length, in entries that rounding does not hide.
    spare
        How many such entries there are, beyond the rates that were fitted to them.
    """

    rates: Floats
    excess: Floats
    left: Floats
    share: float
    spare: int

    @property
    def holds(self) -> bool:
        told = self.excess[~np.isnan(self.excess)]
        return bool(len(told) and told.max() <= 1 and self.share >= MIN_SHARE and self.spare >= MIN_SPARE)


def noisy(values: Floats, doubt: Floats) -> Floats:
    """Return values as they are, and twice with their doubt as noise of either sign."""
    return np.concatenate([values[None], values + _signs((2, *values.shape)) * doubt])


@lru_cache(maxsize=8)
def _signs(shape: tuple[int, ...]) -> Floats:
    return np.random.default_rng(0).choice([-1.0, 1.0], size=shape)


def moves_of(
    rule: LoopRule,
    samples: LoopSamples,
    steps: Steps,
    found: Gradients,
    slots: Sequence[Floats] | None = None,
    summed: Floats | None = None,
    tried: Mapping[str, Floats] = MappingProxyType({}),
) -> Floats:
    """Return what the rule adds at each step for a learning rate of 1: exact, and twice with rounding as noise.

    Shape (3, steps, places). `slots` is what the optimiser remembers, and `summed` the sum of all earlier gradients,
    each with the same first axis; zeros by default. With `tried`, what is added with each of these values, of shape
    (values, 1), in place of the rule's numbers: exact, of shape (values, steps, places).
    """
    given = found.values[None] if tried else noisy(found.values, found.doubt * samples.eps)
    numbers: dict[str, Any] = {**rule.numbers, **tried}
    places = samples.places
    if "l1" in numbers:
        given = given + np.asarray(numbers["l1"])[..., None] * np.sign(steps.weights[:, places])
    given = rule.habit.given(given) + (0.0 if summed is None else summed[:, None])
    if not (rule.rule.slots or "weight_decay" in numbers):
        return -rule.habit.times * given
    decay, decoupled = numbers.get("weight_decay", 0.0), numbers.get("decoupled", 0.0)
    times, now = rule.habit.times, np.zeros((len(steps), rule.habit.times, 1, 1))
    if {"weight_decay", "decoupled"} & {*numbers}:  # the weights at each call, (steps, calls, 1, places)
        calls = [steps.weights[:, places] + steps.moves[:, places] * (call / times) for call in range(times)]
        now = np.stack(calls, axis=1)[:, :, None]
    pulled = given.swapaxes(0, 1)[:, None] + decay * now
    memory = [np.zeros(given[:, 0].shape) for _ in rule.rule.slots] if slots is None else list(slots)
    own = {"learning_rate": 1.0, **USUAL, **rule.numbers}
    rows = np.hstack([*tried.values()]).tolist() if tried else [[]]
    settings = [SimpleNamespace(**{**own, **dict(zip(tried, row, strict=True))}) for row in rows]
    gradients, updates = pulled.reshape(-1, *pulled.shape[2:]), list[Floats]()
    ends = steps.first * times + 1 + np.arange(len(gradients) if rule.rule.powers else 1)
    constants = np.array([[rule.rule.constants_at(each, t) for each in settings] for t in ends.tolist()])
    columns = constants.swapaxes(1, 2)[..., None].repeat(len(gradients) // len(ends), axis=0)
    for gradient, column in zip(gradients, columns, strict=True):
        update, *memory = rule.rule.update(0.0, gradient, *memory, *column)
        updates.append(update)
    added = np.array(updates).reshape(len(steps), times, -1, len(places)) - decoupled * now
    return np.asarray(added.sum(axis=1).swapaxes(0, 1), np.float64)


def later_moves(rule: LoopRule, samples: LoopSamples, steps: Steps, found: Gradients) -> Floats | None:
    """Return `moves_of` for a later stretch: what its loop remembered is derived from the first move.

    That first step is then NaN; None if one move is not enough to tell.
    """
    places, slots, summed = samples.places, rule.rule.slots, None
    memory: list[Floats] | None = None
    if rule.habit.needs or slots:
        move = noisy(steps.moves[:1, places], steps.rounding[:1, places])[:, 0] / rule.rate
        gradient = noisy(found.values, found.doubt * samples.eps)[:, 0]
        pull = rule.numbers.get("l1", 0.0) * np.sign(steps.weights[0, places])
        decay = rule.numbers.get("weight_decay", 0.0) * steps.weights[0, places]
        with np.errstate(all="ignore"):
            if not slots and rule.habit.name == "never_reset":
                summed = -move - decay - gradient - pull
            elif slots == ("m",) and rule.habit is TUTORIAL:
                constants = rule.rule.constants(SimpleNamespace(learning_rate=1.0, **rule.numbers), None)
                still, moving = (rule.rule.update(0.0, gradient + pull + decay, m, *constants)[0] for m in (0.0, 1.0))
                memory = [(move - still) / (moving - still)]
            elif slots == ("v",) and rule.habit is TUTORIAL:
                g, keep = gradient + pull + decay, rule.numbers.get("alpha", 1.0)
                added_share = 1 - keep if "alpha" in rule.numbers else 1.0  # Adagrad forgets nothing
                memory = [((g / move + rule.numbers.get("epsilon", 0.0)) ** 2 - added_share * g * g) / keep]
            elif slots or rule.habit.name != "late":
                return None
    with np.errstate(all="ignore"):
        added = moves_of(rule, samples, steps, found, memory, summed)
    if rule.habit.needs or slots:
        added[:, 0] = np.nan
    return added


def fitted(added: Floats, samples: LoopSamples, steps: Steps, unclear: Flags, rates: Floats | None = None) -> Fit:
    """Compare a rule's moves at a rate of 1 with the recorded ones, at the given `rates` or one fitted to all."""
    is_each_fitted = rates is not None and bool((rates != rates[:1]).any())
    moves, rounding = steps.moves[:, samples.places], steps.rounding[:, samples.places]
    exact, noise = added[0], np.abs(added[1:] - added[0]).max(axis=0)
    with np.errstate(all="ignore"):
        if rates is None:
            clear = ~unclear
            top, bottom = (exact * moves)[clear].sum(), (exact * exact)[clear].sum()
            # weighted: near the end of a training most entries are rounding alone
            allowed = rounding + abs(top / bottom) * noise + 1e-30
            weight = np.where(allowed < USABLE * np.abs(moves), 1 / allowed**2, 0)[clear]
            if weight.any():
                top, bottom = (weight * (exact * moves)[clear]).sum(), (weight * (exact * exact)[clear]).sum()
            rates = np.full(len(steps), top / bottom)
        made = exact * rates[:, None]
        allowed = rounding + np.abs(rates[:, None]) * noise + 64 * samples.eps * np.abs(made)
        size = np.maximum(np.abs(moves), np.abs(made))
        usable = (allowed * MARGIN <= USABLE * size) & ~unclear[:, None]
        left = np.where(usable, moves - made, 0)
        excess = np.abs(left) / np.where(usable, allowed * MARGIN, np.inf)
        worst = np.where(usable.any(axis=1), excess.max(axis=1), np.nan)
        lengths = (moves**2).sum(axis=1)
        told = usable.any(axis=1)
        share = float((np.where(usable, moves, 0) ** 2).sum() / lengths[told].sum()) if told.any() else 0.0
        relative = np.sqrt((left**2).sum(axis=1) / lengths)
    spare = int(usable.sum() - (told.sum() if is_each_fitted else 1))
    return Fit(rates, np.where(np.isfinite(worst) | ~told, worst, np.inf), relative, share, spare)


def changes_direction(steps: Steps, samples: LoopSamples) -> bool:
    """Whether the moves change direction; if not, many rules fit, given a rate of its own for each step."""
    moves = steps.moves[:, samples.places]
    lengths = np.sqrt((moves**2).sum(axis=1, keepdims=True))
    spread = np.linalg.svd(moves / np.where(lengths > 0, lengths, 1), compute_uv=False)
    return len(spread) > 1 and bool(spread[1] > MIN_TURN * spread[0])


def rates_per_step(added: Floats, samples: LoopSamples, steps: Steps) -> Floats:
    """Return the learning rate that fits each step best."""
    exact, moves = added[0], steps.moves[:, samples.places]
    with np.errstate(all="ignore"):
        rates: Floats = (exact * moves).sum(axis=1) / (exact * exact).sum(axis=1)
    return np.asarray(np.where(np.isfinite(rates), rates, 0), np.float64)


def left_out(samples: LoopSamples, rule: LoopRule, steps: Steps, moved: Flags) -> tuple[str, ...]:
    """Name the arrays of which nothing moved, although their gradient is more than rounding."""
    if moved.all():
        return ()
    some = steps.to(3)
    all_places = replace(samples, places=np.arange(len(moved)))
    found = all_places.gradients(rule.objective, some.weights, some.numbers)
    pull = np.abs(rule.rate * found.values) > 8 * (some.rounding + abs(rule.rate) * found.doubt * samples.eps)
    moves, wants = (unflattened(each, samples.widths) for each in (moved, np.any(pull, axis=0)))
    parts = zip(parameter_names(len(moves)), moves, wants, strict=True)
    return tuple(name for name, moves, wants in parts if not moves.any() and wants.any())


def rule_words(rule: LoopRule, record: LoopRecord, rates: Sequence[float]) -> str:
    """Describe a rule without what is wrong with it: “gradient descent at 0.001 on your 20 samples”."""
    numbers, own = rule.numbers, []
    name = _("gradient descent") if not rule.rule.slots else LOOP_OPTIMIZERS[rule.optimizer].label
    if "momentum" in numbers:
        is_nesterov = any("esterov" in term.label for term in rule.rule.terms)
        words = _("SGD with Nesterov's momentum {number}") if is_nesterov else _("SGD with momentum {number}")
        name = words.format(number=short(numbers["momentum"]))
    own += [
        f"{label} = {short(numbers[key])}"
        for key, label in (("beta1", "β₁"), ("beta2", "β₂"), ("alpha", "α"), ("epsilon", "ε"))
        if key in numbers and abs(numbers[key] - USUAL[key]) > 1e-3 * (1 - USUAL[key])
    ]
    own += [
        f"{label} {short(numbers[key])}"
        for key, label in (("weight_decay", DECAY.name), ("l1", L1.name), ("decoupled", DECAY.name))
        if numbers.get(key)
    ]
    name = f"{name} ({numbers_listed(own)})" if own else name
    batch, changing = rule.objective.batch, changes(rule, rates)
    first, last = (plain(abs(rate), 3) for rate in (rates[0], rates[-1])) if changing else ("", "")
    if batch and changing:
        words = _(
            "{name} at a rate that changes, from {first} to {last}, on batches of {batch} of your {count} samples, "
            "in order"
        )
    elif batch:
        words = _("{name} at {rate} on batches of {batch} of your {count} samples, in order")
    elif changing:
        words = _("{name} at a rate that changes, from {first} to {last}, on your {count} samples")
    else:
        words = _("{name} at {rate} on your {count} samples")
    rate, count = short(abs(rule.rate)), count_text(len(record.x))
    said = words.format(name=name, rate=rate, first=first, last=last, batch=count_text(batch), count=count)
    if not losses.LOSSES[rule.objective.loss].is_square:
        # Translators: {rule} is a clause such as “gradient descent at 0.001 on your 20 samples”.
        said = _("{rule} with the {loss} loss").format(rule=said, loss=losses.LOSSES[rule.objective.loss].label)
    declared = record.activation
    if len(record.widths) > 2 and declared not in (None, rule.objective.activation):
        activation = activations.ACTIVATIONS[str(rule.objective.activation)].label
        said = _("{rule}, through {activation}").format(rule=said, activation=activation)
    return said


def changes(rule: LoopRule, rates: Sequence[float]) -> bool:
    return bool(rates) and max(rates) - min(rates) > 1e-3 * abs(rule.rate)


def with_mistakes(rule: LoopRule, record: LoopRecord, rates: Sequence[float]) -> str:
    """Describe a rule, and what is wrong with it."""
    size = rule.objective.batch or len(record.x)
    words = _(
        "each output is compared with all targets, as their shapes are ({size}, 1) and ({size},): "
        "`y = y.reshape(-1, 1)` is missing"
    )
    others = {"broadcast": words.format(size=size), "ascent": _("each step climbs the loss: its sign is wrong")}
    said = rule_words(rule, record, rates)
    what = [others[name] if name in others else _(HABITS[name].words) for name in rule.mistakes]
    # Translators: {rule} is as above; {mistakes} are clauses such as “each step climbs the loss: its sign is wrong”.
    return _("{rule}, but {mistakes}").format(rule=said, mistakes=listed(what)) if what else said


def rounded(value: float) -> float:
    """Return a fitted number with the fewest digits that a fit in float32 cannot tell from it."""
    tried = (float(f"{value:.{digits}g}") for digits in range(1, 6))
    return next((each for each in tried if abs(each - value) <= 2e-5 * abs(value)), value)


def short(value: float) -> str:
    return in_full(rounded(value))
