"""A goal's condition in words: for each part that does not hold, what is so and what the goal is."""

import ast
import math
import re

from tinynet_gui.core.lessons.expression import Expression, Scope, parse_condition, parse_expression
from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.text.language import N_, with_signs
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import MINUS, count_text, told_apart

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
_SPELLINGS = {"**": "^", "*": "·", ">=": "≥", "<=": "≤", "==": "=", "!=": "≠", "-": "−"}


def unmet_text(condition: Expression, scope: Scope) -> str:
    """Return sentences such as “The loss is 0.8; the goal is below 0.5.”; "" if it holds."""
    tree = ast.parse(condition.text, mode="eval").body
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    sentences = [_sentence(part, scope) for part in parts if not parse_condition(ast.unparse(part)).holds(scope)]
    text = " ".join(f"{text[0].upper()}{text[1:]}." for text in sentences)
    for lacking in {f": {_(name.lacking)}" for name in RUN.values() if name.lacking}:
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
            return _compared(left, at, _BETWEEN, scope, low=low, high=high)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _WORDS:
            at = _value(right, scope)
            return _compared(left, at, _WORDS[type(op)], scope, limit=_numbers(at, _value(left, scope))[0])
        case ast.UnaryOp(op=ast.Not(), operand=ast.Name(id="diverged")):
            return _("the training has diverged")
    return _("the goal is {condition}").format(condition=_spelled(part))


def _compared(left: ast.expr, border: float, words: tuple[str, str], scope: Scope, **wanted: str) -> str:
    """Say what is so and what the goal is; if one of them is not known, what is lacking."""
    name, so = _named(left), _value(left, scope)
    if math.isnan(border):
        return _("what {name} is compared with is not known").format(name=name)
    if not math.isnan(so):
        return _(words[0]).format(name=name, so=_numbers(so, border)[0], **wanted)
    used = (RUN[node.id] for node in ast.walk(left) if isinstance(node, ast.Name) and node.id in RUN)
    lacking = next((f": {_(each.lacking)}" for each in used if each.lacking), "")
    told = _("{name} is not known{lacking}; {goal}")
    return told.format(name=name, lacking=lacking, goal=_(words[1]).format(**wanted))


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
    for code, sign in _SPELLINGS.items():
        text = text.replace(code, sign)
    return text


def _numbers(a: float, b: float) -> tuple[str, str]:
    """Write two numbers so that they can be told apart, whole ones with all their digits."""
    texts = told_apart(a, b)
    return _count_or(texts[0], a), _count_or(texts[1], b)


def _count_or(text: str, number: float) -> str:
    is_whole = math.isfinite(number) and number == round(number)
    return count_text(number).replace("-", MINUS) if is_whole else re.sub(r"[.,]0+·", "·", text)
