"""What the compiled functions are given: the layout of arrays, and settings as codes. Imports no numba."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import pairwise
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from tinynet_gui.core.choices import activations, elementary, losses, optimizers
from tinynet_gui.core.config import ConfigError, NetworkConfig, TrainingConfig
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import Array, Floats, Ints, owned

LANES = 16
ALIGNMENT = 64  # bytes: a vector of 16 float32 then lies in one cache line


def padded(width: int) -> int:
    return -(-width // LANES) * LANES


def aligned_zeros(size: int) -> Array:
    """Return zeros, float32 of shape (size,), that begin at a multiple of 64 bytes."""
    spare = np.zeros(size + ALIGNMENT // 4, dtype=np.float32)
    offset = -spare.ctypes.data % ALIGNMENT // 4
    return spare[offset : offset + size]


def pack(widths: Sequence[int], arrays: Sequence[Array]) -> Array:
    """Return weight, bias, weight, bias, ... of a network as one flat array.

    `ValueError` if the arrays' shapes do not fit the widths.
    """
    shapes = [shape for n_in, n_out in pairwise(widths) for shape in ((n_out, n_in), (n_out,))]
    if [array.shape for array in arrays] != shapes:
        raise ValueError(f"the arrays do not have the network's shapes {shapes}")
    size = sum((n_in + 1) * padded(n_out) for n_in, n_out in pairwise(widths[:-1]))
    flat = aligned_zeros(size + padded(widths[-2]) + LANES)
    for view, array in zip(_views(widths, flat), arrays, strict=True):
        view[:] = array
    return flat


def unpack(widths: Sequence[int], flat: Array) -> tuple[Array, ...]:
    """Return the arrays that `pack` took, copied; n flat arrays give each a first axis of n."""
    return tuple(owned(view) for view in _views(widths, flat))


def _views(widths: Sequence[int], flat: Array) -> list[Array]:
    """View each parameter in the flat array, in its own shape."""
    views: list[Array] = []
    at = 0
    for n_in, n_out in pairwise(widths[:-1]):
        wide = padded(n_out)
        weight = flat[..., at : at + n_in * wide].reshape(*flat.shape[:-1], n_in, wide)
        at += n_in * wide
        views += [weight.swapaxes(-1, -2)[..., :n_out, :], flat[..., at : at + n_out]]
        at += wide
    last = widths[-2]
    views += [flat[..., None, at : at + last], flat[..., at + padded(last) :][..., :1]]
    return views


class Setup(NamedTuple):
    """The constants of a run.

    Loss, optimiser and activations are codes, of `LOSS_CODES`, `optimizer_code` and `activation_codes`; `widths` are
    (1, *hidden, 1), `live` is from `live_values`. `x` and `y` are all training samples, float32 of shape (samples,), of
    which a step takes `size` in an order drawn from `seed`. The run begins at step `start` and records every
    `stride`-th loss. `sums` and `broadcasts` are those of the loop. `rates`, where they change, are the learning rates
    of the steps from `start` on.
    """

    loss: int
    optimizer: int
    activations: Ints
    widths: Ints
    live: Floats
    x: Array
    y: Array
    size: int
    seed: int
    start: int
    stride: int
    sums: int
    broadcasts: int
    rates: Floats


class Memory(NamedTuple):
    """The arrays that a step changes, flat, in the layout of `pack`; unused slots are empty."""

    parameters: Array
    gradients: Array
    first: Array
    second: Array
    kept: Array


LOSS_CODES = {name: code for code, name in enumerate(losses.LOSSES)}
_ALL = dict.fromkeys(rule for optimizer in optimizers.OPTIMIZERS.values() for rule in optimizer.rules)
RULES = tuple(rule for rule in _ALL if rule is not optimizers.PLAIN)
PLAIN_CODE = -1  # plain gradient descent has separate loops

NUMBERS = tuple(f.name for f in fields(TrainingConfig) if f.type is float)


def optimizer_code(training: TrainingConfig) -> int:
    """Return the code of the configured rule, or `PLAIN_CODE`."""
    rule = optimizers.OPTIMIZERS[training.optimizer].rule(training)
    return PLAIN_CODE if rule is optimizers.PLAIN else RULES.index(rule)


def live_values(training: TrainingConfig) -> Floats:
    """Return the numeric training settings, float64 of shape (numbers,)."""
    return np.array([getattr(training, name) for name in NUMBERS], dtype=np.float64)


ELEMENTARY = [f for f in vars(elementary).values() if isinstance(f, FunctionType)]


def trouble_of(*functions: Callable[[Any], Any]) -> str:
    """Return why these functions of u cannot be compiled for vectors; "" if all can be.

    To find out quickly, each is called with a stand-in that supports only what a vector does.
    """
    known = {function: lambda *_: _AnyVector() for function in ELEMENTARY}
    for function in functions:
        try:
            if not isinstance(substitute_calls(function, known, lambda same: same)(_AnyVector()), _AnyVector):
                raise TypeError("what it returns does not depend on u")
        except Exception as error:
            return f"{function.__name__}: {error}"
    return ""


class _AnyVector:
    """Stands for an unknown vector: it supports neither comparisons nor numpy's functions."""

    __array_ufunc__ = None

    def _combined(self, other: object) -> "_AnyVector":
        return self if isinstance(other, _AnyVector | float | int) else NotImplemented

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _combined

    def __bool__(self) -> bool:
        raise TypeError("a vector has no truth: where_positive and where_less choose")


def substitute_calls(function: Any, known: dict[Any, Any], finish: Callable[[Any], Any]) -> Any:
    """Return a function that calls the `known` ones in place of its own, recursively, each new one `finish`ed."""
    if not isinstance(function, FunctionType):
        return function
    if function not in known:
        code, own = function.__code__, function.__globals__
        names = {name: substitute_calls(own[name], known, finish) for name in code.co_names if name in own}
        known[function] = finish(
            FunctionType(code, {"__name__": __name__, **names}, function.__name__, None, function.__closure__)
        )
    return known[function]


_TROUBLES = {name: trouble_of(each.function, each.derivative) for name, each in activations.ACTIVATIONS.items()}
COMPILED = [name for name, trouble in _TROUBLES.items() if not trouble]


def activation_codes(network: NetworkConfig) -> Ints:
    """Return the code of each hidden layer's activation; ConfigError if one cannot be compiled."""
    for name in network.activation_names:
        if name not in COMPILED:
            words = _(
                "{name} cannot be compiled, as {trouble}; a function of u is made of + − · /, numbers and "
                "core.choices.elementary"
            )
            raise ConfigError("network.activation", words.format(name=name, trouble=_TROUBLES[name]))
    return np.array([COMPILED.index(name) for name in network.activation_names], dtype=np.int64)
