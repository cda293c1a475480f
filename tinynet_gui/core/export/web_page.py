"""A run as one standalone HTML file: some of its moments, and a script that draws them and trains on."""

import base64
import dataclasses
import hashlib
import html
import json
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinynet_gui import __version__
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.choices.schedules import is_scheduled
from tinynet_gui.core.config import Config, DataConfig, TrainingConfig
from tinynet_gui.core.config.setting_text import setting_in_short, setting_value
from tinynet_gui.core.config.targets import FORMULA, TARGETS
from tinynet_gui.core.data.formula import javascript_of, parse_formula
from tinynet_gui.core.data.points import Scaling, scaling_texts
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.run.events import FrozenChanged, ParameterSet
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.text.language import ENGLISH, gettext as _, ngettext, speaking, with_signs
from tinynet_gui.core.text.numbers import count_text, listed
from tinynet_gui.core.text.shortened import encodable
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import plot_range, points_of
from tinynet_gui.core.values import AnyArray, Array, frozen_dataclass
from tinynet_gui.core.wording.setting_line import SettingLineError, write_setting

MAX_BYTES = 2_000_000  # of a page, small enough for mail
MAX_MOMENTS = 400
MOMENT_BYTES = 1_600_000  # of all moments' numbers; samples, losses and code have the rest
LOSS_POINTS = 1_000
FOOT, HEAD = 0.15, 0.24  # room below and above the samples in the plot, as a share of their range
SCRIPTS = ("numbers", "network", "trainer", "training", "plots", "diagram", "page")
AS_THEY_ARE = "as they are"  # the samples that come with a page
Homework = tuple[str, dict[str, Any]]
NO_HOMEWORK: Homework = ("", {})
MADE_WITH = f"Made with tinynet {__version__}"


class PageError(ValueError):
    """A run too large for a page; the message says why, and how large it may be."""


def most_moments(config: Config) -> int:
    """Return how many moments of a network a page has room for; `PageError` if the first and the last do not fit."""
    network = config.network
    each = len(_base64(np.empty(4 * network.parameter_count + 2 * sum(network.hidden), np.uint8)))
    if 2 * each > MOMENT_BYTES:
        words = _(
            "This network has {count} weights and biases: {size} MB for each moment. A page stays below {room} MB, and "
            "needs at least two moments: a network may have at most about {most} weights and biases."
        )
        count, most = count_text(network.parameter_count), count_text(MOMENT_BYTES * 3 // 32)
        size, room = with_signs(f"{each / 1e6:.1f}"), f"{MAX_BYTES / 1e6:.0f}"
        raise PageError(words.format(count=count, size=size, room=room, most=most))
    return min(MAX_MOMENTS, MOMENT_BYTES // each)


@frozen_dataclass
class WebPage:
    """An HTML file in UTF-8, and its number of moments."""

    content: bytes
    moments: int


@speaking(ENGLISH)
def page_of(
    run: Run, moments: Sequence[Snapshot], colors: tuple[str, str], foot: str = "", homework: Homework = NO_HOMEWORK
) -> WebPage:
    """Return a run as an HTML file of at most `MAX_BYTES`.

    Parameters
    ----------
    moments
        In order, from the run's first to its last; if its samples changed so often that they do not all fit, every
        second of them is dropped, until they do.
    colors
        The variables of the page's style sheet, in light and in dark.
    foot
        HTML to stand at the page's end, trusted: none of it comes from a file of others.
    homework
        A task as safe HTML, and values for the page's script; two empty ones for none.
    """
    shown = list({moment.step: moment for moment in moments}.values())
    while len(content := _text(run, shown, colors, foot, homework).encode()) > MAX_BYTES and len(shown) > 2:
        shown = [*shown[:-1:2], shown[-1]]
    return WebPage(content, len(shown))


def _text(run: Run, moments: Sequence[Snapshot], colors: tuple[str, str], foot: str, homework: Homework) -> str:
    scripts = [activation.javascript for activation in run.config.network.activations]
    functions = {
        "ACTIVATIONS_OF_U": ", ".join(f"(u) => {value}" for value, _ in scripts),
        "SLOPES_OF_U": ", ".join(f"(u) => {slope}" for _, slope in scripts),
        "TARGETS_OF_X": ", ".join(f"{name}: (x) => {javascript_of(text)}" for name, text in _targets(run.config.data)),
    }
    style = _filled(_resource("page.css"), dict(zip(("light", "dark"), colors, strict=True)))
    task, asked = homework
    code = "\n".join(_resource(f"{name}.js") for name in (*SCRIPTS, *(["homework"] if task else [])))
    for name, text in functions.items():
        code = code.replace(name, text)
    script = f'(() => {{\n"use strict";\n{code}}})();\n'
    data = json.dumps(page_data(run, moments) | asked, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    parts = {
        "title": html.escape(_title(run)),
        "made_with": MADE_WITH,
        "setting_words": html.escape(encodable(f"Setting without {lacks}" if (lacks := _left_out(run)) else "Setting")),
        "icon": base64.b64encode(resource_path("icons/tinynet.svg").read_bytes()).decode(),
        "foot": foot,
        "task": encodable(task),
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "run": data.replace("<", r"\u003c"),  # so that no text closes its element
    }
    return _filled(_resource("page.html"), parts)


def page_data(run: Run, moments: Sequence[Snapshot]) -> dict[str, Any]:
    """Return the data for the page's script, as plain values; arrays are base64 of little-endian numbers."""
    first, network = moments[0], run.config.network
    scaling = first.dataset.scaling
    stages = list(dict.fromkeys(moment.config.data for moment in moments))
    places = {data: place for place, data in enumerate(stages)}
    ranges = [plot_range(data) for data in stages]
    x_range = min(low for low, _ in ranges), max(high for _, high in ranges)
    truth = next((f for data in stages if (f := data.true_formula) is not None), None)
    grid = np.linspace(*x_range, len(first.grid), dtype=np.float32)
    true_y = None if truth is None else parse_formula(truth)(grid)
    named = [points for data in stages if (points := data.points) is not None]
    y_name = next((points.y_name for points in named if points.y_name), "y")
    return {
        "widths": network.widths,
        "activations": [
            {name: getattr(activation, name) for name in ("label", "symbol", "has_kink", "switches_off", "slopes")}
            for activation in network.activations
        ],
        "scaling": [scaling.x_mean, scaling.x_deviation, scaling.y_mean, scaling.y_deviation],
        "scaling_texts": scaling_texts(scaling),
        "x_name": next((points.x_name for points in named if points.x_name), "x"),
        "y_name": y_name,
        "output_name": y_name if scaling.has_y else "ŷ",  # what is read is in the data's units
        "x_range": x_range,
        "y_range": _y_range(stages, grid, true_y),
        "truth": "" if true_y is None else _base64(true_y),
        "stages": [_stage(data) for data in stages],
        "steps": [moment.step for moment in moments],
        "losses": [_finite(moment.train_loss) for moment in moments],
        "held_out": [_finite(moment.validation_loss) for moment in moments],
        "stage_of": [places[moment.config.data] for moment in moments],
        "weights": _base64(np.concatenate([a.ravel() for moment in moments for a in moment.state.parameters])),
        "active_counts": _base64(
            np.concatenate([np.empty(0), *(a for moment in moments for a in moment.active_counts)]).astype(np.uint16)
        ),
        "loss_curve": _loss_curve(run, moments[-1]),
        "held_out_curve": [run.held_out_losses.steps.tolist(), _rounded(run.held_out_losses.losses)],
        "changes": [(mark.step, encodable(mark.text)) for mark in marks(run)],
        "diverged": _divergence(run),
        "is_begun_by_hand": any(isinstance(event, ParameterSet | FrozenChanged) for event in run.events_at(0)),
        "keys": _legends(run, stages, scaling),
        "setting": _setting(run.rule_of_first_step.config),
        "refusal": (refusal := why_not_trained(run, moments[-1])),
        "training": None if refusal else _training(run, moments[-1], stages[-1]),
    }


def why_not_trained(run: Run, last: Snapshot | Run) -> str:
    """Say why a page cannot train a run on; "" if it can."""
    network, training, plain = last.config.network, last.config.training, TrainingConfig()
    reasons = {
        _("one hidden layer"): len(network.hidden) != 1,
        _("PyTorch’s default weights"): bool(INITIALIZATIONS[network.initialization].code)
        or network.first_weights is not None,
        _("samples that are not standardised"): last.config.data.standardise != "none",
        _("at a constant learning rate"): is_scheduled(training),
        _("weights that can all move"): bool(run.rule_at(last.step).frozen),
        _("gradient descent, plain or with momentum, on all samples at once and by their mean squared error"): (
            any(getattr(training, name) != getattr(plain, name) for name in _AS_IN_TUTORIAL)
            or OPTIMIZERS[training.optimizer].torch_class != "SGD"
        ),
    }
    missing = next((what for what, is_missing in reasons.items() if is_missing), "")
    # Translators: {what} is one of the six texts before.
    words = _("This page plays the run, and does not train it further: a page trains {what} only.")
    return words.format(what=missing) if missing else ""


_TRAINED_WITH = {"optimizer", "learning_rate", "momentum", "stop_step", "beta1", "beta2", "alpha", "epsilon"}
_TRAINED_WITH |= {"schedule", "schedule_steps", "gamma", "warm_up"}  # the first and last as `is_scheduled` says
_AS_IN_TUTORIAL = [f.name for f in dataclasses.fields(TrainingConfig) if f.name not in _TRAINED_WITH]


def _targets(data: DataConfig) -> list[tuple[str, str]]:
    """Return the functions that a page draws samples of, by name: formulas, one's own if it is used."""
    named = [(name, target.formula) for name, target in TARGETS.items() if name != FORMULA]
    return [*named, (FORMULA, data.formula)] if data.target == FORMULA else named


def _training(run: Run, last: Snapshot, data: DataConfig) -> dict[str, Any]:
    """Return what a page needs to train on from the last moment, and from the first weights of other seeds."""
    network, training = last.config.network, last.config.training
    has_memory = bool(last.state.slots) and training.momentum > 0
    named = [(name, data.formula if name == FORMULA else TARGETS[name].label) for name, _ in _targets(data)]
    return {
        "step": last.step,
        "velocity": _base64(np.concatenate([a.ravel() for a in last.state.slots[0]])) if has_memory else "",
        "rate": training.learning_rate,
        "momentum": training.momentum if has_memory else None,
        "stop": training.stop_step,
        "seed": network.seed,
        "weights": {
            "skipped": network.drawn_before,
            "scale": network.weight_scale,
            "isFused": network.rounding == "once",
        },
        "target": data.target if data.points is None else AS_THEY_ARE,
        "targets": named if data.points is None else [(AS_THEY_ARE, "the samples as they are"), *named],
        "samples": {
            "seed": data.seed,
            "count": data.sample_count,
            "low": data.x_min,
            "high": data.x_max,
            "noise": data.noise,
            "heldOut": min(round(data.held_out * data.sample_count), data.sample_count - 1),
        },
        "foot": FOOT,
        "head": HEAD,
        "stride": 1,
    }


def _legends(run: Run, stages: Sequence[DataConfig], scaling: Scaling) -> dict[str, list[list[str]]]:
    """Return the legends of the two plots: a mark or "", the CSS classes, and words."""
    network, held_out = run.config.network, any(points_of(data).held_out.any() for data in stages)
    has_kinks = network.hidden and network.activations[0].has_kink
    of_batches = run.config.training.batch_size > 0
    function: list[tuple[Any, str, str, str]] = [
        (True, "●", "data", "samples"),
        (held_out, "◇", "data", "held out"),
        (any(data.true_formula for data in stages), "", "line dashed muted", "true function"),
        (has_kinks, "▲▲", "kinks", "kinks of the first layer" if len(network.hidden) > 1 else "kinks"),
    ]
    loss: list[tuple[Any, str, str, str]] = [
        (True, "", "line ink", "on each step's batch, ● on all samples" if of_batches else "on the samples"),
        (len(run.held_out_losses.steps), "•", "data", "on held-out samples"),
        (marks(run), "", "line dotted accent", "a setting or weight was changed"),
        (scaling.has_y, "", "", "of standardised y"),
    ]
    keys = {"function": function, "loss": loss}
    return {name: [entry for is_there, *entry in entries if is_there] for name, entries in keys.items()}


def _stage(data: DataConfig) -> dict[str, Any]:
    """Return the samples of some moments, those of the training first."""
    points = points_of(data)
    order = np.argsort(points.held_out, kind="stable")
    return {
        "x": _base64(points.x[order].astype(np.float32)),
        "y": _base64(points.y[order].astype(np.float32)),
        "trained": int(np.count_nonzero(~points.held_out)),
        "range": points.x_range,
        "has_truth": data.true_formula is not None,
    }


def _y_range(stages: Sequence[DataConfig], grid: Array, truth: Array | None) -> tuple[float, float]:
    """Return the range of y of all samples, and of the true function between them."""
    y = np.concatenate([points_of(data).y for data in stages])
    if truth is not None:
        low, high = min(data.x_range[0] for data in stages), max(data.x_range[1] for data in stages)
        y = np.append(y, truth[(grid >= low) & (grid <= high)])
    y = y[np.isfinite(y)]
    low, high = float(y.min()), float(y.max())
    span = (high - low) or 6.0
    return low - FOOT * span, high + HEAD * span


def _loss_curve(run: Run, last: Snapshot) -> tuple[list[int], list[float]]:
    """Return the steps and losses to draw; the final loss, over all samples, only if the others are over all, too."""
    steps, losses = run.losses.curve(LOSS_POINTS)
    if math.isfinite(last.train_loss) and run.config.training.batch_size == 0:
        steps, losses = np.append(steps, last.step), np.append(losses, np.float32(last.train_loss))
    return [int(step) for step in steps], _rounded(losses)


def _divergence(run: Run) -> str:
    at = run.diverged_at
    return "" if at is None else f"Diverged at step {at:,}: the loss is not a finite number any more."


def _title(run: Run) -> str:
    data, network = run.config.data, run.config.network
    source = setting_in_short(run.config, "data.points" if data.points is not None else "data.target")
    neurons = setting_in_short(run.config, "network.hidden")
    parts = [run.name, source, neurons, setting_value(run.config, "network.activation") if network.hidden else ""]
    return encodable(" · ".join(part for part in parts if part))


def _setting(config: Config) -> str:
    try:
        return encodable(write_setting(config))
    except SettingLineError as error:
        return str(error)


def page_words(run: Run) -> list[str]:
    """Say what the page of a run will be, before its moments are computed."""
    lacks, words = _left_out(run), _("“{title}”: one file of at most {size} MB, for any browser, offline.")
    plays = _("It begins with the untrained network.")
    plays = _("It plays the run from step 0 to step {step}.") if run.step else plays
    return [
        words.format(title=_title(run), size=f"{MAX_BYTES / 1e6:.0f}"),
        plays.format(step=count_text(run.step)),
        why_not_trained(run, run) or _("Readers can train on from there, change settings and begin again."),
        *([_("Its setting can be copied, without {lacks}.").format(lacks=lacks)] if lacks else []),
    ]


def _left_out(run: Run) -> str:
    """Name what the run's setting lacks: first weights from elsewhere, and later changes."""
    weights = run.rule_of_first_step.config.network.first_weights
    by_hand = sum(isinstance(event, (ParameterSet, FrozenChanged)) for event in run.events_at(0))
    count = by_hand + len(marks(run))
    named = [_("the weights of {origin}").format(origin=weights.origin)] if weights else []
    changes = ngettext("{count} change", "{count} changes", count).format(count=count_text(count))
    return listed([*named, *([changes] if count else [])])


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value


def _rounded(values: Array) -> list[float]:
    """Round values that are only drawn: six digits are finer than a pixel."""
    return [float(f"{value:.6g}") for value in values.tolist()]


def _base64(array: AnyArray) -> str:
    return base64.b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode()


def _hash(text: str) -> str:
    """Return a text's hash for a content security policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _resource(name: str) -> str:
    return resource_path(f"web_page/{name}").read_text(encoding="utf-8")


def _filled(template: str, parts: dict[str, str]) -> str:
    """Replace each {{name}} by its text in one pass, so that a name within such a text stays."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)
