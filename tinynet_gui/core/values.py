"""What values are made of: types of arrays with helpers for them, and frozen dataclasses.

Trained values, and what is computed from them, are float32.

A `frozen_dataclass` is defined in an eighth of the time of the standard ``dataclass(frozen=True)``, which compiles six
methods for each class and took half of the window's import time. Here only the constructor is compiled, once for all
classes of one shape; the other methods are shared by all classes and read the fields by name.
"""

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from types import CodeType, FunctionType
from typing import Any, TypeVar, dataclass_transform, overload

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
AnyArray = npt.NDArray[Any]
ArrayLike = npt.ArrayLike
StructuredArray = npt.NDArray[np.void]
Floats = npt.NDArray[np.float64]
AnyFloats = npt.NDArray[np.floating[Any]]  # of either size
Ints = npt.NDArray[np.int64]  # such as indices
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Stop = npt.NDArray[np.uint8]
"""One element. What takes it raises `StoppedError` soon after another thread has made it nonzero, or says what else."""

BLOCK = 1024


def as_python(value: Any) -> Any:
    """Return the numbers and arrays of NumPy, PyTorch or pandas as Python's; anything else as it is."""
    return value.tolist() if hasattr(value, "tolist") else value


def without_graph(values: Any) -> Any:
    """Return a PyTorch tensor's values as a NumPy array, though it requires a gradient; anything else as it is."""
    return values.numpy(force=True) if hasattr(values, "detach") else values


def owned(values: ArrayLike) -> Array:
    """Return a read-only float32 copy that shares no memory with its source."""
    copy = np.array(values, dtype=np.float32, copy=True)
    copy.flags.writeable = False
    return copy


def as_table(columns: Mapping[str, ArrayLike]) -> StructuredArray:
    """Return columns of equal length as a structured array, which pandas and polars take as it is."""
    arrays = {name: np.asarray(column) for name, column in columns.items()}
    table = np.empty(len(next(iter(arrays.values()))), [(name, array.dtype) for name, array in arrays.items()])
    for name, array in arrays.items():
        table[name] = array
    return table


def distinct(*arrays: ArrayLike) -> AnyArray:
    """Return the distinct values in ascending order, without ``np.unique``, which takes 10 ms to load ``np.ma``."""
    ordered = np.sort(np.concatenate(arrays, axis=None))
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]


def largest(values: Array, limit: int) -> list[int]:
    """Return the indices of the `limit` largest absolute values, in ascending order; NaN counts as small."""
    if len(values) <= limit:
        return list(range(len(values)))
    size = np.abs(values)
    # At least `limit` values reach the limit-th largest of the blocks' maxima: of a million it leaves a few to sort.
    peaks = np.sort(np.nan_to_num(np.fmax.reduceat(size, np.arange(0, len(size), BLOCK)), nan=-1.0, posinf=np.inf))
    floor = peaks[-limit] if len(peaks) >= limit else -1.0
    candidates = np.flatnonzero(~(size < floor))
    order = np.argsort(-np.nan_to_num(size[candidates], nan=-1.0, posinf=np.inf), kind="stable")
    return [int(place) for place in np.sort(candidates[order[:limit]])]


T = TypeVar("T")

FACTORY = "<factory>"  # stands for a default_factory in the signature


@overload
def frozen_dataclass(cls: type[T], /) -> type[T]: ...


@overload
def frozen_dataclass(*, eq: bool = True, repr: bool = True) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def frozen_dataclass(cls: Any = None, /, *, eq: bool = True, repr: bool = True) -> Any:
    """Make a class a frozen dataclass; everything works but ``InitVar`` and fields with ``init=False``."""

    def make(cls: type) -> type:
        cls.__doc__ = cls.__doc__ or cls.__name__  # else `dataclass` writes one from the signature, for 1 ms
        dataclasses.dataclass(init=False, eq=False, repr=False)(cls)
        methods = [_constructor(cls), *_guards(cls), *(_comparison(cls) if eq else ()), *([_text(cls)] if repr else ())]
        for method in methods:
            method.__qualname__ = f"{cls.__qualname__}.{method.__name__}"
            if method.__name__ not in vars(cls):
                setattr(cls, method.__name__, method)
        return cls

    return make if cls is None else make(cls)


def _constructor(cls: Any) -> Callable[..., None]:
    """Return ``__init__``, with the fields' defaults; it calls ``__post_init__`` if there is one."""
    fields, missing = dataclasses.fields(cls), dataclasses.MISSING
    made = {k: field.default_factory for k, field in enumerate(fields) if field.default_factory is not missing}
    values = [FACTORY if place in made else field.default for place, field in enumerate(fields)]
    defaults = tuple([value for value in values if value is not missing])  # mypy says if one without follows
    code = _code(len(fields), tuple(made), hasattr(cls, "__post_init__"))
    names = {f"_{place}": field.name for place, field in enumerate(fields)}
    constants = tuple([names.get(constant, constant) for constant in code.co_consts])
    code = code.replace(co_varnames=("self", *names.values()), co_consts=constants)
    used = {"put": object.__setattr__, "FACTORY": FACTORY, **{f"make_{place}": make for place, make in made.items()}}
    init = FunctionType(code, used, "__init__", defaults)
    init.__annotations__ = {**{field.name: field.type for field in fields}, "return": None}
    return init


@cache
def _code(count: int, made: tuple[int, ...], is_checked: bool) -> CodeType:
    """Compile ``__init__`` with stand-ins for the fields' names: replacing them takes much less time than compiling."""
    values = [f"make_{k}() if _{k} is FACTORY else _{k}" if k in made else f"_{k}" for k in range(count)]
    lines = [f"put(self, '_{k}', {value})" for k, value in enumerate(values)]
    lines.append("self.__post_init__()" if is_checked else "pass")
    parameters = "".join(f", _{k}" for k in range(count))
    module = compile(f"def __init__(self{parameters}):\n " + "\n ".join(lines), "<string>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


def _guards(cls: Any) -> tuple[Callable[..., None], ...]:
    """Return the methods that refuse any change; a subclass may override them."""

    def __setattr__(self: Any, name: str, value: object) -> None:
        if type(self) is cls or name in cls.__dataclass_fields__:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is cls or name in cls.__dataclass_fields__:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __setattr__, __delattr__


def _comparison(cls: Any) -> tuple[Callable[..., Any], ...]:
    names = [field.name for field in dataclasses.fields(cls) if field.compare]
    compared: Callable[[Any], Any] = (
        attrgetter(*names) if len(names) > 1 else lambda self: tuple(getattr(self, name) for name in names)
    )

    def __eq__(self: Any, other: object) -> bool:
        return compared(self) == compared(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(compared(self))

    return __eq__, __hash__


def _text(cls: Any) -> Callable[..., str]:
    names = tuple(field.name for field in dataclasses.fields(cls) if field.repr)

    def __repr__(self: Any) -> str:
        return f"{self.__class__.__qualname__}({', '.join(f'{name}={_short(getattr(self, name))}' for name in names)})"

    return __repr__


MAX_ITEMS = 6  # of a tuple that are shown


def _short(value: Any) -> str:
    """Return a value's repr; of an array its type and shape, of a long tuple its beginning and length."""
    if getattr(value, "shape", ()) and hasattr(value, "dtype"):
        return f"{value.dtype.name}{list(value.shape)}"
    if type(value) is not tuple:
        return repr(value)
    items = [*map(_short, value[:MAX_ITEMS]), *([f"… {len(value)} in all"] if len(value) > MAX_ITEMS else [])]
    return f"({', '.join(items)}{',' if len(value) == 1 else ''})"
