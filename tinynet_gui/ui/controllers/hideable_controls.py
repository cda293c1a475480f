"""The controls that a teacher can hide from students, besides settings, views and experiments."""

from collections.abc import Callable
from dataclasses import dataclass

from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.inspector.inspector import Inspector
from tinynet_gui.ui.window.context import Context

NEW_SEED = "actionNewSeed"


@dataclass(frozen=True)
class Hideable:
    """A control that can be hidden.

    Attributes
    ----------
    name
        As in sessions and lessons; `core.lessons.measured_names.hideable` has it too.
    label
        As in *What students see*.
    offer
        Offers it in a window, or takes every way to it away, and turns it off.
    """

    name: str
    label: str
    offer: Callable[[Context, bool], None]


def _offer_editing(context: Context, is_offered: bool) -> None:
    context.find(FunctionPlot).offer_editing(is_offered)
    context.actions["actionEditData"].setEnabled(is_offered)


def _offer_new_seed(context: Context, is_offered: bool) -> None:
    context.frame.transport.offer(NEW_SEED, is_offered)
    context.actions[NEW_SEED].setEnabled(is_offered)


def _offer_freezing(context: Context, is_offered: bool) -> None:
    context.find(Inspector).numbers.offer_freezing(is_offered)


def _switch(name: str, label: str) -> Hideable:
    """Return the control for a switch of the function plot."""
    return Hideable(f"switch.{name}", label, lambda context, on: context.find(FunctionPlot).switches.offer(name, on))


CONTROLS = (
    Hideable("switch.edit", "Edit data in the plot", _offer_editing),
    _switch("parts", "Parts of the curve"),
    _switch("probe", "Probe"),
    _switch("seeds", "Other seeds beside the curve"),
    Hideable("action.new_seed", "New seed", _offer_new_seed),
    Hideable("action.freeze", "Freeze", _offer_freezing),
)
