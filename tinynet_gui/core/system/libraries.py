"""PyTorch's libraries: loaded without holding the interpreter lock, and without its compiler."""

import ctypes
import importlib
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar


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


F = TypeVar("F", bound=Callable[..., Any])

NAME = "torch._dynamo"


def load_torch_without_compiler() -> ModuleType:
    """Import torch, and let its first optimiser do without the compiler: 0.8 s of a processor, and 70 to 120 MB.

    Whatever else asks for the compiler gets it, late: ``torch.compile`` works as ever.
    """
    torch = importlib.import_module("torch")
    if NAME not in sys.modules:
        sys.modules[NAME] = _Compiler(NAME)
        setattr(torch, NAME.rpartition(".")[2], sys.modules[NAME])
    return torch


class _Compiler(ModuleType):
    """Stands in for the compiler where nothing is compiled; the first use of anything else of it loads it."""

    @staticmethod
    def disable(function: F, *_: object, **__: object) -> F:
        """Return a function that is not compiled."""
        return function

    @staticmethod
    def graph_break(*_: object, **__: object) -> None:
        """End what is compiled in one piece: nothing."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__path__":  # what looks through all modules asks for these
            raise AttributeError(name)
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        return getattr(importlib.import_module(NAME), name)
