"""Shallow against deep: which shape is ahead, and the curves of each."""

import math

import numpy as np
import pyqtgraph as pg

from tinynet_gui.core.experiments import base, depth
from tinynet_gui.core.text.numbers import count_text, loss_text, p_text, plain
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.experiments.drawing import LARGEST, Axes, Drawing, ShownExperiment, log_of
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import StepAxis, run_dashes, run_pen


def explain_depth(result: depth.DepthResult) -> str:
    """Say which shape is ahead, by steps and in the same time, and how that is judged."""
    shapes = result.shapes
    words = []
    if result.by_steps is not None and result.by_time is not None:
        seeds = shapes[0].finals.shape[1]
        words += [
            f"By steps, {_verdict(shapes, result.by_steps, result.constant, seeds)}",
            f"In the same time ({1e3 * result.seconds:.3g} ms), "
            f"{_verdict(shapes, result.by_time, result.constant, seeds)}",
        ]
    sizes = "; ".join(
        f"{_shape(s)} ({count_text(s.parameters)} parameters, best at a learning rate of {_rate_text(s)}) "
        f"{loss_text(depth.geometric_mean_loss(s, result.constant))}"
        for s in shapes
    )
    times = "; ".join(f"{_shape(s)} {_time_text(s.seconds_per_step)}" for s in shapes)
    words += [
        f"Mean loss at the end: {sizes}.",
        f"µs a step (middle half of {depth.MEASUREMENTS} measurements): {times}.",
        f"Each shape is judged at its best of {len(shapes[0].rates)} learning rates. If the shapes were alike, at most "
        "5 of 100 such experiments would put one ahead. With 20 seeds a difference as large as the scatter from seed "
        "to seed is noticed in about 6 of 10 cases.",
        f"The mean is the geometric one over the seeds, the test a paired permutation test{_p_values(result)}.",
    ]
    return " ".join(words)


def _verdict(shapes: tuple[depth.ShapeResult, ...], verdict: depth.DepthVerdict, constant: float, seeds: int) -> str:
    best, second = _shape(shapes[verdict.best]), _shape(shapes[verdict.second])
    if min(verdict.typical) >= 0.999 * constant:
        return "none is ahead: at no learning rate is the mean loss below that of the best constant."
    loss, times = verdict.typical[verdict.best], verdict.typical[verdict.second] / verdict.typical[verdict.best]
    if verdict.is_sure:
        return f"{best} is ahead: its mean loss is {loss_text(loss)}, {times:.2g} times lower than that of {second}."
    if seeds < depth.FEWEST_SEEDS:
        return f"nothing can be said: with fewer than {depth.FEWEST_SEEDS} seeds chance can do anything."
    return f"no winner is certain: {best} has the lowest mean loss, {loss_text(loss)}, but that may be chance."


def _p_values(result: depth.DepthResult) -> str:
    verdicts = [p_text(one.p) for one in (result.by_steps, result.by_time) if one is not None]
    return f": {' and '.join(verdicts)}" if verdicts else ""


def _rate_text(shape: depth.ShapeResult) -> str:
    edge = ""
    if len(shape.rates) > 1 and shape.rate in (shape.rates[0], shape.rates[-1]):
        edge = ", the smallest tried" if shape.rate == shape.rates[0] else ", the largest tried"
    return plain(shape.rate) + edge


def _time_text(seconds: base.Spread) -> str:
    low, middle, high = (f"{1e6 * s:.3g}" for s in (seconds.low, seconds.median, seconds.high))
    return f"{middle} ({low} to {high})"


def _shape(shape: depth.ShapeResult) -> str:
    return ", ".join(map(str, shape.hidden))


def draw_depth(drawing: Drawing, result: depth.DepthResult) -> None:
    """Draw the median loss of each shape with its quartiles, over steps or over time."""
    x_end = 0.0
    for number, shape in enumerate(result.shapes):
        color = theme().run_color(number)
        x = shape.steps * (shape.seconds_per_step.median * 1e3 if drawing.by_seconds else 1.0)
        x_end = max(x_end, float(x[-1]))
        low, median, high = (log_of(row) for row in shape.curves)
        drawing.add_band(x, low, high, color)
        pen = run_pen(number, 1.8)
        drawing.plot.addItem(pg.PlotCurveItem(x, median, pen=pen, antialias=True))
        drawing.enter(run_dashes(number)[0], color, f"hidden {_shape(shape)}")
    values = np.concatenate([log_of(s.curves).ravel() for s in result.shapes])
    values = values[values < math.log10(LARGEST)]
    if len(values):
        drawing.everything = Range(0.0, 1.01 * x_end), Range(float(values.min()) - 0.1, float(values.max()) + 0.1)


DEPTH = ShownExperiment[depth.DepthResult](
    "Shallow against deep",
    "Which learns faster with the same number of parameters: shallow or deep?",
    "The loss of each shape at its best learning rate: the median, and the middle half as a band.",
    explain_depth,
    draw_depth,
    Axes(("step", "loss"), log_y=True, bottom=StepAxis),
    axes_by_seconds=Axes(("milliseconds", "loss"), log_y=True),
)
