"""Can it extrapolate? The error of a network within the range of x that it is trained on, and outside."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.data.dataset import points_of
from tinynet_gui.core.data.formula import parse_formula
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.run.snapshot import Snapshot


@dataclass(frozen=True)
class ErrorsApart:
    """Root mean squares of errors, in units of y; None where there is nothing to compare with.

    Attributes
    ----------
    within, outside
        Of the range from the smallest to the largest x of the training samples.
    is_of_truth
        Whether they are those against the true function, and not those of held-out samples.
    """

    within: float | None
    outside: float | None
    is_of_truth: bool


def errors_apart(snapshot: Snapshot) -> ErrorsApart | None:
    """Return the errors against the true function over `plot_grid`, or else over the held-out samples; or None."""
    data = snapshot.config.data
    points = points_of(data)
    trained = points.x[~points.held_out]
    if data.true_formula is not None:
        x, output = snapshot.grid, snapshot.output
        y = parse_formula(data.true_formula)(x).astype(np.float64)
    elif points.held_out.any():
        x, y = points.x[points.held_out].astype(np.float32), points.y[points.held_out]
        output = output_curve(snapshot.curve_layers, snapshot.config.network.activation, x)
    else:
        return None
    inside = (x >= np.float32(trained.min())) & (x <= np.float32(trained.max()))
    with np.errstate(over="ignore", invalid="ignore"):
        errors = output.astype(np.float64) - y
    errors[~np.isfinite(y)] = np.nan  # the true function has no value there
    return ErrorsApart(_rms(errors[inside]), _rms(errors[~inside]), data.true_formula is not None)


def _rms(errors: npt.NDArray[np.float64]) -> float | None:
    known = errors[~np.isnan(errors)]
    return float(np.sqrt(np.mean(np.square(known)))) if len(known) else None
