"""How to start a Python process that is part of this program."""

import sys
from pathlib import Path

import tinynet_gui


def python_command(statement: str) -> list[str]:
    """Return the command that runs a statement with this package, ignoring the current folder.

    There a student's own ``random.py`` would replace Python's (hence -P); this package, if not installed, is found
    last.
    """
    root = str(Path(tinynet_gui.__file__).parents[1])
    return [sys.executable, "-P", "-c", f"import sys; sys.path.append({root!r}); {statement}"]
