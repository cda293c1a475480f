"""Where the settings are, and the language in them: it has to be known before any module with texts is imported."""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths

from tinynet_gui.core.system.machine import users_home
from tinynet_gui.core.text.language import ENGLISH

MOST_BYTES = 4_000_000  # of the file; usually some thousands, with 10,000 samples half a million
LANGUAGE = "language"


def chosen_language() -> str:
    """Return the code of the language that the user has chosen; English if there is none, or it cannot be read."""
    try:
        with open(settings_path(), "rb") as file:
            language = json.loads(file.read(MOST_BYTES)).get(LANGUAGE)
    except (OSError, ValueError, RecursionError, AttributeError):
        return ENGLISH  # the window reports what is wrong
    return language if isinstance(language, str) and language else ENGLISH


def settings_path() -> Path:
    if home := users_home():
        return home / "tinynet_gui.json"
    if sys.platform == "darwin":  # where QSettings keeps such a file as on other Unix systems
        place = QStandardPaths.StandardLocation.GenericDataLocation
        return Path(QStandardPaths.writableLocation(place), "tinynet", "tinynet_gui.json")
    beside = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "tinynet", "nothing").fileName()
    return Path(beside).with_name("tinynet_gui.json")
