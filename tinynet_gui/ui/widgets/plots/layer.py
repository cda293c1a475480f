"""The layers of a plot, and its legend, made of the entries of each layer."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QRectF, Signal
from PySide6.QtGui import QResizeEvent, QTextDocument, QTextDocumentFragment
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.core.values import AnyArray
from tinynet_gui.core.wording.runs import short_names
from tinynet_gui.ui.style.theme import px, small_font, theme, whole_px
from tinynet_gui.ui.widgets.accessibility import UNBROKEN
from tinynet_gui.ui.widgets.drawn_parts import DrawnPart, DrawnParts
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, LiveCurve, line_pen, run_dashes, run_pen

SIDE = 14  # px


class LegendLabel(QLabel):
    """A label that breaks lines only between entries.

    It reserves space for entries that come and go with the mouse, so that the plot below does not move.
    """

    def __init__(self, object_name: str = "") -> None:
        super().__init__()
        self.setObjectName(object_name)
        self.setFont(small_font())
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # never widens the window
        self._most = ""
        self._document = QTextDocument(self)
        self._document.setDefaultFont(self.font())
        self._document.setDocumentMargin(0)
        self._keep_room()

    def show_layers(self, layers: Iterable["PlotLayer"]) -> None:
        """Show the entries of a plot's layers, in their order."""
        now = [(layer, layer.legend_entries()) for layer in layers]
        self.show_entries(_lines(now), _lines((layer, layer.longest_entries()) for layer, _ in now))

    def show_entries(self, lines: Sequence[Sequence[str]], longest: Sequence[Sequence[str]] | None = None) -> None:
        """Show rich text in the theme's muted colour, line by line; a long line is wrapped.

        Space is reserved for `longest`: what the entries may become at any time, in the same order.
        """
        text, most = (_text(each) for each in (lines, lines if longest is None else longest))
        if text != super().text():
            self.setText(text)
        if most != self._most:
            self._most = most
            self._document.setHtml(most)
            self._keep_room()

    def text(self) -> str:
        return super().text().replace(UNBROKEN, " ")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_room()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_document"):
            self._document.setDefaultFont(self.font())
            self._keep_room()

    def _keep_room(self) -> None:
        self.setContentsMargins(whole_px(SIDE), 0, whole_px(SIDE), 0)
        self._document.setTextWidth(max(1, self.width() - 2 * whole_px(SIDE)))
        self.setFixedHeight(round(self._document.size().height()))


def _text(lines: Sequence[Sequence[str]]) -> str:
    texts = [" &nbsp; ".join(re.sub(" (?![^<]*>)", UNBROKEN, entry) for entry in line) for line in lines]
    return f'<span style="color:{theme().muted}">{"<br>".join(texts)}</span>'


ALL = 1_000  # more than there are entries
XY = tuple[Any, Any]  # a curve's x and y, as they are drawn
Look = tuple[Any, tuple[Any, ...], tuple[Any, ...], float, str]  # an item, and the arguments of `put`


class ViewItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """An item as large as the view."""

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return QRectF() if box is None else box.viewRect()

    def viewRangeChanged(self) -> None:
        self.prepareGeometryChange()
        self.update()


LIVE = partial(LiveCurve, antialias=True)
SOLID, DASHED = partial(pg.PlotCurveItem, antialias=True), partial(DashedCurve, antialias=True)
RING = partial(pg.ScatterPlotItem, symbol="o", pxMode=True, brush=None)
no_pen = partial(pg.mkPen, None)


class LazyItem:
    """A plot item that is made when it is first shown or used otherwise: most never are."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def made(self) -> Any:
        return self._make()

    @property
    def is_made(self) -> bool:
        return "made" in vars(self)

    def isVisible(self) -> bool:
        return self.is_made and self.made.isVisible()

    def setVisible(self, is_visible: bool) -> None:
        if is_visible or self.is_made:
            self.made.setVisible(is_visible)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.made, name)


class PlotLayer(QObject):
    """Something drawn on a plot; it owns its items there.

    If it `has_own_line`, its entries have a line of the legend of their own, so that a changing number moves no others;
    those from the index `named_there` on are left out, as their names stand beside their lines. `changed`: something
    other than a new scene has changed its drawing.
    """

    changed = Signal()
    has_own_line = False
    named_there = ALL

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self._looks: list[Look] = []

    def put(
        self,
        item: Any,
        z: float,
        *pen: Any,
        fill: tuple[Any, ...] = (),
        size: float = 0.0,
        words: str = "",
        visible: bool = False,
    ) -> None:
        """Add an item to the plot, ignored by its auto-range.

        `pen` has the arguments of `line_pen`, or is a function that returns one; `fill` has those of `Theme.color`;
        `size` is that of marks, in pixels at a zoom of 1, and `words` the colour of a text.
        """
        item.setZValue(z)
        item.setVisible(visible)
        item.setParentItem(self._plot.getViewBox().childGroup)  # `addItem` would do more, at three times the cost
        self._looks.append((item, pen, fill, size, words))

    def put_lazy(self, make: Callable[[], Any], z: float, *pen: Any, **look: Any) -> LazyItem:
        """Return an item that is made when it is first shown, and then added as by `put`."""

        def put() -> Any:
            before = len(self._looks)
            self.put(item := make(), z, *pen, **look)
            _give_looks(self._looks[before:])
            return item

        return LazyItem(put)

    def show_theme(self) -> None:
        _give_looks(self._looks)

    def legend_entries(self) -> Sequence[str]:
        """Return the legend's entries for what is drawn now, as rich text."""
        return ()

    def legend_line(self) -> Sequence[str]:
        """Return an extra line below the entries of all layers."""
        return ()

    def lines(self) -> Sequence[XY]:
        lines = [item for item, *_ in self._looks if isinstance(item, pg.PlotCurveItem) and item.isVisible()]
        return [(line.xData, line.yData) for line in lines if line.xData is not None]

    def longest_entries(self) -> Sequence[str]:
        """Return the longest texts that the entries may get: the legend reserves space for them."""
        return self.legend_entries()


def _give_looks(looks: Iterable[Look]) -> None:
    for item, pen, fill, size, words in looks:
        if pen:
            item.setPen(pen[0]() if callable(pen[0]) else line_pen(*pen))
        if fill:
            item.setBrush(theme().color(*fill))
        if size:
            item.setSize(px(size))
        if words:
            item.setColor(theme().color(words))
            item.setFont(small_font())


def _lines(parts: Iterable[tuple[PlotLayer, Sequence[str]]]) -> list[Sequence[str]]:
    entries, lines = list[str](), list[Sequence[str]]()
    for layer, of_layer in parts:
        if layer.has_own_line:
            lines.append(of_layer[: layer.named_there])
        else:
            entries += of_layer[: layer.named_there]
        lines.append(layer.legend_line())
    return [entries, *filter(None, lines)]


def legend_entry(mark: str, color: str, words: str, tag: str = "b") -> str:
    """Return an entry of a legend: a coloured mark, and its meaning."""
    return f'<{tag} style="color:{color}">{mark}</{tag}> {words}'


class AccessibleCurves(DrawnParts):
    """Lists a plot's curves for screen readers; without numbers while a question asks for them."""

    def __init__(
        self, view: QWidget, plot: pg.PlotWidget, layers: Iterable[PlotLayer], is_withheld: Callable[[], bool]
    ) -> None:
        name = f"{view.objectName()}Curves"
        super().__init__(view, name, _("What is drawn"), lambda: len(self._parts()), lambda place: self._parts()[place])
        self._plot, self._layers, self._is_withheld = plot, layers, is_withheld

    def _parts(self) -> list[DrawnPart]:
        return [part for layer in self._layers for part in self._parts_of(layer)]

    def _parts_of(self, layer: PlotLayer) -> Iterator[DrawnPart]:
        entries, lines = layer.legend_entries(), layer.lines()
        place = self._plot.geometry()
        for at, entry in enumerate(entries):
            has_line = at < len(lines) and not self._is_withheld()
            name = " ".join(QTextDocumentFragment.fromHtml(entry).toPlainText().split())
            yield DrawnPart(name, self._course(lines[at]) if has_line else "", place)

    def _course(self, line: XY) -> str:
        x, y = (np.asarray(values, dtype=np.float64) for values in line)
        is_log: Any = self._plot.getAxis("left").logMode
        x, y = x[np.isfinite(y)], 10 ** y[np.isfinite(y)] if is_log else y[np.isfinite(y)]
        if not len(y):
            return ""
        low, high = int(y.argmin()), int(y.argmax())
        places = {"start": 0, "end": -1, "lowest": low, "highest": high}
        # Translators: each is such as "0.5 at 2".
        text = _("From {start} to {end}; lowest {lowest}, highest {highest}")
        return text.format_map({name: _at(x, y, place) for name, place in places.items()})


def _at(x: np.ndarray, y: np.ndarray, place: int) -> str:
    return _("{y} at {x}").format(y=plain(float(y[place])), x=plain(float(x[place])))


RUNS_Z = 3.5  # over the true function, under the ghost
MAX_NAMED = 8  # runs in a legend
MAX_CHARACTERS = 28  # of a run's name in a legend


class RunLayer(PlotLayer):
    """A layer with a line for each of several runs, `width` wide."""

    width = 1.0

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._items: list[DashedCurve] = []
        self._colors: Sequence[int] = ()

    def draw_runs(self, lines: Sequence[tuple[int, AnyArray, AnyArray]]) -> None:
        """Replace all lines: the number of the colour, x and y of each."""
        while len(self._items) < len(lines):
            self._items.append(DASHED())
            self.put(self._items[-1], RUNS_Z)
        for place, item in enumerate(self._items):
            item.setVisible(place < len(lines))
        for item, (_color, x, y) in zip(self._items, lines, strict=False):
            item.setData(x, y, connect="finite")
        colors = [color for color, _, _ in lines]
        if colors != self._colors:
            self._colors = colors
            self.show_theme()

    def show_theme(self) -> None:
        super().show_theme()
        for item, color in zip(self._items, self._colors, strict=False):
            item.setPen(run_pen(color, self.width))


def run_entries(runs: Sequence[tuple[str, int, str]]) -> list[str]:
    """Return the legend's entries of runs (name, number of the colour, remark); of many only the first few."""
    names = short_names([name for name, _, _ in runs], MAX_CHARACTERS)
    entries = [
        legend_entry(run_dashes(color)[0], theme().run_color(color).name(), html.escape(name) + end)
        for name, (_, color, end) in zip(names, runs, strict=True)
    ]
    more = len(entries) - MAX_NAMED
    words = ngettext("{count} more run", "{count} more runs", more)
    return [*entries[:MAX_NAMED], *([words.format(count=count_text(more))] if more > 0 else [])]
