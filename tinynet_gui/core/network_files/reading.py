"""Reading a network from a file or a text of any of the kinds."""

import codecs
import importlib.util
import os

from tinynet_gui.core.data.delimited import OnProgress
from tinynet_gui.core.network_files.opened import NetworkFileError, OpenedNetwork
from tinynet_gui.core.network_files.printed import is_printed, read_printed
from tinynet_gui.core.network_files.state_dict import ZIP, read_state_dict
from tinynet_gui.core.network_files.table import is_table, read_network_table
from tinynet_gui.core.system.python_process import is_folder
from tinynet_gui.core.text.plain_file import read_at_most

STATE_DICTS = (".pt", ".pth")
MOST_BYTES = 160_000_000  # of a table of the largest network
LOOKED_AT = 4_096  # bytes, to tell a network from data
PICKLE = b"\x80"  # begins what PyTorch before 1.6 saved
FIRST_PART = b"/data.pkl"  # of what torch.save packs; a spreadsheet is a ZIP too, with other parts
NO_TORCH = (
    "a state_dict is read by PyTorch, which is missing here. "
    "The numbers as a table (File, Export) and the text that PyTorch prints can be opened without it."
)
NOTHING = (
    "no network was found in it: "
    "neither a state_dict, the table exported here, nor printed tensors such as tensor([[0.5]])"
)


def is_network_text(text: str) -> bool:
    """Return whether a text is meant as a network: our table, or tensors in print."""
    return is_table(text) or is_printed(text)


def is_network_file(name: str) -> bool:
    """Return whether a file is meant as a network, by its ending or its first bytes."""
    if os.path.splitext(name)[1].lower() in STATE_DICTS:
        return True
    try:
        head = read_at_most(name, LOOKED_AT)
    except OSError:
        return False  # whoever reads it says why
    return (head.startswith(ZIP) and FIRST_PART in head) or is_network_text(head.decode(_encoding(head), "replace"))


def read_network(name: str, on_progress: OnProgress) -> OpenedNetwork:
    """Read the network of a file.

    Raises
    ------
    NetworkFileError
        If there is none in it that can be trained here.
    OSError
        If the file cannot be read.
    """
    content = read_at_most(name, MOST_BYTES + 1)
    if not content:
        raise NetworkFileError("it is empty")
    if len(content) > MOST_BYTES:
        raise NetworkFileError(f"larger than {MOST_BYTES // 10**6} MB: no network here needs that")
    if content.startswith((ZIP, PICKLE)):
        if is_folder() or importlib.util.find_spec("torch") is None:
            raise NetworkFileError(NO_TORCH)
        return read_state_dict(content, on_progress)
    encoding = _encoding(content)
    try:
        return read_network_text(content.decode(encoding), on_progress)
    except UnicodeDecodeError as error:
        where = f"{error.reason} at byte {error.start:,}"
        raise NetworkFileError(f"neither a state_dict nor a text in {encoding.upper()}: {where}") from None


def _encoding(content: bytes) -> str:
    """Return what a text is in: UTF-16 if it begins with its byte order mark, as a spreadsheet's “Unicode text”."""
    return "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"


def read_network_text(text: str, on_progress: OnProgress) -> OpenedNetwork:
    """Read the network of a text, as `read_network` does."""
    if len(text) > MOST_BYTES:
        raise NetworkFileError(f"longer than {MOST_BYTES // 10**6} million characters: no network here needs that")
    if is_table(text):
        return read_network_table(text, on_progress)
    if is_printed(text):
        return read_printed(text)
    raise NetworkFileError(NOTHING)
