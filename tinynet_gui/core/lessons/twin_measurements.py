"""What lessons measure of a moment of a run beside its lazy twin."""

import math
from collections.abc import Callable

import numpy as np

from tinynet_gui.core.lazy_twin.of_run import twin_at, twin_start, way_of
from tinynet_gui.core.lazy_twin.twin import LazyTwin, NoTwinError, TwinState
from tinynet_gui.core.run.past import engines_needed
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.step.curvature import EXACT_UP_TO
from tinynet_gui.core.training.dataset import points_of
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.core.values import dataclass

MOST_SAMPLES = 200  # of more the window would wait


@dataclass(frozen=True, eq=False)
class BesideTwin:
    """A moment of a run, the twin from the run's start, and what has become of it meanwhile."""

    snapshot: Snapshot
    twin: LazyTwin
    state: TwinState


def beside_twin(snapshot: Snapshot, run: Run | None) -> BesideTwin | None:
    """Return a moment beside its twin; None if it has none, or if finding it takes long."""
    is_large = snapshot.config.network.parameter_count > EXACT_UP_TO or len(snapshot.dataset.x_train) > MOST_SAMPLES
    if run is None or not run.checkpoints or is_large:
        return None
    first = twin_start(run, snapshot.step)
    if "PyTorch" in engines_needed(run, first):
        return None
    try:
        return BesideTwin(snapshot, twin := twin_at(run, first), twin.after(way_of(run, first, snapshot.step)))
    except NoTwinError:
        return None


def _off(beside: BesideTwin) -> float:
    snapshot = beside.snapshot
    low, high = points_of(snapshot.config.data).x_range
    inside = (snapshot.grid >= np.float32(low)) & (snapshot.grid <= np.float32(high))
    with np.errstate(all="ignore"):
        apart = snapshot.output[inside] - beside.twin.curve(snapshot.grid[inside]).at(beside.state)
        return float(np.sqrt(np.mean(apart**2))) if len(apart) else math.nan


TWINS: dict[str, Callable[[BesideTwin], float]] = {
    "twin_loss": lambda beside: beside.state.loss if math.isfinite(beside.state.loss) else math.inf,
    "twin_off": _off,
    "kernel_moved": lambda beside: 100 * beside.twin.kernel_movement(beside.snapshot.state.parameters),
}
