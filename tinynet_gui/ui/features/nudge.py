"""Computes and shows the nudge of a number at the moment in view."""

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tinynet_gui.core.network.refs import ParameterRef, WeightRef, fits, is_frozen
from tinynet_gui.core.step.nudge import EPSILON, Nudge, nudge
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.neurons import title_of
from tinynet_gui.core.wording.nudge_text import gradient_of, nudge_rows, nudge_words
from tinynet_gui.engine.jobs.jobs import with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import fixed_font, small_font, unzoomed_px
from tinynet_gui.ui.widgets import cards, dialogs, touch
from tinynet_gui.ui.widgets.accessibility import caption, in_role, named
from tinynet_gui.ui.widgets.fields.number_fields import NumberField, ScrubLabel
from tinynet_gui.ui.widgets.fields.refusals import FieldError
from tinynet_gui.ui.widgets.plots.layer import SOLID, PlotLayer, no_pen
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, make_plot, style_plot
from tinynet_gui.ui.widgets.text import ElidedLabel
from tinynet_gui.ui.window.context import Context, Controller

DEFAULT = 0.1
CURVE_HEIGHT = 140  # px
SIZE = (460, 430)  # px
LINES = 7  # of the longest explanation
WIDEST = 1.15  # of what is in view, in ε: leaves room for the names of the ends


class NudgeDialog(dialogs.Dialog):
    """Shows the nudge of one number, `epsilon` to either side, following the moment in view; not modal."""

    epsilon_edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__("nudgeDialog", _("Nudge"), parent)
        self.epsilon = DEFAULT
        self._title = in_role(named(ElidedLabel(), "nudgeTitle", _("The number that is nudged")), "title")
        says, tip = _("ε: how far the number is nudged"), _("How far the number is nudged.")
        self._field = named(NumberField(EPSILON), "nudgeEpsilon", says, tip)
        self._field.set_value(DEFAULT)
        label = in_role(ScrubLabel("ε", self._field), "caption")
        label.setBuddy(self._field)
        label.setToolTip(_("How far the number is nudged. Drag this label left or right to change it."))
        self.curve = NudgeCurve()
        self._rows = named(QLabel(), "nudgeRows", _("The losses, the slope and the gradient"))
        self._rows.setFont(fixed_font(small_font().pointSizeF()))
        self._words = named(caption(wraps=True), "nudgeWords", _("How the slope and the gradient are related"))
        self._words.setMinimumHeight(unzoomed_px(LINES * self._words.fontMetrics().lineSpacing()))  # nothing moves
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        for text in (self._rows, self._words):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = cards.filled(QHBoxLayout(), (self._title, 1), label, self._field)
        buttons = self.make_buttons(dialogs.Button.Close)
        buttons.button(dialogs.Button.Close).setAutoDefault(False)  # Return commits ε
        cards.filled(QVBoxLayout(self), head, self.curve, self._rows, self._words, buttons)
        touch.give_size(self, *SIZE)
        self._error = FieldError("nudgeError", self._field, self)
        self._field.value_edited.connect(self._on_epsilon_edited)

    def open_for(self, name: str) -> None:
        """Open while the nudge of a number is being computed."""
        self._title.show_text(name)
        self._rows.clear()
        self._words.setText(_("The losses are being computed …"))
        self.curve.show_nudge(None)
        self.show()
        self.raise_()
        self._field.setFocus()

    def show_nudge(self, name: str, rows: Sequence[tuple[str, str]], words: str) -> None:
        self._title.show_text(name)
        width = max(len(name) for name, _ in rows) + 2
        self._rows.setText("\n".join(f"{name:<{width}}{text}" for name, text in rows))
        self._words.setText(words)

    def _on_epsilon_edited(self) -> None:
        self._error.say(refusal := self._field.refusal())
        if not refusal:
            self.epsilon = float(self._field.value())
            self.epsilon_edited.emit()


class NudgeCurve(QWidget):
    """Draws the loss from w − ε to w + ε with its three points, the secant, the tangent, and the kinks."""

    def __init__(self) -> None:
        super().__init__()
        says = _("The loss along this number")
        tip = _(
            "The loss along this number; ╌ the secant through the outer points; ─·─ the tangent, with backward's "
            "slope; ┄ what lies between."
        )
        named(self, "nudgeCurve", says, tip)
        self.setFixedHeight(CURVE_HEIGHT)
        self._plot = make_plot(NumberAxis("bottom"), left_width=0)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.getAxis("left").hide()
        self._plot.setRange(xRange=(-WIDEST, WIDEST), yRange=(-0.05, 1.05), padding=0)
        cards.filled(QVBoxLayout(self), self._plot, margins=(0, 0, 0, 0))
        self._layer, dashes = PlotLayer(self._plot), Qt.PenStyle
        self._kinks, self._secant, self._tangent, self._curve = SOLID(connect="pairs"), SOLID(), SOLID(), SOLID()
        self._points = pg.ScatterPlotItem(symbol="o", pxMode=True)
        self._layer.put(self._kinks, 0, "border", 1, dashes.DotLine, visible=True)
        self._layer.put(self._secant, 1, "muted", 1.3, dashes.DashLine, visible=True)
        self._layer.put(self._tangent, 2, "ink", 1.3, dashes.DashDotLine, visible=True)
        self._layer.put(self._curve, 3, "accent", 2, visible=True)
        self._layer.put(self._points, 4, no_pen, fill=("accent",), size=8, visible=True)
        self.show_theme()

    def show_theme(self) -> None:
        style_plot(self._plot)
        self._layer.show_theme()

    def show_nudge(self, nudge: Nudge | None, gradient: float = 0.0, symbol: str = "w") -> None:
        """Draw a nudge with the gradient of the backward pass, or nothing."""
        is_drawn = nudge is not None and bool(np.isfinite(nudge.losses).all())
        self._plot.getPlotItem().setVisible(is_drawn)
        if nudge is None or not is_drawn:
            return
        low, high = _in_view(nudge, gradient)
        x, y = nudge.offsets / nudge.epsilon, (nudge.losses - low) / (high - low)
        three = [0, len(x) // 2, -1]
        kinks = np.repeat([kink.at / nudge.epsilon for kink in nudge.kinks], 2)
        self._kinks.setData(kinks, np.resize([-1.0, 2.0], len(kinks)))
        self._secant.setData(x[three[::2]], y[three[::2]])
        self._tangent.setVisible(bool(np.isfinite(gradient)))
        self._tangent.setData(x[three], y[three[1]] + gradient * nudge.epsilon / (high - low) * x[three])
        self._curve.setData(x, y)
        self._points.setData(x[three], y[three])
        self._plot.getAxis("bottom").setTicks([[(-1, f"{symbol} − ε"), (0, symbol), (1, f"{symbol} + ε")]])


def _in_view(nudge: Nudge, gradient: float) -> tuple[float, float]:
    """Return the visible range of the loss: the curve's, and as much again for the tangent's ends."""
    low, high = float(nudge.losses.min()), float(nudge.losses.max())
    if low == high:
        return low - 1 - abs(low), high + 1 + abs(high)
    reach = abs(gradient) * nudge.epsilon if np.isfinite(gradient) else 0.0
    middle, room = nudge.three[1], (high - low) / 2
    return max(min(low, middle - reach), low - room), min(max(high, middle + reach), high + room)


KEY = "nudge"
REFRESH_MS = 90  # readable text


class NudgeController(Controller):
    """The latest request counts; one almost done still finishes, so that the answer follows a drag of ε."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._parameter: ParameterRef | None = None
        self._refresh = single_shot(self, REFRESH_MS, self._ask, "nudgeRefresh")
        context.session.changed.connect(self._on_changed)

    @cached_property
    def _dialog(self) -> NudgeDialog:
        """Lazy: polishing it with the style sheet is slow."""
        dialog = NudgeDialog(self._window)
        dialog.epsilon_edited.connect(self._ask)
        return dialog

    def open_for(self, parameter: ParameterRef) -> None:
        snapshot = self._session.state.snapshot
        if snapshot is not None and _has_parameter(snapshot, parameter):
            self._parameter = parameter
            self._dialog.open_for(title_of(snapshot, parameter))
            self._ask()

    def _on_changed(self, old: AppState, new: AppState) -> None:
        if self._parameter is None or self._dialog.isHidden() or new.snapshot is None:
            return
        if not _has_parameter(new.snapshot, self._parameter):
            self._dialog.close()
            return
        is_other = new.snapshot is not old.snapshot or new.session.rule.frozen != old.session.rule.frozen
        if is_other and not self._refresh.isActive():
            self._refresh.start()

    def _ask(self) -> None:
        snapshot, parameter = self._session.state.snapshot, self._parameter
        if snapshot is not None and parameter is not None and _has_parameter(snapshot, parameter):
            here, then = (snapshot.config, snapshot.dataset, snapshot.state), partial(self._on_found, snapshot)
            asked = *here, parameter, self._dialog.epsilon
            self._jobs.submit(KEY, with_stop(nudge), *asked, on_result=then, replaces="when slow")

    def _on_found(self, snapshot: Snapshot, found: Nudge | None) -> None:
        now = self._session.state
        if found is None or found.parameter != self._parameter or now.run.id != snapshot.run_id:
            return
        words = nudge_words(found, snapshot, is_frozen=is_frozen(found.parameter, now.session.rule.frozen))
        self._dialog.show_nudge(title_of(snapshot, found.parameter), nudge_rows(found, snapshot), words)
        self._dialog.curve.show_nudge(found, gradient_of(found.parameter, snapshot), found.parameter.symbol)


def _has_parameter(snapshot: Snapshot, place: ParameterRef) -> bool:
    """Whether a moment's network has this number; a neuron has a bias wherever it has a weight."""
    return fits(snapshot.layers, WeightRef(place.layer, place.neuron, place.input))
