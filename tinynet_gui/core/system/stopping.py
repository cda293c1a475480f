"""Background work that another thread has asked to stop ends by an exception, which `Jobs` takes for no result."""

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.system.ui_priority import give_way


class StoppedError(Exception):
    """Another thread has asked to stop: nobody waits for the result."""


def go_on(stop: npt.NDArray[np.uint8] | None) -> None:
    """Let the window go first; raise `StoppedError` if another thread has made the element of `stop` nonzero."""
    give_way()
    if stop is not None and stop[0]:
        raise StoppedError
