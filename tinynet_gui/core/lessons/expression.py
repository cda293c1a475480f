"""Expressions and conditions of a lesson, such as ``100 * sweep.failed / sweep.seeds`` or ``loss < 0.01``.

The text is parsed into Python's syntax tree and every node is checked against a short list; nothing is ever passed
to ``eval``. All numbers are floats, so that no power takes time or memory.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tinynet_gui.core.text.shortened import shortened, written

Scope = Mapping[str, float | Callable[..., float]]
_Node = Callable[[Scope], float]

MAX_LENGTH = 300
MAX_DEPTH = 40

_SPELLINGS = str.maketrans({"−": "-", "·": "*", "×": "*", "^": "**", "≤": "<=", "≥": ">=", "≠": "!="})
# What may stand in an expression; a number may not run into a word, for that Python writes a warning on stderr.
_TOKENS = re.compile(
    r"(?:[ ]|[a-z_]\w*(?:\.[a-z_]\w*)*(?![\w.])|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.])|[-+*/(),]|[<>]=?|[=!]=)*",
    re.ASCII | re.IGNORECASE,
)
_BINARY: dict[type[ast.operator], Callable[[float, float], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_MANY = 10
FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {  # with the fewest and the most arguments
    "abs": (abs, 1, 1),
    "min": (min, 2, _MANY),
    "max": (max, 2, _MANY),
    "round": (lambda value, *digits: round(value, *map(int, digits)), 1, 2),
    "sqrt": (math.sqrt, 1, 1),
    "log10": (math.log10, 1, 1),
}
VOCABULARY = "numbers, names, + - * / **, ( ), < <= > >= == !=, and, or, not, " + ", ".join(FUNCTIONS)


class ExpressionError(ValueError):
    """The text is not an expression; the message says where and what is allowed."""


@dataclass(frozen=True)
class Expression:
    """What `parse_expression` makes of a text.

    Attributes
    ----------
    names
        The numbers that it speaks of.
    calls
        The functions that are not its own, each with how many arguments it is given.
    is_condition
        Whether it is true or false: a comparison, or some of them with ``and``, ``or``, ``not``.
    """

    text: str
    names: frozenset[str]
    calls: frozenset[tuple[str, int]]
    is_condition: bool
    _node: _Node = field(repr=False, compare=False)

    def value(self, scope: Scope) -> float:
        """Return its value: 0 or 1 for a condition, NaN where there is none or a name is not in the scope."""
        return self._node(scope)

    def holds(self, scope: Scope) -> bool:
        """Return whether it is true; what has no value is not."""
        return _is_true(self._node(scope))


@lru_cache(maxsize=512)
def parse_expression(text: str) -> Expression:
    """Parse an expression of at most 300 characters; see `VOCABULARY`.

    Raises
    ------
    ExpressionError
        If the text is empty, too long, does not parse or uses anything outside the vocabulary.
    """
    if not text.strip():
        raise ExpressionError("the expression is empty; one such as loss < 0.01 is expected")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text):,} characters; at most {MAX_LENGTH} are allowed")
    source = " ".join(text.translate(_SPELLINGS).split())
    known = _TOKENS.match(source)
    end = known.end() if known else 0
    if end < len(source):
        raise ExpressionError(f"“{source[end : end + 8]}” in {written(text)} is not allowed; use {VOCABULARY}")
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = getattr(error, "offset", None) or 0
        where = f" near “{source[offset - 1 : offset + 7]}”" if 0 < offset <= len(source) else ""
        raise ExpressionError(f"{written(text)} does not parse{where}; use {VOCABULARY}") from None
    reading = _Reading(source)
    node = reading.checked(tree, 0)
    is_condition = isinstance(tree, ast.Compare | ast.BoolOp) or (
        isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not)
    )
    return Expression(source, frozenset(reading.names), frozenset(reading.calls), is_condition, node)


def parse_condition(text: str) -> Expression:
    """Parse an expression that is true or false; raise `ExpressionError` if it is only a number."""
    expression = parse_expression(text)
    if not expression.is_condition:
        raise ExpressionError(f"{written(text.strip())} is only a number; a condition such as loss < 0.01 is expected")
    return expression


class _Reading:
    """Turns a syntax tree into a function of the scope, and collects the names on its way."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.names: set[str] = set()
        self.calls: set[tuple[str, int]] = set()

    def checked(self, node: ast.expr, depth: int) -> _Node:
        """Turn one node into a function, or say why it is not allowed."""
        if depth > MAX_DEPTH:
            raise ExpressionError(f"{written(self._source)} is nested more than {MAX_DEPTH} deep")

        def inner(*children: ast.expr) -> list[_Node]:
            return [self.checked(child, depth + 1) for child in children]

        match node:
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int() | float() as number):
                constant = _applied(float, number)
                return lambda scope: constant
            case ast.Name() | ast.Attribute():
                name = _dotted(node)
                self.names.add(name)
                return lambda scope: _number(scope.get(name, math.nan))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                (argument,) = inner(operand)
                return lambda scope: float(not _is_true(argument(scope)))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                unary, (argument,) = _UNARY[type(op)], inner(operand)
                return lambda scope: unary(argument(scope))
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _BINARY:
                binary, (first, second) = _BINARY[type(op)], inner(left, right)
                return lambda scope: _applied(binary, first(scope), second(scope))
            case ast.BoolOp(op=op, values=values):
                together, parts = all if isinstance(op, ast.And) else any, inner(*values)
                return lambda scope: float(together(_is_true(part(scope)) for part in parts))
            case ast.Compare(left=left, ops=ops, comparators=rest) if all(type(op) in _COMPARISONS for op in ops):
                comparisons, terms = [_COMPARISONS[type(op)] for op in ops], inner(left, *rest)
                return lambda scope: _compared(comparisons, [term(scope) for term in terms])
            case ast.Call(func=ast.Name() | ast.Attribute() as func, args=args, keywords=[]):
                return self._called(_dotted(func), inner(*args))
        found = shortened(ast.get_source_segment(self._source, node) or self._source, 60)
        raise ExpressionError(f"“{found}” is not allowed; use {VOCABULARY}")

    def _called(self, name: str, arguments: list[_Node]) -> _Node:
        if name not in FUNCTIONS:
            self.calls.add((name, len(arguments)))
            return lambda scope: _applied(scope.get(name), *(argument(scope) for argument in arguments))
        function, fewest, most = FUNCTIONS[name]
        if not fewest <= len(arguments) <= most:
            wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            raise ExpressionError(f"{name} takes {wanted} value(s); {len(arguments)} are given")
        return lambda scope: _applied(function, *(argument(scope) for argument in arguments))


def _dotted(node: ast.expr) -> str:
    """Write a name as it stands; the tokens let nothing else through than names with dots between them."""
    return ast.unparse(node)


def _applied(function: Any, *values: Any) -> float:
    """Return the value of a function, or NaN where it has none: 1/0, 9**9**9, sqrt(-1), a layer that is not there.

    What has no value gives nothing one: neither the least of some numbers, nor the power 0 that Python gives NaN.
    """
    try:
        if not callable(function) or any(map(math.isnan, values)):
            return math.nan
        return _number(function(*values))
    except (ArithmeticError, ValueError, LookupError):
        return math.nan


def _number(value: Any) -> float:
    return math.nan if isinstance(value, complex) or callable(value) else float(value)


def _is_true(value: float) -> bool:
    return value != 0 and not math.isnan(value)


def _compared(comparisons: list[Callable[[float, float], bool]], terms: list[float]) -> float:
    """Compare as Python does, except that nothing, not even “differs from”, is true of what has no value."""
    pairs = zip(comparisons, terms, terms[1:], strict=False)
    return float(not any(map(math.isnan, terms)) and all(compare(a, b) for compare, a, b in pairs))
