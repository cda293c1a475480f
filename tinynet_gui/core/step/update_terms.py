"""One update of each optimiser, term by term, with the formula of every term.

The terms are those of the optimiser's record in `core.choices.optimizers`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from string import Formatter
from typing import Any

import numpy as np

from tinynet_gui.core.choices import gradient_changes, loops, optimizers, schedules
from tinynet_gui.core.config import TrainingConfig
from tinynet_gui.core.network.forward import Layer
from tinynet_gui.core.text.arithmetic import OPERATORS, Meaning, base, fold, in_brackets, parse, pointwise
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import Array, Flags, frozen_dataclass, owned

# One array per parameter, as in `TrainerState.parameters`.
PerParameter = tuple[Array, ...]

_MEANING = Meaning[Callable[[Mapping[str, Any]], Any]](  # of a formula in Python: a function of values by their names
    number=lambda number: lambda _: number,
    name=itemgetter,
    operators={op: pointwise(do) for op, do in OPERATORS.items()},
    function=lambda _name, _count: pointwise(np.sqrt),
)

# How a name in a formula is displayed, where that differs.
_SYMBOLS: dict[str, str] = {
    "m_hat": "m̂",
    "v_hat": "v̂",
    "delta": "Δ",
    "rate": "η",
    "l1": "λ₁",
    "kept": "G",
    "sign": "sign(w)",
    "max_norm": "N",
    "norm": "‖g‖",
    "weight_decay": "λ",
    "momentum": "μ",
    "beta1": "β₁",
    "beta2": "β₂",
    "alpha": "α",
    "epsilon": "ε",
}


@frozen_dataclass
class UpdateLine:
    """One line of an update.

    Attributes
    ----------
    name
        The term's name, as later terms refer to it.
    label
        Its meaning in words.
    sign
        "=", or "←" for what is kept from step to step.
    formula
        With other names in braces, such as ``{g} + {decay}·{w0}``.
    values
        float32, read-only, for every entry of every parameter.
    """

    name: str
    label: str
    sign: str
    formula: str
    values: PerParameter


@frozen_dataclass
class Update:
    """An optimiser's step: its terms from the gradient to the new value.

    Attributes
    ----------
    terms
        In order of computation; the last but one is the step Δ, the last the new w.
    numbers
        The learning rate and other numbers of the formulas, and t, the step's number from 1.
    before
        w0 and the previous slots, such as m0 and v0; with an L1 penalty the sign of w0.
    frozen
        Which entries keep their value whatever Δ is, bool in the parameters' shapes, or None.
    """

    terms: tuple[UpdateLine, ...]
    numbers: Mapping[str, float]
    before: Mapping[str, PerParameter]
    frozen: tuple[Flags, ...] | None = None

    def term(self, name: str) -> UpdateLine:
        """Return the term of this name; `KeyError` if the optimiser has none."""
        for term in self.terms:
            if term.name == name:
                return term
        raise KeyError(name)

    def value(self, name: str, parameter: int, place: tuple[int, ...]) -> float:
        """Return the value of a name in a formula, at one entry of one parameter."""
        if name in self.numbers:
            return self.numbers[name]
        values = self.before[name] if name in self.before else self.term(name).values
        return float(values[parameter][place])

    def in_symbols(self, term: UpdateLine) -> str:
        """Format a term's line in symbols: ``d = g + λ·w``."""
        return f"{_symbol(term.name)} {term.sign} {_substitute(term.formula, lambda name, _: _symbol(name))}"

    def in_numbers(
        self, term: UpdateLine, parameter: int, place: tuple[int, ...], write: Callable[[float], str]
    ) -> str:
        """Format the right side of a term's line with the numbers of one entry, each formatted by `write`.

        Negative numbers, and powers of ten that are squared or under a root, are parenthesised. The line's result is
        `value` of the term's name.
        """

        def number(name: str, is_base: bool) -> str:
            value = self.value(name, parameter, place)
            if name == "t":
                return str(int(value))
            return base(write(value)) if is_base else in_brackets(write(value))

        return _substitute(term.formula, number)


def take_apart(
    training: TrainingConfig,
    before: TrainerState,
    gradients: Sequence[Layer],
    after: TrainerState,
    frozen: tuple[Flags, ...] | None = None,
) -> Update:
    """Take the step from `before` to `after` apart.

    The new parameters and the optimiser's memory are those of `after`, bit for bit. The terms between are recomputed in
    float32 from the formulas, and agree with torch.optim's, which orders the operations differently, up to rounding.
    `gradients` are those of the step's batch at `before`.
    """
    rule = optimizers.OPTIMIZERS[training.optimizer].rule(training)
    slots = dict(zip(rule.slots, zip(before.slots, after.slots, strict=True), strict=False))  # a rule may use none
    earlier = {"w0": before.parameters, **{f"{name}0": old for name, (old, _new) in slots.items()}}
    known = dict(earlier)
    numbers = {"rate": schedules.rate_at(training, before.step), "t": float(before.step + 1)}
    numbers |= {name: getattr(training, name) for name in rule.numbers}
    terms: list[UpdateLine] = []

    def add(name: str, label: str, sign: str, formula: str, values: PerParameter) -> None:
        known[name] = values
        terms.append(UpdateLine(name, label, sign, formula, values))

    of_each = tuple(array for layer in gradients for array in (layer.weight, layer.bias))
    add("g", _("gradient of the loss"), "=", "∂L/∂w", of_each)
    gradient = "g"
    with np.errstate(all="ignore"):  # a step may leave the finite numbers: that is a state, not an error
        keeps = loops.training_loop(training).keeps_gradients
        for change, norm, changed in gradient_changes.changed_gradients(
            training, before.parameters, of_each, before.slots[-1] if keeps else ()
        ):
            if change is None:
                earlier["kept0"] = before.slots[-1]
                label = _("added to all earlier gradients, as they are never reset")
                add("a", label, "=", f"{{{gradient}}} + {{kept0}}", tuple(map(owned, changed)))
                gradient = "a"
                continue
            numbers |= {change.setting: change.value(training), **({"norm": norm} if change.number else {})}
            term = change.term(change.value(training), norm)
            if "{sign}" in term.formula:
                known["sign"] = earlier["sign"] = tuple(owned(np.sign(w)) for w in before.parameters)
            formula = term.formula.replace("{gradient}", f"{{{gradient}}}")
            add(term.name, term.label, "=", formula, tuple(map(owned, changed)))
            gradient = term.name
        known["gradient"] = known[gradient]
        for term in rule.terms:
            formula = term.formula.replace("{gradient}", f"{{{gradient}}}")
            if term.name in slots:
                sign, values = "←", slots[term.name][1]
            else:
                sign, values = "=", tuple(_computed(term.formula, known, numbers))
            add(term.name, term.label, sign, formula, values)
    add("w", _("new value"), "←", "{w0} + {delta}", after.parameters)
    return Update(tuple(terms), numbers, earlier, frozen)


def _computed(formula: str, known: Mapping[str, PerParameter], numbers: Mapping[str, float]) -> Iterator[Array]:
    source = in_python(formula, r"sqrt(\1)")
    compute = fold(parse(source), source, _MEANING)
    for index in range(len(known["w0"])):
        yield owned(compute({**{name: arrays[index] for name, arrays in known.items()}, **numbers}))


def in_python(formula: str, root: str) -> str:
    r"""Translate a rule's formula to Python; `root` is the template for √v, such as ``\1.sqrt()``."""
    for sign, code in {"−": "-", "·": " * ", "²": "**2", "^": "**"}.items():
        formula = formula.replace(sign, code)
    return re.sub("[{}]", "", re.sub(r"√\{(\w+)\}", root, formula))


def _symbol(name: str) -> str:
    name = name.removesuffix("0")
    return _SYMBOLS.get(name, name)


def _substitute(formula: str, name: Callable[[str, bool], str]) -> str:
    """Replace each {field} by ``name(field, is_raised)``; `is_raised` also holds under a root."""
    parts = [*Formatter().parse(formula)]
    text = ""
    for place, (before, field, _spec, _conversion) in enumerate(parts):
        text += before
        if field:
            after = parts[place + 1][0] if place + 1 < len(parts) else ""
            text += name(field, before.endswith("√") or after.startswith(("²", "^")))
    return text
