"""The registry of shown experiments, by their names in `core.experiments.table`, in the order offered."""

from typing import Any

from tinynet_gui.ui.views.experiments.claim import CLAIM
from tinynet_gui.ui.views.experiments.depth import DEPTH
from tinynet_gui.ui.views.experiments.drawing import ShownExperiment
from tinynet_gui.ui.views.experiments.influence import INFLUENCE
from tinynet_gui.ui.views.experiments.ladder import LADDER
from tinynet_gui.ui.views.experiments.swarm import SWARM

SHOWN: dict[str, ShownExperiment[Any]] = {
    "swarm": SWARM,
    "ladder": LADDER,
    "depth": DEPTH,
    "influence": INFLUENCE,
    "claim": CLAIM,
}
