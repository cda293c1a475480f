"""Keeps exceptions from leaving methods called by Qt.

On Python 3.11, PySide6 6.8 to 6.11 crash if an exception raised by C code leaves an override that returns a value and
was called from within another. `tests/gui/test_guard.py` finds unguarded overrides, and
`tests/gui/test_qt_canary.py` fails once the crash is fixed.
"""

import enum
import functools
import inspect
import sys
from types import FunctionType
from typing import Any, TypeVar, cast

C = TypeVar("C", bound=type)

_TOOLKITS = ("PySide6", "pyqtgraph")
_seen: set[str] = set()  # modules imported before, which are thousands


def guarded(cls: C) -> C:
    """Guard a class's overrides of methods of Qt and pyqtgraph; a class decorator.

    An exception goes to `sys.excepthook`, which shows it, and the overridden method's result is returned; if there is
    none, an empty value of the annotated return type.
    """
    for name in overrides(cls):
        if not is_guarded(vars(cls)[name]):
            setattr(cls, name, _guarded(cls, name, vars(cls)[name]))
    return cls


def guard_package(package: str) -> None:
    """Guard the classes of all modules of a package that were imported since the last call."""
    new = sys.modules.keys() - _seen
    _seen.update(new)
    for name in new:
        if f"{name}.".startswith(f"{package}."):
            for cls in list(vars(sys.modules[name]).values()):
                if isinstance(cls, type) and cls.__module__ == name:
                    guarded(cls)


def overrides(cls: type) -> list[str]:
    """Return the names of a class's methods that override one of Qt's or pyqtgraph's."""
    bases = [base for base in cls.__mro__[1:] if base.__module__.startswith(_TOOLKITS)]
    return [
        name
        for name, method in (vars(cls) if bases else {}).items()
        if isinstance(method, FunctionType) and not name.startswith("__") and any(name in vars(base) for base in bases)
    ]


def is_guarded(method: object) -> bool:
    return getattr(method, "lets_no_exception_out", False)


def _guarded(cls: type, name: str, method: FunctionType) -> FunctionType:
    takes_any = method.__code__.co_flags & inspect.CO_VARARGS
    most = None if takes_any else method.__code__.co_argcount - 1

    @functools.wraps(method)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        args = args[:most]  # like a slot, a method gets only as many arguments of the signal as it takes
        try:
            return method(self, *args, **kwargs)
        except Exception as error:
            if not _is_cleared(self, error):
                sys.excepthook(type(error), error, error.__traceback__)
        # By now the frame of the failed method is gone, and with it any painter it left open.
        try:
            return getattr(super(cls, self), name)(*args, **kwargs)
        except Exception:  # Qt's method is pure virtual
            return _empty(method.__annotations__.get("return"))

    vars(wrapper)["lets_no_exception_out"] = True
    return cast(FunctionType, wrapper)


def _is_cleared(owner: object, error: Exception) -> bool:
    """Whether an object failed because the garbage collector has cleared its attributes before Qt has destroyed it."""
    return isinstance(error, AttributeError) and error.obj is owner and not vars(owner)


def _empty(kind: Any) -> Any:
    """Return an empty value of a type: 0, "", an empty rectangle; None if there is no type."""
    if not isinstance(kind, type) or kind is object:
        return None
    return kind(0) if issubclass(kind, enum.Enum) else kind()
