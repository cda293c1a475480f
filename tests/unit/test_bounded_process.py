"""A process that may do harm: the system bounds its memory and processor time, and no slow machine ends it."""

import subprocess

from tests.systems import has_limits
from tinynet_gui.core.system.processes import answer_of, python_command

pytestmark = has_limits
BOUND = "from tinynet_gui.core.system.processes import bound; "


def _answer(statement: str) -> object:
    return answer_of(statement, b"", lambda _share: None)


def test_it_has_little_memory_and_time_from_then_on() -> None:
    script = (
        "import resource as r; from time import process_time; sum(range(10**7)); begun = process_time();"
        "bound(300_000_000, 2); print(r.getrlimit(r.RLIMIT_AS)[0], r.getrlimit(r.RLIMIT_CPU)[0] - begun);"
        "bytearray(400_000_000)"
    )
    done = subprocess.run(python_command(BOUND + script), capture_output=True, text=True, check=False)
    memory, seconds = map(float, done.stdout.split())
    assert memory == 300_000_000
    assert 2 <= seconds < 4
    assert "MemoryError" in done.stderr


def test_one_that_never_ends_is_ended_by_its_processor_time() -> None:
    assert _answer(f"{BOUND} bound(10**9, 0)\nwhile True: pass") is None
