"""The optimisers, by name. To add one, add its record here; nothing here imports torch or numba.

The formulas are those of torch.optim (SGD, Adam, RMSprop, as in its documentation), twice: in torch's order of
operations for the compiled loop, and term by term for the reader.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from math import sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np

from tinynet_gui.core.choices.elementary import muladd, root
from tinynet_gui.core.text.language import N_, gettext as _, translated
from tinynet_gui.core.values import frozen_dataclass


@translated("label")
@frozen_dataclass
class UpdateTerm:
    """One line of an update, as shown to the user.

    Attributes
    ----------
    name, label
        Its name in later formulas, such as ``m_hat``, and its meaning in words.
    formula
        With other names in braces: terms before it, fields of the configuration, ``t`` (the step's number, from 1),
        ``rate``, ``w0`` (the parameter before the step) and ``gradient`` (as `core.choices.gradient_changes`
        leaves it). A trailing 0 marks a slot's value before the step. Consists of + − · / ² ^ √ and parentheses, which
        `core.text.arithmetic.worked_value` and `core.step.update_terms` read.
    """

    name: str
    label: str
    formula: str


@frozen_dataclass
class Rule:
    """One step of an optimiser.

    Attributes
    ----------
    constants
        The numbers that `update` needs besides arrays, as float64: a function of the settings, with the fields of
        `core.config.TrainingConfig` that are numbers, and of the t-th powers of those in `powers`, with the same names;
        t is the step's number, from 1. Plain arithmetic and `math`, compiled into the training loop.
    update
        The new parameter and the new slots from the parameter, its gradient (as above), the slots and the constants,
        of functions of `core.choices.elementary`, + − · / and numbers alone; compiled likewise.
    terms
        The written form: first the slots, then the terms computed from them; the last is the step ``delta``.
    numbers, powers
        The fields of the configuration used in the terms, and those whose powers `constants` needs.
    slots
        The slots' names in `terms`, in the order that `update` takes: two at most.
    stable_factor, stable_formula
        Below the learning rate factor / λ a step shrinks the error along a direction of curvature λ: the factor, a
        function of the settings, and its written form.
    divisor, divisor_formula
        What the step divides by, for each number, as a function of the settings, the slots after the step and t; and
        its written form. λ is then the curvature of D^(−½)·H·D^(−½), with these on the diagonal of D (Cohen et al.,
        "Adaptive gradient methods at the edge of stability", 2022). None if it is 1.
    next_error
        a and b as functions of the settings and η·λ: along that direction the next error is a times the current one
        plus b times the previous one. None with a divisor, which differs from step to step.
    """

    constants: Callable[[Any, Any], tuple[float, ...]]
    update: Callable[..., tuple[Any, ...]]
    terms: tuple[UpdateTerm, ...]
    stable_factor: Callable[[Any], float]
    stable_formula: str
    numbers: tuple[str, ...] = ()
    powers: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    divisor: Callable[[Any, Sequence[Any], int], Any] | None = None
    divisor_formula: str = ""
    next_error: Callable[[Any, float], tuple[float, float]] | None = None

    def constants_at(self, settings: Any, t: int) -> tuple[float, ...]:
        """Return the constants of step t."""
        return self.constants(settings, SimpleNamespace(**{name: getattr(settings, name) ** t for name in self.powers}))


@translated("label")
@frozen_dataclass
class Optimizer:
    """A way to turn gradients into updates.

    Attributes
    ----------
    rules, rule_of
        Its update rules; and which of them a training configuration takes, by default the first.
    options
        From torch.optim's option names to a function of the training configuration.
    fields
        The configuration's fields that only this optimiser uses.
    slots
        The names under which torch.optim keeps an array per parameter, in the order of `TrainerState.slots`.
    counts_steps
        Whether torch.optim counts the steps of each parameter.
    moves_on
        The reason, in words, why a parameter may still move once its gradient is 0; "" if it cannot.
    since
        The file format that introduced it (`core.config.setting`).
    """

    label: str
    torch_class: str
    rules: tuple[Rule, ...]
    rule_of: Callable[[Any], Rule] | None = None
    options: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    slots: tuple[str, ...] = ()
    counts_steps: bool = False
    moves_on: Callable[[Any], str] = lambda _: ""
    since: int = 6

    def rule(self, training: Any) -> Rule:
        return self.rules[0] if self.rule_of is None else self.rule_of(training)


PLAIN = Rule(
    lambda t, _: (-t.learning_rate,),
    lambda w, g, rate: (muladd(rate, g, w),),
    (UpdateTerm("delta", N_("step"), "−{rate}·{gradient}"),),
    stable_factor=lambda _: 2.0,
    stable_formula="2/λ",
    next_error=lambda _, x: (1 - x, 0.0),
)
"""Gradient descent and nothing else, for which the compiled loop has a short cut."""

_BUFFER = UpdateTerm(
    "m", N_("momentum: the rest of earlier gradients, and the new one"), "{momentum}·{m0} + {gradient}"
)


def _momentum_constants(t: Any, _power: Any) -> tuple[float, ...]:
    return -t.learning_rate, t.momentum


def _momentum_update(w: Any, g: Any, m: Any, rate: Any, momentum: Any) -> tuple[Any, ...]:
    m = muladd(momentum, m, g)
    return muladd(rate, m, w), m


_MOMENTUM = Rule(
    _momentum_constants,
    _momentum_update,
    (_BUFFER, UpdateTerm("delta", N_("step"), "−{rate}·{m}")),
    numbers=("momentum",),
    slots=("m",),
    stable_factor=lambda t: 2 * (1 + t.momentum),
    stable_formula="2·(1 + μ)/λ",
    next_error=lambda t, x: (1 + t.momentum - x, -t.momentum),
)


def _nesterov_update(w: Any, g: Any, m: Any, rate: Any, momentum: Any) -> tuple[Any, ...]:
    m = muladd(momentum, m, g)
    return muladd(rate, muladd(momentum, m, g), w), m


_NESTEROV = Rule(
    _momentum_constants,
    _nesterov_update,
    (
        _BUFFER,
        UpdateTerm("n", N_("Nesterov's look ahead"), "{gradient} + {momentum}·{m}"),
        UpdateTerm("delta", N_("step"), "−{rate}·{n}"),
    ),
    numbers=("momentum",),
    slots=("m",),
    stable_factor=lambda t: 2 * (1 + t.momentum) / (1 + 2 * t.momentum),
    stable_formula="2·(1 + μ)/((1 + 2·μ)·λ)",
    next_error=lambda t, x: ((1 + t.momentum) * (1 - x), -t.momentum * (1 - x)),
)


def _momentum_rule(t: Any) -> Rule:
    if t.momentum == 0:  # torch.optim leaves the buffer out, and untouched
        return PLAIN
    return _NESTEROV if t.nesterov else _MOMENTUM


def _adam_constants(t: Any, power: Any) -> tuple[float, ...]:
    rate, shrink = -t.learning_rate / (1.0 - power.beta1), 1.0 / sqrt(1.0 - power.beta2)
    return rate, 1.0 - t.beta1, t.beta2, 1.0 - t.beta2, shrink, t.epsilon


def _adam_update(
    w: Any, g: Any, m: Any, v: Any, rate: Any, first_gain: Any, keep: Any, gain: Any, shrink: Any, epsilon: Any
) -> tuple[Any, ...]:
    m = muladd(first_gain, g - m, m)
    v = muladd(gain * g, g, keep * v)
    return muladd(rate, m / muladd(root(v), shrink, epsilon), w), m, v


_ADAM = Rule(
    _adam_constants,
    _adam_update,
    (
        UpdateTerm("m", N_("first moment: running mean of the gradients"), "{beta1}·{m0} + (1 − {beta1})·{gradient}"),
        UpdateTerm("v", N_("second moment: running mean of their squares"), "{beta2}·{v0} + (1 − {beta2})·{gradient}²"),
        UpdateTerm("m_hat", N_("first moment, corrected for its start at 0"), "{m} / (1 − {beta1}^{t})"),
        UpdateTerm("v_hat", N_("second moment, corrected likewise"), "{v} / (1 − {beta2}^{t})"),
        UpdateTerm("delta", N_("step"), "−{rate}·{m_hat} / (√{v_hat} + {epsilon})"),
    ),
    numbers=("beta1", "beta2", "epsilon"),
    powers=("beta1", "beta2"),
    slots=("m", "v"),
    stable_factor=lambda t: 2 * (1 + t.beta1) / (1 - t.beta1),
    stable_formula="2·(1 + β₁)/((1 − β₁)·λ)",
    divisor=lambda t, slots, step: np.sqrt(slots[1] / (1 - t.beta2**step)) + t.epsilon,
    divisor_formula="√v̂ + ε",
)


def _rmsprop_update(w: Any, g: Any, v: Any, rate: Any, keep: Any, gain: Any, epsilon: Any) -> tuple[Any, ...]:
    v = muladd(gain * g, g, keep * v)
    return muladd(rate, g / (root(v) + epsilon), w), v


_RMSPROP = Rule(
    lambda t, _: (-t.learning_rate, t.alpha, 1.0 - t.alpha, t.epsilon),
    _rmsprop_update,
    (
        UpdateTerm("v", N_("running mean of the squared gradients"), "{alpha}·{v0} + (1 − {alpha})·{gradient}²"),
        UpdateTerm("delta", N_("step"), "−{rate}·{gradient} / (√{v} + {epsilon})"),
    ),
    numbers=("alpha", "epsilon"),
    slots=("v",),
    stable_factor=lambda _: 2.0,
    stable_formula="2/λ",
    divisor=lambda t, slots, _: np.sqrt(slots[0]) + t.epsilon,
    divisor_formula="√v + ε",
)

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer("SGD", "SGD", (PLAIN,)),
    "momentum": Optimizer(
        N_("SGD with momentum"),
        "SGD",
        (_MOMENTUM, _NESTEROV, PLAIN),
        _momentum_rule,
        options={"momentum": lambda t: t.momentum, "nesterov": lambda t: t.nesterov and t.momentum > 0},
        fields=("momentum", "nesterov"),
        slots=("momentum_buffer",),
        moves_on=lambda t: _("momentum") if t.momentum > 0 else "",
    ),
    "adam": Optimizer(
        "Adam",
        "Adam",
        (_ADAM,),
        options={"betas": lambda t: (t.beta1, t.beta2), "eps": lambda t: t.epsilon},
        fields=("beta1", "beta2", "epsilon"),
        slots=("exp_avg", "exp_avg_sq"),
        counts_steps=True,
        moves_on=lambda t: _("Adam's memory") if t.beta1 > 0 else "",
    ),
    "rmsprop": Optimizer(
        "RMSprop",
        "RMSprop",
        (_RMSPROP,),
        options={"alpha": lambda t: t.alpha, "eps": lambda t: t.epsilon},
        fields=("alpha", "epsilon"),
        slots=("square_avg",),
        counts_steps=True,
    ),
}


def optimizer_options(training: Any) -> dict[str, Any]:
    """Return the options of torch.optim's class for a training configuration; all may change during a run."""
    own = {name: value(training) for name, value in OPTIMIZERS[training.optimizer].options.items()}
    return {"lr": training.learning_rate, "weight_decay": training.weight_decay, **own}
