"""What a file may take in memory while it unfolds: a small one could fill all there is."""

from tinynet_gui.core.run.storage.plain_values import StorageError
from tinynet_gui.core.training.engines import Stop
from tinynet_gui.core.ui_priority import give_way

SPARE_BYTES = 150_000_000
MOST_TIMES = 30  # so many times the bytes of a file, beside that: the text of a long drag of a slider has 15
SMALL_BYTES = 300_000_000  # what any session may need itself
NEEDED_TIMES = 6_000  # and so many times its file: a sample that is dragged is 35 bytes there, and 10,000 points here


class ReadingStoppedError(Exception):
    """Nobody waits any more for what is being read."""


class Budget:
    """Belongs to the reading of one file: charged before anything in it is unfolded, and asked now and then.

    Parameters
    ----------
    file_bytes
        The size of the file.
    stop
        uint8 of shape (1,): nonzero when reading is to end early.

    Attributes
    ----------
    left
        Bytes that may still be taken beyond what is in the file.
    most_needed
        What the session itself may take.
    """

    def __init__(self, file_bytes: int = 0, stop: Stop | None = None) -> None:
        self.left = SPARE_BYTES + MOST_TIMES * file_bytes
        self.most_needed = SMALL_BYTES + NEEDED_TIMES * file_bytes
        self._stop = stop

    def charge(self, nbytes: int, place: str) -> None:
        """Say that so many more bytes are taken beyond what is in the file; StorageError if that is too much."""
        self.left -= max(nbytes, 0)
        if self.left < 0:
            raise StorageError(place, "it would take more memory than a session in a file of this size can need")

    def go_on(self) -> None:
        """Let the window go first, between two of many things; ReadingStoppedError if nobody waits any more."""
        give_way()
        if self._stop is not None and self._stop[0]:
            raise ReadingStoppedError
