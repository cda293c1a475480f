"""The schedules of the learning rate, by name: the rate of each step. Nothing here imports torch or numba.

The rates are those of torch.optim.lr_scheduler in a loop that calls ``scheduler.step()`` after each update, to the bit:
torch computes each from the one before, and so does this. A rate depends on the settings and the step alone, so a
setting that is changed in mid-run acts as if it had been so from the first step.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from tinynet_gui.core.text.language import NC_, translated
from tinynet_gui.core.values import Floats, frozen_dataclass


@translated("label", context="schedule")
@frozen_dataclass
class Schedule:
    """A way for the learning rate to change, after the warm-up if there is one.

    Attributes
    ----------
    code
        PyTorch's scheduler, of the optimizer and the numbers; "" for none.
    rates
        The first `count` rates, from the learning rate, the length in steps, γ and `count`.
    fields
        The configuration's fields that only schedules use, of which it is one.
    since
        The file format that introduced it (`core.config.setting`).
    """

    label: str
    code: str
    rates: Callable[[float, int, float, int], Floats]
    fields: tuple[str, ...] = ()
    since: int = 8


def _step_rates(rate: float, length: int, gamma: float, count: int) -> Floats:
    factors = np.where(np.arange(count) % length, 1.0, gamma)
    factors[0] = rate
    return np.multiply.accumulate(factors)


def _cosine_rates(rate: float, length: int, _gamma: float, count: int) -> Floats:
    """Multiply by quotients of 1 + cos; after a zero torch begins again with a difference."""
    heights = 1 + np.fromiter(map(math.cos, np.arange(count) * math.pi / length), float, count)
    with np.errstate(divide="ignore"):
        factors = np.append(rate, heights[1:] / heights[:-1])
    begins = range(length + 1, count, 2 * length)
    factors[begins] = rate * (1 - math.cos(math.pi / length)) / 2
    parts = pairwise([0, *begins, count])
    return np.concatenate([np.multiply.accumulate(factors[begin:end]) for begin, end in parts])


CONSTANT = "constant"
SCHEDULES: dict[str, Schedule] = {
    CONSTANT: Schedule(
        NC_("schedule", "Constant"), "", lambda rate, _length, _gamma, count: np.full(count, rate), since=6
    ),
    "step": Schedule(
        NC_("schedule", "Step"), "StepLR(optimizer, {length}, gamma={gamma})", _step_rates, ("schedule_steps", "gamma")
    ),
    "cosine": Schedule(
        NC_("schedule", "Cosine"), "CosineAnnealingLR(optimizer, {length})", _cosine_rates, ("schedule_steps",)
    ),
}
START = 0.01  # the share of the learning rate with which a warm-up begins


def _warm_up_rates(rate: float, steps: int, count: int) -> Floats:
    rise = 1.0 - START
    factors = 1.0 + rise / (steps * START + np.arange(-1, count - 1) * rise)
    factors[0] = rate * START
    return np.multiply.accumulate(factors)


def is_scheduled(training: Any) -> bool:
    """Whether the learning rate of a training configuration changes by itself."""
    return bool(training.schedule != CONSTANT or training.warm_up)


def rate_at(training: Any, step: int) -> float:
    """Return the learning rate of the step after `step` updates."""
    return float(rates_from(training, step, 1)[0]) if is_scheduled(training) else float(training.learning_rate)


def at_step(training: Any, step: int) -> Any:
    """Return the training configuration of the step after `step` updates: with its learning rate, and no schedule."""
    if not is_scheduled(training):
        return training
    rate = min(rate_at(training, step), training.learning_rate)  # rounding may take it above
    return replace(training, learning_rate=rate, schedule=CONSTANT, warm_up=0)


def rates_from(training: Any, first: int, count: int) -> Floats:
    """Return the learning rates of the steps after `first` updates and more, float64 of shape (count,)."""
    known = 1 << max(10, (first + count - 1).bit_length())
    numbers = training.learning_rate, training.schedule, training.schedule_steps, training.gamma, training.warm_up
    return _rates(*numbers, known)[first : first + count]


@lru_cache(maxsize=4)
def _rates(rate: float, schedule: str, length: int, gamma: float, warm_up: int, count: int) -> Floats:
    kind, warm = SCHEDULES[schedule], min(warm_up, count)
    if warm and not kind.code:  # a LinearLR alone, which stays at its last rate
        risen = _warm_up_rates(rate, warm_up, min(warm_up + 1, count))
        found = np.append(risen, np.full(count - len(risen), risen[-1]))
    else:
        risen = _warm_up_rates(rate, warm_up, warm) if warm else np.empty(0)
        found = np.append(risen, kind.rates(rate, length, gamma, count - warm) if count > warm else ())
    found.flags.writeable = False
    return found
