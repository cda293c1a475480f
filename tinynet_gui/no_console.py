"""What a command line says where there is no console, as with Windows' programs that have a window."""

import ctypes
import io
import os
import re
import sys
from types import TracebackType


class NoConsole:
    """Shows in a message box what is printed meanwhile; where there is a console, it does nothing.

    The box is the system's own: it needs neither Qt nor anything else that may be missing.
    """

    def __init__(self) -> None:
        self._said: io.StringIO | None = None

    def __enter__(self) -> "NoConsole":
        if sys.stdout is None and sys.stderr is None:
            sys.stdout = sys.stderr = self._said = io.StringIO()
            os.environ["COLUMNS"] = "10000"  # the box itself breaks lines
        return self

    def forget(self) -> None:
        """Show nothing of what has been printed: there will be a window."""
        if self._said is not None:
            self._said.truncate(self._said.seek(0))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._said is None:
            return
        sys.stdout = sys.stderr = None
        del os.environ["COLUMNS"]
        if text := self._said.getvalue().strip():
            show_box(re.sub(r"(?<=\S)(?: {2,}|\n {20,})(?=\S)", ": ", text))  # no column stands below another there


def show_box(text: str) -> None:
    """Show a text in a box of the system, and wait until it is closed; only Windows has one."""
    if sys.platform == "win32":
        ctypes.windll.user32.MessageBoxW(None, text, "tinynet", 0)
