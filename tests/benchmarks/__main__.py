"""``python -m tests.benchmarks [--quick] [NAME ...]``: one JSON object a line for each benchmark.

Every figure is measured beside what it is compared with, in the same run: machines differ and are
shared, a ratio holds longer than a number of milliseconds. With ``--quick`` everything is run once, in little,
and of benchmarks whose names differ in numbers alone one: that says whether they run, its figures say nothing. The
user's settings and sessions are left alone.
"""

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from tinynet_gui.core.system.users_home import HOME

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@contextmanager
def _folders_of_their_own() -> Iterator[None]:
    """Let settings and sessions be kept elsewhere, by this process and those that it starts."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, patch.dict(os.environ, {HOME: folder}):
        yield


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks, or all; return the exit status."""
    importlib.import_module("tinynet_gui")  # before numpy: it says how many threads numpy is to take
    from PySide6.QtWidgets import QApplication

    from tests.benchmarks import (
        background,
        curve,
        experiments,
        export,
        folder,
        kernel,
        looking,
        maps,
        session,
        startup,
        window,
    )
    from tests.benchmarks.effort import Effort, one_of_each

    subjects = (window, startup, kernel, experiments, curve, looking, maps, background, session, export, folder)
    known = {name: run for subject in subjects for name, run in subject.BENCHMARKS.items()}
    names = [name for name in arguments if name != "--quick"]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: --quick, {', '.join(known)}", file=sys.stderr)
        return 2
    _ = QApplication.instance() or QApplication([])
    with patch.object(Effort, "is_quick", "--quick" in arguments), _folders_of_their_own():
        try:
            for name in names or (one_of_each(known) if Effort.is_quick else known):
                for record in known[name]():
                    print(json.dumps(record), flush=True)
        finally:
            window.close_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
