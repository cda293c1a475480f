import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from PySide6 import QtCore, QtGui

from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.text.language import gettext as _, pgettext
from tinynet_gui.core.text.numbers import count_text, loss_text
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.ui.style.theme import px
from tinynet_gui.ui.views.loss_plot.layers import LossLayers
from tinynet_gui.ui.views.loss_plot.scene import SMALLEST, LossScene, most_points
from tinynet_gui.ui.views.loss_plot.sharpness_plot import SharpnessPlot, share_height
from tinynet_gui.ui.widgets import accessibility, cards, touch
from tinynet_gui.ui.widgets.plots.layer import AccessibleCurves, LegendLabel
from tinynet_gui.ui.widgets.plots.plot_menu import Range, StillView
from tinynet_gui.ui.widgets.plots.plot_parts import Plot, StepAxis, make_plot, style_plot

LOG_MARGIN = 0.15  # decades: makes room for the numbers of the outermost ticks


class LossView(StillView):
    """The only owner of the ranges of x and y."""

    def __init__(self, plot: Plot, layers: LossLayers) -> None:
        super().__init__(plot, (_("step"), _("loss")), _("Loss plot"))
        self._layers = layers

    def everything(self, scene: LossScene) -> tuple[float, float, float, float]:
        """Return ranges of x and y for all content, rounded to half decades or round numbers to change rarely."""
        preview, runs, given = self._layers.ghost.preview, self._layers.runs, self._layers.given.given
        values = np.concatenate([scene.losses, scene.held_out.losses, given.losses, *(y for _, y in runs.curves)])
        if preview is not None and preview.diverged_at is None:
            values = np.concatenate([values, preview.losses])
        ends = [float(scene.stop_at), *scene.steps[-1:], *([preview.end_step] if preview else [])]
        ends += [*given.steps[-1:], *(float(run.history.last_step) for run in runs.losses)]
        x_max = 1.01 * max(ends)
        if not len(values):
            return 0.0, x_max, -2.0 if scene.is_log else 0.0, 1.0
        low, high = self._layers.modes.in_view(float(values.min()), float(values.max()))
        if scene.is_log:
            bottom = math.floor(2 * math.log10(max(low, SMALLEST))) / 2 - LOG_MARGIN
            top = math.ceil(2 * math.log10(max(high, SMALLEST))) / 2 + LOG_MARGIN
            return 0.0, x_max, bottom, max(top, bottom + 1.0)
        unit = 10.0 ** math.floor(math.log10(max(high, SMALLEST)))
        return 0.0, x_max, 0.0, 1.05 * unit * math.ceil(high / unit * 2) / 2


MARK_REACH_PX = 6
SHARPNESS_SHARE = 0.62  # of the height of both plots: the user has switched it on to see it
LOG_HINT = _(
    "Draw the loss on a logarithmic axis: equal distances are equal factors.\nA right-click on the plot offers more."
)


class LossPlot(cards.Card):
    """Shows the history of a run in layers; the y axis is logarithmic unless the user switches it."""

    log_changed = QtCore.Signal(bool)

    def __init__(self) -> None:
        super().__init__(pgettext("view", "Loss"), "lossPlot", _("Plot of the training and validation loss by step"))
        self.scene = LossScene()
        self._is_withheld, self._pointed_at = False, ""
        self.plot = make_plot(StepAxis("bottom"), left_width=66, names=(_("step"), _("loss")))
        self.layers = LossLayers(self.plot)
        self._log = cards.compact_button("log", "lossLog", _("log: logarithmic loss axis"), LOG_HINT, checkable=True)
        self._log.setChecked(True)
        self.view = LossView(self.plot, self.layers)
        self._legend = LegendLabel("lossKey")
        self._a11y = AccessibleCurves(self, self.plot, self.layers, lambda: self._is_withheld)

        self.header.addWidget(accessibility.retain_size(self._log))
        cards.filled(self.body, self._legend, (self.plot, 1))

        self.set_log, self.show_introduced = self._log.setChecked, self._log.setVisible
        self._log.toggled.connect(self._on_log_toggled)
        for part in (self.view, *self.layers):
            part.changed.connect(self._draw)
        self.plot.getViewBox().sigXRangeChanged.connect(self._on_steps_changed)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.getAxis("left").setLogMode(False, True)
        self.show_theme()

    @cached_property
    def sharpness(self) -> SharpnessPlot:
        """The plot below, made lazily; hidden unless switched on."""
        plot = SharpnessPlot()
        plot.hide()
        plot.set_withheld(self._is_withheld)
        self.view.menu.attach(plot.plot)
        self.body.addWidget(plot, 1)
        plot.pointed.connect(self._on_sharpness_pointed)
        plot.key_changed.connect(self._share_height)
        touch.zoom_new(plot)
        return plot

    @property
    def _has_sharpness(self) -> bool:
        return "sharpness" in vars(self)

    @property
    def is_log(self) -> bool:
        return self._log.isChecked()

    def show_sharpness(self, is_shown: bool) -> None:
        """Show or hide the sharpness below the loss; the lower of the two axes has the numbers."""
        if is_shown or self._has_sharpness:
            self.sharpness.setVisible(is_shown)
        self.plot.getPlotItem().showAxis("bottom", not is_shown)
        share_height(self.plot, is_shared=is_shown)
        self._on_steps_changed()

    def set_withheld(self, is_withheld: bool) -> None:
        """Hide losses and the limit of the sharpness while they could answer an open question."""
        self._is_withheld = is_withheld
        if self._has_sharpness:
            self.sharpness.set_withheld(is_withheld)
        self._write_value()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def show_theme(self) -> None:
        style_plot(self.plot)
        for layer in self.layers:
            layer.show_theme()
        self._legend.show_layers(self.layers)

    def show_history(
        self,
        history: LossHistory,
        validation: HeldOutLosses,
        marks: Sequence[Mark],
        latest: Snapshot | None,
        stop_at: int,
        moment: Snapshot | None = None,
    ) -> None:
        """Show the losses up to the latest moment, where live fields were changed, and a dot at the current moment.

        That is the latest one, unless `moment` is another one of the run.
        """
        curve = history.curve(most_points(self.plot))
        scene = LossScene(history, *curve, validation, marks, moment or latest, stop_at, self.is_log)
        if latest is not None and math.isfinite(latest.train_loss) and not scene.is_of_batches:
            ends = np.append(scene.steps, latest.step), np.append(scene.losses, latest.train_loss)
            scene = replace(scene, steps=ends[0], losses=ends[1])
        self.scene = scene
        self._draw()

    def _draw(self) -> None:
        self.scene = replace(self.scene, everything=self.view.everything(self.scene))
        for layer in self.layers:
            layer.show_scene(self.scene)
        x_min, x_max, y_min, y_max = self.scene.everything
        self.view.show((Range(x_min, x_max), Range(y_min, y_max)))
        self._legend.show_layers(self.layers)
        self._legend.setToolTip(accessibility.wrapped(self.layers.modes.hint()))
        self._a11y.notify_later()
        self._write_value()

    def _on_log_toggled(self, log: bool) -> None:
        self.plot.getAxis("left").setLogMode(False, log)
        self.scene = replace(self.scene, is_log=log)
        self.view.typed = None  # of another axis
        self._draw()
        self.log_changed.emit(log)

    def _share_height(self) -> None:
        if not self._has_sharpness:
            return
        around = self.sharpness.around_px
        both = max(2, self.height() - self.plot.y() - self.body.contentsMargins().bottom() - around)
        upper = round((1 - SHARPNESS_SHARE) * both)
        self.body.setStretchFactor(self.plot, upper)
        self.body.setStretchFactor(self.sharpness, both - upper + around)

    def _on_steps_changed(self) -> None:
        if self._has_sharpness and not self.sharpness.isHidden():
            self.sharpness.show_steps(*self.plot.getViewBox().viewRange()[0])

    def _on_sharpness_pointed(self, x: float | None) -> None:
        self.layers.cursor.show_at(x)
        self.value.setText("" if x is None else self.sharpness.text_at(x))

    def _on_mouse_moved(self, position: QtCore.QPointF) -> None:
        box = self.plot.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self.layers.cursor.show_at(box.mapSceneToView(position).x() if inside else None)
        self._pointed_at = self.layers.modes.name_at(position) if inside else ""
        self._write_value()

    def leaveEvent(self, event: object) -> None:
        self.layers.cursor.show_at(None)
        self._write_value()

    def _write_value(self) -> None:
        text, x = "", self.layers.cursor.x
        if x is not None and self.scene.history is not None and not self._is_withheld:
            reach = px(MARK_REACH_PX) * self.plot.getViewBox().viewPixelSize()[0]
            near = [mark for mark in self.scene.marks if abs(mark.step - x) <= reach]
            mark = _("step {step}: {what}").format(step=count_text(near[-1].step), what=near[-1].text) if near else ""
            text = mark or self._pointed_at or self._losses_at(self.scene.history, x)
        if text != self.value.text():
            self.value.setText(text)

    def _losses_at(self, history: LossHistory, x: float) -> str:
        """Format the losses known at a step; a range if several steps share a memory slot."""
        snapshot = self.scene.snapshot
        if snapshot is not None and round(x) == snapshot.step:
            return _("step {step}: {loss}").format(step=count_text(snapshot.step), loss=loss_text(snapshot.train_loss))
        found = history.at(x)
        if found is None:
            return ""
        first, last, low, high = found
        if first == last:
            return _("step {step}: {loss}").format(step=count_text(first), loss=loss_text(low))
        words = _("steps {first}–{last}: {low} to {high}")
        return words.format(first=count_text(first), last=count_text(last), low=loss_text(low), high=loss_text(high))
