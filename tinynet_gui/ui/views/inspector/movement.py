"""A plot of how the inspected parameters have moved since the start of the run."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text, signed
from tinynet_gui.core.training.start import TrainerState
from tinynet_gui.core.values import Array, Floats, Ints, distinct, largest
from tinynet_gui.core.wording.neurons import ListedParameter
from tinynet_gui.ui.style.theme import small_font, theme, whole_px
from tinynet_gui.ui.widgets.accessibility import named
from tinynet_gui.ui.widgets.plots.plot_parts import line_pen

MAX_LINES = 24  # if there are more parameters, those that have moved most are drawn
MAX_POINTS = 160  # points of a line; the picture is not much wider
TOOLTIP = _(
    "Value minus value at the start of the run, over the steps:\n"
    "— weights in, ╌ bias, ┄ weights out; blue above zero now, orange below.\n"
    "Choose a row of the table to see its line."
)
STYLES = {"in": Qt.PenStyle.SolidLine, "bias": Qt.PenStyle.DashLine, "out": Qt.PenStyle.DotLine}


def movement(
    states: Sequence[TrainerState], parameters: Sequence[ListedParameter], start: Array
) -> tuple[Ints, Floats]:
    """Return how far parameters had moved from their `start` values, shape (parameters,), at recorded steps.

    At most `MAX_POINTS` steps, shape (moments,), including the first and the last; the distances, value minus start,
    have shape (moments, parameters).
    """
    every = distinct(np.linspace(0, max(0, len(states) - 1), min(len(states), MAX_POINTS)).astype(np.int64))
    chosen = [states[place] for place in every]
    places = [(p.ref.array, p.ref.index) for p in parameters]
    values = np.array([[state.parameters[array][index] for array, index in places] for state in chosen])
    moved = values.reshape(len(chosen), len(places)).astype(np.float64) - start.astype(np.float64)
    return np.array([state.step for state in chosen], dtype=np.int64), moved


class MovementView(QWidget):
    """Plots each listed parameter's distance from its initial value over the steps."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "inspectorMovement", _("How the parameters have moved, over the steps"), TOOLTIP)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.steps: Ints = np.empty(0, dtype=np.int64)  # the steps drawn
        self.moved: Floats = np.empty((0, 0))  # (steps, parameters)
        self._lines: tuple[tuple[ListedParameter, bool], ...] = ()
        self._chosen: ListedParameter | None = None
        self.setFont(small_font())

    def sizeHint(self) -> QSize:
        return QSize(whole_px(200), whole_px(92))

    def show_theme(self) -> None:
        self.updateGeometry()

    def show_movement(
        self, states: Sequence[TrainerState], parameters: Sequence[ListedParameter], start: Array
    ) -> None:
        """Draw these parameters' lines; of very many only those that moved most, and the chosen one."""
        if len(parameters) > MAX_LINES:
            _, latest = movement(states[-1:], parameters, start)
            places = largest(latest[-1].astype(np.float32), MAX_LINES) if len(latest) else []
            places += [place for place, p in enumerate(parameters) if p == self._chosen and place not in places]
            parameters, start = [parameters[place] for place in places], start[places]
        self.steps, self.moved = movement(states, parameters, start)
        values = start + self.moved[-1] if len(self.moved) else np.empty(0)
        self._lines = tuple(zip(parameters, (values >= 0).tolist(), strict=False))
        self.update()

    def show_chosen(self, parameter: ListedParameter | None) -> None:
        """Highlight one line; if it is not drawn, it is added by the next `show_movement`."""
        self._chosen = parameter
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setPen(theme().color("muted"))
            metrics = self.fontMetrics()
            finite = self.moved[np.isfinite(self.moved)]
            is_short = len(self.steps) < 2 or self.steps[0] == self.steps[-1] or not len(finite)
            if is_short or not finite.any():
                text = _("Their curves appear as the network trains.")
                text = text if is_short else _("None of them has moved since the start.")
                painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
                return
            low, high = min(float(finite.min()), 0.0), max(float(finite.max()), 0.0)
            texts = tuple(signed(value, 3) if value else "0" for value in (high, low))
            left = max(metrics.horizontalAdvance(text) for text in texts) + 6
            area = QRectF(left, metrics.height() / 2, self.width() - left - 4, self.height() - 1.6 * metrics.height())
            for text, y in zip(texts, (area.top(), area.bottom()), strict=True):
                box = QRectF(0, y - metrics.height() / 2, left - 4, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            below = QRectF(area.left(), area.bottom() + 2, area.width(), metrics.height())
            first = _("step {step}").format(step=count_text(int(self.steps[0])))
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, first)
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, count_text(int(self.steps[-1])))
            zero = area.bottom() + (0 - low) / (high - low) * (area.top() - area.bottom())
            painter.setPen(line_pen("border", 1))
            painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))
            self._draw_lines(painter, area, low, high)

    def _draw_lines(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        first, last = float(self.steps[0]), float(self.steps[-1])
        x = area.left() + (self.steps - first) / (last - first) * area.width()
        order = sorted(range(len(self._lines)), key=lambda place: self._lines[place][0] == self._chosen)
        is_one_chosen = any(parameter == self._chosen for parameter, _ in self._lines)
        for place in order:
            parameter, is_positive = self._lines[place]
            y = area.bottom() - (self.moved[:, place] - low) / (high - low) * area.height()
            good = np.isfinite(y)
            points = [QPointF(a, b) for a, b in zip(x[good].tolist(), y[good].tolist(), strict=True)]
            width, alpha = (2.2, 1.0) if parameter == self._chosen else (1.3, 0.3 if is_one_chosen else 1.0)
            color = "positive" if is_positive else "negative"
            painter.setPen(line_pen(color, width, STYLES[parameter.group], alpha))
            painter.drawPolyline(QPolygonF(points))
