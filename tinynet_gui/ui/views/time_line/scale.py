"""Where a step stands on the time line, which step stands at a place, and the numbers below the line."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tinynet_gui.core.text.numbers import count_text

EVEN_STEPS = 10  # on the scale that gives the first steps more room: so many of them stand about evenly
TICK_GAP = 14.0  # px between two numbers
LEAST_TICK = 80.0  # px from one to the next on the even scale: fewer are calmer
FEWEST_TICKS = 3  # after 0, if there is room for their numbers
LARGE = 1_000_000
STRETCH = 0.1  # of the line, to either side of the step that is looked at, when a loop begins


@dataclass(frozen=True)
class TimeScale:
    """The steps from 0 to `last` on a line from `left` to `right`, in px.

    Where it is logarithmic, step s stands at log(1 + s / 10): the first steps have more room.
    """

    last: int
    left: float
    right: float
    is_log: bool = False

    def x_of(self, step: int) -> float:
        """Return where a step stands: the first and the last exactly at the ends, and none beyond them."""
        step = min(step, self.last)
        share = step / max(self.last, 1)
        if self.is_log and step:
            share = math.log1p(step / EVEN_STEPS) / math.log1p(self.last / EVEN_STEPS)
        return (1 - share) * self.left + share * self.right

    def step_at(self, x: float) -> int:
        """Return the step that stands nearest to a place; beyond the ends, the step at the end."""
        share = min(max((x - self.left) / max(self.right - self.left, 1e-9), 0.0), 1.0)
        if self.is_log:
            return min(round(EVEN_STEPS * math.expm1(share * math.log1p(self.last / EVEN_STEPS))), self.last)
        return round(share * self.last)

    def moved(self, step: int, share: float) -> int:
        """Return the step that stands farther along by a share of the line, but at least by one step."""
        step_there = self.step_at(self.x_of(step) + share * (self.right - self.left))
        nearest = step + (1 if share > 0 else -1)
        return min(max(max(step_there, nearest) if share > 0 else min(step_there, nearest), 0), self.last)


def stretch_around(step: int, *scales: TimeScale) -> tuple[int, int]:
    """Return the steps around one that stand a tenth of the line away from it, on each of some scales.

    On one scale alone the stretch may be invisible on another: ten of 10,000 steps are a fifth of a logarithmic line.
    """
    ends = [(scale.moved(step, -STRETCH), scale.moved(step, STRETCH)) for scale in scales]
    return min(first for first, _ in ends), max(last for _, last in ends)


@dataclass(frozen=True)
class Tick:
    """A step with its number below the line; `x` is the step's, `left` where the text begins."""

    step: int
    x: float
    text: str
    left: float


def ticks_of(scale: TimeScale, width_of: Callable[[str], float], room: tuple[float, float]) -> tuple[Tick, ...]:
    """Return round steps whose numbers do not overlap, and stay within `room`; by step.

    Parameters
    ----------
    width_of
        How wide a text is, in px.
    room
        From where to where texts may stand, in px.
    """
    in_millions = scale.last >= LARGE and not scale.is_log
    placed: list[Tick] = []
    for step in _decades(scale.last) if scale.is_log else _multiples(scale):
        text = tick_text(step, in_millions)
        x, width = scale.x_of(step), width_of(text)
        left = min(max(x - width / 2, room[0]), room[1] - width)
        if all(
            left + width + TICK_GAP <= other.left or other.left + width_of(other.text) + TICK_GAP <= left
            for other in placed
        ):
            placed.append(Tick(step, x, text, left))
    return tuple(sorted(placed, key=lambda tick: tick.step))


def tick_text(step: int, in_millions: bool) -> str:
    """Write a step in little room: 500, 10,000, 2.5 M; in millions where its neighbours are."""
    return f"{step / LARGE:g} M" if step >= LARGE or (in_millions and step) else count_text(step)


def _multiples(scale: TimeScale) -> Iterator[int]:
    """The multiples of 1, 2 or 5 times a power of ten that stand far enough apart."""
    most = max((scale.right - scale.left) / LEAST_TICK, FEWEST_TICKS)
    unit = 1
    while scale.last / unit > most:
        unit = unit * 5 // 2 if str(unit)[0] == "2" else unit * 2  # 1, 2, 5, 10, 20, ...
    yield from range(0, scale.last + 1, unit)


def _decades(last: int) -> Iterator[int]:
    """0 and the powers of ten; then what would stand between them, where there is room."""
    yield 0
    for factor in (1, 5, 2):
        step = factor
        while step <= last:
            yield step
            step *= 10
