"""Reading a network from a file or a text of any of the kinds."""

import importlib.util
import os

from tinynet_gui.core.network_files.opened import NetworkFileError, OnProgress, OpenedNetwork
from tinynet_gui.core.network_files.printed import is_printed, read_printed
from tinynet_gui.core.network_files.state_dict import read_state_dict
from tinynet_gui.core.network_files.table import is_table, read_table
from tinynet_gui.core.python_process import is_folder

STATE_DICTS = (".pt", ".pth")
MOST_BYTES = 160_000_000  # of a table of the largest network
LOOKED_AT = 4_096  # bytes, to tell a network from data
NO_TORCH = (
    "a state_dict is read by PyTorch, which is missing here. "
    "The numbers as a table (File, Export) and the text that PyTorch prints can be opened without it."
)
NOTHING = "no network was found in it: neither the table exported here nor printed tensors such as tensor([[0.5]])"


def is_network_text(text: str) -> bool:
    """Return whether a text is meant as a network: our table, or tensors in print."""
    return is_table(text) or is_printed(text)


def is_network_file(name: str) -> bool:
    """Return whether a file is meant as a network, by its ending or its first lines."""
    if os.path.splitext(name)[1].lower() in STATE_DICTS:
        return True
    try:
        with open(name, "rb") as file:
            return is_network_text(file.read(LOOKED_AT).decode("utf-8", "replace"))
    except OSError:
        return False  # whoever reads it says why


def read_network(name: str, on_progress: OnProgress) -> OpenedNetwork:
    """Read the network of a file.

    Raises
    ------
    NetworkFileError
        If there is none in it that can be trained here.
    OSError
        If the file cannot be read.
    """
    with open(name, "rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NetworkFileError(f"more than {MOST_BYTES:,} bytes: no network here is that large")
    if os.path.splitext(name)[1].lower() in STATE_DICTS:
        if is_folder() or importlib.util.find_spec("torch") is None:
            raise NetworkFileError(NO_TORCH)
        return read_state_dict(content, on_progress)
    try:
        return read_network_text(content.decode("utf-8"), on_progress)
    except UnicodeDecodeError as error:
        raise NetworkFileError(f"not a text in UTF-8: {error.reason} at byte {error.start:,}") from None


def read_network_text(text: str, on_progress: OnProgress) -> OpenedNetwork:
    """Read the network of a text, as `read_network` does."""
    if len(text) > MOST_BYTES:
        raise NetworkFileError(f"more than {MOST_BYTES:,} characters: no network here is that long")
    if is_table(text):
        return read_table(text, on_progress)
    if is_printed(text):
        return read_printed(text)
    raise NetworkFileError(NOTHING)
