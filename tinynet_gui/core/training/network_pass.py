"""One pass of samples through a network, forward and back, as a value."""

from tinynet_gui.core.network.forward import Forward, Layer
from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.core.values import dataclass


@dataclass(frozen=True)
class Pass:
    """One pass of n samples through a network and back. Every array is float32.

    Attributes
    ----------
    values
        Every value on the way forward, a column for each sample.
    errors, sample_losses, loss
        ŷ − y and each sample's own loss, shape (n,); their mean.
    output_gradients
        ∂L/∂ŷ for each sample, shape (n,); including the mean's 1/n.
    gradients
        ∂L/∂w of each layer, without weight decay and L1 penalty.
    """

    values: Forward
    errors: Array
    sample_losses: Array
    loss: float
    output_gradients: Array
    gradients: tuple[Layer, ...]
