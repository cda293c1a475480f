"""Microsoft's C++ runtime on Windows, which PyTorch and numba need and do not bring."""

import ctypes
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path


def load_cpp_runtime() -> None:
    """Load the copy that Qt for Python brings, on Windows, where nothing else has loaded one.

    A PC may have no such library, or one that is too old: PyTorch from 2.9 on does not start with one before 14.40
    (WinError 1114). The first that is loaded serves everyone in the process who asks for it by its name. Qt's is 14.44
    since PySide6 6.9.
    """
    spec = find_spec("shiboken6") if sys.platform == "win32" else None
    for folder in (spec and spec.submodule_search_locations) or ():
        with suppress(OSError):  # whoever needs it reports what is missing
            ctypes.CDLL(str(Path(folder) / "msvcp140.dll"))
