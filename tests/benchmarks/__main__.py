"""``python -m tests.benchmarks [--quick] [NAME ...]``: one JSON object a line for each figure.

Each is measured beside what it is compared with, in the same run: machines differ and are shared, a ratio holds longer
than a number of milliseconds. Goals, in `goals`, are those of the ratios. With ``--quick`` everything is run once, in
little, and of benchmarks whose names differ in numbers alone one: that says whether they run, its figures say nothing.
``--against COMMIT`` measures another commit and this tree in turns. The user's settings and sessions are left alone.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from tests.benchmarks import against
from tinynet_gui.core.system.machine import HOME

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROUNDS = 3
USAGE_ERROR, INTERRUPTED = 2, 130


@contextmanager
def _folders_of_their_own() -> Iterator[None]:
    """Let settings and sessions be kept elsewhere, by this process and those that it starts."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, patch.dict(os.environ, {HOME: folder}):
        yield


def _rounds(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; a whole number from 1 on is")
    return int(text)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description="Measure how fast the program is.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a benchmark; without one, all")
    parser.add_argument("--quick", action="store_true", help="run everything once, in little: do they run?")
    says = f"measure another commit and this tree in turns, and say how they differ. {against.RULE}"
    parser.add_argument("--against", metavar="COMMIT", help=says)
    parser.add_argument("--rounds", type=_rounds, help=f"how often each is measured with --against (usually {ROUNDS})")
    parser.add_argument("--json", action="store_true", help="with --against: an object a line, not a table")
    options = parser.parse_args(arguments)
    if options.against is None and (options.json or options.rounds):
        parser.error("--rounds and --json go with --against")
    return options


def main(arguments: Sequence[str]) -> int:
    """Run the named benchmarks, or all; return the exit status."""
    options = _options(arguments)
    if options.against is None:
        return _measure(options.names, is_quick=options.quick)
    rounds = options.rounds or ROUNDS
    try:
        return against.compare(options.against, options.names, rounds, is_quick=options.quick, as_json=options.json)
    except against.NotComparedError as error:
        print(error, file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED


def _measure(names: Sequence[str], *, is_quick: bool) -> int:
    importlib.import_module("tinynet_gui")  # before numpy: it says how many threads numpy is to take
    from PySide6.QtWidgets import QApplication

    from tests.benchmarks import (
        background,
        curve,
        drags,
        experiments,
        export,
        folder,
        kernel,
        looking,
        maps,
        memory,
        opened,
        painting,
        session,
        startup,
        window,
    )
    from tests.benchmarks.effort import Effort, one_of_each, usual

    first = (window, painting, drags, memory, startup)
    subjects = (*first, kernel, experiments, curve, looking, maps, background, session, export, folder)
    known = {name: run for subject in subjects for name, run in subject.BENCHMARKS.items()}
    if unknown := [name for name in names if name not in known]:
        print(f"unknown: {', '.join(unknown)}; known: --quick, {', '.join(known)}", file=sys.stderr)
        return USAGE_ERROR
    _ = QApplication.instance() or QApplication([])
    with patch.object(Effort, "is_quick", is_quick), _folders_of_their_own():
        try:
            for name in names or (one_of_each(known) if is_quick else usual(known)):
                for record in known[name]():
                    print(json.dumps(record), flush=True)
        finally:
            opened.close_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
