"""How an experiment is offered, drawn and described: one record, beside that of its name in `core.experiments`."""

from collections.abc import Callable, Sequence
from typing import Generic

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.experiment import ExperimentResult, R
from tinynet_gui.core.experiments.trained_runs import TrainedRun
from tinynet_gui.core.numerics.arrays import Array, Floats
from tinynet_gui.core.values import dataclass
from tinynet_gui.ui.views.experiments.drawing import Axes, Drawing

SEED_HINT = "One dot per seed, heaped up over its final loss. Click one to choose it."


class Control(QWidget):
    """The user's input for an experiment, besides the number of runs."""

    changed = Signal()
    entered = Signal()  # Enter was pressed in the last field

    @property
    def about(self) -> object:
        """The experiment's input; None if it is invalid."""
        raise NotImplementedError

    def show_config(self, config: Config) -> None:
        """Follow the settings."""
        raise NotImplementedError

    def show_about(self, parts: Sequence[int | float | str]) -> None:
        """Show the parts of an earlier input, if they are one: they may come from a file."""


@dataclass(frozen=True)
class ShownSamples(Generic[R]):
    """A result's data on each training sample, by its index among them.

    Attributes
    ----------
    influences
        The influence of each, float64 of shape (samples,); NaN if not known yet.
    labels, explain
        The entries of the list, and their indices; the description of one, "" if there is none.
    curves
        The name of one, x over the usual range or another, and the outputs with all samples and without it.
    """

    influences: Callable[[R], Floats]
    labels: Callable[[R], Sequence[tuple[str, int]]]
    explain: Callable[[R, int], str]
    curves: Callable[[R, int, tuple[float, float] | None], tuple[str, Array, Array, Array]]


def best_first(result: ExperimentResult) -> Sequence[TrainedRun]:
    """Return the runs of a result, lowest loss first."""
    return sorted(result.runs, key=lambda run: run.final_loss)


@dataclass(frozen=True)
class ShownExperiment(Generic[R]):
    """An experiment as shown to the user.

    Attributes
    ----------
    hint
        The text in place of its picture, before there is one.
    explain, draw
        A result in words, its first sentence the headline; and as a picture.
    axes_by_seconds
        For experiments that can also be drawn over time.
    list_name, open_hint
        The name of the list, and the effect of the button beside it.
    listed, curves
        The runs in the list, and those whose curves are drawn in the function plot, if they kept their networks.
    tells_time
        Every part of it takes equally long.
    control, samples
        For experiments that need further input, and for those about the samples.
    """

    label: str
    question: str
    hint: str
    explain: Callable[[R], str]
    draw: Callable[[Drawing, R], None]
    axes: Axes
    axes_by_seconds: Axes | None = None
    list_name: str = "Runs of the experiment, the best first"
    open_hint: str = "Make this run the current one, trained to its end. Undo brings your settings back."
    listed: Callable[[R], Sequence[TrainedRun]] = best_first
    curves: Callable[[R], Sequence[TrainedRun]] = lambda _result: ()
    tells_time: bool = False
    control: Callable[[], Control] | None = None
    samples: ShownSamples[R] | None = None
