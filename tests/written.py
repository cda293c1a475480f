"""Arithmetic as it is written on screen and as LaTeX, read and computed with nothing of the program's own."""

import math
import re
from collections.abc import Callable, Mapping

import numpy as np

_UP = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<ten>·10(?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))|(?P<name>[A-Za-zσ]+)|(?P<sign>.))"
)
Functions = Mapping[str, Callable[[float], float]]


def logistic(u: float) -> float:
    return 1 / (1 + math.exp(-u)) if u > -700 else 0.0


FUNCTIONS: Functions = {
    "ReLU": lambda u: max(u, 0.0),
    "LeakyReLU": lambda u: u if u > 0 else float(np.float32(0.01)) * u,
    "tanh": math.tanh,
    "σ": logistic,
    "SiLU": lambda u: u * logistic(u),
    "GELU": lambda u: 0.5 * u * math.erfc(-u / math.sqrt(2)),
    "": lambda u: u,
}


def from_latex(text: str) -> str:
    """Turn the LaTeX of a line without matrices into its plain form."""
    text = re.sub(r"\\operatorname\{(\w+)\}", r"\1", text)
    text = re.sub(r"\\cdot 10\^\{(-?\d+)\}", lambda m: "·10" + m[1].translate({v: k for k, v in _UP.items()}), text)
    for old, new in ((r"\left(", "("), (r"\right)", ")"), (r"\cdot ", "·"), (r"\tanh", "tanh"), (r"\sigma", "σ")):
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
