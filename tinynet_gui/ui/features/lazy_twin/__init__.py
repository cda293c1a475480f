"""The lazy twin of the run in sight: its curve in the function plot, and its loss in modes over the network's."""

from tinynet_gui.ui.features.lazy_twin.controller import LazyTwinController
from tinynet_gui.ui.features.lazy_twin.modes import TwinModesController
from tinynet_gui.ui.window.context import Context, Feature
from tinynet_gui.ui.window.menus import Action


def make(context: Context) -> LazyTwinController:
    """Connect it with both plots."""
    twin = LazyTwinController(context)
    TwinModesController(context, twin.found)
    return twin


FEATURE = Feature(
    "lazy_twin",
    make,
    Action(
        "actionLazyTwin",
        "Show its la&zy twin",
        "Draw the same network made linear in its weights around its start: training does not move its kinks.",
        "plots",
        is_checkable=True,
    ),
    Action(
        "actionTwinModes",
        "What the &twin learns when",
        "Draw the loss of its lazy twin, and the parts that it is the sum of: which part is learned when.",
        "plots",
        is_checkable=True,
    ),
)
