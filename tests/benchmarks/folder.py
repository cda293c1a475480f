"""The folder that runs without Python, beside the installed program: its size, and its start.

It is that which TINYNET_FOLDER names, else ``dist/tinynet``; without one nothing is measured.
"""

import os
import shutil
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path

from tests.benchmarks.effort import Effort, so_many
from tests.benchmarks.records import Benchmarks, Record, beside, median
from tests.benchmarks.startup import moments_of
from tinynet_gui.packaging.folder import NAME, program_of, size_of

ROUNDS = 5
INSTALLED = ("torch", "numpy", "PySide6_Essentials", "shiboken6", "pyqtgraph", "numba", "llvmlite", "pillow", "sympy")


def _folder() -> Path | None:
    folder = Path(os.environ.get("TINYNET_FOLDER", Path("dist") / NAME)).resolve()
    if program_of(folder).is_file() and not Effort.is_quick:
        return folder
    print(f"{folder}: no folder; python -m tinynet_gui.packaging.folder makes it", file=sys.stderr)
    return None


def _installed_bytes() -> int:
    """Return the size of the large packages that the installed program uses."""
    files = [Path(str(file.locate())) for name in INSTALLED for file in distribution(name).files or ()]
    return sum(file.stat().st_size for file in files if file.is_file())


def folder_size() -> list[Record]:
    """The size of the folder, and of its archive if that is beside it."""
    if (folder := _folder()) is None:
        return []
    installed = _installed_bytes()
    sizes = [("folder_size", size_of(folder))]
    sizes += [("folder_size_packed", file.stat().st_size) for file in folder.parent.glob(f"{NAME}-*.*")]
    return [beside(name, size / 1e6, "MB", "the installed packages", installed / 1e6) for name, size in sizes]


def folder_start() -> list[Record]:
    """From the start to the first steps drawn: of a folder just unpacked, of it again, and of the installed program."""
    if (folder := _folder()) is None:
        return []
    first, again, installed = [], [], []
    for _ in range(so_many(ROUNDS)):
        with tempfile.TemporaryDirectory() as place:
            fresh = Path(place) / NAME
            shutil.copytree(folder, fresh, symlinks=True)
            first.append(moments_of("start", program=str(program_of(fresh)))["trained"])
            again.append(moments_of("start", program=str(program_of(fresh)))["trained"])
        installed.append(moments_of("start")["trained"])
    return [
        beside("folder_start", median(again), "s", "the installed program", median(installed)),
        beside("folder_start_first", median(first), "s", "its second start", median(again)),
    ]


BENCHMARKS: Benchmarks = {"folder_size": folder_size, "folder_start": folder_start}
