"""Why a loss is not finite before any step: the samples or the weights are too large."""

import numpy as np

from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.config.targets import FORMULA
from tinynet_gui.core.failures.diagnosis import Explanation
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.numerics.arrays import Array
from tinynet_gui.core.text.numbers import plain
from tinynet_gui.core.training.snapshot import Snapshot


def explain_infinite_start(snapshot: Snapshot, is_by_hand: bool) -> Explanation:
    """Say why the loss is not finite at a state that no step of this run led to."""
    config, dataset = snapshot.config, snapshot.dataset
    what = f"At step {snapshot.step:,} the loss is already not finite: no step led there, so no learning rate helps."
    squares = (
        "the squares of such errors are" if LOSSES[config.training.loss].is_square else "the sum of such errors is"
    )
    beyond = f"{squares} beyond 3.4·10³⁸, where float32 ends."
    y = _largest(dataset.y_train)
    output = _largest(forward(snapshot.layers, config.network.activation, dataset.x_train[:, 0]).output)
    if output > y:
        source = "The numbers that were set by hand" if is_by_hand else "The weights"
        size = f"as large as {plain(output)}" if np.isfinite(output) else "infinite"
        means = "Undo takes the change back." if is_by_hand else "Smaller weights to begin with are the remedy."
        return Explanation((what, f"{source} make the output {size}: {beyond}", means))
    why = f"The samples' y are as large as {plain(y)}: {beyond}"
    scale = f"1e{int(np.floor(np.log10(y)))}"
    changes = {"data.formula": f"({config.data.target_formula})/{scale}", "data.target": FORMULA}
    try:
        config.with_changes(changes)
    except ConfigError:
        return Explanation((what, why, "Networks are made for smaller samples, of about 1."))
    means = f"Divided by {scale}, they are below 10."
    return Explanation((what, why, means), changes, f"Divide the target by {scale}")


def _largest(values: Array) -> float:
    """Return the largest absolute value; infinite if one is NaN."""
    return float(np.max(np.nan_to_num(np.abs(values), nan=np.inf, posinf=np.inf)))
