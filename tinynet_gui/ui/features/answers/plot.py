"""A plot of a class's guesses at one question, and the results."""

import html
import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tinynet_gui.core.lessons.answers import GivenAnswer
from tinynet_gui.core.lessons.class_answers import LessonAnswers, cell_text
from tinynet_gui.core.lessons.lesson import LARGEST
from tinynet_gui.core.lessons.playing.predictions import DrawnCurve, Skipped
from tinynet_gui.core.text.language import ENGLISH, gettext as _, ngettext, process_language, speaking, with_signs
from tinynet_gui.core.text.numbers import numbers_listed, plain
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.values import Flags, Floats
from tinynet_gui.ui.style.theme import px, theme, whole_px
from tinynet_gui.ui.widgets.accessibility import named, small
from tinynet_gui.ui.widgets.cards import filled
from tinynet_gui.ui.widgets.plots.layer import SIDE, LegendLabel, legend_entry
from tinynet_gui.ui.widgets.plots.plot_parts import NumberAxis, curve_pen, line_pen, make_plot, style_plot
from tinynet_gui.ui.widgets.text import ElidedLabel

LEFT_PX, BAR, DOT_PX, TRUTH_PX = 44, 0.6, 8, 14
POINTED_PX, CURVE_PX = 13, 3.5  # of the highlighted learner
MAX_TICKS = 6  # beside counts and below points
OUTLIER_IQRS = 3.0  # outliers are farther beyond a quartile, in interquartile ranges
MAX_FAR = 80  # characters of the list of outliers
CURVE_OPACITY = 0.85
Guesses = Mapping[int, GivenAnswer]  # by the place of the learner
Entries = list[list[str]]  # of the legend, line by line


class LocaleAxis(NumberAxis):
    """Writes its numbers in the notation of a language."""

    language = ENGLISH

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        texts = super().tickStrings(values, scale, spacing)
        with speaking(self.language):
            return [with_signs(text) for text in texts]


class AnswersPlot(QWidget):
    """Points and choices as bars, numbers as dots beside each learner's result, drawn curves overlaid."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[LessonAnswers, GivenAnswer | None] | None = None
        self._places: dict[int, tuple[float, float]] = {}  # position of each learner
        self._pointed: tuple[int, str] | None = None
        self.plot = make_plot(LocaleAxis("bottom"), LEFT_PX, left=LocaleAxis("left"))
        self.plot.setMouseEnabled(x=False, y=False)
        policy = self.plot.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.plot.setSizePolicy(policy)
        self.key, self.pointed = LegendLabel(), small(ElidedLabel())
        self.pointed.setContentsMargins(whole_px(SIDE), 0, whole_px(SIDE), 0)
        filled(QVBoxLayout(self), self.key, self.pointed, (self.plot, 1), margins=(0, 0, 0, 0))
        self._marks: list[pg.GraphicsObject] = []
        self.show_theme()
        self.point_at(None)

    def show_theme(self) -> None:
        style_plot(self.plot)
        if self._shown is not None:
            self.show_question(*self._shown)

    def show_question(self, lesson: LessonAnswers, question: GivenAnswer | None) -> None:
        """Draw the guesses at a question; or the points, if it is None."""
        with speaking(lesson.language):
            self._show_question(lesson, question)

    def _show_question(self, lesson: LessonAnswers, question: GivenAnswer | None) -> None:
        named(self, "answersPlot", _("The guesses at the chosen question, and the results"))
        named(self.key, "answersKey", _("What the picture shows"))
        named(self.pointed, "answersPointed", _("The answer of the learner who is pointed at"))
        self._shown = lesson, question
        self.plot.setVisible(question is None or question.kind != "sentence")
        self.plot.clear()
        self._marks, self._places = [], {}
        self.plot.getAxis("bottom").setTicks(None)
        for side in ("bottom", "left"):
            self.plot.getAxis(side).language = lesson.language
        if question is None:
            self.key.show_entries(self._draw_points(lesson))
        else:
            guesses = {
                learner: given
                for learner, given in enumerate(lesson.given(question))
                if given is not None and not isinstance(given.guess, Skipped)
            }
            draw = {"choice": self._draw_choices, "number": self._draw_numbers, "curve": self._draw_curves}
            entries = draw[question.kind](lesson, question, guesses) if question.kind in draw else []
            said = [[html.escape(text)] for text in (question.question, lesson.summary(question)) if text]
            self.key.show_entries([*said, *entries])
        self.point_at(self._pointed)

    def point_at(self, pointed: tuple[int, str] | None) -> None:
        """Highlight a learner's dot or curve, and write their answer, under the name shown here; None for nobody."""
        with speaking(process_language() if self._shown is None else self._shown[0].language):
            self._point_at(pointed)

    def _point_at(self, pointed: tuple[int, str] | None) -> None:
        self._pointed = pointed
        for item in self._marks:
            self.plot.removeItem(item)
        self._marks = []
        if pointed is None or self._shown is None or pointed[0] >= len(self._shown[0].learners):
            self.pointed.show_text(_("Point at a learner in the table to see their answer."))
            return
        (learner, name), (lesson, question) = pointed, self._shown
        if question is None:
            most = lesson.most_points
            words = ngettext("{name}: {points} of {count} point", "{name}: {points} of {count} points", most)
            self.pointed.show_text(words.format(name=name, points=plain(lesson.points[learner]), count=most))
        else:
            given = lesson.given(question)[learner]
            answer = f"{name}: {cell_text(given)}"
            self.pointed.show_text(_("{name} has not come this far").format(name=name) if given is None else answer)
            if given is not None and isinstance(given.guess, DrawnCurve):
                self._mark_curves(given)
        if learner in self._places:
            ring = pg.mkPen(theme().color("ink"), width=px(2))
            brush = theme().color("guess")
            x, y = self._places[learner]
            self._add_mark(pg.ScatterPlotItem([x], [y], size=px(POINTED_PX), brush=brush, pen=ring))

    def _mark_curves(self, given: GivenAnswer) -> None:
        """Draw a learner's curve thick, and the one it is compared with."""
        for curve, color in ((given.true_curve, "ink"), (given.guess, "guess")):
            if isinstance(curve, DrawnCurve):
                pen = line_pen(color, CURVE_PX)
                self._add_mark(pg.PlotCurveItem(curve.x, curve.y, pen=pen, antialias=True))

    def _add_mark(self, item: pg.GraphicsObject) -> None:
        self._marks.append(item)
        self.plot.addItem(item, ignoreBounds=True)

    def _draw_points(self, lesson: LessonAnswers) -> Entries:
        counts = Counter(lesson.points)
        self._add_bars("data", x=list(counts), height=list(counts.values()), width=BAR / 2)
        self._places = {learner: (points, counts[points]) for learner, points in enumerate(lesson.points)}
        self._name(_("points of each learner"), _("learners"))
        most = max(counts.values(), default=1)
        self._count_to(most)
        ticks = range(0, lesson.most_points + 1, math.ceil((lesson.most_points + 1) / MAX_TICKS))
        self.plot.getAxis("bottom").setTicks([[(tick, str(tick)) for tick in ticks]])
        self.plot.setRange(xRange=(-0.6, lesson.most_points + 0.6), yRange=(0, 1.1 * most), padding=0)
        return [[_("1 point for a right answer, ½ for a close one; drawn curves have none")]]

    def _draw_choices(self, lesson: LessonAnswers, question: GivenAnswer, guesses: Guesses) -> Entries:
        counts = np.array(lesson.counts(question))
        given = guesses.values()
        right = np.array([sum(g.guess == k and g.mark == "right" for g in given) for k in range(len(counts))])
        places = np.arange(len(counts))
        for low, heights, color in ((0 * right, right, "data"), (right, counts - right, "guess")):
            self._add_bars(color, x=places, y0=low, height=heights, width=BAR)
        self._places = {learner: (g.number, float(counts[int(g.number)])) for learner, g in guesses.items()}
        self._name("", _("learners"))
        self._count_to(counts.max())
        self.plot.getAxis("bottom").setTicks([[(place, str(place + 1)) for place in places.tolist()]])
        self.plot.setRange(xRange=(-0.6, len(counts) - 0.4), yRange=(0, max(1, 1.1 * counts.max())), padding=0)
        texts = [f"{k + 1}: {html.escape(text)} ({counts[k]})" for k, text in enumerate(question.choices)]
        marks = [legend_entry("■", theme().data, _("right")), legend_entry("■", theme().guess, _("not right"))]
        return [*([text] for text in texts), marks]

    def _draw_numbers(self, _lesson: LessonAnswers, question: GivenAnswer, guesses: Guesses) -> Entries:
        ordered = sorted(guesses, key=lambda learner: guesses[learner].number)
        results = [guesses[learner].came for learner in ordered]
        rows = np.arange(1, len(ordered) + 1)
        came = np.array([np.nan if g is None or abs(g) > LARGEST else g for g in results], dtype=float)
        is_there = np.isfinite(came)
        pen = line_pen("data", 2)
        self.plot.addItem(pg.ScatterPlotItem(came[is_there], rows[is_there], symbol="|", size=px(TRUTH_PX), pen=pen))
        values = np.array([guesses[learner].number for learner in ordered])
        brush = theme().color("guess")
        self.plot.addItem(pg.ScatterPlotItem(values, rows, size=px(DOT_PX), brush=brush, pen=pg.mkPen(None)))
        self._places = {learner: (guesses[learner].number, row) for row, learner in enumerate(ordered, 1)}
        across = _("guess and result") + (f" [{question.unit}]" if question.unit else "")
        self._name(across, _("learners"))
        self._count_to(len(ordered))
        both = np.concatenate([values, came[is_there]])
        is_far = np.concatenate([_outliers(values), _outliers(came[is_there])])
        far = numbers_listed([*map(plain, np.unique(both[is_far]).tolist())])
        self.plot.enableAutoRange()
        if far:
            self.plot.setXRange(both[~is_far].min(), both[~is_far].max())
        missing = len(ordered) - int(is_there.sum())
        shown = [legend_entry("●", theme().guess, _("guessed")), legend_entry("|", theme().data, _("result, for each"))]
        shown += [_("({count} cannot be drawn)").format(count=missing)] if missing else []
        return [shown + ([shortened(_("beyond the picture: {numbers}").format(numbers=far), MAX_FAR)] if far else [])]

    def _draw_curves(self, lesson: LessonAnswers, question: GivenAnswer, guesses: Guesses) -> Entries:
        drawn = [each.guess for each in guesses.values() if isinstance(each.guess, DrawnCurve)]
        truths = dict.fromkeys(g.true_curve for g in lesson.given(question) if g and g.true_curve is not None)
        for curve in truths:
            self.plot.addItem(pg.PlotCurveItem(curve.x, curve.y, pen=line_pen("ink", 2), antialias=True))
        for curve in drawn:
            pen = curve_pen(theme().color("guess", CURVE_OPACITY), 1.2)
            self.plot.addItem(pg.PlotCurveItem(curve.x, curve.y, pen=pen, antialias=True))
        self._name(question.x_name or "x", question.y_name or "y")
        self.plot.getAxis("left").setTickSpacing()
        self.plot.enableAutoRange()
        truth = [legend_entry("—", theme().ink, question.true_name)] if truths else []
        return [[legend_entry("—", theme().guess, _("drawn ({count})").format(count=len(drawn))), *truth]]

    def _add_bars(self, color: str, **bars: object) -> None:
        self.plot.addItem(pg.BarGraphItem(brush=theme().color(color), pen=pg.mkPen(None), **bars))

    def _count_to(self, most: int) -> None:
        """Place ticks at integers, at most `MAX_TICKS` of them."""
        self.plot.getAxis("left").setTickSpacing(levels=[(max(1, math.ceil(most / MAX_TICKS)), 0)])

    def _name(self, x: str, y: str) -> None:
        for side, name in (("bottom", x), ("left", y)):
            self.plot.getAxis(side).set_name(name)


def _outliers(values: Floats) -> Flags:
    """Return which numbers are outliers; none if half of the numbers are equal."""
    low, high = np.percentile(values, [25, 75]) if len(values) else (0.0, 0.0)
    return np.abs(values - np.clip(values, low, high)) > (OUTLIER_IQRS * (high - low) or np.inf)
