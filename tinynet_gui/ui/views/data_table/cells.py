"""How the numbers of a sample are written in a narrow column, and read where they are typed."""

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.data.points import LARGEST_X
from tinynet_gui.core.text.numbers import MINUS, plain, real_number
from tinynet_gui.core.text.shortened import written

USUAL, MOST = 3, 6  # decimals of a column whose largest value is about 1, and of any


def decimals_of(values: npt.NDArray[np.float64], *, is_exact: bool = False) -> int:
    """Return with how many decimals a column is written, one number below the other.

    Parameters
    ----------
    is_exact
        Whether fewer are enough where they say all of every number.
    """
    largest = float(np.abs(values).max())
    power = int(np.floor(np.log10(largest))) if largest > 0 else 0
    decimals = min(max(USUAL - power - (power < 0), 0), MOST)
    fewer = (fewer for fewer in range(decimals) if is_exact and bool((np.round(values, fewer) == values).all()))
    return next(fewer, decimals)


def cell_text(value: float, decimals: int, *, has_sign: bool = False) -> str:
    """Write a number of a column; one that is too small or too large for its decimals in another way."""
    if not abs(value) <= LARGEST_X:  # also NaN
        text = plain(value, 3)
    elif value != 0 and abs(value) < 0.5 * 10.0**-decimals:
        text = plain(value, 1)
    else:
        text = f"{value:.{decimals}f}".replace("-", MINUS)
    return f"+{text}" if has_sign and value > 0 else text


def read_coordinate(text: str) -> float:
    """Read x or y as a user types it.

    Raises
    ------
    ValueError
        If it is no number, or larger than the plot can show.
    """
    try:
        value = real_number(text)
    except ValueError:
        raise ValueError(f"{written(text.strip())} is not a number: write one such as −0.25 or 1e-3") from None
    if not abs(value) <= LARGEST_X:
        limits = f"{-LARGEST_X:,.0f} to {LARGEST_X:,.0f}".replace("-", MINUS)
        raise ValueError(f"{written(text.strip())} is not allowed: {limits}")
    return value
