"""Shallow against deep: which shape is ahead, and the curves of each."""

import numpy as np

from tinynet_gui.core.experiments import base, depth
from tinynet_gui.core.text.language import gettext as _, with_signs
from tinynet_gui.core.text.numbers import count_text, listed, loss_text, p_text, plain
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.experiments.drawing import Axes, Drawing, ShownExperiment, finite_logs, log_of
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.widgets.plots.plot_parts import StepAxis, run_dashes, run_pen


def explain_depth(result: depth.DepthResult) -> str:
    """Say which shape is ahead, by steps and in the same time, and how that is judged."""
    shapes, words = result.shapes, list[str]()
    if result.by_steps is not None and result.by_time is not None:
        seeds, milliseconds = shapes[0].finals.shape[1], with_signs(f"{1e3 * result.seconds:.3g}")
        by_steps, by_time = (_verdict(shapes, one, result.constant, seeds) for one in (result.by_steps, result.by_time))
        # Translators: {verdict} is a clause, such as "no winner is certain: 8, 8 has the lowest mean loss.".
        words.append(_("By steps, {verdict}").format(verdict=by_steps))
        # Translators: {verdict} is a clause, such as "no winner is certain: 8, 8 has the lowest mean loss.".
        text = _("In the same time ({milliseconds} ms), {verdict}")
        words.append(text.format(milliseconds=milliseconds, verdict=by_time))
    sizes = "; ".join(_size_text(shape, result.constant) for shape in shapes)
    times = "; ".join(f"{_shape(s)} {_time_text(s.seconds_per_step)}" for s in shapes)
    judged = _(
        "Each shape is judged at its best of {rates} learning rates. If the shapes were alike, at most 5 of 100 such "
        "experiments would put one ahead. With 20 seeds a difference as large as the scatter from seed to seed is "
        "noticed in about 6 of 10 cases."
    )
    measured = _("µs a step (middle half of {count} measurements): {times}.")
    test = _("The mean is the geometric one over the seeds, the test a paired permutation test.")
    if verdicts := [p_text(one.p) for one in (result.by_steps, result.by_time) if one is not None]:
        test = _("The mean is the geometric one over the seeds, the test a paired permutation test: {p}.")
    words += [
        _("Mean loss at the end: {sizes}.").format(sizes=sizes),
        measured.format(count=depth.MEASUREMENTS, times=times),
        judged.format(rates=len(shapes[0].rates)),
        test.format(p=listed(verdicts)),
    ]
    return " ".join(words)


def _verdict(shapes: tuple[depth.ShapeResult, ...], verdict: depth.DepthVerdict, constant: float, seeds: int) -> str:
    best, second = _shape(shapes[verdict.best]), _shape(shapes[verdict.second])
    loss, times = verdict.typical[verdict.best], verdict.typical[verdict.second] / verdict.typical[verdict.best]
    if min(verdict.typical) >= 0.999 * constant:
        return _("none is ahead: at no learning rate is the mean loss below that of the best constant.")
    if verdict.is_sure:
        text = _("{best} is ahead: its mean loss is {loss}, {times} times lower than that of {second}.")
    elif seeds < depth.MIN_SEEDS:
        text = _("nothing can be said: with fewer than {seeds} seeds chance can do anything.")
    else:
        text = _("no winner is certain: {best} has the lowest mean loss, {loss}, but that may be chance.")
    holes = {"best": best, "second": second, "loss": loss_text(loss), "times": with_signs(f"{times:.2g}")}
    return text.format(seeds=depth.MIN_SEEDS, **holes)


def _size_text(shape: depth.ShapeResult, constant: float) -> str:
    text = _("{shape} ({count} parameters, best at a learning rate of {rate}) {loss}")
    if len(shape.rates) > 1 and shape.rate == shape.rates[0]:
        text = _("{shape} ({count} parameters, best at a learning rate of {rate}, the smallest tried) {loss}")
    elif len(shape.rates) > 1 and shape.rate == shape.rates[-1]:
        text = _("{shape} ({count} parameters, best at a learning rate of {rate}, the largest tried) {loss}")
    loss = loss_text(depth.geometric_mean_loss(shape, constant))
    return text.format(shape=_shape(shape), count=count_text(shape.parameters), rate=plain(shape.rate), loss=loss)


def _time_text(seconds: base.Spread) -> str:
    low, middle, high = (with_signs(f"{1e6 * s:.3g}") for s in (seconds.low, seconds.median, seconds.high))
    return _("{middle} ({low} to {high})").format(middle=middle, low=low, high=high)


def _shape(shape: depth.ShapeResult) -> str:
    return ", ".join(map(str, shape.hidden))


def draw_depth(drawing: Drawing, result: depth.DepthResult) -> None:
    """Draw the median loss of each shape with its quartiles, over steps or over time."""
    x_end = 0.0
    for number, shape in enumerate(result.shapes):
        x = shape.steps * (shape.seconds_per_step.median * 1e3 if drawing.by_seconds else 1.0)
        x_end = max(x_end, float(x[-1]))
        drawing.add_spread(x, run_pen(number, 1.8), *map(log_of, shape.curves))
        drawing.enter(run_dashes(number)[0], theme().run_color(number), _("hidden {shape}").format(shape=_shape(shape)))
    values = finite_logs(np.concatenate([shape.curves.ravel() for shape in result.shapes]))
    if len(values):
        drawing.everything = Range(0.0, 1.01 * x_end), Range(float(values.min()) - 0.1, float(values.max()) + 0.1)


DEPTH = ShownExperiment[depth.DepthResult](
    _("Shallow against deep"),
    _("Which learns faster with the same number of parameters: shallow or deep?"),
    _("The loss of each shape at its best learning rate: the median, and the middle half as a band."),
    explain_depth,
    draw_depth,
    Axes((_("step"), _("loss")), log_y=True, bottom=StepAxis),
    axes_by_seconds=Axes((_("milliseconds"), _("loss")), log_y=True),
)
