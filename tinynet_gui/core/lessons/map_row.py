"""A row of the map in a lesson's text: a picture of dots, of which the text holds the numbers once it is filled in.

The author writes ``![words](map_row:1)``, where 1 is how far up the row is; what is filled in names the picture by its
axes and numbers: ``![words](dots:Learning%20rate:loss:0.001:3:9.1,0.2,inf)``, from the left end of the map to its right
one. Earlier versions have left out the axes.
"""

import math
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, unquote

from tinynet_gui.core.values import dataclass

ROW, DOTS = "map_row", "dots:"
MOST_DOTS = 1_000
_PICTURE = re.compile(rf"(!\[[^\[\]]*\]\(){ROW}:([^()\s]*)\)")


@dataclass(frozen=True)
class Dots:
    """The numbers of a row, from the left end of the map, `low`, to its right one; infinite where training diverges.

    What goes to the right and upwards is called `across` and `upwards`.
    """

    low: float
    high: float
    numbers: Sequence[float]
    across: str = ""
    upwards: str = ""


def row_of(name: str) -> float | None:
    """Return how far up a row is, by the name of its picture; None for another picture; raise ValueError for none."""
    kind, _, height = name.partition(":")
    return float(height) if kind == ROW else None


def with_dots(text: str, scope: Any) -> str:
    """Return a text with the numbers of its rows."""

    def filled(match: re.Match[str]) -> str:
        dots: Dots = scope[ROW](float(match[2]))
        numbers = ",".join(f"{number:.3g}" for number in dots.numbers)
        return f"{match[1]}{DOTS}{quote(dots.across)}:{quote(dots.upwards)}:{dots.low:g}:{dots.high:g}:{numbers})"

    return _PICTURE.sub(filled, text)


def read_dots(name: str) -> Dots | None:
    """Return the dots of a picture that is named by them; None for any other."""
    try:
        *axes, low, high, numbers = name.removeprefix(DOTS).split(":")
        across, upwards = map(unquote, axes or ("", ""))
        dots = Dots(float(low), float(high), [float(number) for number in numbers.split(",")], across, upwards)
    except ValueError:
        return None
    is_row = name.startswith(DOTS) and -math.inf < dots.low < dots.high < math.inf and len(dots.numbers) <= MOST_DOTS
    return dots if is_row else None
