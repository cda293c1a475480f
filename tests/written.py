"""Arithmetic as it is written on screen and as LaTeX, read and computed with nothing of the program's own.

An activation is known by the symbol in its record, and computed by torch.
"""

import math
import re
from collections.abc import Callable, Mapping

import torch

from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.training.torch_loop import activation_module

_UP = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<ten>·10(?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))|(?P<name>[A-Za-zσ]+)|(?P<sign>.))"
)
Functions = Mapping[str, Callable[[float], float]]


def _by_torch(name: str) -> Callable[[float], float]:
    return lambda u: float(activation_module(name)(torch.tensor(u, dtype=torch.float64)))


def _slope_by_torch(name: str) -> Callable[[float], float]:
    def slope(u: float) -> float:
        at = torch.tensor(u, dtype=torch.float64, requires_grad=True)
        (found,) = torch.autograd.grad(activation_module(name)(at), at)
        return float(found)

    return slope


FUNCTIONS: Functions = {
    **{a.symbol: _by_torch(name) for name, a in ACTIVATIONS.items()},
    "GELU": lambda u: 0.5 * u * math.erfc(-u / math.sqrt(2)),  # torch's is 0 far below 0
}
SLOPES: Functions = {a.symbol: _slope_by_torch(name) for name, a in ACTIVATIONS.items()}


def from_latex(text: str) -> str:
    """Turn the LaTeX of a line without matrices into its plain form."""
    text = re.sub(r"\\cdot 10\^\{(-?\d+)\}", lambda m: "·10" + m[1].translate({v: k for k, v in _UP.items()}), text)
    symbols = [(activation.latex, activation.symbol) for activation in ACTIVATIONS.values() if activation.latex]
    for old, new in ((r"\left(", "("), (r"\right)", ")"), (r"\cdot ", "·"), *symbols):
        text = text.replace(old, new)
    return text


def unit_of(text: str) -> float:
    """The unit of the last digit of a number as it is written."""
    mantissa, _, power = text.partition("·10")
    return 10.0 ** (int(power.translate(_UP) or 0) - len(mantissa.partition(".")[2]))


def value_of(text: str, functions: Functions | None = None, **names: float) -> float:
    """Compute a line: a superscript after ·10 is all of the exponent, as a reader takes it."""
    text = re.sub(r" \([\d,]+ more\)", "", text)
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    tokens = list(_TOKEN.finditer(text.strip()))
    place = 0

    def sign() -> str:
        return tokens[place].group().strip() if place < len(tokens) else ""

    def take() -> re.Match[str]:
        nonlocal place
        place += 1
        return tokens[place - 1]

    def expect(what: str) -> None:
        assert take().group().strip() == what, text

    def total() -> float:
        value = product()
        while sign() in ("+", "−", "-"):
            value = value + product() if take().group().strip() == "+" else value - product()
        return value

    def product() -> float:
        if sign() in ("−", "-"):
            take()
            return -product()
        value = power()
        while sign() in ("·", "/"):
            is_product, factor = take().group().strip() == "·", power()
            value = value * factor if is_product else value / factor if factor else math.nan
        return value

    def power() -> float:
        value = atom()
        while sign() in ("²", "^"):
            value = value**2 if take().group().strip() == "²" else value ** atom()
        return value

    def atom() -> float:
        token = take()
        here = token.group().strip()
        if token["number"]:
            value = float(token["number"])
            if place < len(tokens) and tokens[place]["ten"]:
                value *= 10.0 ** int(take()["power"].translate(_UP))
                assert sign() != "^", text  # of all, or of the ten?
            return value
        if here == "(":
            value = total()
            expect(")")
            return value
        if here == "|":
            value = abs(total())
            expect("|")
            return value
        if here == "√":
            root = math.sqrt(atom())
            assert tokens[place - 1]["ten"] is None, text  # all of it, or the first factor?
            return root
        if here == "½":
            return 0.5
        if here in names:
            return names[here]
        assert functions is not None, (here, text)
        return functions[here](atom())

    value = total()
    assert place == len(tokens), text
    return value
