"""The initial weights and biases of a network.

The numbers are exactly torch's. torch is imported only where it alone can draw them, so that the first network appears
before torch is loaded.
"""

from tinynet_gui.core.config import NetworkConfig
from tinynet_gui.core.network.draws import Draws, TorchDraws, TwisterDraws
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.numerics.arrays import Array


def generator_for(config: NetworkConfig) -> Draws:
    """Return a generator for the initial weights of this and all similar networks."""
    return TorchDraws() if config.needs_torch else TwisterDraws(rounding=config.rounding)


def initial_parameters(config: NetworkConfig, draws: Draws | None = None) -> tuple[Array, ...]:
    """Return the initial weights and biases, as in `core.training.state.TrainerState`; read-only.

    They are the configuration's `first_weights`, if there are any. Else they equal the result of
    ``torch.manual_seed(seed)``, ``torch.rand(drawn_before)`` and the tutorial's
    ``nn.Sequential(nn.Linear(1, n), nn.ReLU(), nn.Linear(n, 1))``, each tensor times ``weight_scale``, where torch
    rounds as ``rounding`` says.

    Parameters
    ----------
    draws
        A generator to reuse, from `generator_for`; by default a new one.
    """
    if config.first_weights is not None:
        return config.first_weights.parameters
    way = INITIALIZATIONS[config.initialization]
    draws = draws or generator_for(config)
    draws.seed(config.seed)
    draws.skip(config.drawn_before)
    arrays: list[Array] = []
    for inputs, outputs in zip(config.widths, config.widths[1:], strict=False):
        arrays += way.draw(draws, outputs, inputs)
    for array in arrays:
        if config.weight_scale != 1:
            array[...] *= config.weight_scale  # in float32, as in torch
        array.flags.writeable = False
    return tuple(arrays)
