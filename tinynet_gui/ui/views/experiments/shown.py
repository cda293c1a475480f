"""How an experiment is asked, drawn and put into words: one record, beside that of its name in `core.experiments`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.experiment import ExperimentResult, R
from tinynet_gui.core.experiments.trained_runs import TrainedRun
from tinynet_gui.ui.views.experiments.drawing import Axes, Drawing

SEED_HINT = "One dot a seed, heaped up over its final loss. Click one to choose it."


class Control(QWidget):
    """What the user says for an experiment, besides how many runs it has."""

    changed = Signal()
    entered = Signal()  # Enter was pressed in the last field

    @property
    def about(self) -> object:
        """What the experiment is given; None if it cannot be run with what is said."""
        raise NotImplementedError

    def show_config(self, config: Config) -> None:
        """Follow the settings."""
        raise NotImplementedError


@dataclass(frozen=True)
class ShownSamples(Generic[R]):
    """What a result says of each sample of the training, by its place among them.

    Attributes
    ----------
    influences
        How much each matters, float64 of shape (samples,); NaN where that is not known yet.
    labels, explain
        Those to choose from in the list, and their places; what is known of one, "" if nothing is.
    curves
        The name of one, x over the usual range or another, and the outputs with all samples and without it.
    """

    influences: Callable[[R], npt.NDArray[np.float64]]
    labels: Callable[[R], Sequence[tuple[str, int]]]
    explain: Callable[[R, int], str]
    curves: Callable[[R, int, tuple[float, float] | None], tuple[str, Array, Array, Array]]


def best_first(result: ExperimentResult) -> Sequence[TrainedRun]:
    """Return the runs of a result, that with the lowest loss first."""
    return sorted(result.runs, key=lambda run: run.final_loss)


@dataclass(frozen=True)
class ShownExperiment(Generic[R]):
    """An experiment as the user sees it.

    Attributes
    ----------
    hint
        What its picture is, while there is none.
    explain, draw
        A result in words, its first sentence the headline; and in a picture.
    axes_by_seconds
        Where it can be drawn over time as well.
    list_name, open_hint
        What is in the list, and what the button beside it does.
    listed, curves
        The runs in the list, and those whose curves are drawn in the function plot, as far as they kept their networks.
    tells_time
        It takes as long for each part of the way.
    control, samples
        Where the user is asked for more, and where it is about the samples.
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
