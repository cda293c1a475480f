"""Random numbers exactly as torch draws them; torch itself only where necessary."""

import os
import platform
import sys
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.core.system.processor import X86_64_V3, instruction_sets

MANTISSA_BITS = 24  # of a float32: the number of bits used of each 32-bit draw
SYSTEM, PROCESSOR = sys.platform, platform.machine().lower()
Rounding = Literal["once", "twice"]  # of a product and a sum: once if they are fused
ROUNDINGS: tuple[Rounding, ...] = ("once", "twice")
TRIED = 4_096  # numbers; the two roundings differ in about half of them
_tried: list[Rounding] = []


class Draws(Protocol):
    """A generator of random numbers; each call continues where the previous one ended."""

    def seed(self, seed: int) -> None:
        """Start again, like ``torch.manual_seed``. A generator is slow to make and quick to seed."""

    def skip(self, count: int) -> None:
        """Skip `count` evenly distributed numbers, such as those of ``torch.rand(count)``.

        The number of calls, the shapes and the bounds make no difference: each number takes one 32-bit draw. So earlier
        networks of ``nn.Linear`` have taken one for each weight and bias. This does not hold for normal numbers: for 16
        and more torch takes one draw each, and 16 again if their number is no multiple of 16; for fewer, four draws for
        two numbers, and it may keep the second for the next call.
        """

    def uniform(self, shape: tuple[int, ...], bound: float) -> Array:
        """Return float32 numbers from [-bound, bound), as ``Tensor.uniform_`` fills a tensor of this shape."""

    def normal(self, shape: tuple[int, ...], std: float) -> Array:
        """Return float32 numbers around 0, as ``Tensor.normal_`` fills a tensor of this shape."""


class TwisterDraws:
    """Draws evenly distributed numbers without torch: numpy's Mersenne Twister, seeded in the same way.

    ``Tensor.uniform_`` takes the lower 24 bits of one 32-bit draw for each element. Both ends are rounded to float32,
    and so is their distance; the rest is float32 (ATen's TransformationHelper.h, uniform_real), rounded once or twice.
    """

    def __init__(self, seed: int = 0, rounding: Rounding = "once") -> None:
        self._twister = np.random.RandomState(seed)
        self._rounding = rounding

    def seed(self, seed: int) -> None:
        """Start again."""
        self._twister.seed(seed)

    def skip(self, count: int) -> None:
        """Skip `count` numbers."""
        self._words(count)

    def uniform(self, shape: tuple[int, ...], bound: float) -> Array:
        """Return float32 numbers from [-bound, bound)."""
        shares = (self._words(shape) & np.uint32((1 << MANTISSA_BITS) - 1)) * 2.0**-MANTISSA_BITS
        low, high = np.float32(-bound), np.float32(bound)
        if self._rounding == "once":
            return (shares * np.float64(high - low) + np.float64(low)).astype(np.float32)
        return shares.astype(np.float32) * (high - low) + low

    def normal(self, shape: tuple[int, ...], std: float) -> Array:
        """Refuse: how torch draws these depends on the processor's vectors."""
        raise NotImplementedError("normal numbers are drawn by torch")

    def _words(self, shape: int | tuple[int, ...]) -> npt.NDArray[np.uint32]:
        return self._twister.randint(0, 1 << 32, shape, np.uint32)


def rounding_here() -> Rounding:
    """Return how torch rounds evenly distributed numbers here: as it was seen to, or else is known to."""
    return _tried[0] if _tried else _known_rounding()


def _known_rounding() -> Rounding:
    """Return what follows from the flags that torch's CPU kernels are compiled with (cmake/Codegen.cmake).

    On Windows, on each processor, MSVC's /fp:strict never fuses. Elsewhere the compilers do so by default where they
    may use FMA: GCC on Linux for x86 with AVX2, and for ARM; Clang on macOS for ARM. The latter two are looked up, not
    tried. Of other processors (POWER, s390x) nothing is known; they are taken for ARM.
    """
    if SYSTEM == "win32":
        return "twice"
    if PROCESSOR not in ("x86_64", "amd64"):
        return "once"
    has_fma = any(names <= {*instruction_sets()} for names in X86_64_V3)
    return "once" if has_fma and os.environ.get("ATEN_CPU_CAPABILITY") != "default" else "twice"


def try_rounding() -> Rounding:
    """See how torch itself rounds here, which `rounding_here` then obeys. Imports torch."""
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
        """Start again."""
        self._generator.manual_seed(seed)

    def skip(self, count: int) -> None:
        """Skip `count` numbers."""
        self._empty(count).uniform_(generator=self._generator)

    def uniform(self, shape: tuple[int, ...], bound: float) -> Array:
        """Return float32 numbers from [-bound, bound)."""
        drawn: Array = self._empty(shape).uniform_(-bound, bound, generator=self._generator).numpy()
        return drawn

    def normal(self, shape: tuple[int, ...], std: float) -> Array:
        """Return float32 numbers around 0."""
        drawn: Array = self._empty(shape).normal_(0.0, std, generator=self._generator).numpy()
        return drawn
