"""Immutable values are to the standard library's frozen dataclasses as one of these is to another."""

import copy
import dataclasses
import inspect
import pickle
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

import tinynet_gui
from tinynet_gui.core import values

T = TypeVar("T")
SAID = dataclasses.field(repr=False, compare=False, default="so")


class Made:
    """The same classes by one of the two decorators, whichever it is."""

    def __init__(self, dataclass: Callable[..., Any]) -> None:
        @dataclass(frozen=True)
        class Empty:
            """Without a field."""

        @dataclass(frozen=True)
        class One(Generic[T]):
            """Of any kind."""

            value: T

        @dataclass(frozen=True)
        class Many(One[T]):
            """With what a field can have, checked and with a number that is kept."""

            second: float = 0.5
            names: list[str] = dataclasses.field(default_factory=list, metadata={"since": 2})
            note: str = SAID

            def __post_init__(self) -> None:
                if self.second < 0:
                    raise ValueError("negative")

            @cached_property
            def twice(self) -> float:
                return 2 * self.second

        @dataclass(frozen=True, eq=False)
        class Itself:
            """Equal to itself alone."""

            value: float = 1.0

        @dataclass(frozen=True, repr=False)
        class Named:
            """With a text of its own."""

            value: float = 1.0

            def __repr__(self) -> str:
                return "a name"

        class Plain(One[T]):  # adds what it likes
            pass

        self.classes = Empty, One, Many, Itself, Named, Plain
        self.objects: Sequence[Any] = (
            *(Empty(), One(1), One(1), One(1.0), One((1,)), One(float("nan")), One(float("nan")), One("1"), Plain(1)),
            *(Many(1), Many(1, note="other"), Many(1, 2), Many(value=1, second=2.0), Many(1, names=["a"])),
            *(Itself(), Itself(), Named(), Named(2.0)),
        )


def _ours(*, frozen: bool, **options: bool) -> Any:
    """As the standard one is called."""
    assert frozen
    return values.frozen_dataclass(**options)


OURS, STANDARD = Made(_ours), Made(dataclasses.dataclass)


def _said_by(facet: Callable[[Any], object], value: object) -> str:
    try:
        return repr(facet(value))
    except (TypeError, ValueError, AttributeError) as error:
        return repr(error)


@pytest.mark.parametrize(
    "facet",
    [
        repr,
        lambda o: [f.name for f in dataclasses.fields(o)],
        lambda o: str(inspect.signature(type(o))).replace("'<factory>'", "<factory>"),
        lambda o: (type(o).__doc__, type(o).__match_args__, type(o).__qualname__),
        lambda o: (type(o).__name__ in ("Itself", "Plain")) or hash(o) != 0,
        lambda o: type(o)(1, 2, 3, 4, 5),
        lambda o: type(o)(unknown=1),
        lambda o: type(o)(1, -2.0),
        lambda o: setattr(o, "value", 3),
        lambda o: setattr(o, "unknown", 3),
        lambda o: delattr(o, "value"),
        lambda o: (dataclasses.replace(o, second=4.0), dataclasses.asdict(o), o.twice, vars(o)),
        lambda o: vars(copy.deepcopy(o)),
    ],
)
def test_they_have_and_refuse_what_the_standard_ones_do(facet: Callable[[Any], object]) -> None:
    for ours, standard in zip(OURS.objects, STANDARD.objects, strict=True):
        assert _said_by(facet, ours) == _said_by(facet, standard)


def test_the_same_are_equal_and_have_the_same_hash() -> None:
    def equal(made: Made) -> list[list[bool]]:
        return [[a == b for b in made.objects] for a in made.objects]

    assert equal(OURS) == equal(STANDARD)
    assert sum(map(sum, equal(OURS))) > len(OURS.objects)
    for ours, standard in zip(OURS.objects[:5], STANDARD.objects[:5], strict=True):
        assert hash(ours) == hash(standard)
    one, nan = OURS.classes[1], float("nan")
    assert one(nan) == one(nan)  # as tuples are; from Python 3.13 on the standard ones are not


@values.frozen_dataclass
class Point:
    """Can be sent to another process."""

    x: float
    y: float = 0.0


def test_they_survive_a_pickle() -> None:
    assert pickle.loads(pickle.dumps(Point(1.0))) == Point(1.0)


def test_the_package_has_its_immutable_values_from_here() -> None:
    files = {path: path.read_text(encoding="utf-8") for path in Path(tinynet_gui.__file__).parent.rglob("*.py")}
    ours = {path for path, text in files.items() if re.search(r"values import .*\bfrozen_dataclass\b", text)}
    assert len(ours) > 100
    assert {path for path, text in files.items() if "@frozen_dataclass" in text} == ours
    assert not [path for path, text in files.items() if "@dataclass(frozen=True" in text]
