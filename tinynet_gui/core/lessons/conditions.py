"""A goal's condition in words: for each part that does not hold, what is so and what the goal is."""

import ast
import math
import re

from tinynet_gui.core.lessons.expression import Expression, Scope, parse_condition, parse_expression
from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.text.numbers import MINUS, count_text, told_apart

_WORDS: dict[type[ast.cmpop], str] = {
    ast.Lt: "below {}",
    ast.LtE: "at most {}",
    ast.Gt: "above {}",
    ast.GtE: "at least {}",
    ast.Eq: "{}",
    ast.NotEq: "anything but {}",
}
_SPELLINGS = {"**": "^", "*": "·", ">=": "≥", "<=": "≤", "==": "=", "!=": "≠", "-": "−"}


def unmet_text(condition: Expression, scope: Scope) -> str:
    """Return sentences such as “The loss is 0.8; the goal is below 0.5.”; "" if it holds."""
    tree = ast.parse(condition.text, mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    sentences = [_sentence(part, scope) for part in parts if not parse_condition(ast.unparse(part)).holds(scope)]
    text = " ".join(f"{text[0].upper()}{text[1:]}." for text in sentences)
    for lacking in {f": {name.lacking}" for name in RUN.values() if name.lacking}:
        first, said, rest = text.partition(lacking)
        text = first + said + rest.replace(lacking, "")  # it is told once
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
            return _compared(left, at, f"between {low} and {high}", scope)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _WORDS:
            at = _value(right, scope)
            return _compared(left, at, _WORDS[type(op)].format(_numbers(at, _value(left, scope))[0]), scope)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id="diverged")):
            return "the training has diverged"
    return f"the goal is {_spelled(part)}"


def _compared(left: ast.expr, limit: float, wanted: str, scope: Scope) -> str:
    """Say what is so and what the goal is; if one of them is not known, what is lacking."""
    so = _value(left, scope)
    if math.isnan(limit):
        return f"what {_named(left)} is compared with is not known"
    if not math.isnan(so):
        return f"{_named(left)} is {_numbers(so, limit)[0]}; the goal is {wanted}"
    names = (name for node in ast.walk(left) if isinstance(node, ast.Name) and (name := RUN.get(node.id)) is not None)
    lacking = next((f": {name.lacking}" for name in names if name.lacking), "")
    return f"{_named(left)} is not known{lacking}; the goal is {wanted}"


def _value(node: ast.expr, scope: Scope) -> float:
    return parse_expression(ast.unparse(node)).value(scope)


def _named(node: ast.expr) -> str:
    """Name what a part of an expression measures, in words if there are any."""
    match node:
        case ast.Name(id=name) if name in RUN:
            return RUN[name].words
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in RUN:
            return RUN[name].words.format(*map(_spelled, arguments))
    return f"“{_spelled(node)}”"


def _spelled(node: ast.expr) -> str:
    text = ast.unparse(node)
    for code, sign in _SPELLINGS.items():
        text = text.replace(code, sign)
    return text


def _numbers(a: float, b: float) -> tuple[str, str]:
    """Write two numbers so that they can be told apart, whole ones with all their digits."""
    texts = told_apart(a, b)
    return _count_or(texts[0], a), _count_or(texts[1], b)


def _count_or(text: str, number: float) -> str:
    is_whole = math.isfinite(number) and number == round(number)
    return count_text(number).replace("-", MINUS) if is_whole else re.sub(r"\.0+·", "·", text)
