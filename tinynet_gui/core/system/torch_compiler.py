"""PyTorch without its compiler, which every optimiser imports, and no step of ours uses."""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeVar

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
