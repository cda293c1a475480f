"""Microsoft's C++ runtime on Windows, which PyTorch and numba need and do not bring."""

import ctypes
import os
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

# PyTorch 2.13 needs the first two, 2.14 and later all of them.
LIBRARIES = ("msvcp140.dll", "msvcp140_atomic_wait.dll", "vcruntime140_threads.dll")


def load_cpp_runtime() -> None:
    """On Windows, load the runtime of the package msvc-runtime, else that of Qt for Python, unless one is loaded.

    A PC may have none, or one that is too old: PyTorch 2.9 and later fail with versions before 14.40 (WinError 1114).
    Whichever copy a process loads first is used for all later requests of that name. In a virtual environment the
    package's copy lies beside Python, where subprocesses find it by PATH. Qt's is 14.44 since PySide6 6.9, without the
    last two libraries.
    """
    if sys.platform != "win32":
        return
    beside, spec = str(Path(sys.executable).parent), find_spec("shiboken6")
    os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", "")])
    for name in LIBRARIES:
        for folder in (beside, *((spec and spec.submodule_search_locations) or ())):
            with suppress(OSError):  # the library that needs it will report it
                ctypes.CDLL(str(Path(folder, name)))
                break


def missing_libraries() -> list[str]:
    """Return which of its libraries neither this process nor Windows has."""
    missing = []
    for name in LIBRARIES if sys.platform == "win32" else ():
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return missing
