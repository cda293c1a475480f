"""PyTorch's own files, ``torch.save(net.state_dict(), "network.pt")``, unpacked in a separate process.

torch.load with ``weights_only`` runs no code that is in a file; but the file says how much memory it takes.
"""

import base64
import json
from dataclasses import replace

import numpy as np

from tinynet_gui.core.data.delimited import OnProgress
from tinynet_gui.core.network_files.opened import (
    MOST_ARRAYS,
    MOST_NUMBERS,
    SCALES,
    NetworkFileError,
    OpenedNetwork,
    network_of,
)
from tinynet_gui.core.system.bounded_process import answer_of

ZIP = b"PK\x03\x04"
LIMITS = {
    "most_bytes": 500_000_000,  # of memory besides torch itself: the file some times over
    "most_seconds": 25,  # of the processor, once torch is loaded
    "most_unpacked": 64_000_000,  # bytes: the largest network takes 20 million, and twice that in float64
    "most_members": 100,
    "most_pickled": 100_000,  # bytes of all but the numbers: names and shapes
    "most_tensors": MOST_ARRAYS + len(SCALES),
    "most_numbers": MOST_NUMBERS + len(SCALES),
}
STATEMENT = "from tinynet_gui.core.network_files.state_dict_process import main; main()"
ROUNDED = "its numbers have more digits than a float32 holds: they are rounded"
OLD = "it was saved by PyTorch before 1.6, or not by torch.save: save it again with a newer PyTorch"


def read_state_dict(content: bytes, on_progress: OnProgress) -> OpenedNetwork:
    """Read the network of a ``state_dict``: each layer's weight and bias, in the file's order, under any names.

    `NetworkFileError` if there is none in it, or it is too large.
    """
    if not content.startswith(ZIP):
        raise NetworkFileError(OLD)
    said = answer_of(STATEMENT, json.dumps(LIMITS).encode() + b"\n" + content, on_progress)
    if said is None:
        raise NetworkFileError("not read: it needs more memory or time than any network here should")
    if "trouble" in said:
        raise NetworkFileError(said["trouble"])
    named = [
        (one["name"], np.frombuffer(base64.b64decode(one["data"]), np.dtype(one["kind"])).reshape(one["shape"]))
        for one in said["tensors"]
    ]
    opened = network_of(named)
    arrays = [array for name, array in named if name not in SCALES]
    is_same = all(np.array_equal(one, other) for one, other in zip(arrays, opened.parameters, strict=True))
    return opened if is_same else replace(opened, remark=ROUNDED)
