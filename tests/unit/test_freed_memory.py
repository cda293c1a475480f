"""Memory that a large job has freed goes back to the system."""

import sys
from pathlib import Path

import pytest

from tinynet_gui.core.system.machine import give_memory_back

BLOCKS, BYTES = 2_000, 60_000  # each too small for glibc to ask the system for it alone


@pytest.mark.skipif(sys.platform != "linux", reason="the system is not asked there")
def test_what_is_freed_below_what_is_kept_goes_back() -> None:
    blocks = [b"x" * BYTES for _ in range(BLOCKS)]
    kept, taken = blocks[-1], _resident()
    del blocks
    give_memory_back()
    assert taken - _resident() > 0.8 * BLOCKS * BYTES
    assert kept


def _resident() -> int:
    """Return how many bytes of this process are in memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii").split()
    return 1024 * int(status[status.index("VmRSS:") + 1])
