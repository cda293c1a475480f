"""The guesses of a class at one question, and the results, as a picture."""

import html
import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tinynet_gui.core.data.points import Flags, Floats
from tinynet_gui.core.lessons.answers.answers import GivenAnswer
from tinynet_gui.core.lessons.answers.class_answers import LessonAnswers
from tinynet_gui.core.lessons.lesson import LARGEST
from tinynet_gui.core.lessons.playing.predictions import Curve
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.ui.style.theme import Theme
from tinynet_gui.ui.style.zoom import px
from tinynet_gui.ui.widgets.naming import named
from tinynet_gui.ui.widgets.plots.key_label import KeyLabel
from tinynet_gui.ui.widgets.plots.layer import key_entry
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, curve_pen, dress, line_pen, make_plot

LEFT_PX, BAR, DOT_PX, TRUTH_PX = 44, 0.6, 8, 14
MOST_TICKS = 6  # beside counts
FAR = 3.0  # times the distance of the quartiles: numbers farther beyond these would squash all others
MOST_FAR = 80  # characters about these
LEARNERS = "learners"


class AnswersPlot(QWidget):
    """Choices as bars, numbers as dots beside each learner's result, drawn curves over each other."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        named(self, "answersPlot", "The guesses at the chosen question, and the results")
        self._theme = theme
        self._shown: tuple[LessonAnswers, GivenAnswer] | None = None
        self.plot = make_plot(NumberAxis("bottom"), LEFT_PX)
        self.plot.setMouseEnabled(x=False, y=False)
        self.key = named(KeyLabel(), "answersKey", "What the picture shows")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.key)
        layout.addWidget(self.plot, 1)
        self.show_theme(theme)

    def show_theme(self, theme: Theme) -> None:
        """Take on the colours of a theme."""
        self._theme = theme
        dress(self.plot, theme)
        if self._shown is not None:
            self.show_question(*self._shown)

    def show_question(self, lesson: LessonAnswers, question: GivenAnswer) -> None:
        """Draw the guesses at a question."""
        self._shown = lesson, question
        self.plot.clear()
        self.plot.getAxis("bottom").setTicks(None)
        guesses = lesson.guesses(question)
        draw = {"choice": self._draw_choices, "number": self._draw_numbers, "curve": self._draw_curves}[question.kind]
        entries = draw(lesson, question, guesses)
        said = [[html.escape(text)] for text in (question.question, lesson.summary(question)) if text]
        self.key.show_entries(self._theme.muted, [*said, *entries])

    def _draw_choices(
        self, lesson: LessonAnswers, question: GivenAnswer, guesses: Sequence[GivenAnswer]
    ) -> list[list[str]]:
        counts = np.array(lesson.counts(question))
        right = np.array([sum(g.guess == k and g.mark == "right" for g in guesses) for k in range(len(counts))])
        places = np.arange(len(counts))
        for low, heights, color in ((0 * right, right, "data"), (right, counts - right, "guess")):
            bars = pg.BarGraphItem(
                x=places, y0=low, height=heights, width=BAR, brush=self._theme.color(color), pen=pg.mkPen(None)
            )
            self.plot.addItem(bars)
        self._name("", LEARNERS)
        self._count_to(counts.max())
        self.plot.getAxis("bottom").setTicks([[(place, str(place + 1)) for place in places.tolist()]])
        self.plot.setRange(xRange=(-0.6, len(counts) - 0.4), yRange=(0, max(1, 1.1 * counts.max())), padding=0)
        texts = [f"{k + 1}: {html.escape(text)} ({counts[k]})" for k, text in enumerate(question.choices)]
        marks = [key_entry("■", self._theme.data, "right"), key_entry("■", self._theme.guess, "not right")]
        return [*([text] for text in texts), marks]

    def _draw_numbers(
        self, _lesson: LessonAnswers, question: GivenAnswer, guesses: Sequence[GivenAnswer]
    ) -> list[list[str]]:
        ordered = sorted(guesses, key=lambda each: each.number)
        rows = np.arange(1, len(ordered) + 1)
        came = np.array([np.nan if g.came is None or abs(g.came) > LARGEST else g.came for g in ordered], dtype=float)
        is_there = np.isfinite(came)
        self.plot.addItem(
            pg.ScatterPlotItem(
                came[is_there], rows[is_there], symbol="|", size=px(TRUTH_PX), pen=line_pen(self._theme, "data", 2)
            )
        )
        values = np.array([each.number for each in ordered])
        brush = self._theme.color("guess")
        self.plot.addItem(pg.ScatterPlotItem(values, rows, size=px(DOT_PX), brush=brush, pen=pg.mkPen(None)))
        self._name(f"guess and result{f' [{question.unit}]' if question.unit else ''}", LEARNERS)
        self._count_to(len(ordered))
        both = np.concatenate([values, came[is_there]])
        is_far = np.concatenate([_is_far(values), _is_far(came[is_there])])
        far = ", ".join(map(plain, np.unique(both[is_far]).tolist()))
        self.plot.enableAutoRange()
        if far:
            self.plot.setXRange(both[~is_far].min(), both[~is_far].max())
        missing = len(ordered) - int(is_there.sum())
        entries = [key_entry("●", self._theme.guess, "guessed"), key_entry("|", self._theme.data, "result, for each")]
        entries += [f"({missing} cannot be drawn)"] if missing else []
        return [entries + ([shortened(f"beyond the picture: {far}", MOST_FAR)] if far else [])]

    def _draw_curves(
        self, lesson: LessonAnswers, question: GivenAnswer, guesses: Sequence[GivenAnswer]
    ) -> list[list[str]]:
        drawn = [each.guess for each in guesses if isinstance(each.guess, Curve)]
        truths = dict.fromkeys(
            g.true_curve for g in lesson.given(question) if g is not None and g.true_curve is not None
        )
        for curve in truths:
            self.plot.addItem(pg.PlotCurveItem(curve.x, curve.y, pen=line_pen(self._theme, "ink", 2), antialias=True))
        for curve in drawn:
            pen = curve_pen(self._theme.color("guess", 0.6), 1.2)
            self.plot.addItem(pg.PlotCurveItem(curve.x, curve.y, pen=pen, antialias=True))
        self._name(question.x_name or "x", question.y_name or "y")
        self.plot.getAxis("left").setTickSpacing()
        self.plot.enableAutoRange()
        truth = [key_entry("—", self._theme.ink, "true curve")] if truths else []
        return [[key_entry("—", self._theme.guess, f"drawn ({len(drawn)})"), *truth]]

    def _count_to(self, most: int) -> None:
        """Tick whole learners only."""
        self.plot.getAxis("left").setTickSpacing(levels=[(max(1, math.ceil(most / MOST_TICKS)), 0)])

    def _name(self, x: str, y: str) -> None:
        for side, name in (("bottom", x), ("left", y)):
            self.plot.getAxis(side).set_name(name)


def _is_far(values: Floats) -> Flags:
    """Which numbers would squash the others; none if half of them are the same."""
    low, high = np.percentile(values, [25, 75]) if len(values) else (0.0, 0.0)
    return np.abs(values - np.clip(values, low, high)) > (FAR * (high - low) or np.inf)
