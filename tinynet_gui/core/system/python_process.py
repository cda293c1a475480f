"""How to start a Python process: one that is part of this program, or one for a script that it wrote."""

import os
import sys
from pathlib import Path

import tinynet_gui

SCRIPT_PYTHON = "TINYNET_PYTHON"  # an environment variable: the Python that runs scripts, which need PyTorch


def is_folder() -> bool:
    """Whether this is a folder that runs without Python: its executable takes -P and -c, but it has no PyTorch."""
    return bool(getattr(sys, "frozen", False))


def python_command(statement: str) -> list[str]:
    """Return the command that runs a statement with this package, ignoring the current folder.

    There a student's own ``random.py`` would replace Python's (hence -P); this package, if not installed, is found
    last.
    """
    root = str(Path(tinynet_gui.__file__).parents[1])
    return [sys.executable, "-P", "-c", f"import sys; sys.path.append({root!r}); {statement}"]


def named_python() -> str:
    """Return the Python that TINYNET_PYTHON names for scripts; "" if it names none."""
    return os.environ.get(SCRIPT_PYTHON, "")


def script_command(*arguments: str) -> list[str]:
    """Return the command that runs a script with arguments, whatever lies beside it; nothing where no Python is known.

    It is run by the Python that TINYNET_PYTHON names, else by this one.
    """
    python = named_python() or ("" if is_folder() else sys.executable)
    return [python, "-P", *arguments] if python else []
