"""Opens external networks, and starts runs with their weights."""

from collections.abc import Callable
from typing import Any

from tinynet_gui.ui.window.actions import Action
from tinynet_gui.ui.window.context import Context, Feature, LazyImport

READING = "tinynet_gui.core.network_files.reading"


def _take_files(context: Context, this: Callable[[], Any]) -> None:
    context.incoming.add_file(LazyImport(READING, "is_network_file"), lambda name: this().open_file(name))
    context.incoming.add_texts(LazyImport(READING, "is_network_text"), lambda text, _: this().open_text(text))


FEATURE = Feature(
    "open_network",
    LazyImport("tinynet_gui.ui.features.open_network.controller", "OpenNetworkController"),
    Action(
        "actionOpenNetwork",
        "Open net&work …",
        "Begin a run with weights from a file: a state_dict, the table exported here, or what PyTorch printed.",
        "networks and pictures",
    ),
    first=_take_files,
)
