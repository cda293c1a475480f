"""The folder in which everything of the user's is kept, where an environment variable names one."""

import os
from pathlib import Path

HOME = "TINYNET_HOME"


def users_home() -> Path | None:
    """Return the folder for settings, sessions and compiled code; None: each is where the system keeps such things."""
    named = os.environ.get(HOME)
    return Path(named) if named else None
