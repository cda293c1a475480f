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
    """Preload a package's shared libraries without the interpreter lock, so that its import finds them loaded.

    An import holds the lock while a library of 400 MB is mapped and linked, which freezes the window; dlopen, called by
    ctypes, does not. Only on Linux; an error here recurs at the import, and is reported there.
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
PLAIN_IMPORTS = "TINYNET_PLAIN_IMPORTS"  # an environment variable: if set, no import is tampered with


def imports_plainly() -> bool:
    """Whether the user has switched off the import tricks of this module and of `tinynet_gui.qt`."""
    return bool(os.environ.get(PLAIN_IMPORTS))


def load_torch_without_compiler() -> ModuleType:
    """Import torch with a lazy stand-in for its compiler, which saves 0.8 s of a core and 70 to 120 MB.

    The first optimiser would import the compiler for nothing; ``torch.compile`` loads it on first use.
    """
    torch = importlib.import_module("torch")
    if NAME not in sys.modules and not imports_plainly():
        sys.modules[NAME] = _Compiler(NAME)
        setattr(torch, NAME.rpartition(".")[2], sys.modules[NAME])
    return torch


class _Compiler(ModuleType):
    """Stands in for the compiler's module; any attribute but those below loads the real one."""

    @staticmethod
    def disable(function: F, *_: object, **__: object) -> F:
        return function

    @staticmethod
    def graph_break(*_: object, **__: object) -> None:
        """Do nothing: no code is compiled."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__path__":  # what looks through all modules asks for these
            raise AttributeError(name)
        if sys.modules.get(NAME) is self:
            del sys.modules[NAME]
        return getattr(importlib.import_module(NAME), name)
