"""Read files from outside within limits, and explain errors in plain words."""

import os
import stat
import sys
from pathlib import Path

from tinynet_gui.core.text.language import N_, gettext as _


def read_at_most(name: str | Path, count: int) -> bytes:
    """Return at most the first `count` bytes of a file; `OSError` if it cannot be read, or is a pipe or a device."""
    check_plain(name)
    with open(name, "rb") as file:
        return file.read(count)


def check_plain(name: str | Path) -> None:
    """Raise `OSError` if a file is a pipe or a device, or does not exist."""
    kind = os.stat(name).st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):  # of a folder the system says it better
        raise OSError(_("it is not a plain file, but a pipe or a device"))


_WORDS: dict[type[Exception], str] = {
    FileNotFoundError: N_("there is no such file or folder"),
    IsADirectoryError: N_("it is a folder, not a file"),
    NotADirectoryError: N_("a part of its name is not a folder"),
    FileExistsError: N_("a part of its name is not a folder"),  # Windows, for a folder to be made in a file
    PermissionError: N_("it is not allowed"),
}
HELD_NUMBERS = (32, 33)  # Windows': a sharing violation; a part of the file is locked
DENIED_NUMBER = 5  # Windows': also for replacing a file that is open


def file_trouble(error: Exception) -> str:
    """Explain a system error, without its number."""
    if not isinstance(error, OSError):
        return str(error)
    number = getattr(error, "winerror", None)
    if number in HELD_NUMBERS:
        return _("another program has it open")
    if sys.platform == "win32" and isinstance(error, PermissionError):
        for name in filter(None, (error.filename2, error.filename)):
            if os.path.isdir(name):  # Windows does not say that this is why
                return _(_WORDS[IsADirectoryError])
            if _is_locked(name):
                return _("another program has it open")
    if number == DENIED_NUMBER:
        return _("it is not allowed, or another program has it open")
    words = _WORDS.get(type(error))
    return _(words) if words else error.strerror or str(error)


def _is_locked(name: str) -> bool:
    """Whether another program has the file locked; Python's open() does not say that this is why it failed."""
    if sys.platform == "win32":
        import _winapi

        wanted = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
        share_all = 7
        try:
            handle = _winapi.CreateFile(name, wanted, share_all, 0, _winapi.OPEN_EXISTING, 0, 0)
        except OSError as error:
            return error.winerror in HELD_NUMBERS
        _winapi.CloseHandle(handle)
    return False
