"""One update of each optimiser, term by term, with the formula of every term.

The formulas are those of torch.optim (SGD, Adam, RMSprop, as its documentation has them); what they are
in torch is `core.training.torch_network`'s affair, and in compiled code `core.training.compiled.update`'s.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

import numpy as np

from tinynet_gui.core.arrays import Array, owned
from tinynet_gui.core.config import TrainingConfig
from tinynet_gui.core.text.worked import base, in_brackets
from tinynet_gui.core.training.state import TrainerState

Values = tuple[Array, ...]  # an array for each parameter, in the order and the shapes of `TrainerState.parameters`

# What each name in a formula is called; a trailing 0 is the value before the step.
SYMBOLS: dict[str, str] = {
    "w0": "w",
    "w": "w",
    "g": "g",
    "d": "d",
    "m0": "m",
    "m": "m",
    "n": "n",
    "v0": "v",
    "v": "v",
    "m_hat": "m̂",
    "v_hat": "v̂",
    "delta": "Δ",
    "rate": "η",
    "decay": "λ",
    "momentum": "μ",
    "beta1": "β₁",
    "beta2": "β₂",
    "alpha": "α",
    "epsilon": "ε",
    "t": "t",
}


@dataclass(frozen=True)
class Term:
    """One line of an update.

    Attributes
    ----------
    name
        The term's name in `SYMBOLS`, as later terms refer to it.
    label
        What it is, in words.
    sign
        What stands between the symbol and the formula: "=", or "←" for what is kept from step to step.
    formula
        With other names in braces, such as ``{g} + {decay}·{w0}``.
    values
        float32, read-only, for every entry of every parameter.
    """

    name: str
    label: str
    sign: str
    formula: str
    values: Values


@dataclass(frozen=True)
class Update:
    """An optimiser's step: its terms from the gradient to the new value.

    Attributes
    ----------
    terms
        In the order in which they are computed; the last but one is the step Δ, the last the new w.
    numbers
        The learning rate and whatever other numbers the formulas need, and t, the step's own number from 1.
    before
        w0 and, where the optimiser has them, m0 and v0.
    frozen
        Which entries were held back, bool in the parameters' shapes, or None: their new w is the old one,
        whatever Δ says.
    """

    terms: tuple[Term, ...]
    numbers: Mapping[str, float]
    before: Mapping[str, Values]
    frozen: tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], ...] | None = None

    def term(self, name: str) -> Term:
        """Return the term of this name; raise `KeyError` if the optimiser has none."""
        for term in self.terms:
            if term.name == name:
                return term
        raise KeyError(name)

    def value(self, name: str, parameter: int, place: tuple[int, ...]) -> float:
        """Return what a name in a formula stands for, at one entry of one parameter."""
        if name in self.numbers:
            return self.numbers[name]
        values = self.before[name] if name in self.before else self.term(name).values
        return float(values[parameter][place])

    def in_symbols(self, term: Term) -> str:
        """Write a term's line in symbols: ``d = g + λ·w``."""
        return f"{SYMBOLS[term.name]} {term.sign} {_filled(term.formula, lambda name, _: SYMBOLS[name])}"

    def in_numbers(self, term: Term, parameter: int, place: tuple[int, ...], write: Callable[[float], str]) -> str:
        """Write the right side of a term's line with the numbers of one entry; `write` writes a number.

        A number below 0 is put in parentheses, and so is a power of ten that is squared or stands under a root.
        The result is not part of it: it is `value` of the term's name.
        """

        def number(name: str, is_base: bool) -> str:
            value = self.value(name, parameter, place)
            if name == "t":
                return str(int(value))
            return base(write(value)) if is_base else in_brackets(write(value))

        return _filled(term.formula, number)


def take_apart(
    training: TrainingConfig,
    before: TrainerState,
    gradients: Sequence[Array],
    after: TrainerState,
    frozen: tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], ...] | None = None,
) -> Update:
    """Take the step from `before` to `after` apart.

    What is kept from step to step (the new parameters, the optimiser's memory) is that of `after`, bit for bit. The
    terms between are recomputed in float32 from the formulas as they are written: they agree with it to the
    rounding of float32, whose order of operations is torch.optim's own.

    Parameters
    ----------
    gradients
        Of the step's batch at `before`, in the order and the shapes of its parameters.
    """
    names = {"momentum": ("m0",), "adam": ("m0", "v0"), "rmsprop": ("v0",)}.get(training.optimizer, ())
    known: dict[str, Values] = {"w0": before.parameters, **dict(zip(names, before.slots, strict=True))}
    numbers = {"rate": training.learning_rate, "t": float(before.step + 1)}
    work = _Work(training, known, numbers, after)
    work.add("g", "gradient of the loss", "=", "∂L/∂w", tuple(owned(g) for g in gradients))
    gradient = "g"
    with np.errstate(all="ignore"):  # a step may leave the finite numbers: that is a state, not an error
        if training.weight_decay != 0:
            numbers["decay"] = training.weight_decay
            decay = training.weight_decay
            values = work.each(lambda g, w: _with_decay(g, w, decay), "g", "w0")
            work.add("d", "with weight decay, which pulls w towards 0", "=", "{g} + {decay}·{w0}", values)
            gradient = "d"
        _OPTIMIZERS[training.optimizer](work, gradient)
    work.add("w", "new value", "←", "{w0} + {delta}", after.parameters)
    return Update(tuple(work.terms), numbers, {name: known[name] for name in ("w0", *names)}, frozen)


def _with_decay(gradient: Array, weight: Array, decay: float) -> Array:
    """Add weight decay with torch's own rounding: where the two cancel, the terms that follow would not fit it else."""
    import torch

    summed: Array = torch.add(torch.tensor(gradient), torch.tensor(weight), alpha=decay).numpy()
    return summed


class _Work:
    """The terms of one update as they come to be known."""

    def __init__(
        self, training: TrainingConfig, known: Mapping[str, Values], numbers: dict[str, float], after: TrainerState
    ) -> None:
        self.training = training
        self.numbers = numbers
        self.after = after
        self.terms: list[Term] = []
        self._known = dict(known)

    def add(self, name: str, label: str, sign: str, formula: str, values: Values) -> None:
        self._known[name] = values
        self.terms.append(Term(name, label, sign, formula, values))

    def each(self, function: Callable[..., Array], *names: str) -> Values:
        """Apply a function of arrays to each parameter's values of these names."""
        return tuple(owned(function(*arrays)) for arrays in zip(*(self._known[n] for n in names), strict=True))


def _sgd(work: _Work, gradient: str) -> None:
    rate = work.training.learning_rate
    work.add("delta", "step", "=", f"−{{rate}}·{{{gradient}}}", work.each(lambda g: -rate * g, gradient))


def _momentum(work: _Work, gradient: str) -> None:
    t = work.training
    if t.momentum == 0:  # torch.optim leaves the buffer out, and untouched
        _sgd(work, gradient)
        return
    rate, momentum = t.learning_rate, t.momentum
    work.numbers["momentum"] = momentum
    work.add(
        "m",
        "momentum: what is left of earlier gradients, and the new one",
        "←",
        f"{{momentum}}·{{m0}} + {{{gradient}}}",
        work.after.slots[0],
    )
    direction = "m"
    if t.nesterov:
        values = work.each(lambda g, m: g + momentum * m, gradient, "m")
        work.add("n", "Nesterov's look ahead", "=", f"{{{gradient}}} + {{momentum}}·{{m}}", values)
        direction = "n"
    work.add("delta", "step", "=", f"−{{rate}}·{{{direction}}}", work.each(lambda d: -rate * d, direction))


def _adam(work: _Work, gradient: str) -> None:
    t, count = work.training, work.numbers["t"]
    first, second = 1 - t.beta1**count, 1 - t.beta2**count
    rate, epsilon = t.learning_rate, t.epsilon
    work.numbers.update(beta1=t.beta1, beta2=t.beta2, epsilon=epsilon)
    work.add(
        "m",
        "first moment: running mean of the gradients",
        "←",
        f"{{beta1}}·{{m0}} + (1 − {{beta1}})·{{{gradient}}}",
        work.after.slots[0],
    )
    work.add(
        "v",
        "second moment: running mean of their squares",
        "←",
        f"{{beta2}}·{{v0}} + (1 − {{beta2}})·{{{gradient}}}²",
        work.after.slots[1],
    )
    work.add(
        "m_hat",
        "first moment, corrected for its start at 0",
        "=",
        "{m} / (1 − {beta1}^{t})",
        work.each(lambda m: m / first, "m"),
    )
    work.add(
        "v_hat",
        "second moment, corrected likewise",
        "=",
        "{v} / (1 − {beta2}^{t})",
        work.each(lambda v: v / second, "v"),
    )
    step = work.each(lambda m, v: -rate * m / (np.sqrt(v) + epsilon), "m_hat", "v_hat")
    work.add("delta", "step", "=", "−{rate}·{m_hat} / (√{v_hat} + {epsilon})", step)


def _rmsprop(work: _Work, gradient: str) -> None:
    t = work.training
    rate, epsilon = t.learning_rate, t.epsilon
    work.numbers.update(alpha=t.alpha, epsilon=epsilon)
    work.add(
        "v",
        "running mean of the squared gradients",
        "←",
        f"{{alpha}}·{{v0}} + (1 − {{alpha}})·{{{gradient}}}²",
        work.after.slots[0],
    )
    step = work.each(lambda g, v: -rate * g / (np.sqrt(v) + epsilon), gradient, "v")
    work.add("delta", "step", "=", f"−{{rate}}·{{{gradient}}} / (√{{v}} + {{epsilon}})", step)


_OPTIMIZERS: dict[str, Callable[[_Work, str], None]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "adam": _adam,
    "rmsprop": _rmsprop,
}


def _filled(formula: str, name: Callable[[str, bool], str]) -> str:
    """Put something in for each name in braces, of which `name` also hears whether it is raised or under a root."""
    parts = [*Formatter().parse(formula)]
    text = ""
    for place, (before, field, _, _) in enumerate(parts):
        text += before
        if field:
            after = parts[place + 1][0] if place + 1 < len(parts) else ""
            text += name(field, before.endswith("√") or after.startswith(("²", "^")))
    return text
