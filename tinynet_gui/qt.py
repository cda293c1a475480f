"""Shared by engine and ui: undoing the import hook of Qt for Python, single-shot timers, what Qt knows of languages."""

import builtins
from collections.abc import Callable
from importlib import import_module

from PySide6.QtCore import QLocale, QObject, QTimer

from tinynet_gui.core.system.libraries import imports_plainly
from tinynet_gui.core.text.language import decimal_sign


def restore_import() -> None:
    """Undo Shiboken's wrapper of `import`, unless the user wants it.

    It serves only ``from __feature__ import``, but reads and keeps the source of every module imported afterwards:
    55 MB with the window and both engines, and a tenth of their loading time.
    """
    if imports_plainly():
        return
    import_module("PySide6.QtCore")  # installs the wrapper, if that has not happened yet
    names = vars(builtins)
    names["__import__"] = names.get("__orig_import__", names["__import__"])


def single_shot(parent: QObject, interval_ms: int, slot: Callable[[], object], name: str = "") -> QTimer:
    """Return a timer that calls a slot once, this long after its last start; 0 ms: after pending events.

    Tests find the timer by its name.
    """
    timer = QTimer(parent, singleShot=True, interval=interval_ms)
    timer.setObjectName(name)
    timer.timeout.connect(slot)
    return timer


def native_name(language: str) -> str:
    """Return a language's name for itself, by its code; Qt's for English is "American English"."""
    return "English" if language == "en" else QLocale(language).nativeLanguageName()


def spreadsheet_sign() -> str:
    """Return the decimal sign in tables for spreadsheets: a comma if the program's language or the system has one."""
    return "," if "," in (decimal_sign(), QLocale.system().decimalPoint()) else "."
