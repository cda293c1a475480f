"""Where a training would end: the whole of it, from the initial weights, by the compiled loop."""

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.compiled import kernel
from tinynet_gui.core.config import Config
from tinynet_gui.core.data import plot_grid
from tinynet_gui.core.network import output_curve
from tinynet_gui.core.outcomes import Preview
from tinynet_gui.core.snapshot import as_layers
from tinynet_gui.core.trainer import Trainer

CURVE_POINTS = 400  # losses in a preview's curve at most


def preview_end(config: Config, stop: npt.NDArray[np.uint8]) -> Preview | None:
    """Train from the initial weights to the stop step.

    Returns
    -------
    Preview or None
        None if `stop` became nonzero on the way.
    """
    trainer = Trainer(config)
    total = config.training.stop_step
    stride = max(1, total // CURVE_POINTS)
    done = kernel.run(config, trainer.dataset, trainer.state(), total, stride, stop=stop)
    if stop[0]:
        return None
    layers = as_layers(done.state.parameters)
    grid = plot_grid(config.data)
    trainer.adopt(done.state, done.diverged_at)
    return Preview(
        config=config,
        steps=np.arange(len(done.losses), dtype=np.float64) * stride,
        losses=done.losses,
        grid=grid,
        output=output_curve(layers, config.network.activation, grid),
        final_loss=trainer.loss(),
        diverged_at=done.diverged_at,
    )
