"""Where will a training end? All of its steps from where it stands, by the compiled loop."""

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.network.forward import Layer, as_layers, output_curve
from tinynet_gui.core.numerics.arrays import Array, Floats, Stop
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.dataset import Dataset, make_dataset, plot_grid
from tinynet_gui.core.training.passes import training_loss
from tinynet_gui.core.training.state import TrainerState, initial_state
from tinynet_gui.core.values import dataclass

CURVE_POINTS = 400  # losses in a preview's curve at most


@dataclass(frozen=True, eq=False)
class PreviewStart:
    """Where a training stands, its samples, and the run that it goes on from; None if it begins anew."""

    state: TrainerState
    dataset: Dataset
    run: Run | None = None


def next_stop(config: Config, step: int) -> int:
    """Return where a training that stands at a step stops: at the stop step or, beyond it, at its next multiple."""
    every = config.training.stop_step
    return (step // every + 1) * every


@dataclass(frozen=True)
class Preview:
    """The end of a training that has not taken place.

    Attributes
    ----------
    steps, losses
        The loss curve, thinned out: float64 and float32 of shape (points,).
    layers
        The trained network, in the units of the data.
    grid, output
        The plotted x and the trained network's output there, float32 of shape (401,).
    final_loss
        The loss over all training samples after the last step, or at the last step where it was finite.
    diverged_at
        The step at which the loss was no longer finite, or None.
    start, reached
        From where it was trained, and to which weights.
    """

    config: Config
    steps: Floats
    losses: Array
    layers: tuple[Layer, ...]
    grid: Array
    output: Array
    final_loss: float
    diverged_at: int | None
    start: PreviewStart
    reached: TrainerState

    @property
    def start_step(self) -> int:
        """The step from which it was trained."""
        return self.start.state.step

    @property
    def end_step(self) -> int:
        """The step that the preview shows."""
        return next_stop(self.config, self.start_step) if self.diverged_at is None else max(0, self.diverged_at - 1)


def preview_end(config: Config, stop: Stop, start: PreviewStart | None = None) -> Preview | None:
    """Train to where the training will stop: from the initial weights, unless it stands elsewhere.

    Returns None if `stop` became nonzero.
    """
    from tinynet_gui.core.training.compiled import kernel

    start = start or PreviewStart(initial_state(config), make_dataset(config.data))
    dataset, first = start.dataset, start.state.step
    total = next_stop(config, first) - first
    stride = max(1, total // CURVE_POINTS)
    done = kernel.run(config, dataset, start.state, total, stride, stop=stop)
    if stop[0]:
        return None
    seen = as_layers(done.state.parameters)
    layers = dataset.scaling.in_units_of_data(seen)
    grid = plot_grid(config.data)
    return Preview(
        config=config,
        steps=first + np.arange(len(done.losses), dtype=np.float64) * stride,
        losses=done.losses,
        layers=layers,
        grid=grid,
        output=output_curve(layers, config.network.activation, grid),
        final_loss=float(training_loss(config, dataset, seen)),
        diverged_at=done.diverged_at,
        start=start,
        reached=done.state,
    )
