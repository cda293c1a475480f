"""The network's error inside the range of x it is trained on, and outside."""

import numpy as np

from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.training.start import points_of
from tinynet_gui.core.values import Floats, frozen_dataclass


@frozen_dataclass
class ErrorsApart:
    """Root mean squares of errors, in units of y; None where there is nothing to compare with.

    Attributes
    ----------
    within, outside
        The errors inside and outside the range of the training samples' x.
    is_of_truth
        Whether they are measured against the true function, or against held-out samples.
    trained, looked_at
        The range of the training samples, and the range examined: the plot's usual view, or that of the held-out
        samples.
    """

    within: float | None
    outside: float | None
    is_of_truth: bool
    trained: tuple[float, float]
    looked_at: tuple[float, float]


def errors_apart(snapshot: Snapshot) -> ErrorsApart | None:
    """Return the errors against the true function over `plot_grid`, or else over the held-out samples; or None."""
    data = snapshot.config.data
    points = points_of(data)
    low, high = points.x_range
    if data.true_formula is not None:
        x, output = snapshot.grid, snapshot.output
        y = parse_formula(data.true_formula)(x).astype(np.float64)
    elif points.held_out.any():
        x, y = points.x[points.held_out].astype(np.float32), points.y[points.held_out]
        output = output_curve(snapshot.curve_layers, snapshot.config.network.activation, x)
    else:
        return None
    inside = (x >= np.float32(low)) & (x <= np.float32(high))
    with np.errstate(over="ignore", invalid="ignore"):
        errors = output.astype(np.float64) - y
    errors[~np.isfinite(y)] = np.nan  # the true function has no value there
    looked_at = float(x.min()), float(x.max())
    is_of_truth = data.true_formula is not None
    return ErrorsApart(_rms(errors[inside]), _rms(errors[~inside]), is_of_truth, (low, high), looked_at)


def _rms(errors: Floats) -> float | None:
    known = errors[~np.isnan(errors)]
    return float(np.sqrt(np.mean(np.square(known)))) if len(known) else None
