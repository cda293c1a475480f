"""The path of the settings, and the language in them, which is needed before any module with texts is imported."""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QLocale, QSettings, QStandardPaths

from tinynet_gui.core.system.machine import users_home
from tinynet_gui.core.text.language import ENGLISH, languages

MAX_BYTES = 4_000_000  # usually some thousands; half a million with 10,000 samples
LANGUAGE = "language"


def chosen_language() -> str:
    """Return the code of the language that the user has chosen, or else that of the system, if the program has it."""
    try:
        with open(settings_path(), "rb") as file:
            chosen = json.loads(file.read(MAX_BYTES)).get(LANGUAGE)
    except (OSError, ValueError, RecursionError, AttributeError):
        chosen = None  # the window reports what is wrong
    wanted = [chosen] if chosen else [name.partition("-")[0] for name in QLocale.system().uiLanguages()]
    return next((code for code in wanted if code in languages()), ENGLISH)


def settings_path() -> Path:
    if home := users_home():
        return home / "tinynet_gui.json"
    if sys.platform == "darwin":  # as QSettings does, but not with its native format
        place = QStandardPaths.StandardLocation.GenericDataLocation
        return Path(QStandardPaths.writableLocation(place), "tinynet", "tinynet_gui.json")
    beside = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "tinynet", "nothing").fileName()
    return Path(beside).with_name("tinynet_gui.json")
