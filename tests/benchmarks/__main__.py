"""``python -m tests.benchmarks [NAME ...]``: one JSON object a line for each benchmark.

Every figure is measured beside what it is compared with, in the same run: machines differ and are
shared, a ratio holds longer than a number of milliseconds.
"""

import json
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all; return the exit status."""
    import tinynet_gui  # noqa: F401  # before numpy: it says how many threads numpy is to take
    from tests.benchmarks import (
        aside,
        curve,
        export,
        film,
        influence,
        kernel,
        microscope,
        scrub,
        session,
        startup,
        sweep,
        window,
    )

    subjects = (window, startup, kernel, sweep, influence, curve, microscope, aside, scrub, session, export, film)
    known = {name: run for subject in subjects for name, run in subject.BENCHMARKS.items()}
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    for name in names or known:
        for record in known[name]():
            print(json.dumps(record), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
