"""A target's formula as numpy code that gives the same bits."""

import ast
from collections.abc import Callable

from tinynet_gui.core.data.formula import syntax_tree

_LARGEST_WHOLE = 2**20  # written as it stands; beyond, a whole number may have more digits than a float
_WEAK_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Pow)


def formula_code(text: str, variable: str) -> str:
    """Return numpy code for a formula of x that `core.data.formula.parse_formula` accepts.

    Parameters
    ----------
    variable
        What the code calls x: a float32 array of shape (samples, 1).

    Returns
    -------
    str
        An expression: a float32 array of that shape, to the bit what `parse_formula` gives.
    """
    node, is_double = _code(syntax_tree(text), variable)
    code = ast.unparse(node)
    if not _has_variable(node, variable):
        return f"np.full_like({variable}, {code})"
    return f"({code}).astype('float32')".replace("'", '"') if is_double else code


def _code(node: ast.expr, variable: str) -> tuple[ast.expr, bool]:
    """Return a node as numpy has it, and whether float64 is what comes of it.

    A number alone takes on the type of the array that it meets, but what numpy computes of numbers alone is float64,
    and makes so what it meets.
    """
    match node:
        case ast.Constant(value=int() | float() as number):
            return _number(number), False
        case ast.Name(id="x"):
            return ast.Name(variable), False
        case ast.Name(id=name):
            return ast.Attribute(ast.Name("np"), name), False
        case ast.UnaryOp(op=op, operand=operand):
            inner, is_double = _code(operand, variable)
            return ast.UnaryOp(op, inner), is_double
        case ast.BinOp(op=op, left=left, right=right):
            return _binary(op, _code(left, variable), _code(right, variable), variable)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(name, [_code(argument, variable) for argument in args], variable)
    raise ValueError(f"{ast.unparse(node)} is no part of a formula")


def _binary(
    op: ast.operator, left: tuple[ast.expr, bool], right: tuple[ast.expr, bool], variable: str
) -> tuple[ast.expr, bool]:
    (one, one_is_double), (other, other_is_double) = left, right
    is_double = one_is_double or other_is_double
    if _has_variable(one, variable) or _has_variable(other, variable):
        return ast.BinOp(one, op, other), is_double
    one, other = _as_floats(one), _as_floats(other)
    if isinstance(op, _WEAK_OPERATORS):
        return ast.BinOp(one, op, other), is_double
    name = "divide" if isinstance(op, ast.Div) else "mod"
    return _np(name, one, other), True


def _call(name: str, arguments: list[tuple[ast.expr, bool]], variable: str) -> tuple[ast.expr, bool]:
    nodes, is_double = [node for node, _ in arguments], any(is_double for _, is_double in arguments)
    if any(_has_variable(node, variable) for node in nodes):
        return _FUNCTIONS[name](*nodes), is_double
    nodes = [_as_floats(node) for node in nodes]
    if name == "step":  # which gives float32 whatever it is given
        return _np("float32", _FUNCTIONS[name](*nodes)), False
    return _FUNCTIONS[name](*nodes), True


def _np(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name("np"), name), list(arguments), [])


def _named(name: str) -> Callable[..., ast.expr]:
    return lambda *arguments: _np(name, *arguments)


def _sawtooth(node: ast.expr) -> ast.expr:
    half = ast.BinOp(node, ast.Div(), ast.Constant(2))
    floor = _np("floor", ast.BinOp(half, ast.Add(), ast.Constant(0.5)))
    return ast.BinOp(ast.Constant(2), ast.Mult(), ast.BinOp(half, ast.Sub(), floor))


_FUNCTIONS: dict[str, Callable[..., ast.expr]] = {
    **{name: _named(name) for name in ("sin", "cos", "tan", "tanh", "exp", "log", "sqrt", "abs", "sign", "floor")},
    "min": _named("minimum"),
    "max": _named("maximum"),
    "relu": lambda node: _np("maximum", node, ast.Constant(0)),
    "step": lambda node: _np("heaviside", node, ast.Constant(1)),
    "sawtooth": _sawtooth,
}


def _number(number: int | float) -> ast.expr:
    whole = int(number) if abs(number) <= _LARGEST_WHOLE and number == int(number) else None
    return ast.Constant(float(number) if whole is None else whole)


def _as_floats(node: ast.expr) -> ast.expr:
    """Python computes with whole numbers of any length; the formula with floats."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, int):
            inner.value = float(inner.value)
    return node


def _has_variable(node: ast.expr, variable: str) -> bool:
    return any(isinstance(inner, ast.Name) and inner.id == variable for inner in ast.walk(node))
