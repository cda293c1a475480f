"""Content-addressed storage of a session's arrays: equal arrays are stored once."""

import hashlib
import math
import sys
import weakref
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any, TypeVar

import numpy as np

from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.run.session import MEMORY_BUDGET
from tinynet_gui.core.storage.plain_values import Plain, StorageError, parse_json, parsed_size
from tinynet_gui.core.system.background import raise_if_stopped, yield_to_window
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import AnyArray, Array, Stop, frozen_dataclass

SPARE_BYTES = 150_000_000
MAX_EXPANSION = 30  # times the bytes of a file, on top of that: the text of a long drag takes 25
SMALL_BYTES = 300_000_000  # memory that any session may take, however small its file
NEEDED_TIMES = 1_500  # plus this many times its file: a dragged sample takes 190 bytes there, and 10,000 points here


class Budget:
    """The memory limit for reading one file: charged before anything in it is expanded.

    Parameters
    ----------
    stop
        uint8 of shape (1,): nonzero to cancel.

    Attributes
    ----------
    left
        Bytes that may still be allocated beyond the size of the file.
    most_needed
        The memory that the session itself may take.
    """

    def __init__(self, file_bytes: int = 0, stop: Stop | None = None) -> None:
        self.left = SPARE_BYTES + MAX_EXPANSION * file_bytes
        self.most_needed = SMALL_BYTES + NEEDED_TIMES * file_bytes
        self._stop = stop

    def charge(self, nbytes: int, place: str) -> None:
        """Charge some bytes beyond the size of the file; StorageError if that exceeds the budget."""
        self.left -= max(nbytes, 0)
        if self.left < 0:
            raise StorageError(place, _("it would take more memory than a session in a file of this size can need"))

    def go_on(self) -> None:
        """Yield to the window; StoppedError if cancelled. Called between items."""
        raise_if_stopped(self._stop)


MAX_BYTES = 4 * MEMORY_BUDGET  # of everything a session may take in memory, including the checkpoints
MAX_PART_BYTES = 2**26  # of one array or JSON text: the largest network with its optimiser has 60 million
ARRAYS = "arrays/"
RUNS = "runs/"
assert sys.byteorder == "little"  # true of every machine that torch has a build for

Blob = bytes | TrainerState | AnyArray
Fetch = Callable[[str], bytes]  # raises StorageError for an unknown name
T = TypeVar("T")


@frozen_dataclass
class SessionParts:
    """A session split into its parts.

    `head` is JSON of all but the runs; `blobs`, by name, are arrays and a JSON text per run, each after those it refers
    to.
    """

    head: bytes
    blobs: dict[str, Blob]


def blob_bytes(blob: Blob) -> bytes:
    if isinstance(blob, TrainerState):
        return b"".join(array.tobytes() for arrays in (blob.parameters, *blob.slots) for array in arrays)
    return blob if isinstance(blob, bytes) else blob.tobytes()


def blob_size(blob: Blob) -> int:
    return len(blob) if isinstance(blob, bytes) else blob.nbytes


def blob_name(content: Blob, folder: str = ARRAYS) -> str:
    """Return the name of a blob: its folder and a hash of its content."""
    return folder + hashlib.blake2b(blob_bytes(content), digest_size=16).hexdigest()


class _Known(weakref.ref[Any]):
    """A weak reference with a cached result; one object for both, as the garbage collector visits thousands of them."""

    __slots__ = ("key", "made")
    key: int
    made: Any


class Memo:
    """A cache of results computed from immutable objects, kept as long as the objects live."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}
        self._forget: Callable[[_Known], object] = lambda known: self._known.pop(known.key, None)

    def __len__(self) -> int:
        return len(self._known)

    def of(self, thing: object, make: Callable[[], T]) -> T:
        """Return the result for this very object (by identity), computing it if necessary."""
        known = self._known.get(id(thing))
        if known is not None and known() is thing:
            made: T = known.made
            return made
        yield_to_window()
        new = make()
        known = _Known(thing, self._forget)
        known.key, known.made = id(thing), new
        self._known[known.key] = known
        return new


class BlobReader:
    """Reads arrays from a store, within a memory budget."""

    def __init__(self, fetch: Fetch, most_bytes: int = MAX_BYTES, budget: Budget | None = None) -> None:
        self.budget = budget or Budget()
        self._fetch, self._left = fetch, min(most_bytes, self.budget.most_needed)
        self._groups: dict[tuple[str, tuple[tuple[int, ...], ...], int], list[tuple[Array, ...]]] = {}
        self._states: dict[tuple[object, ...], TrainerState] = {}
        self._weights: dict[tuple[int, str], FirstWeights] = {}

    def charge(self, nbytes: int, place: str) -> None:
        self._left -= nbytes
        if self._left < 0:
            raise StorageError(place, _("the session takes more memory than any that was saved"))

    def run(self, name: object) -> Plain:
        """Parse the JSON text of a run."""
        if not isinstance(name, str):
            raise StorageError("session", _("the name of a run is missing"))
        return self.parsed(self._fetch(name), "run")

    def parsed(self, text: bytes, place: str) -> Plain:
        """Parse a JSON text, if the budget allows it."""
        self.budget.go_on()
        self.budget.charge(parsed_size(text), place)
        return parse_json(text, place)

    def content(self, name: object, nbytes: int, place: str) -> bytes:
        """Return the content of a blob whose size must be `nbytes`."""
        if not isinstance(name, str):
            raise StorageError(place, _("the name of an array is missing"))
        self.charge(nbytes, place)
        self.budget.go_on()
        content = self._fetch(name)
        if len(content) != nbytes:
            words, count = _("an array has {count} bytes instead of {wanted}"), count_text(len(content))
            raise StorageError(place, words.format(count=count, wanted=count_text(nbytes)))
        return content

    def columns(self, name: object, count: int, kinds: tuple[Any, ...], place: str) -> tuple[AnyArray, ...]:
        """Split a blob into consecutive columns of equal length, one for each dtype; each owned and read-only."""
        return self._arrays(name, [(kind, (count,)) for kind in kinds], place)

    def state(
        self, name: object, step: int, shapes: tuple[tuple[int, ...], ...], slots: int, place: str
    ) -> TrainerState:
        """Return a state with arrays of these shapes; equal names and steps share one state."""
        key = (str(name), shapes, slots)
        if key not in self._groups:
            arrays = self._arrays(name, [(np.float32, shape) for shape in shapes * (1 + slots)], place)
            self._groups[key] = [arrays[at : at + len(shapes)] for at in range(0, len(arrays), len(shapes))]
        groups = self._groups[key]
        return self._states.setdefault((*key, step), TrainerState(step, groups[0], tuple(groups[1:])))

    def _arrays(self, name: object, parts: Sequence[tuple[Any, tuple[int, ...]]], place: str) -> tuple[AnyArray, ...]:
        """Split a blob into consecutive arrays, of a dtype and a shape each; each owned and read-only."""
        sizes = [np.dtype(kind).itemsize * math.prod(shape) for kind, shape in parts]
        content = BytesIO(self.content(name, sum(sizes), place))
        return tuple(
            np.frombuffer(content.read(size), kind).reshape(shape)
            for (kind, shape), size in zip(parts, sizes, strict=True)
        )

    def first_weights(self, name: object, shapes: tuple[tuple[int, ...], ...], origin: str, place: str) -> FirstWeights:
        """Return first weights with arrays of these shapes; equal names and origins share one value."""
        state = self.state(name, 0, shapes, 0, place)
        return self._weights.setdefault((id(state), origin), FirstWeights(state.parameters, origin))
