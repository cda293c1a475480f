"""Marks of the kinks along the bottom of the function plot."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from tinynet_gui.core.function.linear_regions import LinearRegions
from tinynet_gui.core.function.neurons import directions_of
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import Floats, Ints, distinct
from tinynet_gui.ui.style.theme import drawn_width, px, reach_px, theme, zoom
from tinynet_gui.ui.views.function_plot.scene import FunctionLayer, Scene
from tinynet_gui.ui.widgets.pictures import pixel_scale
from tinynet_gui.ui.widgets.plots import layer, plot_parts

HALF_WIDTH, HEIGHT = 4.5, 8.0  # of a triangle, in pixels
SELECTED_SCALE = 1.45
FOOT, ROW_PITCH, ROWS_AT_MOST = 3.0, 9.5, 32.0  # above the axis; from layer to layer; all rows together
REACH = 7.0  # px: the tolerance of the hit test
MAX_TRIANGLES = 250  # more kinks are drawn as ticks, in as many colours as the eye can tell apart
TICK_COLORS = 32
NONE = _("Here nothing bends the curve.")
MARKS_Z = 50


class KinkLayer(FunctionLayer):
    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.marks = KinkMarks()
        self._directions: int | None = None
        self._is_withheld = False
        self.put(self.marks, MARKS_Z, visible=True)

    def set_withheld(self, is_withheld: bool) -> None:
        if is_withheld != self._is_withheld:
            self._is_withheld = is_withheld
            self.changed.emit()

    def show_introduced(self, are_shown: bool) -> None:
        self.marks.setVisible(are_shown)
        self.changed.emit()

    def legend_entries(self) -> Sequence[str]:
        return self.longest_entries() if self.marks.isVisible() else ()

    def longest_entries(self) -> Sequence[str]:
        snapshot = self._scene.snapshot
        network = None if snapshot is None else snapshot.config.network
        if network is None or not network.is_piecewise_linear or not any(a.has_kink for a in network.activations):
            return ()
        if self._scene.regions is None:
            return [_("kinks when it stands still")]
        return [_("{marks} kinks").format(marks=ramp("▲", 3))]

    def directions_text(self) -> str:
        """Say how many directions bend the curve; "" if unknown, or if that could answer an open question."""
        if self._directions is None or self._is_withheld or not self.marks.isVisible():
            return ""
        text = ngettext(
            "Here 99 % of the bend comes from {count} direction.",
            "Here 99 % of the bend comes from {count} directions.",
            self._directions,
        )
        return text.format(count=count_text(self._directions)) if self._directions else NONE

    def _show_moment(self, scene: Scene) -> None:
        widths = () if scene.snapshot is None else scene.snapshot.config.network.hidden
        self.marks.show_linear_regions(scene.regions, widths)
        snapshot = None if scene.regions is None else scene.snapshot
        self._directions = None if snapshot is None else directions_of(snapshot)


class KinkMarks(plot_parts.LiveItem, layer.ViewItem):
    """A triangle for each kink in its neuron's colour, pointing up where the slope grows and down where it falls.

    Each hidden layer has its own row, the first at the bottom.
    """

    def __init__(self) -> None:
        super().__init__()
        self._widths: tuple[int, ...] = ()
        self.places: Floats = np.empty(0)
        self.layers: Ints = np.empty(0, np.int64)
        self.indices: Ints = np.empty(0, np.int64)
        self._bend: Ints = np.empty(0, np.int64)  # 1: the slope grows there, −1: it falls, 0: the output has no kink
        self._selected: NeuronRef | None = None

    @property
    def height(self) -> float:
        """The height of the marks above the axis, in pixels; 0 if there are none."""
        return px(FOOT + (len(self._widths) - 1) * self._pitch + HEIGHT) if len(self.places) else 0.0

    def show_linear_regions(self, regions: LinearRegions | None, widths: tuple[int, ...]) -> None:
        self._widths = widths
        if regions is None:
            self.places = np.empty(0)
            self.layers = self.indices = self._bend = np.empty(0, np.int64)
        else:
            self.places, self.layers, self.indices = regions.kinks.x, regions.kinks.layer, regions.kinks.index
            self._bend = np.where(regions.bends_output, np.sign(regions.kinks.bend), 0).astype(np.int64)

    def select(self, ref: NeuronRef | None) -> None:
        if ref != self._selected:
            self._selected = ref
            self.update()

    def ref_at(self, x: float, y: float) -> NeuronRef | None:
        """The neuron whose kink is marked near a point of the plot, in its coordinates."""
        if not len(self.places) or not self.isVisible():
            return None
        box = self.getViewBox()
        wide, high = _pixel(box)
        above = (y - box.viewRange()[1][0]) / high
        distance = np.hypot((self.places - x) / wide, self._feet(self.layers) + HEIGHT / 2 - above)
        nearest = int(np.argmin(distance))
        if distance[nearest] > reach_px(REACH) / zoom().scale:
            return None
        return NeuronRef(int(self.layers[nearest]), int(self.indices[nearest]))

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if plot_parts.LiveItem.are_left_out or not len(self.places):
            return
        box = self.getViewBox()
        (left, right), (bottom, _) = box.viewRange()
        wide, high = _pixel(box)
        painter.translate(0.0, bottom)
        painter.scale(wide, high)  # from here on pixels at a zoom of 1, upwards from the axis
        in_view = np.flatnonzero((self.places >= left) & (self.places <= right))
        mine = np.zeros(len(in_view), dtype=bool)
        if self._selected is not None:
            mine = self.layers[in_view] == self._selected.layer
            mine &= self.indices[in_view] == self._selected.index
        if len(in_view) > MAX_TRIANGLES:
            self._paint_ticks(painter, in_view, wide)
        else:
            self._paint_triangles(painter, in_view[~mine], wide)
        outline = QPen(theme().color("ink"), drawn_width(1.4))
        self._paint_triangles(painter, in_view[mine], wide, SELECTED_SCALE, outline)

    def _paint_triangles(
        self, painter: QPainter, chosen: Ints, wide: float, scale: float = 1.0, outline: QPen | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors = [theme().neuron_colors(width) for width in self._widths]
        half, height = HALF_WIDTH * scale, HEIGHT * scale
        columns = (self.places[chosen] / wide, self._feet(self.layers[chosen]))
        places = (self.layers[chosen], self.indices[chosen], self._bend[chosen])
        for x, foot, row, index, bend in zip(*(c.tolist() for c in (*columns, *places)), strict=True):
            color = colors[row][index]
            painter.setPen(outline or (Qt.PenStyle.NoPen if bend else QPen(color, drawn_width(1))))
            painter.setBrush(color if bend else Qt.BrushStyle.NoBrush)  # hollow: it does not bend the output
            base, tip = (foot + height, foot) if bend < 0 else (foot, foot + height)
            painter.drawPolygon(QPolygonF([QPointF(x - half, base), QPointF(x + half, base), QPointF(x, tip)]))

    def _paint_ticks(self, painter: QPainter, chosen: Ints, wide: float) -> None:
        """Draw a tick for each kink: in the upper half of its row where the slope grows, else in the lower.

        Each row is one image with a column per device pixel.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        layer, index, bend = self.layers[chosen], self.indices[chosen], self._bend[chosen]
        first, scale = self.places[chosen].min(), pixel_scale() / wide
        columns = np.floor((self.places[chosen] - first) * scale).astype(np.int64)
        shade = np.where(bend == 0, -1, index * TICK_COLORS // np.array(self._widths)[layer])
        colors = (*theme().neuron_colors(TICK_COLORS), theme().color("control"))
        values = np.array([color.rgba() for color in colors], np.uint32)[shade]
        for row in distinct(layer):
            here = layer == row
            pixels = np.zeros((2, int(columns.max()) + 1), np.uint32)  # the lower half first: y goes upwards here
            pixels[(bend[here] >= 0).astype(np.int64), columns[here]] = values[here]
            image = QImage(pixels.data, pixels.shape[1], 2, QImage.Format.Format_ARGB32)
            foot = float(self._feet(row))
            painter.drawImage(QRectF(first / wide, foot, pixels.shape[1] / pixel_scale(), HEIGHT), image)

    @property
    def _pitch(self) -> float:
        return min(ROW_PITCH, ROWS_AT_MOST / max(len(self._widths), 1))

    def _feet(self, layer: Ints) -> Floats:
        return np.asarray(FOOT + layer * self._pitch, dtype=np.float64)


def _pixel(box: pg.ViewBox) -> tuple[float, float]:
    """Return the size of a pixel at a zoom of 1, in the plot's coordinates."""
    wide, high = box.viewPixelSize()
    return wide * zoom().scale, high * zoom().scale


def ramp(mark: str, count: int) -> str:
    return "".join(f'<b style="color:{color.name()}">{mark}</b>' for color in theme().neuron_colors(count))
