"""The sharpness of the loss over the steps, and the stability limit."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from tinynet_gui.core.choices.gradient_changes import GRADIENT_CHANGES
from tinynet_gui.core.choices.loops import training_loop
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.step.curvature import at_the_limit, limit_formula, why_no_limit
from tinynet_gui.core.step.sharpness import SharpnessCurve
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, plain
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import small_font, theme, whole_px
from tinynet_gui.ui.widgets.accessibility import in_role, named, wrapped
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.plots.layer import SIDE, LegendLabel, PlotLayer, legend_entry
from tinynet_gui.ui.widgets.plots.plot_parts import DashedCurve, StepAxis, make_plot, style_plot
from tinynet_gui.ui.widgets.text import ElidedLabel

BOTH_Z, MEAN_Z, LIMIT_Z, LATEST_Z = 1, 2, 3, 4
LATEST_PX, BOTH_WIDTH, BOTH_ALPHA = 8, 2.5, 0.3
REPAINT_MS = 100  # between two paints in training: each holds the GIL, which PyTorch's steps need
MAX_LIMIT = 100  # times its lowest value, up to which the limit extends the axis: a schedule's may go to infinity
PARTS_OF_A_DECADE = 4  # the vertical axis ends at one of these, so that it changes rarely
TOOLTIP = _(
    "How much the loss curves along its steepest direction: λ_max of its Hessian on all samples, at recorded steps. "
    "Each is looked at together with the one after it: a bar spans both, the line is their mean. On the edge of "
    "stability they differ at every step.\n"
)
SCALED_TOOLTIP = _(
    "{optimizer} divides its steps by {divisor}: λ_max is that of D^(−½)·H·D^(−½), with the Hessian H and these "
    "divisors on the diagonal of D.\n"
)
LIMIT_TOOLTIP = _("Above {limit} a small step along that direction overshoots, though training may come back. ")


class SharpnessPlot(QWidget):
    """Placed below the loss, over the same steps, always logarithmic; `pointed` has the hovered step, or None."""

    pointed = Signal(object)
    key_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("sharpness")
        self.curve: SharpnessCurve | None = None
        self._steps: tuple[float, float] | None = None  # in the plot above
        self._is_withheld = False
        self._rest = single_shot(self, REPAINT_MS, self._follow_steps)
        self.plot = make_plot(StepAxis("bottom"), left_width=66, names=(_("step"), "λ_max"))
        self.plot.setMouseEnabled(x=False, y=False)
        share_height(self.plot, is_shared=True)
        share_height(self, is_shared=True)
        self.plot.getAxis("left").setLogMode(False, True)
        self._legend = LegendLabel("sharpnessKey")
        self._no_limit = in_role(named(ElidedLabel(), "whyNoLimit", _("Why there is no limit")), "caption")
        self._both = pg.PlotCurveItem(connect="pairs")
        self._mean, self.limit_line = pg.PlotCurveItem(antialias=True), DashedCurve()
        self._latest = pg.ScatterPlotItem(pxMode=True)
        self._drawn = PlotLayer(self.plot)
        self._drawn.put(self._both, BOTH_Z, "ink", BOTH_WIDTH, Qt.PenStyle.SolidLine, BOTH_ALPHA, visible=True)
        self._drawn.put(self.limit_line, LIMIT_Z, "accent", 1.2, Qt.PenStyle.DashLine, visible=True)
        self._drawn.put(self._mean, MEAN_Z, "ink", 1.6, visible=True)
        self._drawn.put(self._latest, LATEST_Z, "card", 1, fill=("ink",), size=LATEST_PX, visible=True)

        filled(QVBoxLayout(self), self._legend, self._no_limit, (self.plot, 1), margins=(0, 0, 0, 0), spacing=2)

        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.show_theme()

    def show_theme(self) -> None:
        style_plot(self.plot)
        self._no_limit.setFont(small_font())
        self._no_limit.setContentsMargins(whole_px(SIDE), 0, whole_px(SIDE), 0)
        self._drawn.show_theme()
        self._write_legend()

    @property
    def around_px(self) -> int:
        why = 0 if self._no_limit.isHidden() else self._no_limit.sizeHint().height()
        axis: float = self.plot.getAxis("bottom").height()
        return self._legend.minimumHeight() + why + round(axis)

    def show_steps(self, low: float, high: float) -> None:
        """Follow the range of the plot above: at once, or debounced while it changes each frame."""
        self._steps = low, high
        if not self._rest.isActive():
            self._follow_steps()

    def _follow_steps(self) -> None:
        if self._steps is not None and tuple(self.plot.getViewBox().viewRange()[0]) != self._steps:
            self.plot.setXRange(*self._steps, padding=0)
            self._draw_limit()
            self._rest.start()

    def show_curve(self, curve: SharpnessCurve) -> None:
        self.curve = curve
        with np.errstate(invalid="ignore", divide="ignore"):
            means, values = np.log10(curve.means), np.log10(curve.values)
        is_drawn = np.isfinite(means)
        self._mean.setData(curve.steps[is_drawn], means[is_drawn])
        self._latest.setData(curve.steps[is_drawn][-1:], means[is_drawn][-1:])
        has_both = np.isfinite(values).all(axis=1)
        self._both.setData(np.repeat(curve.steps[has_both], 2), values[has_both].ravel())
        known = np.concatenate([values[np.isfinite(values)], [math.log10(limit) for limit in self._limits()]])
        if len(known):
            low, high = math.floor(known.min() * PARTS_OF_A_DECADE), math.ceil(known.max() * PARTS_OF_A_DECADE)
            self.plot.setYRange(low / PARTS_OF_A_DECADE, max(high, low + 2) / PARTS_OF_A_DECADE, padding=0.14)
        self._draw_limit()
        self._write_legend()

    def set_withheld(self, is_withheld: bool) -> None:
        """Hide the limit while it could answer an open question."""
        self._is_withheld = is_withheld
        if self.curve is not None:
            self.show_curve(self.curve)

    def text_at(self, x: float) -> str:
        """Describe what is known at a step: λ_max there, and one step later."""
        curve = self.curve
        if curve is None or not len(curve.steps):
            return ""
        place = int(np.abs(curve.steps - x).argmin())
        here, after = (plain(float(value), 3) for value in curve.values[place])
        step = count_text(round(float(curve.steps[place])))
        return _("step {step}: λ = {here}, then {after}").format(step=step, here=here, after=after)

    def _limits(self) -> list[float]:
        limits = [] if self.curve is None or self._is_withheld else [limit for _, limit in self.curve.limits]
        finite = [limit for limit in limits if limit is not None and math.isfinite(limit)]
        return [limit for limit in finite if limit <= MAX_LIMIT * min(finite)]

    def _draw_limit(self) -> None:
        if self.curve is None:
            return
        steps = [float(step) for step, _ in self.curve.limits]
        ends = [*steps[1:], max(steps[-1], self.plot.getViewBox().viewRange()[0][1])]
        limits = [
            math.nan if limit is None or math.isinf(limit) or self._is_withheld else math.log10(limit)
            for _, limit in self.curve.limits
        ]
        self.limit_line.setData(np.ravel(np.column_stack([steps, ends])), np.repeat(limits, 2), connect="finite")

    def _write_legend(self) -> None:
        if self.curve is None:
            return
        training = self.curve.training
        limit, why = self.curve.limits[-1][1], why_no_limit(training)
        optimizer = OPTIMIZERS[training.optimizer]
        divisor = optimizer.rule(training).divisor_formula
        name = _("λ_max for {optimizer}").format(optimizer=optimizer.label) if divisor else "λ_max"
        # Translators: {name} is such as "λ_max for Adam".
        of_all = _("{name} of all samples, not of batches")
        of_what = (of_all if training.batch_size else _("sharpness {name}")).format(name=name)
        of_what += "".join(f" + {change.name}" for change in GRADIENT_CHANGES if change.curvature(training))
        entries = [legend_entry("—", theme().ink, of_what), legend_entry("┃", theme().muted, _("two steps"))]
        tooltip = TOOLTIP
        no_limit = _("No limit: the {loss} loss has a corner at every sample; its slope does not shrink towards it.")
        if training_loop(training).keeps_gradients:
            no_limit = _("No limit: gradients that are never reset pile up.")
        if divisor:
            tooltip += SCALED_TOOLTIP.format(optimizer=optimizer.label, divisor=divisor)
        if why:
            tooltip += why
        elif limit is not None and not self._is_withheld:
            formula = limit_formula(training)
            entries.append(legend_entry("╌", theme().accent, f"{formula} = {plain(limit)}"))
            tooltip += LIMIT_TOOLTIP.format(limit=formula) + at_the_limit(training)
        self._legend.show_entries([entries])
        self._legend.setToolTip(wrapped(tooltip))
        self._no_limit.setText(no_limit.format(loss=LOSSES[training.loss].label))
        self._no_limit.setToolTip(wrapped(why))
        self._no_limit.setVisible(bool(why))
        self.key_changed.emit()

    def _on_mouse_moved(self, position: QPointF) -> None:
        box = self.plot.getViewBox()
        inside = box.sceneBoundingRect().contains(position)
        self.pointed.emit(box.mapSceneToView(position).x() if inside else None)


def share_height(widget: QWidget, *, is_shared: bool) -> None:
    """Let only the layout's stretch set a widget's height, or also its size hint."""
    policy = widget.sizePolicy()
    policy.setVerticalPolicy(QSizePolicy.Policy.Ignored if is_shared else QSizePolicy.Policy.Expanding)
    widget.setSizePolicy(policy)
