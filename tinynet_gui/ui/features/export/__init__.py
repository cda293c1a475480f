"""A run as code or as a web page, its network as numbers."""

from tinynet_gui.ui.window.context import Feature
from tinynet_gui.ui.window.late import Late
from tinynet_gui.ui.window.menus import Action, Menu

FEATURE = Feature(
    "export",
    Late("tinynet_gui.ui.features.export.controller", "ExportController"),
    Menu("exportMenu", "E&xport", ("code", "network"), "networks and pictures"),
    Action(
        "actionExportScript",
        "&PyTorch script …",
        "",
        "Write this run as a script for PyTorch, and check that it gives the same losses.",
        "code",
    ),
    Action(
        "actionExportNotebook",
        "&Notebook …",
        "",
        "Write this run as a Jupyter notebook with plots, and check that it gives the same losses.",
        "code",
    ),
    Action(
        "actionExportPage",
        "&Web page …",
        "",
        "Write this run as one file to play and explore in any browser, with no network and no program.",
        "code",
    ),
    Action(
        "actionExportModel",
        "Network as &state_dict …",
        "",
        "Write the weights and biases shown to a file that PyTorch loads.",
        "network",
    ),
    Action(
        "actionExportNumbers",
        "Network as n&umbers …",
        "",
        "Write the weights and biases shown as a table to a CSV file.",
        "network",
    ),
)
