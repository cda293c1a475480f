"""A target's formula as numpy code that gives the same bits."""

import ast
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from tinynet_gui.core.data.formula import FUNCTIONS, parsed
from tinynet_gui.core.text.arithmetic import Meaning, fold

_LARGEST_WHOLE = 2**20  # written as it stands; beyond, a whole number may have more digits than a float


class _Code(NamedTuple):
    """Numpy code, whether x is in it, and whether float64 is what comes of it.

    A number alone takes on the type of the array that it meets, but what numpy computes of numbers alone is float64,
    and makes so what it meets.
    """

    node: ast.expr
    has_x: bool = False
    is_double: bool = False


def formula_code(text: str, variable: str) -> str:
    """Return numpy code for a formula of x that `core.data.formula.parse_formula` accepts.

    It is an expression: a float32 array of that shape, to the bit what `parse_formula` gives.

    Parameters
    ----------
    variable
        What the code calls x: a float32 array of shape (samples, 1).
    """
    names = {"x": _Code(ast.Name(variable), has_x=True), "pi": _Code(ast.Name("np.pi")), "e": _Code(ast.Name("np.e"))}
    meaning = Meaning(_number, names.get, _OPERATORS, lambda name, _: partial(_call, name))
    node, has_x, is_double = fold(*parsed(text), meaning)
    code = ast.unparse(node)
    if not has_x:
        return f"np.full_like({variable}, {code})"
    return f"({code}).astype('float32')".replace("'", '"') if is_double else code


def _number(number: float) -> _Code:
    is_whole = abs(number) <= _LARGEST_WHOLE and number == int(number)
    return _Code(ast.Constant(int(number) if is_whole else number))


def _unary(op: ast.unaryop, operand: _Code) -> _Code:
    return operand._replace(node=ast.UnaryOp(op, operand.node))


def _binary(op: ast.operator, one: _Code, other: _Code) -> _Code:
    is_double = one.is_double or other.is_double
    if one.has_x or other.has_x:
        return _Code(ast.BinOp(one.node, op, other.node), True, is_double)
    first, second = _as_floats(one.node), _as_floats(other.node)
    if isinstance(op, ast.Div | ast.Mod):
        return _Code(
            _filled(f"np.{'divide' if isinstance(op, ast.Div) else 'mod'}({{}}, {{}})", first, second), is_double=True
        )
    return _Code(ast.BinOp(first, op, second), is_double=is_double)


def _call(name: str, *arguments: _Code) -> _Code:
    function, has_x = FUNCTIONS[name], any(argument.has_x for argument in arguments)
    nodes = [argument.node if has_x else _as_floats(argument.node) for argument in arguments]
    is_single = function.is_single and not has_x
    node = _filled(f"np.float32({function.code})" if is_single else function.code, *nodes)
    return _Code(node, has_x, any(argument.is_double for argument in arguments) if has_x else not is_single)


def _filled(code: str, *nodes: ast.expr) -> ast.expr:
    return ast.parse(code.format(*map(ast.unparse, nodes)), mode="eval").body


def _as_floats(node: ast.expr) -> ast.expr:
    """Python computes with whole numbers of any length; the formula with floats."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, int):
            inner.value = float(inner.value)
    return node


_OPERATORS: dict[type[ast.AST], Callable[..., _Code]] = {
    **{op: partial(_unary, op()) for op in (ast.UAdd, ast.USub)},
    **{op: partial(_binary, op()) for op in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow)},
}
