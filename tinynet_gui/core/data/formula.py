"""A formula typed by the user, such as ``sin(3*x) + 0.3*x``, as a function of x.

The text is parsed into Python's syntax tree and every node is checked against a short list;
nothing is ever passed to ``eval``.
"""

import ast
import math
import operator
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.text.shortened import shortened

Function = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]

MAX_LENGTH = 200
MAX_DEPTH = 40

_SPELLINGS = {"²": "**2", "³": "**3", "^": "**", "·": "*", "×": "*", "−": "-", "π": "pi"}
# Strings, and numbers that run into a word: for 2if and "\\d" Python writes a warning on stderr.
_ODD = re.compile(r"""['"\\]|(?<![\w.])(?>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?=\w)""")
_CONSTANTS = {"pi": math.pi, "e": math.e}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.true_divide,
    ast.Pow: operator.pow,
    ast.Mod: np.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "floor": np.floor,
    "min": np.minimum,
    "max": np.maximum,
    "relu": lambda x: np.maximum(x, 0.0),
    "step": lambda x: np.where(np.asarray(x) >= 0, np.float32(1.0), np.float32(0.0)),
    "sawtooth": lambda x: 2.0 * (x / 2.0 - np.floor(x / 2.0 + 0.5)),
}
_TWO_ARGUMENTS = {"min", "max"}

VOCABULARY = "x, numbers, + - * / % **, pi, e and " + ", ".join(_FUNCTIONS)


class FormulaError(ValueError):
    """The text is not a formula of x; the message says where and what is allowed."""


def check_length(text: str) -> None:
    """Raise `FormulaError` if a text is too long for a formula."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula has {len(text):,} characters; at most {MAX_LENGTH} are allowed")


@lru_cache(maxsize=64)
def parse_formula(text: str) -> Function:
    """Return the function that a formula describes.

    Parameters
    ----------
    text
        At most 200 characters; x is the variable, see `VOCABULARY`. ``x^2`` and ``x²`` mean ``x**2``.

    Returns
    -------
    Function
        Maps a float32 array to a float32 array of the same shape. Where the formula has no
        finite real value (``log(-1)``, ``1/0``) the result is NaN or infinite, without a warning.

    Raises
    ------
    FormulaError
        If the text is empty, too long, does not parse or uses anything outside the vocabulary.
    """
    tree, source = _parsed(text)
    node = _checked(tree, source, depth=0)

    def function(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        with np.errstate(all="ignore"):
            try:
                value = node(x)
            except (OverflowError, ZeroDivisionError, TypeError):  # plain numbers: 9**9**9, (-8)**0.5 % 2
                value = math.nan
            if np.iscomplexobj(value):  # a plain (-8)**0.5
                value = math.nan
            return np.broadcast_to(np.asarray(value).astype(np.float32), x.shape).copy()

    return function


def syntax_tree(text: str) -> ast.expr:
    """Return what Python makes of a formula that `parse_formula` accepts, for who writes it in another language."""
    return _parsed(text)[0]


def _parsed(text: str) -> tuple[ast.expr, str]:
    """Return a formula's syntax tree, and its text in Python's spelling."""
    if not text.strip():
        raise FormulaError("the formula is empty; try sin(3*x) + 0.3*x")
    check_length(text)
    source = text.strip()
    for spelling, python in _SPELLINGS.items():
        source = source.replace(spelling, python)
    try:
        if odd := _ODD.search(source):
            raise SyntaxError("", ("", 1, odd.start() + 1, ""))
        return ast.parse(source, mode="eval").body, source
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = getattr(error, "offset", None)
        where = f" near “{source[max(0, offset - 1) : offset + 7]}”" if offset else ""
        raise FormulaError(f"the formula “{text}” does not parse{where}") from None


def _checked(node: ast.expr, source: str, depth: int) -> Callable[[Any], Any]:
    """Turn one node of the syntax tree into a function of x, or say why it is not allowed."""
    if depth > MAX_DEPTH:
        raise FormulaError(f"the formula is nested more than {MAX_DEPTH} deep")

    def inner(child: ast.expr) -> Callable[[Any], Any]:
        return _checked(child, source, depth + 1)

    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as number):
            constant = _as_float(number)
            return lambda x: constant
        case ast.Name(id="x"):
            return lambda x: x
        case ast.Name(id=name) if name in _CONSTANTS:
            named = _CONSTANTS[name]
            return lambda x: named
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            unary, argument = _UNARY[type(op)], inner(operand)
            return lambda x: unary(argument(x))
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _BINARY:
            binary, first, second = _BINARY[type(op)], inner(left), inner(right)
            return lambda x: binary(first(x), second(x))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            wanted = 2 if name in _TWO_ARGUMENTS else 1
            if len(args) != wanted:
                raise FormulaError(f"{name} takes {wanted} value(s), the formula gives it {len(args)}")
            called, arguments = _FUNCTIONS[name], [inner(arg) for arg in args]
            return lambda x: called(*(argument(x) for argument in arguments))
    found = shortened(ast.get_source_segment(source, node) or source, 60)
    raise FormulaError(f"“{found}” is not allowed in a formula; use {VOCABULARY}")


def _as_float(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
