"""A map: one number for each point of a rectangle, from coarse to fine."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from tinynet_gui.core.config import Config, ConfigError, Setting
from tinynet_gui.core.config.setting import whole_number
from tinynet_gui.core.maps import axes, colors, networks
from tinynet_gui.core.maps.standpoint import Plane, Standpoint
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.system.background import yield_to_window
from tinynet_gui.core.text.csv_text import csv_text
from tinynet_gui.core.text.language import ENGLISH, speaking
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.training.workers import ALL_CORES, Workers, map_with
from tinynet_gui.core.values import AnyArray, Flags, Floats, Ints, Stop, StructuredArray, as_table, frozen_dataclass

MAX_POINTS = 10_000  # on a side
FIRST_POINTS = 32  # on the longer side of the coarsest picture
GROUP, LANDSCAPE_GROUP = 1024, 4096  # points computed together on one core, trained or not
BATCH_NUMBERS = 250_000  # parameters in a batch, 2 MB: a network of two layers of a thousand has a million
SLOW_BATCH = 16  # points in a batch that are trained one by one
USUAL_X, USUAL_Y = (axes.RATE, 3e-4, 1.0), (axes.SCALE, 0.1, 10.0)


def outcome_map(
    start: Config | TrainingResult | Standpoint = Config(),
    x: axes.Axis | tuple[axes.Along, float, float] = USUAL_X,
    y: axes.Axis | tuple[axes.Along, float, float] = USUAL_Y,
    color: str = "end",
    size: tuple[int, int] = (64, 48),
    limit: float = axes.USUAL_LIMIT,
    *,
    workers: Workers = ALL_CORES,
) -> "OutcomeMap":
    """Train a network for each point of a rectangle, or look at the loss around a network.

    Parameters
    ----------
    start
        Settings, by default the tutorial's, or a result of `train`.
    x, y
        What changes to the right and upwards, from where, and to where. A setting's path, such as
        ``("training.learning_rate", 0.001, 10)``; one weight or bias, a `ParameterRef`; or the distance along a
        direction through the network: ``"gradient"``, ``"sharpest"`` and ``"second"`` (of the Hessian), or ``"run"``,
        from its first to its latest step.
    color
        The number at each point. Where training ends: the loss, ``"end"``; the one on held-out samples, ``"held_out"``;
        the number of ``"dead"`` neurons; the step at which it ``"diverged"`` or first ``"reached"`` the limit. With
        nothing trained: ``"loss"``. ``"held_out"`` needs held-out samples.
    size
        (width, height) in points.
    limit
        Of the loss, for ``"reached"``.
    workers
        How many cores of this machine, −1 for all; or a function that is called as ``workers(f, items)``, such as the
        ``map`` of a process pool, of Dask's ``client.get_executor()`` or of MPI. The result is the same to the bit.

    Returns
    -------
    OutcomeMap
        ``pixels()`` is float64 of shape (height, width): the first row is the lowest; NaN where there is no number,
        infinite where training diverged. ``numbers`` is the same without columns and rows that occur twice (of whole
        numbers), and ``x`` and ``y`` are their coordinates, float64 of shape (columns,) and (rows,).

    Raises
    ------
    ConfigError
        If an argument is not allowed, or the axes cannot be combined.

    Examples
    --------
    Where does the tutorial's training fail, over the learning rate and the scale of the first weights?

    >>> import tinynet_gui.core as tiny
    >>> config = tiny.Config().replace("training.stop_step", 1_000)
    >>> rate, scale = ("training.learning_rate", 1e-3, 10), ("network.weight_scale", 0.5, 8)
    >>> losses = tiny.outcome_map(config, rate, scale, size=(8, 4)).pixels()
    >>> for row in losses[::-1]:
    ...     print("".join("x" if loss == float("inf") else "." if loss < 1 else "o" for loss in row))
    ..xxxxxx
    ...oxxxx
    ....xxxx
    .....xxx
    """
    Setting("", "live", choices=colors.COLORS).check("color", color)
    Setting("", "live", (axes.SMALLEST, axes.LARGEST)).check("limit", limit)
    if not (isinstance(size, tuple | list) and len(size) == 2):
        raise ConfigError("size", f"{written(size)} is not a width and a height such as (64, 48)")
    width, height = (whole_number("size", points, 1, MAX_POINTS) for points in size)
    try:
        plane = Plane(Standpoint.of(start), axes.axis_of("x", x), axes.axis_of("y", y))
    except axes.MapError as error:
        usual = f" By default, x is {axes.RATE} and y is {axes.SCALE}." if x is USUAL_X or y is USUAL_Y else ""
        raise ConfigError("x, y", f"{error}{usual}") from None
    if colors.COLORS[color].needs_held_out and not plane.most_held_out:
        raise ConfigError("color", f"“{color}” needs held-out samples, and there are none: see data.held_out")
    empty = blank_map(plane, color, (width, height), limit)
    return refined(replace(empty, spacing=2), workers=workers)  # straight to the finest


class Block(NamedTuple):
    """Values at known points of a map, (rows, columns), and for each pixel the row and column that it shows."""

    values: AnyArray
    rows: Ints
    columns: Ints

    def by_pixel(self) -> AnyArray:
        return self.values.take(self.columns, axis=1).take(self.rows, axis=0)


@frozen_dataclass(eq=False, repr=False)
class OutcomeMap:
    """A map, as far as it is known.

    Attributes
    ----------
    x, y
        The values along both axes, float64 of shape (columns,) and (rows,).
    x_places, y_places
        For each pixel, the index of its value, int64 of shape (width,) and (height,).
    numbers
        float64 of shape (rows, columns), known at every `spacing`-th row and column.
    spacing
        A power of two; 1 is the finest.
    is_whole
        Whether that level is complete, not only `finer_rows`.
    finer_rows
        How many rows, from 0, are already known at half the spacing.
    earlier
        A smaller picture of the same map, whose points are reused.
    """

    plane: Plane
    color: str
    limit: float
    x: Floats
    y: Floats
    x_places: Ints
    y_places: Ints
    numbers: Floats
    spacing: int
    is_whole: bool = False
    finer_rows: int = 0
    earlier: "OutcomeMap | None" = None

    def __repr__(self) -> str:
        low, high = (float(end.reduce(self.numbers, axis=None)) for end in (np.fmin, np.fmax))  # ignoring NaN
        return f"OutcomeMap(color={self.color!r}, shape={self.numbers.shape}, from {low:.4g} to {high:.4g})"

    def _repr_html_(self) -> str:
        from tinynet_gui.core.text.chart import Panel, as_html

        color, (x, y), pixels = colors.COLORS[self.color], self.plane.axes, self.pixels()
        logs = "".join(name for name, axis in (("x", x), ("y", y)) if axis.is_log)
        scaled = np.log10(np.maximum(pixels, color.least)) if color.is_log else pixels
        known = pixels[np.isfinite(pixels)]
        low, high = (known.min(), known.max()) if len(known) else (np.nan, np.nan)
        ends = np.log10(np.maximum((low, high), color.least)) if color.is_log else (low, high)
        chart = Panel(x.name, y.name, (x.low, x.high), (y.low, y.high), logs)
        chart.image((scaled - ends[0]) / (ends[1] - ends[0] or 1.0))
        numbers = {color.title(self.limit): f"{plain(low)} (dark) to {plain(high)} (bright)"}
        numbers |= {"gray": color.infinite} if np.isinf(pixels).any() else {}
        return as_html(repr(self), {**numbers, "settings": repr(self.plane.here.config)}, chart)

    def table(self) -> StructuredArray:
        """Return a structured array with a row for each known point: its place on both axes, and its number."""
        spaced = slice(None, None, self.spacing)
        x, y = np.meshgrid(self.x[spaced], self.y[spaced])
        names = [
            axis.along.kind if isinstance(axis.along, axes.Direction) else str(axis.along) for axis in self.plane.axes
        ]
        columns = x.ravel(), y.ravel(), self.numbers[spaced, spaced].ravel()
        return as_table(dict(zip((*names, self.color), columns, strict=True)))

    def pixels(self) -> Floats:
        """Return each pixel's number, that of the nearest known point, float64 of shape (height, width)."""
        return np.concatenate([block.by_pixel() for block in self.blocks()])

    def blocks(self) -> list[Block]:
        """Return the known numbers from the lowest pixels upwards, in a block for each spacing."""
        begin = int(np.searchsorted(self.y_places, self.finer_rows))
        finer, others = self.y_places[:begin], self.y_places[begin:]
        blocks = [self._block(finer, self.finer_rows, self.spacing // 2)] if begin else []
        return [*blocks, self._block(others, len(self.y), self.spacing)] if len(others) else blocks

    def _block(self, places: Ints, count: int, spacing: int) -> Block:
        """Return the pixel rows at these places, of `count` rows of which every `spacing`-th is known."""
        rows, columns = nearest(places, count, spacing), nearest(self.x_places, len(self.x), spacing)
        first, last = int(rows[0]), int(rows[-1])
        values = self.numbers[first * spacing : last * spacing + 1 : spacing, ::spacing]
        return Block(values, rows - first, columns)

    @speaking(ENGLISH)
    def csv(self) -> str:
        """Return the known numbers and their name as CSV: a column for each value of x, a row for each of y."""
        spaced = slice(None, None, self.spacing)
        rows = np.column_stack([self.y[spaced], self.numbers[spaced, spaced]]).tolist()
        return csv_text([colors.COLORS[self.color].title(self.limit), *self.x[spaced].tolist()], rows)

    def point_at(self, column: int, row: int) -> tuple[float, float]:
        return float(self.x[self.x_places[column]]), float(self.y[self.y_places[row]])


def nearest(places: Ints, count: int, spacing: int) -> Ints:
    """Return the index of the nearest known value at each place, if every `spacing`-th of `count` values is known."""
    return np.minimum((places + spacing // 2) // spacing, (count - 1) // spacing)


def blank_map(
    plane: Plane, color: str, size: tuple[int, int], limit: float = 0.1, earlier: OutcomeMap | None = None
) -> OutcomeMap:
    """Return a map with nothing known yet; it will reuse the points of an earlier, smaller picture.

    It continues at the level of fineness that this one had in progress.
    """
    finest = 1 if earlier is None else earlier.spacing // (2 if earlier.finer_rows else 1)
    known = (None, None) if earlier is None else (earlier.x[::finest], earlier.y[::finest])
    grids = (axis.grid(pixels, at) for axis, pixels, at in zip(plane.axes, size, known, strict=True))
    (x, x_places), (y, y_places) = grids
    spacing, points = 2, FIRST_POINTS * (1 if colors.COLORS[color].is_trained else 2)
    while earlier is None and points * spacing // 2 < max(len(x), len(y)):
        spacing *= 2
    if earlier is not None:
        spacing, earlier = max(2, earlier.spacing), replace(earlier, earlier=None)
    numbers = np.full((len(y), len(x)), np.nan)
    return OutcomeMap(plane, color, limit, x, y, x_places, y_places, numbers, spacing, earlier=earlier)


def refined(
    picture: OutcomeMap,
    stop: Stop | None = None,
    report: Callable[[float, OutcomeMap], None] | None = None,
    *,
    workers: Workers = ALL_CORES,
) -> OutcomeMap:
    """Return a map refined to half the spacing; a blank one gets its coarsest points.

    Parameters
    ----------
    stop
        When another thread sets ``stop[0]``, the map so far is returned.
    report
        Called with the share done and the map so far, on the caller's thread.
    workers
        As in `map_with`.
    """
    stop = np.zeros(1, np.uint8) if stop is None else stop
    half, width = picture.spacing // 2, len(picture.x)
    columns, (is_known, known) = np.arange(0, width, half), _known(picture)
    rows = np.arange(0, len(picture.y), half)
    blocks = np.array_split(rows, max(1, min(len(rows), len(rows) * len(columns) // _batch(picture))))
    numbers = picture.numbers.copy()

    def new_points(block: Ints) -> tuple[Ints, Ints]:
        row, column = (each.ravel() for each in np.meshgrid(block, columns, indexing="ij"))
        is_new = ~is_known[row, column]
        return row[is_new], column[is_new]

    points = [new_points(block) for block in blocks]
    compute = partial(_compute, picture.plane, picture.color, picture.limit, _batch(picture), stop)
    results = map_with(workers, compute, [(picture.x[column], picture.y[row]) for row, column in points])
    for block, place, found in zip(blocks, points, results, strict=True):
        if stop[0]:
            return picture
        numbers[np.ix_(block, columns)] = known[np.ix_(block, columns)]
        numbers[place] = found
        done = int(block[-1]) + 1
        if report is not None:
            report(done / len(picture.y), replace(picture, numbers=numbers, finer_rows=done))
    earlier = picture.earlier if half > 1 else None
    return replace(picture, numbers=numbers, spacing=half, is_whole=True, finer_rows=0, earlier=earlier)


def _known(picture: OutcomeMap) -> tuple[Flags, Floats]:
    """Return where the number is known, if only from an earlier map, and the numbers."""
    is_known, known = np.zeros(picture.numbers.shape, bool), picture.numbers.copy()
    if picture.earlier is not None:
        earlier, (is_old, old) = picture.earlier, _known(picture.earlier)
        (rows, old_rows), (columns, old_columns) = (
            np.intersect1d(new, before, return_indices=True)[1:]
            for new, before in ((picture.y, earlier.y), (picture.x, earlier.x))
        )
        is_known[np.ix_(rows, columns)] = is_old[np.ix_(old_rows, old_columns)]
        known[np.ix_(rows, columns)] = old[np.ix_(old_rows, old_columns)]
    if picture.is_whole:
        is_known[:: picture.spacing, :: picture.spacing] = True
    half = max(1, picture.spacing // 2)
    is_known[: picture.finer_rows : half, ::half] = True
    return is_known, known


def _compute(plane: Plane, color: str, limit: float, batch: int, stop: Stop, points: tuple[Floats, Floats]) -> Floats:
    """Return the numbers at points, a batch at a time; `color` is a name because its record cannot be pickled."""
    x, y = points
    numbers = np.full(len(x), np.nan)
    for first in range(0, len(x), batch):
        yield_to_window()
        if not stop[0]:
            here = slice(first, first + batch)
            numbers[here] = networks.numbers_at(plane, x[here], y[here], colors.COLORS[color], limit, stop)
    return numbers


def _batch(picture: OutcomeMap) -> int:
    color = colors.COLORS[picture.color]
    usual = GROUP if color.is_trained else LANDSCAPE_GROUP
    if color.is_trained and not networks.is_quick(picture.plane, color):
        usual = SLOW_BATCH
    return max(1, min(usual, BATCH_NUMBERS // len(picture.plane.here.flat)))
