"""``python -m tinynet_gui.core.training.compiled.warm_up``: compiles everything into the disk cache, once.

numba holds the GIL while it compiles, for several seconds, which would freeze the window in its process. Each part is
compiled in a separate process, so that two cores take half the time.
"""

import subprocess

from tinynet_gui.core.system.processes import enter_job, python_command
from tinynet_gui.core.training.compiled.cache import PARTS, is_compiled, prepare_cache_directory, write_stamp


def main() -> int:
    """Compile everything, and mark the disk cache as complete.

    Returns 0; or 1 if it could not be compiled or written to the disk.
    """
    enter_job()  # else the processes below would outlive this one on Windows
    prepare_cache_directory()  # shared by all of them
    processes = [subprocess.Popen(python_command(f"import {__package__}.{part}")) for part in PARTS]
    statuses = [process.wait() for process in processes]  # waits for each of them
    if any(statuses):
        return 1
    write_stamp()
    return 0 if is_compiled() else 1


if __name__ == "__main__":
    raise SystemExit(main())
