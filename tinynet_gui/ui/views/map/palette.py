"""From numbers to colours, and to lines of equal numbers; no Qt."""

import math

import numpy as np

from tinynet_gui.core.maps.colors import Color
from tinynet_gui.core.numerics.arrays import Bytes, Flags, Floats
from tinynet_gui.ui.widgets.plots.range_dialog import Range

OUTLIERS = 1.0  # percent, at either end
EQUAL = 1e-9  # of the height: no more than the noise of rounding
NARROWEST = 0.1  # of a scale for equal numbers
LEVELS = 10  # about
FEW_DECADES, MANY_DECADES = 4.0, 2.0  # up to which a decade has few, or many
FEW_MARKS, MANY_MARKS = (1, 2, 5), (1, 1.5, 2, 3, 4, 5, 7)
LINE = 0.55  # opacity
HATCH, STRIPE = 9, 2  # pixels, from one stripe to the next, and of each
LUMINANCE = np.array([0.299, 0.587, 0.114])  # Rec. 601


def heights_of(numbers: Floats, color: Color) -> Floats:
    """Return where numbers lie on the scale of a colour: themselves, or their logarithms to base 10.

    Infinite ones and NaN stay.
    """
    if not color.is_log:
        return numbers
    heights: Floats = np.log10(np.maximum(numbers, color.least))
    return heights


def usual_ends(heights: Floats, color: Color) -> Range | None:
    """Return the ends of a scale that shows all heights but the outliers; None if none is finite."""
    finite = heights[np.isfinite(heights)]
    if not len(finite):
        return None
    low, high = (float(end) for end in np.percentile(finite, (OUTLIERS, 100 - OUTLIERS)))
    if high - low > EQUAL * max(1.0, abs(low)):
        return Range(low, high)
    if color.is_whole and not color.is_log:
        return Range(low, low + 1)
    return Range(low - NARROWEST / 2, high + NARROWEST / 2)


def painted(heights: Floats, ends: Range, ramp: Bytes, outside: Bytes) -> Bytes:
    """Return the colours of heights, RGBA of shape (rows, columns, 4).

    Parameters
    ----------
    ramp
        RGBA of shape (colours, 4): the lower end's, and so on. Heights beyond an end have its colour.
    outside
        RGBA, of what is infinite. NaN is transparent.
    """
    count = len(ramp)
    table = np.concatenate([ramp, outside[None], np.zeros((1, 4), np.uint8)]).view(np.uint32)[:, 0]
    places = ((heights - ends.low) * (count / (ends.high - ends.low))).astype(np.float32)
    np.clip(places, 0, count - 1, out=places)
    np.copyto(places, count, where=np.isposinf(heights))  # several times as fast as an index
    np.copyto(places, count + 1, where=np.isnan(heights))
    return table.take(places.astype(np.intp)).view(np.uint8).reshape(*heights.shape, 4)


def levels_in(ends: Range, *, is_log: bool) -> Floats:
    """Return the heights of about ten round numbers between two ends."""
    low, high = ends
    if not is_log:
        return _round_numbers(low, high, LEVELS)
    if high - low >= FEW_DECADES:
        return _round_numbers(low, high, LEVELS, least_step=1.0)
    if high - low >= 1.0:
        decades = np.arange(math.floor(low), math.ceil(high) + 1, dtype=np.float64)
        marks = MANY_MARKS if high - low < MANY_DECADES else FEW_MARKS
        levels: Floats = (decades[:, None] + np.log10(marks)).ravel()
    else:
        levels = np.log10(_round_numbers(10.0**low, 10.0**high, LEVELS))
    return np.asarray(levels[(low <= levels) & (levels <= high)], np.float64)


def _round_numbers(low: float, high: float, count: int, least_step: float = 0.0) -> Floats:
    """Return about `count` multiples of 1, 2 or 5 times a power of ten."""
    step = max(round_step((high - low) / count), least_step)
    return np.arange(math.ceil(low / step), math.floor(high / step) + 1, dtype=np.float64) * step


def round_step(least: float) -> float:
    """Return the next of ... 0.1, 0.2, 0.5, 1, 2, 5 ..."""
    decade = 10.0 ** math.floor(math.log10(least))
    return next(step for step in (decade, 2 * decade, 5 * decade, 10 * decade) if step >= least * (1 - 1e-9))


def contours(heights: Floats, levels: Floats) -> Flags:
    """Return the pixels at which a level lies between them and the one below or to the left; only of finite heights."""
    bands, is_finite = np.searchsorted(levels, heights, side="right"), np.isfinite(heights)
    found = np.zeros(heights.shape, bool)
    found[1:] |= (bands[1:] != bands[:-1]) & is_finite[1:] & is_finite[:-1]
    found[:, 1:] |= (bands[:, 1:] != bands[:, :-1]) & is_finite[:, 1:] & is_finite[:, :-1]
    return found


def stripes(heights: Floats) -> Flags:
    """Return the pixels of a hatching over what is infinite: so it differs from a low number without its colour."""
    rows, columns = (np.arange(length) for length in heights.shape)
    found: Flags = np.isposinf(heights) & ((rows[:, None] + columns) % HATCH < STRIPE)
    return found


def draw_lines(image: Bytes, lines: Flags) -> None:
    """Darken the pixels of lines where a picture is light, and lighten them where it is dark."""
    below = image[lines][:, :3].astype(np.float64)
    ink = np.where(below @ LUMINANCE > 127, 0.0, 255.0)[:, None]
    image[lines, :3] = np.round((1 - LINE) * below + LINE * ink).astype(np.uint8)
