"""A question about two runs, its progress and its answer."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6 import QtCore, QtWidgets

from tinynet_gui.core.maps.valley import Valley
from tinynet_gui.core.wording.runs import short_names
from tinynet_gui.ui.style.theme import theme, whole_px
from tinynet_gui.ui.widgets import cards, progress
from tinynet_gui.ui.widgets.accessibility import in_role, literal_tooltip, named, small
from tinynet_gui.ui.widgets.plots import layer, plot_menu, plot_parts
from tinynet_gui.ui.widgets.text import FittingLabel, ScrolledText

WIDTH, HEIGHT, LEAST_WIDTH, LEAST_HEIGHT = 280, 320, 128, 40  # px
LEFT_WIDTH, MARGIN, MOST_CHARACTERS = 58, 0.04, 12
DESCRIPTION = "The training loss, from 0 up, along the straight line from the first run to the second"


class ValleyPlot(QtWidgets.QWidget):
    """The loss between two runs: one curve for the networks as they are, dashed, one with matched neurons.

    The y axis begins at 0; non-finite losses leave a gap.
    """

    def __init__(self) -> None:
        super().__init__()
        named(
            self, "valleyPlot", DESCRIPTION, f"{DESCRIPTION}: as they are, and with the neurons of the second matched."
        )
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Expanding)
        self.key = layer.KeyLabel()
        self.plot = plot_parts.make_plot(plot_parts.NumberAxis("bottom"), left_width=LEFT_WIDTH, names=("", "loss"))
        self.plot.setMouseEnabled(x=False, y=False)
        self._top = 1.0
        menu = plot_menu.PlotMenu(self.plot, ("between the runs", "loss"))
        menu.everything_wanted.connect(self._show_everything)
        menu.range_chosen.connect(lambda x, y: self.plot.setRange(xRange=x, yRange=y, padding=0))
        plot_menu.PlotHand(self.plot, menu, "Loss between the two runs")
        self._lines = [pg.PlotCurveItem(antialias=True, connect="finite") for _ in range(2)]
        self._drawn = layer.PlotLayer(self.plot)
        self._drawn.put(self._lines[0], 0, "muted", 2.4, QtCore.Qt.PenStyle.DashLine, visible=True)
        self._drawn.put(self._lines[1], 1, "accent", 2.4, visible=True)
        cards.filled(QtWidgets.QVBoxLayout(self), self.plot, margins=(0, 0, 0, 0))

    def show_theme(self) -> None:
        plot_parts.dress(self.plot)
        self._drawn.show_theme()
        entries = layer.key_entry("╌", theme().muted, "as they are"), layer.key_entry("—", theme().accent, "matched")
        self.key.show_entries(theme().muted, [entries])
        self.updateGeometry()

    def show_valley(self, valley: Valley | None, names: Sequence[str] = ("", ""), *, has_matched: bool = True) -> None:
        """Draw the loss between two runs, with or without the matched curve; or nothing."""
        self.setVisible(valley is not None)
        self.key.setVisible(valley is not None and has_matched)
        if valley is None:
            return
        losses = np.array([valley.as_they_are.losses, valley.matched.losses], np.float64)
        if not has_matched:
            losses[1] = np.nan
        losses[~np.isfinite(losses)] = np.nan
        for line, row in zip(self._lines, losses, strict=True):
            line.setData(valley.t, row)
        self._top = max(float(np.nanmax(losses, initial=0.0)), float(np.finfo(np.float32).tiny))
        self._show_everything()
        ends = [(float(place), name) for place, name in enumerate(short_names(names, MOST_CHARACTERS))]
        self.plot.getAxis("bottom").setTicks([ends])

    def _show_everything(self) -> None:
        self.plot.setRange(xRange=(-MARGIN, 1 + MARGIN), yRange=(0, (1 + MARGIN) * self._top), padding=0)

    def curves(self) -> list[tuple[list[float], list[float]]]:
        """The curves as drawn, t and losses of each: as they are, and matched."""
        return [tuple(part.tolist() for part in line.getData()) for line in self._lines]

    def sizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(whole_px(WIDTH), whole_px(HEIGHT))

    def minimumSizeHint(self) -> QtCore.QSize:
        return QtCore.QSize(whole_px(LEAST_WIDTH), whole_px(LEAST_HEIGHT))


class RunAnswer(cards.CardFrame):
    """Hidden until something is asked; as high as its text, or with a picture as there is space.

    `stopped` asks to stop computing and keep the answer so far, `updates_wanted` for the two updates at which the runs
    diverge, `one_engine_wanted` to train both again with one engine and then compare them.
    """

    cancelled = QtCore.Signal()
    updates_wanted = QtCore.Signal()
    one_engine_wanted = QtCore.Signal()

    def __init__(self) -> None:
        super().__init__("runAnswer", "A question about two runs, and its answer")
        self._title = in_role(named(FittingLabel(), "runQuestion", "The question about two runs"), "title")
        self._close = cards.compact_button(
            "close", "runAnswerClose", "Close the answer", "Stop asking, and close this answer. Key: Escape"
        )
        self.progress = progress.Progress("runAnswer")
        self._text = small(named(ScrolledText(), "runAnswerText", "The answer"))
        self.valley = ValleyPlot()
        self.term_wanted = self._text.term_wanted
        self._look = cards.compact_button(
            "Look at both updates",
            "lookAtBothUpdates",
            "Look at both updates",
            "Show the update at which they part in the microscope, of either run. Nothing changes.",
        )
        self._again = cards.compact_button(
            "Train both by one engine",
            "trainByOneEngine",
            "Train both by one engine",
            "Train both again by one engine, with all their changes, and compare those. The runs stay as they are.",
        )
        header = cards.filled(QtWidgets.QHBoxLayout(), (self._title, 1), self._close)
        offers = cards.filled(QtWidgets.QHBoxLayout(), self._again, self._look, None)
        below = (self.progress, (self._text, 1_000), self.valley.key, offers, None)
        words = cards.filled(QtWidgets.QVBoxLayout(), header, *below, spacing=4)
        cards.filled(QtWidgets.QHBoxLayout(self), (words, 2), (self.valley, 3), margins=(10, 4, 6, 3))
        self._close.clicked.connect(self.put_away)
        self.stopped = self.progress.cancelled
        self._look.clicked.connect(self.updates_wanted)
        self._again.clicked.connect(self.one_engine_wanted)
        self.show_valley(None)
        for widget in (self, self._look, self._again):
            widget.setVisible(False)

    def show_question(self, text: str, says_meanwhile: str, *, tells_time: bool = True) -> None:
        """Show the question, a status message, and the remaining time if `tells_time`."""
        self.show_valley(None)
        short = text.partition(" “")[0]  # without the names of the runs
        self._title.show_longest((text, short))
        self._title.setMinimumWidth(self._title.fontMetrics().horizontalAdvance(short) + 1)
        self._title.setToolTip(literal_tooltip(text))
        self._look.setVisible(False)
        self._again.setVisible(False)
        self._text.setText(says_meanwhile)
        self.progress.begin(tells_time)
        self.setVisible(True)

    def show_answer(self, text: str, has_updates: bool = False, has_two_engines: bool = False) -> None:
        """Show the answer, whether there are two updates to show, and whether the runs differ by their engine."""
        self.progress.end()
        self._text.setText(text)
        self._look.setVisible(has_updates)
        self._again.setVisible(has_two_engines)

    def show_valley(
        self, valley: Valley | None, names: tuple[str, str] = ("", ""), *, has_matched: bool = True
    ) -> None:
        self.has_matched = valley is not None and has_matched
        self.valley.show_valley(valley, names, has_matched=has_matched)
        height = QtWidgets.QSizePolicy.Policy.Maximum if valley is None else QtWidgets.QSizePolicy.Policy.Expanding
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, height)

    def text(self) -> str:
        return "" if self.isHidden() else self._text.text()

    def put_away(self) -> None:
        """Hide the answer, and cancel what is still computed."""
        self.progress.end()
        self.setVisible(False)
        self.cancelled.emit()
