"""Loads a package's shared libraries without holding the interpreter lock."""

import ctypes
import os
import sys
from importlib.util import find_spec
from pathlib import Path


def load_libraries_of(package: str) -> None:
    """Have the system load a package's libraries, so that its import finds them in the process.

    An import holds the interpreter lock while a library of 400 MB is mapped and linked, which stops the window. The
    system's own dlopen, called by ctypes, does not. Only on Linux; an error here happens again at the import, and is
    reported there.
    """
    spec = find_spec(package) if sys.platform == "linux" else None
    if spec is None or spec.origin is None:
        return
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
    for path in sorted(Path(spec.origin).parent.glob("lib/lib*.so*")):
        dlopen(os.fsencode(path), os.RTLD_LAZY)
