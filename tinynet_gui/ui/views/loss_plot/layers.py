import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.run.marks import MarkKind
from tinynet_gui.core.run.train import Preview
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.loss_plot.scene import ErrorModes, LossLayer, LossScene, most_points
from tinynet_gui.ui.widgets.plots.layer import DASHED, SOLID, XY, RunLayer, legend_entry, run_entries
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve

HELD_OUT_PX, LATEST_PX = 3, 8  # sizes of dots
CHANGES_Z, CURSOR_Z, GHOST_Z, GIVEN_Z, GHOST_END_Z = 0, 1, 2, 2.7, 3
HELD_OUT_Z, TRAINING_Z, RUN_DOTS_Z, MOMENT_Z = 4, 5, 6, 7


class CurrentLosses(LossLayer):
    """The current run's losses: a line, dots where the held-out loss is known, and a dot at the current moment."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.training, self.held_out = pg.PlotCurveItem(antialias=True), pg.ScatterPlotItem(pxMode=True, pen=None)
        self._moment = pg.ScatterPlotItem(pxMode=True)
        self.put(self.held_out, HELD_OUT_Z, fill=("data",), size=HELD_OUT_PX, visible=True)
        self.put(self.training, TRAINING_Z, "ink", 1.6, visible=True)
        self.put(self._moment, MOMENT_Z, "card", 1, fill=("ink",), size=LATEST_PX, visible=True)

    def legend_entries(self) -> Sequence[str]:
        snapshot = self._scene.snapshot
        of_what = _("on each step's batch, ● on all samples") if self._scene.is_of_batches else _("on the samples")
        entries = [legend_entry("—", theme().ink, of_what)]
        if len(self._scene.held_out.steps):
            entries.append(legend_entry("•", theme().data, _("on held-out samples")))
        if snapshot is not None and snapshot.dataset.scaling.has_y:
            entries.append(_("of standardised y"))
        return entries

    def _follow(self, scene: LossScene, before: LossScene) -> None:
        moment, is_rescaled = scene.snapshot, scene.is_log != before.is_log
        if is_rescaled or scene.steps is not before.steps:
            self.training.setData(scene.steps, scene.scaled(scene.losses))
        if is_rescaled or scene.held_out is not before.held_out:
            self.held_out.setData(scene.held_out.steps, scene.scaled(scene.held_out.losses))
        if is_rescaled or moment is not before.snapshot:
            is_known = moment is not None and math.isfinite(moment.train_loss)
            here = np.array([[moment.step, moment.train_loss]] if moment is not None and is_known else np.empty((0, 2)))
            self._moment.setData(here[:, 0], scene.scaled(here[:, 1]))


@frozen_dataclass
class RunLosses:
    """The losses of a run; a history is compared by identity."""

    name: str
    color: int
    history: LossHistory


class Runs(RunLayer, LossLayer):
    width = 1.3

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._dots = self.put_lazy(partial(pg.ScatterPlotItem, pxMode=True), RUN_DOTS_Z, "card", 1, size=LATEST_PX)
        self.losses: Sequence[RunLosses] = []
        self.curves: list[tuple[np.ndarray, np.ndarray]] = []  # steps and losses of each

    def show_theme(self) -> None:
        super().show_theme()
        self._draw_dots()

    def legend_entries(self) -> Sequence[str]:
        return run_entries([(run.name, run.color, "") for run in self.losses])

    def _follow(self, scene: LossScene, before: LossScene) -> None:
        if scene.is_log != before.is_log:
            self._draw_lines()
        if scene.is_log != before.is_log or scene.snapshot is not before.snapshot:
            self._draw_dots()

    def show_losses(self, losses: Sequence[RunLosses]) -> None:
        self.losses = losses
        self.curves = [run.history.curve(most_points(self._plot)) for run in losses]
        self._draw_lines()
        self._draw_dots()
        self.changed.emit()

    def dots(self) -> XY:
        """Return the dots at the current step as drawn: steps, and losses or their logarithms."""
        x, y = self._dots.getData()
        return x, y

    def _draw_lines(self) -> None:
        lines = zip(self.losses, self.curves, strict=True)
        self.draw_runs([(run.color, x, self._scene.scaled(y)) for run, (x, y) in lines])

    def _draw_dots(self) -> None:
        snapshot = self._scene.snapshot
        moments = [] if snapshot is None else self._moments(snapshot.step)
        self._dots.setVisible(bool(moments))
        if not moments and not self._dots.is_made:
            return
        brushes = [pg.mkBrush(theme().run_color(color)) for color, _, _ in moments]
        losses = self._scene.scaled(np.array([loss for _, _, loss in moments]))
        self._dots.setData([step for _, step, _ in moments], losses, brush=brushes)

    def _moments(self, step: int) -> list[tuple[int, float, float]]:
        """Return each run's colour index, step and loss at a step, or at its end if that is earlier."""
        found = []
        for run, (steps, losses) in zip(self.losses, self.curves, strict=True):
            if len(steps):
                place = int(np.abs(steps - step).argmin())  # the nearest point drawn
                found.append((run.color, float(steps[place]), float(losses[place])))
        return found


CHANGE_NAMES: dict[MarkKind, str] = {
    "setting": _("a setting was changed"),
    "by hand": _("a number was set by hand"),
    "samples": _("samples were changed"),
    "freezing": _("frozen or let go"),
}


class Changes(LossLayer):
    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        pairs = partial(DashedCurve, connect="pairs")
        self._item = self.put_lazy(pairs, CHANGES_Z, "accent", 1, Qt.PenStyle.DotLine)

    def legend_entries(self) -> Sequence[str]:
        kinds = {mark.kind for mark in self._scene.marks}
        what = CHANGE_NAMES[kinds.pop()] if len(kinds) == 1 else _("something was changed")
        return [legend_entry("┊", theme().accent, what)] if self._scene.marks else ()

    def lines(self) -> Sequence[XY]:
        return ()

    def _follow(self, scene: LossScene, before: LossScene) -> None:
        self._item.setVisible(bool(scene.marks))
        if scene.marks:
            x = np.repeat([mark.step for mark in scene.marks], 2)
            self._item.setData(x, np.tile(scene.everything[2:], len(scene.marks)))


class LossGhost(LossLayer):
    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.preview: Preview | None = None
        text = partial(pg.TextItem, anchor=(1, 0))
        self._item = self.put_lazy(DASHED, GHOST_Z, "ghost", 1.6, Qt.PenStyle.DashDotDotLine)
        self._end = self.put_lazy(text, GHOST_END_Z, words="ghost")

    def show_preview(self, preview: Preview | None) -> None:
        if preview is not None or self.preview is not None:
            self.preview = preview
            self.changed.emit()

    def _follow(self, scene: LossScene, before: LossScene) -> None:
        preview = self.preview
        for item in (self._item, self._end):
            item.setVisible(preview is not None)
        if preview is not None:
            self._item.setData(preview.steps, scene.scaled(preview.losses))
            end = _("ends at {loss}").format(loss=loss_text(preview.final_loss))
            if preview.diverged_at is not None:
                end = _("diverges at step {step}").format(step=count_text(preview.diverged_at))
            self._end.setText(end)
            self._end.setPos(scene.everything[1], scene.everything[3])

    def drawn(self) -> XY | None:
        """Return the line as drawn: steps, and losses or their logarithms; or None."""
        return (self._item.xData, self._item.yData) if self._item.isVisible() else None

    def text(self) -> str:
        """Describe where it ends; "" if none is drawn."""
        return self._end.toPlainText() if self._end.isVisible() else ""


class GivenLosses(LossLayer):
    """Losses of a loop outside the program, as it printed them."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.given = HeldOutLosses()
        self._item = self.put_lazy(SOLID, GIVEN_Z, "muted", 3)

    def legend_entries(self) -> Sequence[str]:
        return [legend_entry("—", theme().muted, _("of your own loop"))] if len(self.given.losses) else ()

    def show_losses(self, given: HeldOutLosses) -> None:
        self.given = given
        self._item.setVisible(bool(len(given.losses)))
        self.changed.emit()

    def _follow(self, scene: LossScene, before: LossScene) -> None:
        if self._item.isVisible():
            self._item.setData(self.given.steps, scene.scaled(self.given.losses))


class PointedStep(LossLayer):
    """A line at the hovered step, `x`, or None."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.x: float | None = None
        self._item = self.put_lazy(partial(pg.InfiniteLine, angle=90), CURSOR_Z, "muted", 1)

    def show_at(self, x: float | None) -> None:
        self.x = x
        self._item.setVisible(x is not None)
        if x is not None:
            self._item.setValue(x)


class LossLayers:
    """One line per layer of the loss plot, in the order of the legend; their z decides which lies on top."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self.own = CurrentLosses(plot)
        self.runs = Runs(plot)
        self.changes = Changes(plot)
        self.ghost = LossGhost(plot)
        self.modes = ErrorModes(plot)
        self.given = GivenLosses(plot)
        self.cursor = PointedStep(plot)

    def __iter__(self) -> Iterator[LossLayer]:
        return iter(vars(self).values())
