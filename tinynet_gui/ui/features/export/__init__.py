"""Exports a run as code or as a web page, and its network as numbers."""

from collections.abc import Callable
from typing import Any

from tinynet_gui.ui.window.actions import Action, Menu
from tinynet_gui.ui.window.context import Context, Feature, LazyImport, View


def _offer_in_microscope(context: Context, _make: Callable[[], Any]) -> None:
    def offer(record: View, view: Any) -> None:
        if record.name == "microscope":
            view.addAction(context.actions["actionExportStep"])

    context.each_view(offer)


FEATURE = Feature(
    "export",
    LazyImport("tinynet_gui.ui.features.export.controller", "ExportController"),
    Menu("exportMenu", "E&xport", ("code", "network"), "networks and pictures"),
    Action(
        "actionExportScript",
        "&PyTorch script …",
        "Write this run as a script for PyTorch, and check that it gives the same losses.",
        "code",
    ),
    Action(
        "actionExportNotebook",
        "&Notebook …",
        "Write this run as a Jupyter notebook with plots, and check that it gives the same losses.",
        "code",
    ),
    Action(
        "actionExportStep",
        "This step as &code …",
        "Write the step that the microscope shows, or else the next one, as a script or a notebook: each line by hand, "
        "and checked against PyTorch.",
        "code",
    ),
    Action(
        "actionExportPage",
        "&Web page …",
        "Write this run as one file to play and explore in any browser, with no network and no program.",
        "code",
    ),
    Action(
        "actionExportModel",
        "Network as &state_dict …",
        "Write the weights and biases shown to a file that PyTorch loads.",
        "network",
    ),
    Action(
        "actionExportNumbers",
        "Network as n&umbers …",
        "Write the weights and biases shown as a table to a CSV file.",
        "network",
    ),
    first=_offer_in_microscope,
)
