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
    """Load the copy of the package msvc-runtime on Windows, or what Qt for Python brings, where nothing has loaded one.

    A PC may have no such library, or one that is too old: PyTorch from 2.9 on does not start with one before 14.40
    (WinError 1114). The first that is loaded serves everyone in the process who asks for it by its name. The package's
    lies beside Python in a virtual environment; a process that is started, such as one for a script, finds it by PATH.
    Qt's is 14.44 since PySide6 6.9, and lacks the last two.
    """
    if sys.platform != "win32":
        return
    beside, spec = str(Path(sys.executable).parent), find_spec("shiboken6")
    os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", "")])
    for name in LIBRARIES:
        for folder in (beside, *((spec and spec.submodule_search_locations) or ())):
            with suppress(OSError):  # whoever needs it reports what is missing
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
