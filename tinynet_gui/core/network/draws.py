"""Random numbers exactly as torch draws them; torch itself only where necessary."""

import os
import platform
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.processor import instruction_sets

MANTISSA_BITS = 24  # of a float32: the number of bits used of each 32-bit draw


class Draws(Protocol):
    """A generator of random numbers; each call continues where the previous one ended."""

    def seed(self, seed: int) -> None:
        """Start again, like ``torch.manual_seed``. A generator is slow to make and quick to seed."""
        ...

    def skip(self, count: int) -> None:
        """Skip `count` evenly distributed numbers, such as those of ``torch.rand(count)``.

        The number of calls, the shapes and the bounds make no difference: each number takes one 32-bit draw. So earlier
        networks of ``nn.Linear`` have taken one for each weight and bias. This does not hold for normal numbers: for 16
        and more torch takes one draw each, and 16 again if their number is no multiple of 16; for fewer, four draws for
        two numbers, and it may keep the second for the next call.
        """
        ...

    def uniform(self, shape: tuple[int, ...], bound: float) -> Array:
        """Return float32 numbers from [-bound, bound), as ``Tensor.uniform_`` fills a tensor of this shape."""
        ...

    def normal(self, shape: tuple[int, ...], std: float) -> Array:
        """Return float32 numbers around 0, as ``Tensor.normal_`` fills a tensor of this shape."""
        ...


class TwisterDraws:
    """Draws evenly distributed numbers without torch: numpy's Mersenne Twister, seeded in the same way.

    ``Tensor.uniform_`` takes the lower 24 bits of one 32-bit draw for each element. Both ends are rounded to float32,
    and so is their distance; the rest is float32 (ATen's TransformationHelper.h, uniform_real). A processor that can
    fuse a product and a sum rounds once.
    """

    def __init__(self, seed: int = 0) -> None:
        self._twister = np.random.RandomState(seed)

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
        if torch_fuses():
            return (shares * np.float64(high - low) + np.float64(low)).astype(np.float32)
        return shares.astype(np.float32) * (high - low) + low

    def normal(self, shape: tuple[int, ...], std: float) -> Array:
        """Refuse: how torch draws these depends on the processor's vectors."""
        raise NotImplementedError("normal numbers are drawn by torch")

    def _words(self, shape: int | tuple[int, ...]) -> npt.NDArray[np.uint32]:
        return self._twister.randint(0, 1 << 32, shape, np.uint32)


@cache
def torch_fuses() -> bool:
    """Whether torch's kernels round a·b + c once here. Does not import torch."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return True
    found = {*instruction_sets()}
    has_fma = "X86_V3" in found or {"AVX2", "FMA3"} <= found  # in NumPy 2.4, and before
    return has_fma and os.environ.get("ATEN_CPU_CAPABILITY") != "default"


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
