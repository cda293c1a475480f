"""A formula typed by the user, such as ``sin(3*x) + 0.3*x``, as a function of x.

Every part is checked against an allowlist; see `core.text.arithmetic`.
"""

import ast
import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from tinynet_gui.core.text.arithmetic import OPERATORS, Meaning, fold, near, parse, pointwise
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import Array

Function = Callable[[Array], Array]

MAX_LENGTH = 200

_SPELLINGS = {"²": "**2", "³": "**3", "^": "**", "·": "*", "×": "*", "−": "-", "π": "pi"}
# Strings, and numbers that run into a word: for 2if and "\\d" Python writes a warning on stderr.
_ODD = re.compile(r"""['"\\]|(?<![\w.])(?>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?=\w)""")
_NAMES: dict[str, Callable[[Any], Any]] = {"x": lambda x: x, "pi": lambda _: math.pi, "e": lambda _: math.e}


class FormulaFunction(NamedTuple):
    """A function allowed in formulas; as numpy code for the same bits, and as JavaScript: arguments are {0} and {1}."""

    compute: Callable[..., Any]
    code: str
    javascript: str
    is_single: bool = False  # float32, whatever it is given

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return 2 if "{1}" in self.code else 1


FUNCTIONS = {
    **{
        name: FormulaFunction(getattr(np, name), f"np.{name}({{0}})", f"Math.{name}({{0}})")
        for name in ("sin", "cos", "tan", "tanh", "exp", "log", "sqrt", "abs", "sign", "floor")
    },
    "min": FormulaFunction(np.minimum, "np.minimum({0}, {1})", "Math.min({0}, {1})"),
    "max": FormulaFunction(np.maximum, "np.maximum({0}, {1})", "Math.max({0}, {1})"),
    "relu": FormulaFunction(lambda x: np.maximum(x, 0.0), "np.maximum({0}, 0)", "Math.max({0}, 0)"),
    "step": FormulaFunction(
        lambda x: np.where(np.asarray(x) >= 0, np.float32(1.0), np.float32(0.0)),
        "np.heaviside({0}, 1)",
        "({0} >= 0 ? 1 : 0)",
        is_single=True,
    ),
    "sawtooth": FormulaFunction(
        lambda x: 2.0 * (x / 2.0 - np.floor(x / 2.0 + 0.5)),
        "2 * ((half := ({0}) / 2) - np.floor(half + 0.5))",
        "((half) => 2 * (half - Math.floor(half + 0.5)))({0} / 2)",
    ),
}


class FormulaError(ValueError):
    """The text is not a formula of x; the message says where and what is allowed."""


def check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        words = _("the formula has {count} characters; at most {most} are allowed")
        raise FormulaError(words.format(count=count_text(len(text)), most=MAX_LENGTH))


@lru_cache(maxsize=64)
def parse_formula(text: str) -> Function:
    """Return the function that a formula describes.

    `FormulaError` if the text is empty, too long, does not parse or uses anything outside the vocabulary.

    Parameters
    ----------
    text
        At most 200 characters; x is the variable, see `FUNCTIONS`. ``x^2`` and ``x²`` mean ``x**2``.

    Returns
    -------
    Function
        Maps a float32 array to a float32 array of the same shape. Where the formula has no
        finite real value (``log(-1)``, ``1/0``) the result is NaN or infinite, without a warning.
    """
    node = fold(*parsed(text), _MEANING)

    def function(x: Array) -> Array:
        with np.errstate(all="ignore"):
            try:
                value = node(x)
            except (OverflowError, ZeroDivisionError, TypeError):  # plain numbers: 9**9**9, (-8)**0.5 % 2
                value = math.nan
            if np.iscomplexobj(value):  # a plain (-8)**0.5
                value = math.nan
            return np.broadcast_to(np.asarray(value).astype(np.float32), x.shape).copy()

    return function


def javascript_of(text: str) -> str:
    """Write a formula as an expression of x in JavaScript, in float64; `FormulaError` as `parse_formula`."""
    return fold(*parsed(text), _IN_JAVASCRIPT)


def parsed(text: str) -> tuple[ast.expr, str]:
    """Return a formula's syntax tree, and its text in Python's spelling; raise `FormulaError` if there is none."""
    if not text.strip():
        raise FormulaError(_("the formula is empty; try sin(3*x) + 0.3*x"))
    check_length(text)
    source = text.strip()
    for spelling, python in _SPELLINGS.items():
        source = source.replace(spelling, python)
    try:
        if odd := _ODD.search(source):
            raise SyntaxError(near(source, odd.start() + 1))
        return parse(source), source
    except SyntaxError as error:
        words = _("the formula “{text}” does not parse")
        words = _("the formula “{text}” does not parse near “{near}”") if error.msg else words
        raise FormulaError(words.format(text=text, near=error.msg)) from None


def _known(name: str, count: int) -> FormulaFunction | None:
    function = FUNCTIONS.get(name)
    if function is not None and count != (takes := function.arity):
        words = ngettext(
            "{name} takes {takes} value, the formula gives it {count}",
            "{name} takes {takes} values, the formula gives it {count}",
            takes,
        )
        raise FormulaError(words.format(name=name, takes=takes, count=count))
    return function


def _foreign(found: str) -> str:
    words = _("“{found}” is not allowed in a formula; use x, numbers, + - * / % **, pi, e and {functions}")
    return words.format(found=found, functions=", ".join(FUNCTIONS))


_MEANING = Meaning[Callable[[Any], Any]](
    lambda number: lambda _: number,
    _NAMES.get,
    {op: pointwise(do) for op, do in (OPERATORS | {ast.Div: np.true_divide, ast.Mod: np.mod}).items()},
    lambda name, count: None if (known := _known(name, count)) is None else pointwise(known.compute),
    refused=FormulaError,
    too_deep=lambda most: _("the formula is nested more than {deepest} deep").format(deepest=most),
    foreign=_foreign,
)
_IN_JAVASCRIPT = Meaning[str](
    lambda number: repr(number).replace("inf", "Infinity"),
    {"x": "x", "pi": "Math.PI", "e": "Math.E"}.get,
    {
        ast.UAdd: "{0}".format,
        ast.USub: "(-{0})".format,
        ast.Add: "({0} + {1})".format,
        ast.Sub: "({0} - {1})".format,
        ast.Mult: "({0} * {1})".format,
        ast.Div: "({0} / {1})".format,
        ast.Pow: "(({0}) ** {1})".format,
        ast.Mod: "((({0} % {1}) + {1}) % {1})".format,
    },
    lambda name, count: None if (known := _known(name, count)) is None else known.javascript.format,
    refused=FormulaError,
)
