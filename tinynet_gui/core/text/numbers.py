"""How numbers, and what is counted or numbered, are written everywhere; and how typed numbers are read.

All have the signs of the current language (`core.text.language`), but for `exact`.

Which function writes what; a test checks the examples:

    plain(0.0123456)               0.01235                  a number in a sentence: significant digits
    loss_text(0.012)               0.01200                  a loss, at a width that stays while it falls
    in_full(1.25e-07)              1.25·10⁻⁷                all digits, to be read
    exact(1.25e-07)                1.25e-7                  all digits, to be read by programs, as in lines of settings
    typed(1.25e-07)                1.25e-7                  the same in a field
    signed(0.5)                    +0.5000                  a weight in a column: decimals and a sign; None: all of them
    brief(0.123456)                +0.123                   a signed number where there is little room
    briefer(0.123456)              0.123, 0.12, 0.1, 0.1    the same at four lengths, for small boxes
    told_apart(1.00001, 1.00002)   1.00001, 1.00002         two numbers with the digits that show that they differ
    ends_text(1000.01, 1000.02)    1000.01, 1000.02         the ends of a range
    count_text(10_000)             10,000                   a count
    counted(1, "step")             1 step                   a count and its noun
    step_text(2_500_000)           2.5 M                    a step at an axis
    power_text(-2)                 0.01                     a power of ten at a logarithmic axis
    percent_text(0.4996)           49.96 %                  a share; only near 0, 50 or 100 % with more digits
    p_text(0.0123)                 p = 0.012                how often chance alone does as much
    rate_text(12_345)              12,300                   how many a second, while it changes
    subscript(12)                  ₁₂                       the index of a neuron
    neuron_symbol(0, 2, 1)         h₃                       a neuron; h₃[1] with several hidden layers
    hidden_layer(1, 2)             Hidden layer 2           a hidden layer; without its number if it is the only one
    listed(["A", "B", "C"])        A, B and C               names, in a sentence
    numbers_listed(["0.5", "1"])   0.5, 1                   written numbers, in a sentence
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from tinynet_gui.core.text import language, shortened, typed_numbers
from tinynet_gui.core.text.formula import SUPERSCRIPT, number
from tinynet_gui.core.text.language import gettext as _

MINUS = "−"
MAX_FLOAT32 = float(np.finfo(np.float32).max)


def signed(value: float, digits: int | None = 4) -> str:
    """Write a weight with a sign and fixed decimals, so that a column does not jump; None: all of a float32's digits.

    Numbers too large or too small for these decimals get a power of ten, at the same width.
    """
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+∞" if value > 0 else f"{MINUS}∞")
    if digits is None:
        return language.with_signs(("" if np.signbit(value) else "+") + number(value, None).plain)
    is_power = value != 0 and (abs(value) >= 1e4 or abs(value) < 0.5 * 10**-digits)
    return _localised(f"{value:+.{max(2, digits - 2)}e}" if is_power else f"{value:+.{digits}f}")


def read_value(text: str, most: float = MAX_FLOAT32, allowed: str = "") -> float:
    """Read a number as a user types it, or as `signed` writes it.

    `ValueError` if it is not a number, or is beyond ±`most`.
    """
    value = typed_numbers.typed_real(text)
    if not abs(value) <= most:
        allowed = allowed or _("a finite number, at most 3.4·10³⁸, is")
        words = _("{value} is not allowed: {allowed}")
        raise ValueError(words.format(value=shortened.written(text.strip()), allowed=allowed))
    return value


def exact(value: float) -> str:
    """Write a number with the fewest characters that read back exactly."""
    mantissa, e, exponent = repr(float(value)).partition("e")
    return mantissa.removesuffix(".0") + (f"e{int(exponent)}" if e else "")


def typed(value: float) -> str:
    return language.with_signs(exact(value))


def brief(value: float) -> str:
    """Write a number with a sign in at most nine characters, for tight spaces."""
    size = abs(value)
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return signed(value, 3)
    decimals = 3 if 0.01 <= size < 1000 else 0 if size >= 1000 else 1 - math.floor(math.log10(size))
    return _localised(f"{value:+.1e}" if size >= 1e4 or size < 1e-4 else f"{value:+.{decimals}f}")


def briefer(value: float) -> tuple[str, str, str, str]:
    """Write a number at four lengths for small boxes: like `brief`, without plus sign, with powers as in 1.2e−5.

    The others are rounded to two digits, to one, and to one with a power if that is shorter.
    """
    text = brief(value).removeprefix("+")
    if value == 0 or not math.isfinite(value):
        return (text,) * 4
    size = math.floor(math.log10(abs(value)))
    shortest = _short_power(f"{value:.0e}")
    if "·" in text:
        return _short_power(f"{value:.1e}"), shortest, shortest, shortest
    if size < -3:
        return text, shortest, shortest, shortest
    two, one = (_localised(f"{value:.{max(0, digits - size)}f}") for digits in (1, 0))
    return text, min(two, text, key=len), one, min(one, shortest, key=len)


def plain(value: float, digits: int = 4) -> str:
    """Write a number with this many significant digits, without a plus sign."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    is_short = value == 0 or 1e-4 <= abs(value) < 1e6
    return _localised(f"{value:.{digits}g}" if is_short else f"{value:.{digits - 1}e}")


def in_full(value: float) -> str:
    """Write a number as `plain` does, with all digits needed to read back the same number."""
    return _localised(exact(value))


def told_apart(a: float, b: float, digits: int = 4) -> tuple[str, str]:
    """Write two numbers with enough significant digits to tell them apart as float32."""
    for most in range(digits, 10):
        if (texts := (plain(a, most), plain(b, most)))[0] != texts[1]:
            break
    return texts


def ends_text(low: float, high: float, digits: int = 4) -> tuple[str, str]:
    """Write the ends of a range, with extra digits where it is narrow or far from 0."""
    extent = min(high - low, 100.0)
    more = math.floor(math.log10(max(abs(low), abs(high)) / extent)) if extent > 0 else 0
    return told_apart(low, high, min(9, digits + max(0, more)))


def loss_text(value: float) -> str:
    """Write a loss with four significant digits, at constant width where possible."""
    if not math.isfinite(value):
        return plain(value)
    if value and not 1e-3 <= abs(value) < 1e5:
        return _localised(f"{value:.3e}")
    decimals = max(0, 3 - math.floor(math.log10(abs(value)))) if value else 4
    return _localised(f"{value:.{decimals}f}")


def power_text(exponent: float) -> str:
    """Write a power of ten for a logarithmic axis: 0.01, 500, 10¹²."""
    if exponent == round(exponent) and not -4 <= exponent <= 5:
        return f"10{str(round(exponent)).translate(SUPERSCRIPT)}"
    value = 10.0**exponent
    return count_text(value) if value >= 100 else plain(value, 3)


def count_text(value: float) -> str:
    return language.with_signs(f"{round(value):,}")


def step_text(step: float, in_millions: bool = False) -> str:
    """Write a step compactly: 500, 10,000, 2.5 M; in millions if its neighbours are."""
    if abs(step) >= 1e6 or (in_millions and step):
        return _("{number} M").format(number=_localised(f"{step / 1e6:g}"))
    return count_text(step)


def counted(count: int, noun: str, plural: str = "") -> str:
    """Write a count and its English noun, as exports have it: 1 step, 10,000 steps."""
    return f"{count_text(count)} {noun if count == 1 else plural or f'{noun}s'}"


def percent_text(share: float, rounded: Callable[[float], int] = round) -> str:
    """Write a share in whole percent, but never 0, 50 or 100 unless it is exactly that.

    Pass `math.floor` and `math.ceil` for the ends of an interval, to round them outwards.
    """
    percent = 100 * share
    for digits in range(300):
        found = rounded(percent * 10**digits) / 10**digits
        if found not in (0.0, 50.0, 100.0) or found == percent:
            break
    if percent and abs(found) < 1e-4:
        return f"{in_full(found or percent)} %"
    return language.with_signs(f"{found:,.{digits}f} %".replace("-", MINUS))


def p_text(p: float) -> str:
    """Write a p-value."""
    return language.with_signs("p < 0.001" if p < 0.001 else f"p = {p:.2g}")


def rate_text(value: float) -> str:
    """Write a rate with three significant digits, so that it is readable while it changes."""
    if value >= 1000:
        magnitude = 10 ** (math.floor(math.log10(value)) - 2)
        value = round(value / magnitude) * magnitude
    return count_text(value) if value >= 10 else _localised(f"{value:.1f}")


def subscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _localised(text: str) -> str:
    """Turn Python's exponent, minus sign and decimal point into typographic ones."""
    mantissa, e, exponent = text.partition("e")
    power = f"·10{str(int(exponent)).translate(SUPERSCRIPT)}" if e else ""
    return language.with_signs(f"{mantissa}{power}".replace("-", MINUS))


def _short_power(text: str) -> str:
    mantissa, exponent = text.split("e")
    return language.with_signs(f"{mantissa}e{int(exponent)}".replace("-", MINUS))


def listed(names: Sequence[str], last: str = "and") -> str:
    """Join names as in a sentence: A, B and C."""
    if len(names) < 2:
        return "".join(names)
    words = _("{names} or {last}") if last == "or" else _("{names} and {last}")
    return words.format(names=", ".join(names[:-1]), last=names[-1])


def numbers_listed(numbers: Sequence[str]) -> str:
    """Join written numbers: 0.5, 1.5; with semicolons where a comma is the decimal sign."""
    return language.pgettext("between numbers", ", ").join(numbers)


def neuron_symbol(layer: int, index: int, hidden_layers: int, x: str = "x") -> str:
    """Write a neuron's symbol: h₃, or h₃[2] with several hidden layers; ŷ for the output, x for layer −1."""
    if layer in (-1, hidden_layers):
        return x if layer < 0 else "ŷ"
    return f"h{subscript(index + 1)}" + (f"[{layer + 1}]" if hidden_layers > 1 else "")


def hidden_layer(layer: int, hidden_layers: int) -> str:
    """Name a hidden layer: Hidden layer 2, or Hidden layer if it is the only one."""
    return _("Hidden layer") if hidden_layers == 1 else _("Hidden layer {number}").format(number=layer + 1)
