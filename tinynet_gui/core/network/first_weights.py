"""First weights that were not drawn from a seed, as an immutable value that can be part of a configuration."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from typing import Self

import numpy as np

from tinynet_gui.core.numerics.arrays import Array, owned
from tinynet_gui.core.text.shortened import on_one_line, shortened

MOST_NAME = 80  # characters


class FirstWeights:
    """The weights and biases of a network from elsewhere. A value: equal to another with the same bits and origin.

    Parameters
    ----------
    parameters
        As in `core.training.state.TrainerState`; copied unless they are read-only.
    origin
        Where they come from, for the reader, such as a file's name, which may contain invalid text.
    """

    def __init__(self, parameters: Sequence[Array], origin: str) -> None:
        kept = (array.dtype == np.float32 and not array.flags.writeable for array in parameters)
        self.parameters = tuple(a if is_kept else owned(a) for a, is_kept in zip(parameters, kept, strict=True))
        self.origin = shortened(on_one_line(origin), MOST_NAME)

    @property
    def hidden(self) -> tuple[int, ...]:
        """The widths of the hidden layers."""
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
