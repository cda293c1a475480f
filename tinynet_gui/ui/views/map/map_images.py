"""The pictures of a map as pixels, and their colour scale."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtGui

from tinynet_gui.core.config.setting_text import differing_paths
from tinynet_gui.core.maps import outcome_map, standpoint
from tinynet_gui.core.maps.axes import Along, Axis, MapChoice, limits
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import AnyArray, Bytes, Floats, frozen_dataclass
from tinynet_gui.ui.style.colors import map_ramp
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.map import colors
from tinynet_gui.ui.widgets.plots.plot_menu import Range, RangeDialog


class Point(NamedTuple):
    """A point of a map, and its number: NaN if it has none, None if not known yet."""

    x: float
    y: float
    number: float | None


@frozen_dataclass
class Stack:
    """The newest picture, and an earlier one of the same map where that shows more."""

    newest: outcome_map.OutcomeMap | None = None
    older: outcome_map.OutcomeMap | None = None

    def with_picture(self, picture: outcome_map.OutcomeMap | None) -> "Stack":
        """Return the stack with another picture; the older one is dropped once it adds nothing."""
        before = [other for other in (self.newest, self.older) if other is not None]
        before = [other for other in before if picture is None or other.x is not picture.x]  # a coarser stage
        if picture is None or picture.spacing == 1 or not all(is_of_same_map(other, picture) for other in before):
            return Stack(picture)
        coarsest = cell_area(picture) if picture.is_whole else np.inf
        finer = [other for other in before if _overlap(other, picture) and cell_area(other) < coarsest]
        return Stack(picture, min(finer, key=cell_area, default=None))

    @property
    def upwards(self) -> Sequence[outcome_map.OutcomeMap]:
        """The pictures from bottom to top, the finer one last."""
        pictures = [picture for picture in (self.newest, self.older) if picture is not None]
        return sorted(pictures, key=cell_area, reverse=True)

    def point_at(self, x: float, y: float) -> Point | None:
        """Return the point whose colour is drawn at axis coordinates, or None if there is no picture."""
        found = [_point_of(picture, x, y) for picture in reversed(self.upwards)]
        points = [point for point in found if point is not None]
        return next((point for point in points if point.number is not None), points[0] if points else None)


def is_of_same_map(one: outcome_map.OutcomeMap, other: outcome_map.OutcomeMap) -> bool:
    """Whether two pictures show the same numbers over the same quantities, from the same moment."""
    return is_of_same_kind(one, other) and standpoint.is_same_map(one.plane.here, other.plane.here, *one.plane.axes)


def is_of_same_kind(one: outcome_map.OutcomeMap, other: outcome_map.OutcomeMap) -> bool:
    """Whether two pictures show the same quantities for the same settings, even at different moments of a run."""
    alongs, others = alongs_of(one.plane.axes), alongs_of(other.plane.axes)
    differing = differing_paths(one.plane.here.config, other.plane.here.config)
    return (one.color, one.limit, alongs) == (other.color, other.limit, others) and set(differing).issubset(alongs)


def alongs_of(axes: tuple[Axis, Axis]) -> tuple[Along, Along]:
    return axes[0].along, axes[1].along


def place_of(axis: Axis, value: float) -> float:
    """Return a value's axis coordinate; −inf for 0 on a logarithmic axis."""
    return float(axis.scaled(value)) if value > 0 or not axis.is_log else -np.inf


def allowed_ends(axis: Axis) -> Range:
    return Range(*(place_of(axis, end) for end in limits(axis.along)))


def ends_of(axes: tuple[Axis, Axis]) -> tuple[Range, Range]:
    x, y = (Range(place_of(axis, axis.low), place_of(axis, axis.high)) for axis in axes)
    return x, y


def cell_area(picture: outcome_map.OutcomeMap) -> float:
    """Return the area, in axis coordinates, that one known point stands for."""
    (left, right), (bottom, top) = ends_of(picture.plane.axes)
    pixels = len(picture.x_places) * len(picture.y_places)
    spacing = picture.spacing if picture.is_whole else picture.spacing // 2  # its last rows are finer
    return (right - left) * (top - bottom) / pixels * spacing**2


def _overlap(one: outcome_map.OutcomeMap, other: outcome_map.OutcomeMap) -> bool:
    pairs = zip(ends_of(one.plane.axes), ends_of(other.plane.axes), strict=True)
    return all(a.low < b.high and b.low < a.high for a, b in pairs)


def _point_of(picture: outcome_map.OutcomeMap, x: float, y: float) -> Point | None:
    """Return the known point drawn at axis coordinates, or None outside the picture."""
    places, indices = (picture.x_places, picture.y_places), []
    for here, at, ends in zip(places, (x, y), ends_of(picture.plane.axes), strict=True):
        pixel = int((at - ends.low) / (ends.high - ends.low) * len(here) // 1)
        if not 0 <= pixel < len(here):
            return None
        indices.append(int(here[pixel]))
    column, row = indices
    rows, spacing = len(picture.y), picture.spacing
    if row < picture.finer_rows:
        rows, spacing = picture.finer_rows, spacing // 2
    row, column = _nearest(row, rows, spacing), _nearest(column, len(picture.x), spacing)
    number = float(picture.numbers[row, column])
    is_known = picture.is_whole or row < picture.finer_rows
    return Point(float(picture.x[column]), float(picture.y[row]), number if is_known else None)


def _nearest(place: int, count: int, spacing: int) -> int:
    """Return the index of the nearest known one of `count` values."""
    return int(outcome_map.nearest(np.array(place), count, spacing)) * spacing


MIN_SHARE = 0.5  # of another moment's numbers within the scale, for which it stays


class MapImages(QtCore.QObject):
    """Draws the newest picture of a map, and an earlier one where that shows more; `as_ends` asks for the scale."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self._choice: MapChoice | None = None
        self._stack = Stack()
        self._fitted_to: outcome_map.OutcomeMap | None = None  # the map of the scale, without its numbers
        self._is_finally_fitted = False
        self.bar = colors.ColorBar(plot.getPlotItem())
        self._images = [pg.ImageItem(axisOrder="row-major") for _ in range(2)]
        self._painted: dict[pg.ImageItem, tuple[Any, ...]] = {}  # what each shows
        for z, image in enumerate(self._images):
            image.setZValue(z)
            plot.getViewBox().addItem(image, ignoreBounds=True)
        self.as_ends = QtGui.QAction(_("Ends of the colours …"), self)

        self.bar.ends_dragged.connect(self.show_ends)
        self.bar.fit_wanted.connect(self.fit_ends)
        self.as_ends.triggered.connect(self._ask_for_ends)
        self._show_ends(None)

    def show_theme(self) -> None:
        self.bar.show_theme()
        self._paint()

    def show_choice(self, choice: MapChoice) -> None:
        """Adopt a map's colours; pictures of another map are removed."""
        if choice == self._choice:
            return
        self._choice = choice
        self.bar.show_color(COLORS[choice.color], choice.limit)
        if self._fitted_to is not None and not _shows(self._fitted_to, choice):
            self.clear()
        self._paint()

    @property
    def picture(self) -> outcome_map.OutcomeMap | None:
        return self._stack.newest

    def show_picture(self, picture: outcome_map.OutcomeMap | None) -> None:
        if picture is not None and not picture.is_whole and picture.finer_rows == 0:  # no number is known yet
            return
        self._stack = self._stack.with_picture(picture)
        if picture is not None:
            self._fit_to(picture)
        self._paint()

    def clear(self) -> None:
        self.show_picture(None)
        self._fitted_to = None
        self._show_ends(None)

    def point_at(self, x: float, y: float) -> Point | None:
        return self._stack.point_at(x, y)

    def show_ends(self, ends: Range | None) -> None:
        self._is_finally_fitted = True
        self._show_ends(ends)
        self._paint()

    def fit_ends(self) -> None:
        if self._stack.newest is not None:
            self.show_ends(colors.usual_ends(_heights_of(self._stack.newest), COLORS[self._stack.newest.color]))

    def colors(self) -> list[Bytes]:
        return [image.image for image in self._images if image.isVisible()]

    def _fit_to(self, picture: outcome_map.OutcomeMap) -> None:
        """Fit the scale to the first rows of a map, again to its first whole picture, and to the finished one.

        Pictures of another moment keep the scale while half of their numbers lie within it, to avoid flicker.
        """
        color = COLORS[picture.color]
        is_new = self._fitted_to is None or self.bar.ends is None or not is_of_same_kind(self._fitted_to, picture)
        if not is_new and self._fitted_to is not None and not is_of_same_map(self._fitted_to, picture):
            is_new = _share_within(_heights_of(picture), self.bar.ends) < MIN_SHARE
            self._fitted_to = _without_numbers(picture)
        is_whole = self._fitted_to is not None and self._fitted_to.finer_rows > 0 == picture.finer_rows
        if is_new or ((is_whole or picture.spacing == 1) and not self._is_finally_fitted):
            ends = colors.usual_ends(_heights_of(picture), color)
            if self._choice is not None and self._choice.ends is not None:
                ends = Range(*colors.heights_of(np.array(self._choice.ends), color).tolist())
            self._fitted_to, self._is_finally_fitted = _without_numbers(picture), picture.spacing == 1
            self._show_ends(ends)

    def _show_ends(self, ends: Range | None) -> None:
        self.bar.show_ends(ends, map_ramp(), _outside())

    def _paint(self) -> None:
        if self.bar.ends is not None:
            self._show_ends(self.bar.ends)  # the theme may have changed
        for image, picture in zip(self._images, (*self._stack.upwards, None, None), strict=False):
            image.setVisible(picture is not None)
            if picture is None:
                image.clear()
                self._painted.pop(image, None)
                image.qimage = None  # `clear` keeps it
            else:
                self._paint_on(image, picture)

    def _paint_on(self, image: pg.ImageItem, picture: outcome_map.OutcomeMap) -> None:
        ends = self.bar.ends or Range(0.0, 1.0)
        made_of = picture, ends, theme(), self._choice
        if self._painted.get(image) == made_of:  # usually the earlier map, while a finer one is computed
            return
        self._painted[image] = made_of
        blocks, outside = _blocks_of_heights(picture), _outside()
        values = [colors.painted(block.values, ends, map_ramp(), outside).view(np.uint32)[..., 0] for block in blocks]
        pixels = _by_pixel(blocks, values)
        is_infinite = _by_pixel(blocks, [np.isposinf(block.values) for block in blocks])
        np.copyto(pixels, colors.stripe(outside), where=is_infinite & colors.hatching(*pixels.shape))
        pixels = pixels[..., None].view(np.uint8)
        if self._choice is not None and self._choice.has_contours:
            heights = _by_pixel(blocks, [block.values for block in blocks])
            levels = colors.levels_in(ends, is_log=COLORS[picture.color].is_log)
            colors.draw_lines(pixels, colors.contours(heights, levels))
        image.setImage(pixels, autoLevels=False)
        x, y = ends_of(picture.plane.axes)
        image.setRect(QtCore.QRectF(x.low, y.low, x.high - x.low, y.high - y.low))

    def legend_lines(self) -> list[str]:
        """Explain colours beyond the scale, as rich text of at most two lines."""
        lines = list[str]()
        if self._choice is None:
            return lines
        color = COLORS[self._choice.color]
        infinite, missing = color.in_key
        pictures = self._stack.upwards
        if any(np.isposinf(block.values).any() for picture in pictures for block in picture.blocks()):
            lines.append(f'<span style="color:{theme().diverged}">▨</span> {infinite}')
        if color.missing and any(each.spacing == 1 and np.isnan(each.numbers).any() for each in pictures):
            lines.append(f"□ {missing}")
        return lines

    def _ask_for_ends(self) -> None:
        if self._choice is None or self.bar.ends is None:
            return
        color, title = COLORS[self._choice.color], _("Ends of the colours")
        names = (color.title(self._choice.limit),)
        dialog = RangeDialog(names, (self.bar.ends,), (color.is_log,), self._plot.window(), title=title)
        dialog.chosen.connect(lambda ends: self.show_ends(ends[0]))
        dialog.open()


def _outside() -> Bytes:
    return np.array(theme().color("diverged").getRgb(), np.uint8)


def _without_numbers(picture: outcome_map.OutcomeMap) -> outcome_map.OutcomeMap:
    return replace(picture, numbers=np.empty((0, 0)))


def _blocks_of_heights(picture: outcome_map.OutcomeMap) -> list[outcome_map.Block]:
    """Return a picture's known numbers in scale units: few, while it is coarse."""
    color = COLORS[picture.color]
    return [block._replace(values=colors.heights_of(block.values, color)) for block in picture.blocks()]


def _heights_of(picture: outcome_map.OutcomeMap) -> Floats:
    return np.concatenate([block.values.ravel() for block in _blocks_of_heights(picture)])


def _by_pixel(blocks: Sequence[outcome_map.Block], values: Sequence[AnyArray]) -> AnyArray:
    """Return other values of the points of a picture, for each of its pixels."""
    return np.concatenate([block._replace(values=new).by_pixel() for block, new in zip(blocks, values, strict=True)])


def _share_within(heights: Floats, ends: Range | None) -> float:
    """Return the share of the finite heights that lie between two ends."""
    finite = heights[np.isfinite(heights)]
    inside = False if ends is None else (ends.low <= finite) & (finite <= ends.high)
    return float(np.mean(inside)) if len(finite) else 1.0


def _shows(picture: outcome_map.OutcomeMap, choice: MapChoice) -> bool:
    same_color = picture.color == choice.color and (picture.limit == choice.limit or not COLORS[choice.color].has_limit)
    return same_color and alongs_of(picture.plane.axes) == alongs_of(choice.axes)
