"""The pictures of a map as colours, and their scale."""

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QAction

from tinynet_gui.core.maps.choice import MapChoice
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.outcome_map import Block, OutcomeMap
from tinynet_gui.core.numerics.arrays import Bytes, Floats
from tinynet_gui.ui.style.theme import Theme, map_ramp
from tinynet_gui.ui.views.map.color_bar import ColorBar
from tinynet_gui.ui.views.map.palette import contours, draw_lines, heights_of, levels_in, painted, stripes, usual_ends
from tinynet_gui.ui.views.map.pictures import (
    Point,
    Stack,
    alongs_of,
    ends_of,
    is_blank,
    is_of_same_kind,
    is_of_same_map,
)
from tinynet_gui.ui.widgets.plots.range_dialog import Range, RangeDialog

LEAST_SHARE = 0.5  # of the numbers, within the scale


class MapImages(QObject):
    """Draws the newest picture of a map, and what an earlier one shows beyond it.

    Attributes
    ----------
    bar
        The scale of the colours.
    as_ends
        Lets the user type the ends of the scale.
    """

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        super().__init__(plot)
        self._plot, self._theme = plot, theme
        self._choice: MapChoice | None = None
        self._stack = Stack()
        self._of: OutcomeMap | None = None  # whose numbers the scale was fitted to, without them
        self._is_finally_fitted = False
        self.bar = ColorBar(plot.getPlotItem())
        self._images = [pg.ImageItem(axisOrder="row-major") for _ in range(2)]
        for z, image in enumerate(self._images):
            image.setZValue(z)
            plot.getViewBox().addItem(image, ignoreBounds=True)
        self.as_ends = QAction("Ends of the colours …", self)

        self.bar.ends_dragged.connect(self.show_ends)
        self.bar.fit_wanted.connect(self.fit_ends)
        self.as_ends.triggered.connect(self._ask_for_ends)
        self._show_ends(None)

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours of a theme."""
        self._theme = theme
        self.bar.show_theme(theme)
        self._paint()

    def show_choice(self, choice: MapChoice) -> None:
        """Take the colours of a map; pictures of another one go."""
        if choice == self._choice:
            return
        self._choice = choice
        self.bar.show_color(COLORS[choice.color], choice.limit)
        if self._of is not None and not _shows(self._of, choice):
            self.clear()
        self._paint()

    @property
    def picture(self) -> OutcomeMap | None:
        """The newest picture, or None."""
        return self._stack.newest

    def show_picture(self, picture: OutcomeMap | None) -> None:
        """Draw a newer picture, over or under the one before; or none. Before anything is known the old one stays."""
        if picture is not None and is_blank(picture):
            return
        self._stack = self._stack.with_picture(picture)
        if picture is not None:
            self._fit_to(picture)
        self._paint()

    def clear(self) -> None:
        """Draw neither pictures nor a scale."""
        self.show_picture(None)
        self._of = None
        self._show_ends(None)

    def point_at(self, x: float, y: float) -> Point | None:
        """Return the point whose colour is seen at a place of the axes, or None if there is no picture."""
        return self._stack.point_at(x, y)

    def show_ends(self, ends: Range | None) -> None:
        """Draw in other colours."""
        self._is_finally_fitted = True
        self._show_ends(ends)
        self._paint()

    def fit_ends(self) -> None:
        """Fit the colours to the newest picture."""
        if self._stack.newest is not None:
            self.show_ends(usual_ends(_heights_of(self._stack.newest), COLORS[self._stack.newest.color]))

    def colors(self) -> list[Bytes]:
        """Return what is drawn, from the lowest to the topmost: RGBA of shape (height, width, 4)."""
        return [image.image for image in self._images if image.isVisible()]

    def _fit_to(self, picture: OutcomeMap) -> None:
        """Fit the colours to the first rows of a map, again to its first whole picture, and to the finished one.

        Those of another moment of the training are drawn in the same colours as long as half of them have one.
        """
        color, heights = COLORS[picture.color], _heights_of(picture)
        is_new = self._of is None or self.bar.ends is None or not is_of_same_kind(self._of, picture)
        if not is_new and self._of is not None and not is_of_same_map(self._of, picture):
            is_new = _share_within(heights, self.bar.ends) < LEAST_SHARE
            self._of = _without_numbers(picture)
        is_whole = self._of is not None and self._of.finer_rows > 0 == picture.finer_rows
        if is_new or ((is_whole or picture.spacing == 1) and not self._is_finally_fitted):
            given = None if self._choice is None else self._choice.ends
            ends = usual_ends(heights, color) if given is None else Range(*heights_of(np.array(given), color).tolist())
            self._of, self._is_finally_fitted = _without_numbers(picture), picture.spacing == 1
            self._show_ends(ends)

    def _show_ends(self, ends: Range | None) -> None:
        outside = self._theme.color("diverged")
        self.bar.show_ends(ends, map_ramp(), np.array(outside.getRgb(), np.uint8))

    def _paint(self) -> None:
        if self.bar.ends is not None:
            self._show_ends(self.bar.ends)  # in the colours of this theme
        for image, picture in zip(self._images, (*self._stack.upwards, None, None), strict=False):
            image.setVisible(picture is not None)
            if picture is None:
                image.clear()
                image.qimage = None  # which `clear` keeps
            else:
                self._paint_on(image, picture)

    def _paint_on(self, image: pg.ImageItem, picture: OutcomeMap) -> None:
        ends, outside = self.bar.ends or Range(0.0, 1.0), np.array(self._theme.color("diverged").getRgb(), np.uint8)
        blocks = _blocks_of_heights(picture)
        few = [
            block._replace(values=painted(block.values, ends, map_ramp(), outside).view(np.uint32)[..., 0])
            for block in blocks
        ]
        colors = np.concatenate([block.spread() for block in few])[..., None].view(np.uint8)
        heights = np.concatenate([block.spread() for block in blocks])
        draw_lines(colors, stripes(heights))
        if self._choice is not None and self._choice.has_contours:
            draw_lines(colors, contours(heights, levels_in(ends, is_log=COLORS[picture.color].is_log)))
        image.setImage(colors, autoLevels=False)
        x, y = ends_of(picture)
        image.setRect(QRectF(x.low, y.low, x.high - x.low, y.high - y.low))

    def key_lines(self) -> list[str]:
        """Say what the colours outside the scale mean, as rich text: at most two lines."""
        lines = list[str]()
        if self._choice is None:
            return lines
        color = COLORS[self._choice.color]
        infinite, missing = color.in_key
        pictures = self._stack.upwards
        if any(np.isposinf(block.values).any() for picture in pictures for block in picture.blocks()):
            lines.append(f'<span style="color:{self._theme.diverged}">▨</span> {infinite}')
        if color.missing and any(each.spacing == 1 and np.isnan(each.numbers).any() for each in pictures):
            lines.append(f"□ {missing}")
        return lines

    def _ask_for_ends(self) -> None:
        if self._choice is None or self.bar.ends is None:
            return
        color, title = COLORS[self._choice.color], "Ends of the colours"
        names = (color.title(self._choice.limit),)
        dialog = RangeDialog(names, (self.bar.ends,), (color.is_log,), self._plot.window(), title=title)
        dialog.chosen.connect(lambda ends: self.show_ends(ends[0]))
        dialog.open()


def _without_numbers(picture: OutcomeMap) -> OutcomeMap:
    return replace(picture, numbers=np.empty((0, 0)))


def _blocks_of_heights(picture: OutcomeMap) -> list[Block]:
    """Return where a picture's known numbers lie on the scale of its colour: few, while it is coarse."""
    color = COLORS[picture.color]
    return [block._replace(values=heights_of(block.values, color)) for block in picture.blocks()]


def _heights_of(picture: OutcomeMap) -> Floats:
    """Return all of them, in one row."""
    return np.concatenate([block.values.ravel() for block in _blocks_of_heights(picture)])


def _share_within(heights: Floats, ends: Range | None) -> float:
    """Return how many of the finite heights lie between two ends."""
    finite = heights[np.isfinite(heights)]
    inside = False if ends is None else (ends.low <= finite) & (finite <= ends.high)
    return float(np.mean(inside)) if len(finite) else 1.0


def _shows(picture: OutcomeMap, choice: MapChoice) -> bool:
    x, y = picture.plane.axes
    same_color = picture.color == choice.color and (picture.limit == choice.limit or not COLORS[choice.color].has_limit)
    return same_color and (x.along, y.along) == alongs_of(choice)
