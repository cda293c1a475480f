"""Arithmetic as text: Python's syntax tree, evaluated node by node; nothing is ever passed to ``eval``."""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Generic, TypeVar

import numpy as np

from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.text.typed_numbers import in_ascii
from tinynet_gui.core.values import AnyArray, frozen_dataclass

T = TypeVar("T")

MAX_DEPTH = 40
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@frozen_dataclass
class Meaning(Generic[T]):
    """How each kind of node is evaluated; kinds that are missing, or None, are not allowed."""

    number: Callable[[float], T]
    name: Callable[[str], T | None]
    operators: Mapping[type[ast.AST], Callable[..., Any]]  # `ast.Compare` takes those of the signs before the terms
    function: Callable[[str, int], Callable[..., T] | None]  # by its name and how many arguments it is given
    refused: Callable[[str], Exception] = SyntaxError
    too_deep: Callable[[int], str] = str  # the message of a refusal, given the depth that is allowed
    foreign: Callable[[str], str] = str  # that of one that contains such a part
    max_depth: int = MAX_DEPTH


def parse(source: str) -> ast.expr:
    """Parse an expression; the message of its `SyntaxError` is only where: what stands there."""
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(near(source, getattr(error, "offset", None) or 0)) from None


def near(source: str, offset: int) -> str:
    """Return the start of the source from an offset, counted from 1, such as “2 loss”; "" if there is nothing."""
    return source[offset - 1 : offset + 7] if 0 < offset <= len(source) else ""


def fold(node: ast.expr, source: str, meaning: Meaning[T], depth: int = 0) -> T:
    """Evaluate an expression bottom-up; each node is checked before its children."""
    if depth > meaning.max_depth:
        raise meaning.refused(meaning.too_deep(meaning.max_depth))
    operators, make, parts = meaning.operators, None, list[ast.expr]()
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return meaning.number(float(number))
        case ast.Name() | ast.Attribute():
            if (value := meaning.name(_name(node, source))) is not None:
                return value
        case ast.UnaryOp(op=op, operand=operand):
            make, parts = operators.get(type(op)), [operand]
        case ast.BinOp(left=left, op=op, right=right):
            make, parts = operators.get(type(op)), [left, right]
        case ast.BoolOp(op=op, values=values):
            make, parts = operators.get(type(op)), values
        case ast.Compare(left=left, ops=ops, comparators=rest) if all(type(op) in operators for op in ops):
            make, parts = partial(operators[ast.Compare], [operators[type(op)] for op in ops]), [left, *rest]
        case ast.Call(func=ast.Name() | ast.Attribute() as func, args=args, keywords=[]):
            make, parts = meaning.function(_name(func, source), len(args)), args
    if make is None:
        raise meaning.refused(meaning.foreign(shortened(ast.get_source_segment(source, node) or source, 60)))
    made: T = make(*[fold(part, source, meaning, depth + 1) for part in parts])
    return made


def pointwise(function: Callable[..., Any]) -> Callable[..., Callable[[Any], Any]]:
    """Lift a function to functions: from f(a, b) to x ↦ f(a(x), b(x))."""
    return lambda *parts: lambda x: function(*[part(x) for part in parts])


def _name(node: ast.Name | ast.Attribute, source: str) -> str:
    return node.id if isinstance(node, ast.Name) else ast.get_source_segment(source, node) or ""


Write = Callable[..., str]  # a number, and with how many significant digits: as text

DIGITS = 5  # significant ones, where no line needs others
FLOAT32_DIGITS = 9  # enough to tell every float32 number from its neighbours
FLOAT64_DIGITS = 17
_SIGNS = ("−", "-")
_NUMBER = r"\d+(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?"
_NOT_COUNTED = re.compile(r" \([\d,]+ more\)|(?<=\d),(?=\d)")
_SPELLINGS = (
    (re.compile(_NUMBER), lambda found: in_ascii(found[0])),
    (re.compile(r"√(\([^()]*\)|[\de.+-]+)"), r"sqrt(\1)"),
    (re.compile(r"\|([^|]*)\|"), r"abs(\1)"),
)
_OPERATORS = str.maketrans({"−": "-", "·": "*", "²": "**2", "^": "**", "½": "0.5"})
_FUNCTIONS: dict[str, Callable[..., float]] = {"sqrt": math.sqrt, "abs": abs}
_MEANING = Meaning[float](float, lambda _: None, OPERATORS, lambda name, _: _FUNCTIONS.get(name), max_depth=200)


@frozen_dataclass
class Digits:
    """How many significant digits a line of arithmetic is written with.

    Attributes
    ----------
    operands, result
        On its right side, and of its result.
    is_exact
        Whether the written result follows from the written operands. Where many digits cancel, or float32 overflows or
        underflows, it gives another result than the same line on paper.
    """

    operands: int
    result: int
    is_exact: bool = True


PLAIN = Digits(DIGITS, DIGITS)  # for a number alone on a line


def in_brackets(text: str) -> str:
    """Bracket a negative number, for use as a factor or a summand."""
    return f"({text})" if text.startswith(_SIGNS) else text


def base(text: str) -> str:
    """Bracket a number for use under a power or root: 10⁻⁶² would be read as 10 to the −62."""
    return f"({text})" if text.startswith(_SIGNS) or "·" in text else text


def worked_value(text: str) -> float:
    """Evaluate a line such as ``0.9·(−4.4·10⁻⁶) + (1 − 0.9)·0.25²``; NaN if it has no value."""
    text = _NOT_COUNTED.sub("", text)  # the text is the program's own: nobody types it
    for pattern, spelling in _SPELLINGS:
        text = pattern.sub(spelling, text)
    try:
        return float(fold(parse(text.translate(_OPERATORS)), text, _MEANING))
    except (ArithmeticError, ValueError):
        return math.nan


def at_number(function: Callable[[AnyArray], AnyArray], text: str) -> float:
    """Return a function of arrays at a number, given as written."""
    with np.errstate(all="ignore"):
        return float(function(np.array([float(in_ascii(text))]))[0])


def digits_needed(
    right: Callable[[Write], str], value: float, write: Write, evaluate: Callable[[str], float], wanted: int
) -> Digits:
    """Return the fewest digits with which a line's right side gives the written result.

    Parameters
    ----------
    right
        Writes the right side with a given way to write its numbers.
    value
        The result.
    evaluate
        Computes what a reader gets from the right side.
    wanted
        Significant digits of the result. If float32's digits do not suffice for them: one more (the result may lie
        halfway between two numbers) or fewer.
    """
    if not math.isfinite(value):
        return PLAIN

    @cache
    def found(digits: int) -> float:
        return evaluate(right(lambda number: write(number, digits)))

    for operands in (range(DIGITS, FLOAT32_DIGITS + 1), range(FLOAT32_DIGITS + 1, FLOAT64_DIGITS + 1)):
        for result in (wanted, wanted + 1, *range(wanted - 1, 1, -1)):
            for digits in operands:
                if _agrees(found(digits), write(value, result), result):
                    return Digits(digits, result)
    return Digits(DIGITS, wanted, is_exact=False)


def _agrees(found: float, written: str, digits: int) -> bool:
    """Whether a number lies within half a unit of the last digit of a written one."""
    shown = float(in_ascii(written))
    unit = 10.0 ** (math.floor(math.log10(abs(shown))) - digits + 1) if shown else 0.0
    return abs(found - shown) <= 0.5 * unit
