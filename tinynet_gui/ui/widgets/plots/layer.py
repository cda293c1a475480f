"""What a plot is made of: layers that draw, take on a theme, and say what the key says of them."""

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, Signal

from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.widgets.plots.key_label import KeyLabel
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

ALL = 1_000  # entries, and more
XY = tuple[Any, Any]  # a curve's x and y, as they are drawn


class PlotLayer(QObject):
    """Something that is drawn on a plot; it owns its items there.

    Attributes
    ----------
    has_own_line
        Whether its entries stand on a line of their own, so that a number in them moves no other.
    named_there
        Its entries from this one on are not in the key: their names stand beside their lines.

    Signals
    -------
    changed
        Something else is drawn, and not because the plot has shown something else.
    """

    changed = Signal()
    has_own_line = False
    named_there = ALL

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self._looks: list[tuple[Any, tuple[Any, ...], tuple[Any, ...], float, str]] = []

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
        """Put an item on the plot, which its view does not follow.

        `pen` is what `line_pen` makes of each theme, `fill` what `Theme.color` does; `size` is that of marks, in pixels
        at a zoom of 1, and `words` the colour of a text.
        """
        item.setZValue(z)
        item.setVisible(visible)
        self._plot.addItem(item, ignoreBounds=True)
        self._looks.append((item, pen, fill, size, words))

    def show_theme(self, theme: Theme) -> None:
        """Apply the colours and the zoom of a theme."""
        for item, pen, fill, size, words in self._looks:
            if pen:
                item.setPen(line_pen(theme, *pen))
            if fill:
                item.setBrush(theme.color(*fill))
            if size:
                item.setSize(px(size))
            if words:
                item.setColor(theme.color(words))
                item.setFont(small_font())

    def key_entries(self, theme: Theme) -> Sequence[str]:
        """Say what is drawn now, as rich text."""
        return ()

    def key_line(self, theme: Theme) -> Sequence[str]:
        """Say more on a line of its own, below those of all layers."""
        return ()

    def lines(self) -> Sequence[XY]:
        """Return the lines that are drawn now, in the order of the key."""
        lines = [item for item, *_ in self._looks if isinstance(item, pg.PlotCurveItem) and item.isVisible()]
        return [(line.xData, line.yData) for line in lines if line.xData is not None]

    def passing_entries(self) -> Sequence[str]:
        """What may come into the key at any time: its room is kept."""
        return ()


class LayerKey(KeyLabel):
    """The key of a plot: it says what each layer draws, in their order."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)

    def write(self, theme: Theme, layers: Sequence[PlotLayer]) -> None:
        """Say what is drawn now, with room for what may come at any time."""
        entries, lines = list[str](), list[Sequence[str]]()
        for layer in layers:
            of_layer = layer.key_entries(theme)[: layer.named_there]
            if layer.has_own_line:
                lines.append(of_layer)
            else:
                entries += of_layer
            lines.append(layer.key_line(theme))
        passing = [entry for layer in layers for entry in layer.passing_entries()]
        self.show_entries(theme.muted, [entries, *filter(None, lines)], passing)


def key_entry(mark: str, color: str, words: str, tag: str = "b") -> str:
    """Return an entry of a key: a mark in a colour, and what it means."""
    return f'<{tag} style="color:{color}">{mark}</{tag}> {words}'
