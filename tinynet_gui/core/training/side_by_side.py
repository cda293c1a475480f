"""Which networks are trained sixteen at a time."""

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, PLAIN
from tinynet_gui.core.config import Config
from tinynet_gui.core.training.batches import batch_length

WIDEST_SIDE_BY_SIDE = 48  # neurons; with more, one network alone fills the processor's vectors as well


def goes_side_by_side(config: Config, sample_count: int) -> bool:
    """Whether the sixteenfold loop supports such a run: the tutorial's kind, with few neurons."""
    network, training = config.network, config.training
    return (
        len(network.hidden) == 1
        and network.hidden[0] <= WIDEST_SIDE_BY_SIDE
        and network.activations[0].is_relu
        and LOSSES[training.loss].is_square
        and OPTIMIZERS[training.optimizer].rules == (PLAIN,)
        and training.l1 == 0
        and batch_length(config, sample_count) == sample_count
    )
