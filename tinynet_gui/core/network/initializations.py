"""Ways to draw the initial weights, by name. To add one, add its record here.

The numbers are exactly torch's. torch is imported only where no one else can draw them, so that the first network
appears before torch is loaded.
"""

import hashlib
import os
import platform
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from math import sqrt
from typing import Literal, Protocol, Self

import numpy as np

from tinynet_gui.core.system.machine import X86_64_V3, instruction_sets
from tinynet_gui.core.text.language import N_, translated
from tinynet_gui.core.text.shortened import on_one_line, shortened
from tinynet_gui.core.values import Array, frozen_dataclass, owned

MANTISSA_BITS = 24  # of a float32: the number of bits used of each 32-bit draw
SYSTEM, PROCESSOR = sys.platform, platform.machine().lower()
Rounding = Literal["once", "twice"]  # of a product and a sum: once if they are fused
ROUNDINGS: tuple[Rounding, ...] = ("once", "twice")
TRIED = 4_096  # numbers; the two roundings differ in about half of them
_tried: list[Rounding] = []


class Draws(Protocol):
    """A generator of random numbers; each call continues where the previous one ended."""

    def seed(self, seed: int) -> None:
        """Restart, like ``torch.manual_seed``. Seeding a generator is much faster than making one."""

    def skip(self, count: int) -> None:
        """Skip `count` uniform numbers, such as those of ``torch.rand(count)``.

        Each takes one 32-bit draw, whatever the calls, shapes and bounds; so earlier networks of ``nn.Linear`` took
        one for each weight and bias. This does not hold for normal numbers: for 16 and more torch takes one draw each,
        and 16 again if their number is no multiple of 16; for fewer, four draws for two numbers, and it may keep the
        second for the next call.
        """

    def uniform(self, shape: tuple[int, ...], bound: float) -> Array:
        """Return float32 numbers from [-bound, bound), as ``Tensor.uniform_`` fills a tensor of this shape."""

    def normal(self, shape: tuple[int, ...], std: float) -> Array:
        """Return float32 numbers around 0, as ``Tensor.normal_`` fills a tensor of this shape."""


class TwisterDraws:
    """Draws uniform numbers without torch, by numpy's Mersenne Twister, seeded in the same way.

    ``Tensor.uniform_`` takes the lower 24 bits of one 32-bit draw for each element. Both ends are rounded to float32,
    and so is their distance; the rest is float32 (ATen's TransformationHelper.h, uniform_real), rounded once or twice.
    """

    def __init__(self, seed: int = 0, rounding: Rounding = "once") -> None:
        self._bits = np.random.MT19937()
        self._twister = np.random.RandomState(self._bits)  # which seeds it as torch does
        self._rounding = rounding
        self.seed(seed)

    def seed(self, seed: int) -> None:
        self._twister.seed(seed)

    def skip(self, count: int) -> None:
        self._bits.random_raw(count, output=False)

    def uniform(self, shape: tuple[int, ...], bound: float) -> Array:
        drawn = self._bits.random_raw(shape) & ((1 << MANTISSA_BITS) - 1)
        low, high = np.float32(-bound), np.float32(bound)
        unit = (high - low) * np.float32(2.0**-MANTISSA_BITS)  # exact
        if self._rounding == "once":
            return (drawn * float(unit) + float(low)).astype(np.float32)
        return drawn.astype(np.float32) * unit + low

    def normal(self, shape: tuple[int, ...], std: float) -> Array:
        """Refuse: how torch draws these depends on the processor's vector width."""
        raise NotImplementedError("normal numbers are drawn by torch")


def rounding_here() -> Rounding:
    """Return how torch rounds uniform numbers on this machine: as observed by `try_rounding`, or as derived."""
    return _tried[0] if _tried else _derived_rounding()


def _derived_rounding() -> Rounding:
    """Derive the rounding from the flags that torch's CPU kernels are compiled with (cmake/Codegen.cmake).

    On Windows, on each processor, MSVC's /fp:strict never fuses. Elsewhere the compilers do so by default where they
    may use FMA: GCC on Linux for x86 with AVX2, and for ARM; Clang on macOS for ARM. The latter two are looked up, not
    tried. Other processors (POWER, s390x) are unknown and treated as ARM.
    """
    if SYSTEM == "win32":
        return "twice"
    if PROCESSOR not in ("x86_64", "amd64"):
        return "once"
    has_fma = any(names <= {*instruction_sets()} for names in X86_64_V3)
    return "once" if has_fma and os.environ.get("ATEN_CPU_CAPABILITY") != "default" else "twice"


def try_rounding() -> Rounding:
    """Observe how torch itself rounds here, and have `rounding_here` return it. Imports torch."""
    bound, by_torch = 0.1, TorchDraws()
    by_torch.seed(0)
    theirs = by_torch.uniform((TRIED,), bound)
    _tried[:] = [each for each in ROUNDINGS if np.array_equal(TwisterDraws(0, each).uniform((TRIED,), bound), theirs)]
    return rounding_here()


class TorchDraws:
    """Draws with a separate torch generator: torch's global one is not touched. Imports torch."""

    def __init__(self) -> None:
        import torch

        self._empty = torch.empty
        self._generator: torch.Generator = torch.Generator()

    def seed(self, seed: int) -> None:
        self._generator.manual_seed(seed)

    def skip(self, count: int) -> None:
        self._empty(count).uniform_(generator=self._generator)

    def uniform(self, shape: tuple[int, ...], bound: float) -> Array:
        drawn: Array = self._empty(shape).uniform_(-bound, bound, generator=self._generator).numpy()
        return drawn

    def normal(self, shape: tuple[int, ...], std: float) -> Array:
        drawn: Array = self._empty(shape).normal_(0.0, std, generator=self._generator).numpy()
        return drawn


@translated("label")
@frozen_dataclass
class Initialization:
    """A way to draw the initial weights and biases of a layer.

    Attributes
    ----------
    draw
        Takes a generator and a layer's outputs and inputs; returns its weight, float32 of shape (outputs, inputs), and
        its bias, (outputs,).
    has_biases
        Whether biases are drawn too; else they are 0, and so are the kinks of the first layer.
    is_random
        Whether neurons differ from each other.
    is_even
        Whether the first layer's weights and biases are uniform in [−1, 1].
    needs_torch
        Whether only torch can draw them.
    code
        The same in PyTorch, for the reader: lines for each ``layer``, an ``nn.Linear``. Empty for PyTorch's default.
    since
        The file format that introduced it (`core.config.setting`).
    """

    label: str
    draw: Callable[[Draws, int, int], tuple[Array, Array]]
    has_biases: bool = False
    is_random: bool = True
    is_even: bool = False
    needs_torch: bool = False
    code: tuple[str, ...] = ()
    since: int = 6


_ZERO_BIAS = "nn.init.zeros_(layer.bias)"
NORMAL_STD = 0.5


def _pytorch_default(draws: Draws, outputs: int, inputs: int) -> tuple[Array, Array]:
    # nn.Linear.reset_parameters: init.kaiming_uniform_ with a = √5, and its bias; both are U(-1/√inputs, 1/√inputs).
    weight = draws.uniform((outputs, inputs), sqrt(3.0) * (sqrt(2.0 / (1 + sqrt(5.0) ** 2)) / sqrt(inputs)))
    return weight, draws.uniform((outputs,), 1 / sqrt(inputs))


def _xavier(draws: Draws, outputs: int, inputs: int) -> tuple[Array, Array]:
    # init.xavier_uniform_
    bound = sqrt(3.0) * sqrt(2.0 / float(inputs + outputs))
    return draws.uniform((outputs, inputs), bound), np.zeros(outputs, np.float32)


INITIALIZATIONS: dict[str, Initialization] = {
    "pytorch": Initialization(N_("PyTorch default"), _pytorch_default, has_biases=True, is_even=True),
    "kaiming": Initialization(
        "Kaiming",
        lambda draws, n, inputs: (draws.normal((n, inputs), sqrt(2.0) / sqrt(inputs)), np.zeros(n, np.float32)),
        needs_torch=True,
        code=('nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")', _ZERO_BIAS),
    ),
    "xavier": Initialization("Xavier", _xavier, code=("nn.init.xavier_uniform_(layer.weight)", _ZERO_BIAS)),
    "zeros": Initialization(
        N_("zeros"),
        lambda _, outputs, inputs: (np.zeros((outputs, inputs), np.float32), np.zeros(outputs, np.float32)),
        is_random=False,
        code=("nn.init.zeros_(layer.weight)", _ZERO_BIAS),
    ),
    "normal": Initialization(
        N_("normal, σ = 0.5"),
        lambda draws, *shape: (draws.normal(shape, NORMAL_STD), draws.normal(shape[:1], NORMAL_STD)),
        has_biases=True,
        needs_torch=True,
        code=(f"nn.init.normal_(layer.weight, std={NORMAL_STD})", f"nn.init.normal_(layer.bias, std={NORMAL_STD})"),
    ),
}


MAX_NAME = 80  # characters


class FirstWeights:
    """Weights and biases that were loaded, not drawn. A value: equal to another with the same bits and origin.

    Parameters
    ----------
    parameters
        As in `core.training.start.TrainerState`; copied unless they are read-only.
    origin
        Where they come from, for the reader, such as a file's name, which may contain invalid text.
    """

    def __init__(self, parameters: Sequence[Array], origin: str) -> None:
        kept = (array.dtype == np.float32 and not array.flags.writeable for array in parameters)
        self.parameters = tuple(a if is_kept else owned(a) for a, is_kept in zip(parameters, kept, strict=True))
        self.origin = shortened(on_one_line(origin), MAX_NAME)

    @property
    def hidden(self) -> tuple[int, ...]:
        return tuple(len(bias) for bias in self.parameters[1:-2:2])

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, FirstWeights) and self._digest == other._digest)

    def __hash__(self) -> int:
        return hash(self._digest)

    def __deepcopy__(self, _memo: object) -> Self:
        return self  # it is immutable

    def __repr__(self) -> str:
        return f"FirstWeights({self.hidden}, {self.origin!r})"

    @cached_property
    def _digest(self) -> bytes:
        digest = hashlib.blake2b(f"{self.hidden} {self.origin}".encode(), digest_size=16)
        for array in self.parameters:
            digest.update(array.tobytes())
        return digest.digest()
