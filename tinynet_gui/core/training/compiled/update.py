"""The optimisers' updates in compiled code, on flat arrays.

A code is the index of a rule among those of all optimisers. The arithmetic comes from the record, so a new record needs
nothing here.
"""

from collections import namedtuple
from dataclasses import fields
from typing import Any

import numpy as np
from numba.np.unsafe.ndarray import to_fixed_tuple

from tinynet_gui.core.choices.optimizers import OPTIMIZERS, PLAIN, Rule
from tinynet_gui.core.config import TrainingConfig
from tinynet_gui.core.numerics.arrays import Array, Floats
from tinynet_gui.core.training.compiled.compile import by_code, compiled, inlined, spliced
from tinynet_gui.core.training.compiled.math import on_vectors, sign
from tinynet_gui.core.training.compiled.vector import LANES, Vector, load, muladd, splat, store

_ALL = dict.fromkeys(rule for optimizer in OPTIMIZERS.values() for rule in optimizer.rules)
RULES = tuple(rule for rule in _ALL if rule is not PLAIN)
PLAIN_CODE = -1  # plain gradient descent has separate loops

_NUMBERS = tuple(f.name for f in fields(TrainingConfig) if f.type is float)
_COUNT = len(_NUMBERS)
RATE, DECAY, L1 = map(_NUMBERS.index, ("learning_rate", "weight_decay", "l1"))
_Numbers = namedtuple("_Numbers", _NUMBERS)  # type: ignore[misc]
_SLOTS = ("first", "second")  # of the `Memory`

_UPDATE = """
{powers}
constants = constants_of(settings, powered)
{splats}
for i in range(0, parameters.size, LANES):
    p, g = load(parameters, i), load(gradients, i)
    if has_decay:
        g = muladd(decay, p, g)
    new = update(p, g, {others})
    {stores}
return
"""


def optimizer_code(training: TrainingConfig) -> int:
    """Return the code of the configured rule."""
    rule = OPTIMIZERS[training.optimizer].rule(training)
    return PLAIN_CODE if rule is PLAIN else RULES.index(rule)


def live_values(training: TrainingConfig) -> Floats:
    """Return the settings that are numbers, float64 of shape (numbers,)."""
    return np.array([getattr(training, name) for name in _NUMBERS], dtype=np.float64)


@inlined
def powers_of(live: Floats, step: int) -> Floats:
    """Return the t-th powers of the live values for a number t of updates, float64 of the same shape."""
    powers = np.empty(_COUNT, dtype=np.float64)
    for k in range(_COUNT):
        powers[k] = live[k] ** step
    return powers


@compiled
def add_l1(penalty: float, parameters: Array, gradients: Array) -> None:
    """Add the gradient of the L1 penalty, `penalty` · sign w, to that of the loss."""
    for i in range(0, parameters.size, LANES):
        store(gradients, i, muladd(splat(penalty), sign(load(parameters, i)), load(gradients, i)))


_plain_update = on_vectors(PLAIN.update)


@inlined
def update_plain(rate: Vector, decay: Vector, has_decay: bool, parameters: Array, gradients: Array) -> None:
    """Make one update by plain gradient descent in place; `rate` is the negative learning rate."""
    for i in range(0, parameters.size, LANES):
        p, g = load(parameters, i), load(gradients, i)
        if has_decay:  # 0 · infinity is NaN: torch leaves the term out
            g = muladd(decay, p, g)
        store(parameters, i, _plain_update(p, g, rate)[0])


@spliced
def _numbers_of(values: Floats) -> Any:
    return _Numbers(*to_fixed_tuple(values, _COUNT))


def _update_lines(rule: Rule) -> str:
    slots = _SLOTS[: len(rule.slots)]
    if len(slots) < len(rule.slots):
        raise ValueError(f"a rule with the slots {', '.join(rule.slots)}: {len(_SLOTS)} at most are compiled")
    constants = rule.update.__code__.co_argcount - 2 - len(slots)
    others = [*(f"load({slot}, i)" for slot in slots), *(f"constant{k}" for k in range(constants))]
    splats = "; ".join(f"constant{k} = splat(constants[{k}])" for k in range(constants))
    stores = (f"store({array}, i, new[{k}])" for k, array in enumerate(("parameters", *slots)))
    raised = [f"powers[{k}] *= live[{k}]" for k in map(_NUMBERS.index, rule.powers)]
    powers = "; ".join([*raised, "powered = numbers_of(powers)"]) if raised else "powered = settings"
    return _UPDATE.format(powers=powers, splats=splats, others=", ".join(others), stores="; ".join(stores))


_by_rule = spliced(
    by_code(
        "by_rule(code, settings, live, powers, decay, has_decay, parameters, gradients, first, second)",
        [_update_lines(rule) for rule in RULES],
        [{"constants_of": on_vectors(rule.constants), "update": on_vectors(rule.update)} for rule in RULES],
        {"LANES": LANES, "load": load, "store": store, "muladd": muladd, "splat": splat, "numbers_of": _numbers_of},
    )
)


@compiled
def update_by_rule(
    code: int,
    live: Floats,
    powers: Floats,
    parameters: Array,
    gradients: Array,
    first: Array,
    second: Array,
) -> None:
    """Make one update in place, of parameters and slots.

    Parameters
    ----------
    code
        From `optimizer_code`.
    live
        From `live_values`.
    powers
        From `powers_of`, with t the updates made before this one; those that the rule needs are changed to t + 1.
    parameters, gradients, first, second
        The `Memory`.
    """
    decay, has_decay = splat(live[DECAY]), live[DECAY] != 0.0
    _by_rule(code, _numbers_of(live), live, powers, decay, has_decay, parameters, gradients, first, second)
