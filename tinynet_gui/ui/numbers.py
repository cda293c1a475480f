"""How numbers are written everywhere in the window."""

import math

MINUS = "−"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def signed(value: float, digits: int = 4) -> str:
    """Write a weight: fixed digits and a sign, so that a column of them does not jump."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+∞" if value > 0 else f"{MINUS}∞")
    if value != 0 and (abs(value) >= 1e4 or abs(value) < 0.5 * 10**-digits):
        return _exponent(f"{value:+.2e}")
    return f"{value:+.{digits}f}".replace("-", MINUS)


def plain(value: float, digits: int = 4) -> str:
    """Write a number with so many significant digits, without a plus sign."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else f"{MINUS}∞")
    if value != 0 and (abs(value) >= 1e6 or abs(value) < 1e-4):
        return _exponent(f"{value:.{digits - 1}e}")
    text = f"{value:.{digits}g}"
    return (_exponent(text) if "e" in text else text).replace("-", MINUS)


def loss_text(value: float) -> str:
    """Write a loss: four significant digits, always of the same width where it can be."""
    if not math.isfinite(value):
        return plain(value)
    if value == 0:
        return "0.0000"
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(0, 3 - math.floor(math.log10(abs(value))))
        return f"{value:.{decimals}f}"
    return _exponent(f"{value:.3e}")


def power_text(exponent: float) -> str:
    """Write a power of ten as at a logarithmic axis: 0.01, 500, 10¹²."""
    if exponent == round(exponent) and not -4 <= exponent <= 5:
        return f"10{str(round(exponent)).translate(_SUPERSCRIPT)}"
    value = 10.0**exponent
    return f"{value:,.0f}" if value >= 100 else plain(value, 3)


def count_text(value: float) -> str:
    """Write a count of steps with separators: 10,000."""
    return f"{round(value):,}"


def rate_text(value: float) -> str:
    """Write a rate with three significant digits, so that it can be read while it changes."""
    if value >= 1000:
        magnitude = 10 ** (math.floor(math.log10(value)) - 2)
        value = round(value / magnitude) * magnitude
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def subscript(number: int) -> str:
    """Write a number in subscript digits: h₁₂."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _exponent(text: str) -> str:
    mantissa, exponent = text.split("e")
    return f"{mantissa}·10{str(int(exponent)).translate(_SUPERSCRIPT)}".replace("-", MINUS)
