"""Whether two runs ended in one valley, each taken after its own last step."""

from collections.abc import Callable

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting_text import setting_value
from tinynet_gui.core.landscape.valley import Valley, find_valley
from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.run.replay import state_at
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.dataset import Dataset
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.state import TrainerState
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True, eq=False)
class Trained:
    """A network that has taken a step, its settings and its samples."""

    config: Config
    dataset: Dataset
    state: TrainerState
    has_diverged: bool


def end_of(run: Run) -> Trained | None:
    """Return a run after its last step, which repeats none; None before its first."""
    if not run.step:
        return None
    rule = run.rule_at(run.step)
    return Trained(rule.config, rule.dataset, state_at(run, run.step), run.diverged_at is not None)


def as_trained(snapshot: Snapshot) -> Trained:
    """Return a moment of a run, also one before its first step."""
    return Trained(snapshot.config, snapshot.dataset, snapshot.state, snapshot.diverged_at is not None)


def why_no_line(one: Trained | None, other: Trained | None, names: tuple[str, str] = ("one", "the other")) -> str:
    """Return a sentence saying why two networks cannot be compared; "" if they can."""
    if one is None or other is None:
        return f"“{names[0] if one is None else names[1]}” has not been trained: let it take a step first."
    for end, name in zip((one, other), names, strict=True):
        if end.has_diverged or not all(np.isfinite(array).all() for array in end.state.parameters):
            return f"“{name}” has diverged: no line leads to it."
    shapes = [_shape(end.config) for end in (one, other)]
    if shapes[0] != shapes[1]:
        return (
            f"The two have different shapes, so no line joins them: “{names[0]}” has {shapes[0]}, “{names[1]}” "
            f"{shapes[1]}."
        )
    if not _have_same_samples(one.dataset, other.dataset):
        return "The two were trained on different samples, so there is no one loss to look at between them."
    return ""


def valley_between(
    one: Trained, other: Trained, stop: Stop | None = None, report: Callable[[float], object] = lambda _share: None
) -> Valley:
    """Return what lies between two networks of which `why_no_line` says nothing, by the first one's loss.

    The parameters are as in `find_valley`, and so is the exception.
    """
    ends = one.state.parameters, other.state.parameters
    return find_valley(one.config, one.dataset, *ends, stop=stop, report=report)


def _shape(config: Config) -> str:
    if not config.network.hidden:
        return "no hidden neurons"
    widths = ", ".join(map(str, config.network.hidden))
    return f"{widths} hidden neurons ({setting_value(config, 'network.activation')})"


def _have_same_samples(one: Dataset, other: Dataset) -> bool:
    """Whether the two networks were given the same numbers, which meant the same."""
    pairs = ((one.x_train, other.x_train), (one.y_train, other.y_train))
    return one.scaling == other.scaling and all(np.array_equal(a, b) for a, b in pairs)
