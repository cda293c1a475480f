"""Arithmetic as text: Python's syntax tree, read part by part; nothing is ever passed to ``eval``."""

import ast
import operator
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar

from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import dataclass

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


@dataclass(frozen=True)
class Meaning(Generic[T]):
    """What comes of each part of an expression; what is not there, or None, is not allowed in it."""

    number: Callable[[float], T]
    name: Callable[[str], T | None]
    operators: Mapping[type[ast.AST], Callable[..., Any]]  # `ast.Compare` takes those of the signs before the terms
    function: Callable[[str, int], Callable[..., T] | None]  # by its name and how many arguments it is given
    refused: Callable[[str], Exception] = SyntaxError
    whole: str = "it"  # as a refusal calls the expression
    instead: str = ""  # what may be used
    max_depth: int = MAX_DEPTH


def parse(source: str) -> ast.expr:
    """Return an expression's syntax tree; the message of a `SyntaxError` is no more than `near` what it is."""
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(near(source, getattr(error, "offset", None) or 0)) from None


def near(source: str, offset: int) -> str:
    """Quote what is at a place, counted from 1, such as “ near “2 loss””; "" for none."""
    return f" near “{source[offset - 1 : offset + 7]}”" if 0 < offset <= len(source) else ""


def fold(node: ast.expr, source: str, meaning: Meaning[T], depth: int = 0) -> T:
    """Return what comes of an expression, its parts first; each is checked before those within it."""
    if depth > meaning.max_depth:
        raise meaning.refused(f"{meaning.whole} is nested more than {meaning.max_depth} deep")
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
        found = shortened(ast.get_source_segment(source, node) or source, 60)
        raise meaning.refused(f"“{found}” is not allowed{meaning.instead}")
    made: T = make(*[fold(part, source, meaning, depth + 1) for part in parts])
    return made


def pointwise(function: Callable[..., Any]) -> Callable[..., Callable[[Any], Any]]:
    """Return the same for functions of one thing: of a(x) and b(x), where it was of a and b."""
    return lambda *parts: lambda x: function(*[part(x) for part in parts])


def _name(node: ast.Name | ast.Attribute, source: str) -> str:
    return node.id if isinstance(node, ast.Name) else ast.get_source_segment(source, node) or ""
