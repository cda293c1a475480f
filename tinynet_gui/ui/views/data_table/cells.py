"""Writing the numbers of a sample in a narrow column, and reading typed ones."""

import numpy as np

from tinynet_gui.core.data.points import LARGEST_X, allowed
from tinynet_gui.core.numerics.arrays import AnyFloats
from tinynet_gui.core.text.numbers import MINUS, plain, read_value

USUAL, MOST = 3, 6  # decimals of a column whose largest value is about 1, and of any
SMALLEST = 1e-4  # a column with only smaller values is written with powers of ten


def decimals_of(values: AnyFloats, *, is_exact: bool = False) -> int | None:
    """Return the number of decimals for all numbers of a column; None means powers of ten.

    Parameters
    ----------
    is_exact
        Whether fewer are enough if they show every number completely.
    """
    sizes = np.abs(values[np.isfinite(values)])
    largest = float(sizes.max()) if len(sizes) else 0.0
    if largest > LARGEST_X or 0 < largest < SMALLEST:
        return None
    power = int(np.floor(np.log10(largest))) if largest > 0 else 0
    decimals = min(max(USUAL - power - (power < 0), 0), MOST)
    fewer = (fewer for fewer in range(decimals) if is_exact and bool((np.round(values, fewer) == values).all()))
    return next(fewer, decimals)


def cell_text(value: float, decimals: int | None, *, has_sign: bool = False) -> str:
    """Write a number of a column; one that rounds to 0 has no sign."""
    if decimals is None or not np.isfinite(value):
        text = plain(value, USUAL)
    else:
        text = f"{value:.{decimals}f}".replace("-", MINUS)
        if value != 0 and not text.strip(f"{MINUS}0."):
            text, has_sign = text.removeprefix(MINUS), False
    return f"+{text}" if has_sign and value > 0 else text


def read_coordinate(text: str, most: float) -> float:
    """Read x or y as typed by the user.

    Raises
    ------
    ValueError
        If it is not a number, or too far from 0.
    """
    return read_value(text, most, allowed(most).replace("-", MINUS))
