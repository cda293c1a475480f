"""A memory limit for reading a file: a small one could expand to fill all memory."""

from tinynet_gui.core.numerics.arrays import Stop
from tinynet_gui.core.storage.plain_values import StorageError
from tinynet_gui.core.system.stopping import go_on

SPARE_BYTES = 150_000_000
MOST_TIMES = 30  # times the bytes of a file, on top of that: the text of a long slider drag takes 15
SMALL_BYTES = 300_000_000  # that any session may need itself
NEEDED_TIMES = 6_000  # plus this many times its file: a dragged sample takes 35 bytes there, and 10,000 points here


class Budget:
    """The limit for reading one file: charged before anything in it is expanded, and checked now and then.

    Parameters
    ----------
    file_bytes
        The size of the file.
    stop
        uint8 of shape (1,): nonzero to end the reading early.

    Attributes
    ----------
    left
        Bytes that may still be taken beyond the size of the file.
    most_needed
        The memory that the session itself may take.
    """

    def __init__(self, file_bytes: int = 0, stop: Stop | None = None) -> None:
        self.left = SPARE_BYTES + MOST_TIMES * file_bytes
        self.most_needed = SMALL_BYTES + NEEDED_TIMES * file_bytes
        self._stop = stop

    def charge(self, nbytes: int, place: str) -> None:
        """Charge some bytes beyond the size of the file; StorageError if that is too much."""
        self.left -= max(nbytes, 0)
        if self.left < 0:
            raise StorageError(place, "it would take more memory than a session in a file of this size can need")

    def go_on(self) -> None:
        """Let the window go first, between two of many items; StoppedError if the result is no longer wanted."""
        go_on(self._stop)
