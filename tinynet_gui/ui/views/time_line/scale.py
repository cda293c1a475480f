"""The place of each step on the time line, the step at a place, and the numbers below the line."""

import math
from collections.abc import Callable, Iterator

from tinynet_gui.core.text.numbers import step_text
from tinynet_gui.core.values import dataclass

EVEN_STEPS = 10  # on the scale with more space for the first steps: these are about evenly spaced
TICK_GAP = 14.0  # px between two numbers
LEAST_TICK = 80.0  # px between two on the even scale: fewer are calmer
FEWEST_TICKS = 3  # after 0, if their numbers fit
LARGE = 1_000_000
STRETCH = 0.1  # of the line, on each side of the current step, when a loop begins


@dataclass(frozen=True)
class TimeScale:
    """The steps from 0 to `last` on a line from `left` to `right`, in px.

    If it is logarithmic, step s is at log(1 + s / 10): the first steps have more space.
    """

    last: int
    left: float
    right: float
    is_log: bool = False

    def x_of(self, step: int) -> float:
        """Return the place of a step: the first and the last exactly at the ends, and none beyond them."""
        step = min(step, self.last)
        share = step / max(self.last, 1)
        if self.is_log and step:
            share = math.log1p(step / EVEN_STEPS) / math.log1p(self.last / EVEN_STEPS)
        return (1 - share) * self.left + share * self.right

    def step_at(self, x: float) -> int:
        """Return the step nearest to a place; beyond the ends, the step at the end."""
        share = min(max((x - self.left) / max(self.right - self.left, 1e-9), 0.0), 1.0)
        if self.is_log:
            return min(round(EVEN_STEPS * math.expm1(share * math.log1p(self.last / EVEN_STEPS))), self.last)
        return round(share * self.last)

    def moved(self, step: int, share: float) -> int:
        """Return the step farther along by a share of the line, but at least by one step."""
        step_there = self.step_at(self.x_of(step) + share * (self.right - self.left))
        nearest = step + (1 if share > 0 else -1)
        return min(max(max(step_there, nearest) if share > 0 else min(step_there, nearest), 0), self.last)


def stretch_around(step: int, *scales: TimeScale) -> tuple[int, int]:
    """Return the steps a tenth of the line away from one on either side, on each of some scales.

    A stretch on one scale alone may be invisible on another: ten of 10,000 steps are a fifth of a logarithmic line.
    """
    ends = [(scale.moved(step, -STRETCH), scale.moved(step, STRETCH)) for scale in scales]
    return min(first for first, _ in ends), max(last for _, last in ends)


@dataclass(frozen=True)
class Tick:
    """A step with its number below the line; `x` is the step's place, `left` the start of the text."""

    step: int
    x: float
    text: str
    left: float


def ticks_of(scale: TimeScale, width_of: Callable[[str], float], room: tuple[float, float]) -> tuple[Tick, ...]:
    """Return round steps whose numbers do not overlap, and stay within `room`; by step.

    Parameters
    ----------
    width_of
        Returns the width of a text, in px.
    room
        The horizontal limits of the texts, in px.
    """
    in_millions = scale.last >= LARGE and not scale.is_log
    placed: list[Tick] = []
    for step in _decades(scale.last) if scale.is_log else _multiples(scale):
        text = step_text(step, in_millions)
        x, width = scale.x_of(step), width_of(text)
        left = min(max(x - width / 2, room[0]), room[1] - width)
        if all(
            left + width + TICK_GAP <= other.left or other.left + width_of(other.text) + TICK_GAP <= left
            for other in placed
        ):
            placed.append(Tick(step, x, text, left))
    return tuple(sorted(placed, key=lambda tick: tick.step))


def _multiples(scale: TimeScale) -> Iterator[int]:
    """Yield the multiples of 1, 2 or 5 times a power of ten that are far enough apart."""
    most = max((scale.right - scale.left) / LEAST_TICK, FEWEST_TICKS)
    unit = 1
    while scale.last / unit > most:
        unit = unit * 5 // 2 if str(unit)[0] == "2" else unit * 2  # 1, 2, 5, 10, 20, ...
    yield from range(0, scale.last + 1, unit)


def _decades(last: int) -> Iterator[int]:
    """Yield 0 and the powers of ten; then steps in between, if they fit."""
    yield 0
    for factor in (1, 5, 2):
        step = factor
        while step <= last:
            yield step
            step *= 10
