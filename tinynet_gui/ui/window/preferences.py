"""What the program remembers from one start to the next."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.training.engines import ENGINE_CHOICES, EngineChoice
from tinynet_gui.core.training.pace import PACES, TUTORIAL_PACE

VERSION = 1
SCHEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Preferences:
    """How the user likes it: the index into `PACES`, the engine, the loss axis, previews, the colours."""

    pace: int = TUTORIAL_PACE
    engine: EngineChoice = "auto"
    log_loss: bool = True
    end_in_sight: bool = True
    scheme: str = "system"


class SettingsStore:
    """One versioned JSON text and the window's layout, in the system's settings.

    QSettings gives numbers and booleans back as text from a file; JSON keeps them what they are.
    """

    def __init__(self) -> None:
        self._settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "tinynet", "tinynet_gui")

    def load(self) -> tuple[Config, Preferences]:
        """Return what was saved; whatever cannot be read takes its default, with a word on stderr."""
        text = self._settings.value("session", "", type=str)
        if not text:
            return Config(), Preferences()
        try:
            session = json.loads(str(text))
            if session.get("version") != VERSION:
                raise ValueError(f"version {session.get('version')!r} is not {VERSION}")
            return Config.from_dict(session["config"]), _checked(session["preferences"])
        except (ValueError, KeyError, TypeError, AttributeError, ConfigError) as error:
            print(f"tinynet_gui: the saved settings are not used: {error}", file=sys.stderr)
            return Config(), Preferences()

    def save(self, config: Config, preferences: Preferences) -> None:
        """Remember a configuration and how the user likes it."""
        session = {"version": VERSION, "config": config.to_dict(), "preferences": asdict(preferences)}
        self._settings.setValue("session", json.dumps(session))
        self._settings.sync()

    def load_layout(self, name: str) -> QByteArray | None:
        """Return a saved geometry or splitter state, or None."""
        value = self._settings.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else None

    def save_layout(self, name: str, state: QByteArray) -> None:
        """Remember a geometry or splitter state."""
        self._settings.setValue(f"layout/{name}", state)


def _checked(values: dict[str, Any]) -> Preferences:
    preferences = Preferences(**values)
    known_pace = isinstance(preferences.pace, int) and 0 <= preferences.pace < len(PACES)
    known_choices = preferences.engine in ENGINE_CHOICES and preferences.scheme in SCHEMES
    switches = isinstance(preferences.log_loss, bool) and isinstance(preferences.end_in_sight, bool)
    if not (known_pace and known_choices and switches):
        raise ValueError(f"unknown preferences {values}")
    return preferences
