"""How a process of Python is begun that is a part of this program."""

import sys
from pathlib import Path

import tinynet_gui


def python_command(statement: str) -> list[str]:
    """Return the command that runs a statement with this package, and with nothing out of the current folder.

    There a student's own ``random.py`` would take the place of Python's (hence -P); this package, where it is not
    installed, is found last.
    """
    root = str(Path(tinynet_gui.__file__).parents[1])
    return [sys.executable, "-P", "-c", f"import sys; sys.path.append({root!r}); {statement}"]
