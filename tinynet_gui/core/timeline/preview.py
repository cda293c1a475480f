"""Where would a training end? The whole training from the initial weights, by the compiled loop."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.arrays import Array
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.dataset import make_dataset, plot_grid
from tinynet_gui.core.network.forward import Layer, as_layers, output_curve
from tinynet_gui.core.training.passes import network_loss
from tinynet_gui.core.training.state import initial_state

CURVE_POINTS = 400  # losses in a preview's curve at most


@dataclass(frozen=True)
class Preview:
    """The end of a run that has not been trained.

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
    """

    config: Config
    steps: npt.NDArray[np.float64]
    losses: Array
    layers: tuple[Layer, ...]
    grid: Array
    output: Array
    final_loss: float
    diverged_at: int | None

    @property
    def end_step(self) -> int:
        """The step that the preview shows."""
        return self.config.training.stop_step if self.diverged_at is None else max(0, self.diverged_at - 1)


def preview_end(config: Config, stop: npt.NDArray[np.uint8]) -> Preview | None:
    """Train from the initial weights to the stop step.

    Returns
    -------
    Preview or None
        None if `stop` became nonzero.
    """
    from tinynet_gui.core.training.compiled import kernel

    dataset, total = make_dataset(config.data), config.training.stop_step
    stride = max(1, total // CURVE_POINTS)
    done = kernel.run(config, dataset, initial_state(config), total, stride, stop=stop)
    if stop[0]:
        return None
    seen = as_layers(done.state.parameters)
    layers = dataset.scaling.in_units_of_data(seen)
    grid = plot_grid(config.data)
    x, y = dataset.x_train[:, 0], dataset.y_train[:, 0]
    return Preview(
        config=config,
        steps=np.arange(len(done.losses), dtype=np.float64) * stride,
        losses=done.losses,
        layers=layers,
        grid=grid,
        output=output_curve(layers, config.network.activation, grid),
        final_loss=float(network_loss(seen, config.network.activation, config.training.loss, x, y)),
        diverged_at=done.diverged_at,
    )
