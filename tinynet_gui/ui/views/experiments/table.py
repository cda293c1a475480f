"""The registry of shown experiments, by their names in `core.experiments.table`, in the order offered."""

from typing import Any

from tinynet_gui.ui.views.experiments import claim, depth, drawing, influence, ladder, swarm

SHOWN: dict[str, drawing.ShownExperiment[Any]] = {
    "swarm": swarm.SWARM,
    "ladder": ladder.LADDER,
    "depth": depth.DEPTH,
    "influence": influence.INFLUENCE,
    "claim": claim.CLAIM,
}
