"""The best lines that networks of a configuration could draw through its samples; cached by samples."""

from collections.abc import Callable

from tinynet_gui.core.choices.loops import TUTORIAL
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import Config, DataConfig
from tinynet_gui.core.function.best_piecewise_linear import LineLosses, best_lines
from tinynet_gui.core.training.start import make_dataset
from tinynet_gui.core.values import Stop

MAX_KINKS = 34  # with more the search takes long, and the loss is almost zero
MAX_KNOWN = 64

_known: dict[tuple[DataConfig, int], LineLosses] = {}


def kinks_within_reach(config: Config) -> int | None:
    """Return how many kinks this network can place freely; None for other kinds of activations and losses.

    A layer of n neurons with a kinked activation makes any line with n − 1 kinks: the remaining neuron makes the slope.
    Further layers can pass it on, shifted to where they are linear.
    """
    network = config.network
    layers = zip(network.hidden, network.activations, strict=True)
    kinked = [width for width, activation in layers if activation.has_kink]
    has_lines = network.is_piecewise_linear and (kinked or not network.hidden)
    if not has_lines or not LOSSES[config.training.loss].is_square or config.training.loop != TUTORIAL:
        return None
    return min(max(kinked, default=1) - 1, MAX_KINKS)


def best_line_losses(
    config: Config, kinks: int, stop: Stop, report: Callable[[float], None] = lambda share: None
) -> LineLosses | None:
    """Return the losses of the best lines found through the training samples; None if stopped."""
    key = config.data, kinks
    if key not in _known:
        dataset = make_dataset(config.data)
        lines = best_lines(dataset.x_train[:, 0], dataset.y_train[:, 0], kinks, stop, report)
        if lines is None:
            return None
        if len(_known) >= MAX_KNOWN:
            _known.clear()
        _known[key] = lines
    return _known[key]


def line_within_reach(
    config: Config, stop: Stop, report: Callable[[float], None] = lambda share: None
) -> tuple[int, float | None]:
    """Return how many kinks this network can place freely, and the loss of the best line found with that many.

    0 and None if that says nothing about the network, or the search was stopped.
    """
    kinks = kinks_within_reach(config)
    lines = None if kinks is None else best_line_losses(config, kinks, stop, report)
    return kinks or 0, None if lines is None else float(lines.found[-1])
