"""Computes and shows the nudge of a number at the moment in view."""

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from tinynet_gui.core.network.refs import ParameterRef, WeightRef, fits, is_frozen
from tinynet_gui.core.step.nudge import EPSILON, Nudge, nudge
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.wording.neurons import title_of
from tinynet_gui.core.wording.nudge_text import gradient_of, nudge_rows, nudge_words
from tinynet_gui.engine.jobs.jobs import with_stop
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.style.theme import fixed_font, small_font, theme, unzoomed_px, whole_px
from tinynet_gui.ui.widgets import cards, dialogs, touch
from tinynet_gui.ui.widgets.accessibility import caption, in_role, named
from tinynet_gui.ui.widgets.fields.number_fields import NumberField, ScrubLabel
from tinynet_gui.ui.widgets.fields.refusals import FieldError
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen
from tinynet_gui.ui.widgets.text import ElidedLabel
from tinynet_gui.ui.window.context import Context, Controller

DEFAULT = 0.1
CURVE_HEIGHT = 140  # px
SIZE = (460, 430)  # px
LINES = 7  # of the longest explanation


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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(small_font())
        self._nudge: Nudge | None = None
        self._gradient, self._symbol = 0.0, "w"

    def sizeHint(self) -> QSize:
        return QSize(whole_px(200), whole_px(CURVE_HEIGHT))

    def show_nudge(self, nudge: Nudge | None, gradient: float = 0.0, symbol: str = "w") -> None:
        """Draw a nudge with the gradient of the backward pass, or nothing."""
        self._nudge, self._gradient, self._symbol = nudge, gradient, symbol
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        nudge = self._nudge
        if nudge is None or not np.isfinite(nudge.losses).all():
            return
        with QPainter(self) as painter:
            height = self.fontMetrics().height()
            area = QRectF(6, 6, self.width() - 12, self.height() - 1.3 * height - 8)
            painter.setPen(theme().color("muted"))
            below = QRectF(area.left(), area.bottom() + 6, area.width(), height)
            for flag, text in (("AlignLeft", " − ε"), ("AlignHCenter", ""), ("AlignRight", " + ε")):
                painter.drawText(below, getattr(Qt.AlignmentFlag, flag), self._symbol + text)
            low, high = self._in_view(nudge)
            x = area.left() + (nudge.offsets / nudge.epsilon + 1) / 2 * area.width()
            share = (nudge.losses - low) / (high - low) if high > low else np.full(len(x), 0.5)
            points = [
                QPointF(*at) for at in zip(x.tolist(), (area.bottom() - share * area.height()).tolist(), strict=True)
            ]
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(line_pen("border", 1, Qt.PenStyle.DotLine))
            for at in {kink.at for kink in nudge.kinks}:
                there = area.left() + (at / nudge.epsilon + 1) / 2 * area.width()
                painter.drawLine(QPointF(there, area.top()), QPointF(there, area.bottom()))
            painter.setPen(line_pen("muted", 1.3, Qt.PenStyle.DashLine))
            painter.drawLine(points[0], points[-1])
            if high > low and np.isfinite(self._gradient):
                painter.setPen(line_pen("ink", 1.3, Qt.PenStyle.DashDotLine))
                painter.drawLine(
                    *self._tangent(area, points[len(points) // 2], self._gradient * nudge.epsilon / (high - low))
                )
            painter.setPen(line_pen("accent", 2))
            painter.drawPolyline(QPolygonF(points))
            painter.setBrush(theme().color("accent"))
            for point in (points[0], points[len(points) // 2], points[-1]):
                painter.drawEllipse(point, 3, 3)

    def _in_view(self, nudge: Nudge) -> tuple[float, float]:
        """Return the visible range of the loss: the curve's, and as much again for the tangent's ends."""
        low, high = float(nudge.losses.min()), float(nudge.losses.max())
        reach = abs(self._gradient) * nudge.epsilon
        if not np.isfinite(reach):
            return low, high
        middle, room = float(nudge.losses[len(nudge.losses) // 2]), (high - low) / 2
        return max(min(low, middle - reach), low - room), min(max(high, middle + reach), high + room)

    def _tangent(self, area: QRectF, at: QPointF, rise: float) -> tuple[QPointF, QPointF]:
        """Return the tangent's ends, clipped to an area; over half its width it rises by `rise` of its height."""
        run = area.width() / 2
        down = -rise * area.height()
        room = [area.bottom() - at.y(), at.y() - area.top()]  # below and above
        shares = [min(1.0, room[way < 0] / abs(way)) if way else 1.0 for way in (-down, down)]
        left, right = (
            QPointF(sign * share * run, sign * share * down) for sign, share in zip((-1, 1), shares, strict=True)
        )
        return at + left, at + right


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
