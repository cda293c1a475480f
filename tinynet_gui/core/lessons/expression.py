"""Expressions and conditions of a lesson, such as ``100 * swarm.failed / swarm.seeds`` or ``loss < 0.01``.

Each part is checked against an allowlist; see `core.text.arithmetic`. All numbers are floats, so that powers take
constant time and memory.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import lru_cache, partial
from typing import Any

from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.text.arithmetic import OPERATORS, Meaning, fold, parse, pointwise
from tinynet_gui.core.text.language import N_, capitalised, gettext as _, with_signs
from tinynet_gui.core.text.numbers import MINUS, count_text, told_apart
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import frozen_dataclass

Scope = Mapping[str, float | Callable[..., float]]
_Node = Callable[[Scope], float]

MAX_LENGTH = 300

_SPELLINGS = str.maketrans({"−": "-", "·": "*", "×": "*", "^": "**", "≤": "<=", "≥": ">=", "≠": "!="})
# What an expression may contain; a number may not run into a word, for that Python writes a warning on stderr.
_TOKENS = re.compile(
    r"(?:[ ]|[a-z_]\w*(?:\.[a-z_]\w*)*(?![\w.])|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w.])|[-+*/(),]|[<>]=?|[=!]=)*",
    re.ASCII | re.IGNORECASE,
)
_ASSIGNED = re.compile(r"=(?![<>])")
_DECIMAL_COMMA = re.compile(r"\b(\d+),(\d+)\b")
_MANY = 10
FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {  # with the fewest and the most arguments
    "abs": (abs, 1, 1),
    "min": (min, 2, _MANY),
    "max": (max, 2, _MANY),
    "round": (lambda value, *digits: round(value, *map(int, digits)), 1, 2),
    "sqrt": (math.sqrt, 1, 1),
    "log10": (math.log10, 1, 1),
}
VOCABULARY = "+ - * / **, ( ), < <= > >= == !=, and, or, not, " + ", ".join(FUNCTIONS)


class ExpressionError(ValueError):
    """The text is not an expression; the message says where and what is allowed."""


@frozen_dataclass
class Expression:
    """A parsed expression.

    Attributes
    ----------
    names
        The numbers that it uses.
    calls
        The functions, other than built-in ones, each with its number of arguments.
    is_condition
        Whether it is true or false: a comparison, or some of them with ``and``, ``or``, ``not``.
    """

    text: str
    names: frozenset[str]
    calls: frozenset[tuple[str, int]]
    is_condition: bool
    _node: _Node = field(repr=False, compare=False)

    def value(self, scope: Scope) -> float:
        """Return its value: 0 or 1 for a condition; NaN if it is undefined or a name is not in the scope."""
        return self._node(scope)

    def holds(self, scope: Scope) -> bool:
        """Return whether it is true; an undefined value is not."""
        return _is_true(self._node(scope))


@lru_cache(maxsize=512)
def parse_expression(text: str) -> Expression:
    """Parse an expression of at most 300 characters; see `VOCABULARY`.

    `ExpressionError` if the text is empty, too long, does not parse or uses anything outside the vocabulary.
    """
    if not text.strip():
        raise ExpressionError(_("the expression is empty; one such as loss < 0.01 is expected"))
    if len(text) > MAX_LENGTH:
        words = _("the expression has {text} characters; at most {max_length} are allowed")
        raise ExpressionError(words.format(text=count_text(len(text)), max_length=MAX_LENGTH))
    source = " ".join(text.translate(_SPELLINGS).split())
    known = _TOKENS.match(source)
    end = known.end() if known else 0
    if end < len(source):
        instead = _("== is meant") if _ASSIGNED.match(source, end) else _usable()
        words = _("“{source}” in {text} is not allowed; {instead}")
        raise ExpressionError(words.format(source=source[end : end + 8], text=written(text), instead=instead))
    try:
        tree = parse(source)
    except SyntaxError as error:
        words = _("{text} does not parse; {instead}")
        words = _("{text} does not parse near “{near}”; {instead}") if error.msg else words
        raise ExpressionError(words.format(text=written(text), near=error.msg, instead=_usable())) from None
    if (comma := _DECIMAL_COMMA.search(source)) and any(isinstance(node, ast.Tuple) for node in ast.walk(tree)):
        words = _("“{comma}” in {text}: a decimal point is expected: {whole}.{decimals}")
        raise ExpressionError(words.format(comma=comma[0], text=written(text), whole=comma[1], decimals=comma[2]))
    names, calls = set[str](), set[tuple[str, int]]()
    node = fold(tree, source, _compiler(written(source), names, calls))
    is_condition = isinstance(tree, ast.Compare | ast.BoolOp) or isinstance(getattr(tree, "op", None), ast.Not)
    return Expression(source, frozenset(names), frozenset(calls), is_condition, node)


def parse_condition(text: str) -> Expression:
    """Parse an expression that is true or false; raise `ExpressionError` if it is only a number."""
    expression = parse_expression(text)
    if not expression.is_condition:
        words = _("{text} is only a number; a condition such as loss < 0.01 is expected")
        raise ExpressionError(words.format(text=written(text.strip())))
    return expression


def _usable() -> str:
    return _("use numbers, names, {signs}").format(signs=VOCABULARY)


def _compiler(whole: str, names: set[str], calls: set[tuple[str, int]]) -> Meaning[_Node]:
    """Return how `fold` compiles an expression to a function of the scope, collecting its names and calls."""

    def looked_up(name: str) -> _Node:
        names.add(name)
        return lambda scope: _number(scope.get(name, math.nan))

    def called(name: str, *arguments: _Node) -> _Node:
        if name not in FUNCTIONS:
            calls.add((name, len(arguments)))
            return lambda scope: _applied(scope.get(name), *[argument(scope) for argument in arguments])
        function, fewest, most = FUNCTIONS[name]
        if not fewest <= len(arguments) <= most:
            wanted = f"{fewest}" if fewest == most else _("{low} to {high}").format(low=fewest, high=most)
            words = _("{name} takes {wanted} value(s); {arguments} are given")
            raise ExpressionError(words.format(name=name, wanted=wanted, arguments=len(arguments)))
        return lambda scope: _applied(function, *[argument(scope) for argument in arguments])

    return Meaning[_Node](
        number=lambda value: lambda _: value,
        name=looked_up,
        operators=_OPERATORS,
        function=lambda name, _: partial(called, name),
        refused=ExpressionError,
        too_deep=lambda most: _("{text} is nested more than {deepest} deep").format(text=whole, deepest=most),
        foreign=lambda found: _("“{found}” is not allowed; {instead}").format(found=found, instead=_usable()),
    )


def _applied(function: Any, *values: Any) -> float:
    """Call a function; NaN where it is undefined: 1/0, 9**9**9, sqrt(-1), a layer that does not exist.

    NaN propagates: also to a minimum and to the power 0, where Python would drop it.
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


def _compared(signs: list[Callable[[float, float], bool]], *terms: _Node) -> _Node:
    """Compare as Python does, except that every comparison with NaN is false, also “differs from”."""

    def value(scope: Scope) -> float:
        numbers = [term(scope) for term in terms]
        pairs = zip(signs, numbers, numbers[1:], strict=False)
        return float(not any(map(math.isnan, numbers)) and all(compare(a, b) for compare, a, b in pairs))

    return value


_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    **{op: pointwise(partial(_applied, do)) for op, do in OPERATORS.items()},
    **{ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge},
    **{ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Compare: _compared},
    ast.Not: pointwise(lambda value: float(not _is_true(value))),
    ast.And: lambda *parts: lambda scope: float(all(_is_true(part(scope)) for part in parts)),
    ast.Or: lambda *parts: lambda scope: float(any(_is_true(part(scope)) for part in parts)),
}


# What is so, and what the goal is; or only the goal, where what is so is not known.
_WORDS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: (N_("{name} is {so}; the goal is below {limit}"), N_("the goal is below {limit}")),
    ast.LtE: (N_("{name} is {so}; the goal is at most {limit}"), N_("the goal is at most {limit}")),
    ast.Gt: (N_("{name} is {so}; the goal is above {limit}"), N_("the goal is above {limit}")),
    ast.GtE: (N_("{name} is {so}; the goal is at least {limit}"), N_("the goal is at least {limit}")),
    ast.Eq: (N_("{name} is {so}; the goal is {limit}"), N_("the goal is {limit}")),
    ast.NotEq: (N_("{name} is {so}; the goal is anything but {limit}"), N_("the goal is anything but {limit}")),
}
_BETWEEN = N_("{name} is {so}; the goal is between {low} and {high}"), N_("the goal is between {low} and {high}")
_SIGNS = {"**": "^", "*": "·", ">=": "≥", "<=": "≤", "==": "=", "!=": "≠", "-": "−"}


def unmet_text(condition: Expression, scope: Scope) -> str:
    """Return sentences such as “The loss is 0.8; the goal is below 0.5.”; "" if the condition holds."""
    tree = ast.parse(condition.text, mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    sentences = [_sentence(part, scope) for part in parts if not parse_condition(ast.unparse(part)).holds(scope)]
    text = " ".join(f"{capitalised(sentence)}." for sentence in sentences)
    for lacking in {f": {_(name.lacking)}" for name in RUN.values() if name.lacking}:
        first, said, rest = text.partition(lacking)
        text = first + said + rest.replace(lacking, "")  # mentioned once
    return text


def _sentence(part: ast.expr, scope: Scope) -> str:
    match part:
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="abs"), args=[ast.BinOp(left=left, op=ast.Sub(), right=middle)]),
            ops=[ast.Lt() | ast.LtE()],
            comparators=[reach],
        ) if not parse_expression(ast.unparse(middle)).calls:  # within a distance
            at, far = _value(middle, scope), _value(reach, scope)
            low, high = _numbers(at - far, at + far)
            return _comparison_text(left, at, _BETWEEN, scope, low=low, high=high)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _WORDS:
            at = _value(right, scope)
            return _comparison_text(left, at, _WORDS[type(op)], scope, limit=_numbers(at, _value(left, scope))[0])
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id="diverged")):
            return _("the training has diverged")
    return _("the goal is {condition}").format(condition=_spelled(part))


def _comparison_text(left: ast.expr, border: float, words: tuple[str, str], scope: Scope, **wanted: str) -> str:
    """State the current value and the goal; if a value is unknown, what is lacking."""
    name, so = _named(left), _value(left, scope)
    if math.isnan(border):
        return _("what {name} is compared with is not known").format(name=name)
    if not math.isnan(so):
        return _(words[0]).format(name=name, so=_numbers(so, border)[0], **wanted)
    used = (RUN[node.id] for node in ast.walk(left) if isinstance(node, ast.Name) and node.id in RUN)
    lacking = next((f": {_(each.lacking)}" for each in used if each.lacking), "")
    message = _("{name} is not known{lacking}; {goal}")
    return message.format(name=name, lacking=lacking, goal=_(words[1]).format(**wanted))


def _value(node: ast.expr, scope: Scope) -> float:
    return parse_expression(ast.unparse(node)).value(scope)


def _named(node: ast.expr) -> str:
    """Name what a part of an expression measures, in words if there are any."""
    match node:
        case ast.Name(id=name) if name in RUN:
            return _(RUN[name].words)
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in RUN:
            return _(RUN[name].words).format(*map(_argument, arguments))
    return _("“{code}”").format(code=_spelled(node))


def _argument(node: ast.expr) -> str:
    return with_signs(_spelled(node)) if isinstance(node, ast.Constant) else _spelled(node)


def _spelled(node: ast.expr) -> str:
    text = ast.unparse(node)
    for code, sign in _SIGNS.items():
        text = text.replace(code, sign)
    return text


def _numbers(a: float, b: float) -> tuple[str, str]:
    """Write two numbers with enough digits to differ, whole ones with all of them."""
    texts = told_apart(a, b)
    return _count_if_whole(texts[0], a), _count_if_whole(texts[1], b)


def _count_if_whole(text: str, number: float) -> str:
    is_whole = math.isfinite(number) and number == round(number)
    return count_text(number).replace("-", MINUS) if is_whole else re.sub(r"[.,]0+·", "·", text)
