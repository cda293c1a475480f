"""The training and validation loss over the steps."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton, QWidget

from tinynet_gui.core.run.held_out import HeldOutLosses
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.core.timeline.preview import Preview
from tinynet_gui.ui.style.theme import Theme, small_font
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.views.plots.run_curves import RunLosses, RunLossLines
from tinynet_gui.ui.widgets.card import Card
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.plots.key_label import KeyLabel
from tinynet_gui.ui.widgets.plots.plot_menu import PlotMenu
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, StepAxis, dress, line_pen, make_plot
from tinynet_gui.ui.widgets.plots.range_dialog import Ends

SMALLEST = 1e-12  # a loss of 0 is drawn here on the logarithmic axis
MARK_REACH_PX = 6
HELD_OUT_PX, LATEST_PX = 3, 8  # sizes of dots
LOG_HINT = (
    "Draw the loss on a logarithmic axis: equal distances are equal factors.\nA right-click on the plot offers more."
)
RUNS_Z = 3.5  # over the held-out losses
LOG_MARGIN = 0.15  # decades of air, so that the outermost ticks have room for their numbers


class LossPlot(Card):
    """Draws the history of a run; the y axis is logarithmic unless switched.

    Signals
    -------
    log_changed : bool
        The user has switched the axis.
    """

    log_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Loss", "lossPlot", "Plot of the training and validation loss by step", parent)
        self._curve: tuple[np.ndarray, np.ndarray] = (np.empty(0), np.empty(0))
        self._validation = HeldOutLosses()
        self._history: LossHistory | None = None
        self._snapshot: Snapshot | None = None
        self._marks: Sequence[Mark] = ()
        self._stop_at = 1
        self._view: tuple[float, float, float, float] | None = None
        self._typed_view: tuple[Ends, Ends] | None = None
        self._cursor_x: float | None = None
        self._preview: Preview | None = None

        self.plot = make_plot(StepAxis("bottom"), left_width=66, names=("step", "loss"))
        self.plot.setMouseEnabled(x=False, y=False)
        self._training_item = pg.PlotCurveItem(antialias=True)
        self._validation_item = pg.ScatterPlotItem(pxMode=True, pen=None)
        self._ghost = DashedCurve(antialias=True)
        self._ghost_end = pg.TextItem(anchor=(1, 0))
        self._dot = pg.ScatterPlotItem(pxMode=True)
        self._run_dots = pg.ScatterPlotItem(pxMode=True)
        self._mark_lines = DashedCurve(connect="pairs")
        self._cursor = pg.InfiniteLine(angle=90)
        for z, item in enumerate(
            (
                self._mark_lines,
                self._cursor,
                self._ghost,
                self._ghost_end,
                self._validation_item,
                self._training_item,
                self._run_dots,
                self._dot,
            )
        ):
            item.setZValue(z)
            self.plot.addItem(item, ignoreBounds=True)
        self._cursor.setVisible(False)
        self._ghost.setVisible(False)
        self._ghost_end.setVisible(False)
        self.runs = RunLossLines(self.plot, RUNS_Z)
        self._log = named(QToolButton(), "lossLog", "Logarithmic loss axis", LOG_HINT)
        self._log.setText("log")
        self._log.setProperty("compact", True)
        self._log.setCheckable(True)
        self._log.setChecked(True)
        self._key = KeyLabel()

        self.header.addWidget(self._log)
        self.body.addWidget(self._key)
        self.body.addWidget(self.plot, 1)

        as_log = QAction("Logarithmic loss axis", self)
        as_log.setCheckable(True)
        as_log.setChecked(True)
        self.menu = PlotMenu(self.plot, ("step", "loss"), [as_log])
        as_log.toggled.connect(self._log.setChecked)
        self._log.toggled.connect(as_log.setChecked)
        self.menu.everything_wanted.connect(self.show_everything)
        self.menu.range_chosen.connect(self._on_range_chosen)
        self._log.toggled.connect(self._on_log_toggled)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.getAxis("left").setLogMode(False, True)
        self.show_theme(theme)

    @property
    def is_log(self) -> bool:
        """Whether the y axis is logarithmic."""
        return self._log.isChecked()

    def set_log(self, log: bool) -> None:
        """Switch the y axis."""
        self._log.setChecked(log)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        dress(self.plot, theme)
        self.runs.show_theme(theme)
        self._training_item.setPen(line_pen(theme, "ink", 1.6))
        self._validation_item.setBrush(theme.color("data"))
        self._ghost.setPen(line_pen(theme, "ghost", 1.6, Qt.PenStyle.DashLine))
        self._ghost_end.setFont(small_font())
        self._ghost_end.setColor(theme.color("ghost"))
        self._validation_item.setSize(px(HELD_OUT_PX))
        for dots in (self._dot, self._run_dots):
            dots.setSize(px(LATEST_PX))
        self._dot.setBrush(theme.color("ink"))
        for dots in (self._dot, self._run_dots):
            dots.setPen(line_pen(theme, "card", 1))
        self._mark_lines.setPen(line_pen(theme, "accent", 1, Qt.PenStyle.DotLine))
        self._cursor.setPen(line_pen(theme, "faint", 1))
        self._draw_run_dots()
        self._write_key()

    def show_history(
        self,
        history: LossHistory,
        validation: HeldOutLosses,
        marks: Sequence[Mark],
        latest: Snapshot | None,
        stop_at: int,
        moment: Snapshot | None = None,
    ) -> None:
        """Show the losses up to the latest moment, where live fields were changed, and as a dot what is looked at.

        That is the latest moment, unless `moment` is another one of the run.
        The training loss is known of every step. The loss of the held-out samples is not, so no line joins its dots.
        """
        self._history, self._marks, self._stop_at = history, marks, stop_at
        width = max(200, round(self.plot.getViewBox().width()))
        steps, losses = history.curve(2 * width)
        self._snapshot = moment or latest
        if latest is not None and math.isfinite(latest.train_loss) and not self._is_of_batches():
            steps, losses = np.append(steps, latest.step), np.append(losses, latest.train_loss)
        self._curve = (steps, losses)
        self._validation = validation
        self._draw()

    def show_preview(self, preview: Preview | None) -> None:
        """Show where the loss would go as a ghost, or take it back."""
        if preview is None and self._preview is None:
            return
        self._preview = preview
        self._draw()

    def show_runs(self, losses: Sequence[RunLosses]) -> None:
        """Show the losses of other runs, or none."""
        self.runs.show(losses, 2 * max(200, round(self.plot.getViewBox().width())))
        self._draw_runs()
        self._draw()

    def curve_on_axes(self) -> tuple[np.ndarray, np.ndarray]:
        """Where the training loss lies on the plot's axes: steps, and losses or their logarithms."""
        return self._training_item.xData, self._training_item.yData

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """What is drawn as the training loss: steps and losses, not their logarithms."""
        return self._curve

    def held_out_points(self) -> tuple[np.ndarray, np.ndarray]:
        """What is drawn as the loss on the held-out samples: steps, and losses or their logarithms."""
        x, y = self._validation_item.getData()
        return x, y

    def ghost_curve(self) -> tuple[Any, Any] | None:
        """What is drawn as the loss to come: steps, and losses or their logarithms, or None."""
        return (self._ghost.xData, self._ghost.yData) if self._ghost.isVisible() else None

    def ghost_text(self) -> str:
        """What is said where the loss to come ends; empty if none is drawn."""
        return self._ghost_end.toPlainText() if self._ghost_end.isVisible() else ""

    def _is_of_batches(self) -> bool:
        """Whether each step sees a part of the samples only, so that its loss is not the loss over all."""
        return self._snapshot is not None and self._snapshot.config.training.batch_size > 0

    def _draw(self) -> None:
        steps, losses = self._curve
        self._training_item.setData(steps, self._scaled(losses))
        self._validation_item.setData(self._validation.steps, self._scaled(self._validation.losses))
        moment = self._snapshot
        is_known = moment is not None and math.isfinite(moment.train_loss)
        here = np.array([[moment.step, moment.train_loss]] if moment is not None and is_known else np.empty((0, 2)))
        self._dot.setData(here[:, 0], self._scaled(here[:, 1]))
        self._draw_run_dots()
        self._draw_ghost()
        self._set_view(*self._wanted_view())
        if self._marks or self._mark_lines.xData is not None:
            x = np.repeat([mark.step for mark in self._marks], 2)
            _, _, low, high = self._wanted_view()
            self._mark_lines.setData(x, np.tile([low, high], len(self._marks)))
        self._write_key()
        self._write_value()

    def _draw_runs(self) -> None:
        """Draw the lines of other runs, which do not change with each frame."""
        self.runs.draw(
            [(r.color, x, self._scaled(y)) for r, (x, y) in zip(self.runs.losses, self.runs.curves, strict=True)]
        )

    def _draw_run_dots(self) -> None:
        """Mark where the other runs are at the step that is looked at."""
        moments = [] if self._snapshot is None else self.runs.moments(self._snapshot.step)
        losses = self._scaled(np.array([loss for _, _, loss in moments]))
        brushes = [pg.mkBrush(self._theme.run_color(color)) for color, _, _ in moments]
        self._run_dots.setData([step for _, step, _ in moments], losses, brush=brushes)

    def run_dots(self) -> tuple[np.ndarray, np.ndarray]:
        """What is drawn of the other runs at the step that is looked at: steps, and losses or their logarithms."""
        x, y = self._run_dots.getData()
        return x, y

    def _draw_ghost(self) -> None:
        preview = self._preview
        self._ghost.setVisible(preview is not None)
        self._ghost_end.setVisible(preview is not None)
        if preview is None:
            return
        self._ghost.setData(preview.steps, self._scaled(preview.losses))
        end = f"ends at {loss_text(preview.final_loss)}"
        if preview.diverged_at is not None:
            end = f"diverges at step {count_text(preview.diverged_at)}"
        self._ghost_end.setText(end)
        _, x_max, _, top = self._wanted_view()
        self._ghost_end.setPos(x_max, top)

    def _scaled(self, losses: np.ndarray) -> np.ndarray:
        return np.log10(np.maximum(losses, SMALLEST)) if self.is_log else losses

    def _wanted_view(self) -> tuple[float, float, float, float]:
        """x and y range: half decades or round numbers, so that it changes seldom."""
        steps, losses = self._curve
        values = np.concatenate([losses, self._validation.losses, *(y for _, y in self.runs.curves)])
        if self._preview is not None and self._preview.diverged_at is None:
            values = np.concatenate([values, self._preview.losses])
        ends = [float(self._stop_at), *steps[-1:], *([self._preview.end_step] if self._preview else [])]
        ends += [float(run.history.last_step) for run in self.runs.losses]
        x_max = 1.01 * max(ends)
        if not len(values):
            return 0.0, x_max, -2.0 if self.is_log else 0.0, 1.0
        low, high = float(values.min()), float(values.max())
        if self.is_log:
            bottom = math.floor(2 * math.log10(max(low, SMALLEST))) / 2 - LOG_MARGIN
            top = math.ceil(2 * math.log10(max(high, SMALLEST))) / 2 + LOG_MARGIN
            return 0.0, x_max, bottom, max(top, bottom + 1.0)
        unit = 10.0 ** math.floor(math.log10(max(high, SMALLEST)))
        return 0.0, x_max, 0.0, 1.05 * unit * math.ceil(high / unit * 2) / 2

    @Slot()
    def show_everything(self) -> None:
        """Bring the view back to all that is drawn, and let it follow."""
        self._typed_view = self._view = None
        self._draw()

    @Slot(object, object)
    def _on_range_chosen(self, x: Ends, y: Ends) -> None:
        self._typed_view = x, y
        self._draw()

    def _set_view(self, x_min: float, x_max: float, y_min: float, y_max: float) -> None:
        if self._typed_view is not None:
            (x_min, x_max), (y_min, y_max) = self._typed_view
        if self._view != (x_min, x_max, y_min, y_max):
            self._view = (x_min, x_max, y_min, y_max)
            self.plot.setRange(xRange=(x_min, x_max), yRange=(y_min, y_max), padding=0)

    def _on_log_toggled(self, log: bool) -> None:
        self.plot.getAxis("left").setLogMode(False, log)
        self._typed_view = None  # it was of the other axis
        self._draw_runs()
        self._draw()
        self.log_changed.emit(log)

    def _on_mouse_moved(self, position: QPointF) -> None:
        inside = self.plot.getViewBox().sceneBoundingRect().contains(position)
        self._cursor_x = self.plot.getViewBox().mapSceneToView(position).x() if inside else None
        self._cursor.setVisible(inside)
        if self._cursor_x is not None:
            self._cursor.setValue(self._cursor_x)
        self._write_value()

    def leaveEvent(self, event: object) -> None:
        """The mouse has left: no value under the cursor any more."""
        self._cursor_x = None
        self._cursor.setVisible(False)
        self._write_value()

    def _write_value(self) -> None:
        """Say which loss is under the cursor, and which change of a live field."""
        text = ""
        if self._cursor_x is not None and self._history is not None:
            reach = px(MARK_REACH_PX) * self.plot.getViewBox().viewPixelSize()[0]
            near = [mark for mark in self._marks if abs(mark.step - self._cursor_x) <= reach]
            mark = f"step {count_text(near[-1].step)}: {near[-1].text}" if near else ""
            text = mark or self._losses_at(self._cursor_x)
        if text != self.value.text():
            self.value.setText(text)

    def _losses_at(self, x: float) -> str:
        """The losses known at a step: of one step, or the range of a few that share a place in memory."""
        assert self._history is not None
        if self._snapshot is not None and round(x) == self._snapshot.step:
            return f"step {count_text(self._snapshot.step)}: {loss_text(self._snapshot.train_loss)}"
        found = self._history.at(x)
        if found is None:
            return ""
        first, last, low, high = found
        if first == last:
            return f"step {count_text(first)}: {loss_text(low)}"
        return f"steps {count_text(first)}–{count_text(last)}: {loss_text(low)} to {loss_text(high)}"

    def _write_key(self) -> None:
        t = self._theme
        of_what = "on each step's batch, ● on all samples" if self._is_of_batches() else "on the samples"
        parts = [f'<b style="color:{t.ink}">—</b> {of_what}']
        if len(self._validation.steps):
            parts.append(f'<b style="color:{t.data}">•</b> on held-out samples')
        if self._snapshot is not None and self._snapshot.dataset.scaling.has_y:
            parts.append("of standardised y")
        parts += self.runs.key_entries(t)
        if self._marks:
            parts.append(f'<b style="color:{t.accent}">┊</b> a setting was changed')
        self._key.show_entries(t.muted, [parts])
