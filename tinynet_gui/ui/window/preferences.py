"""What the program remembers from one start to the next."""

import itertools
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from tinynet_gui.core.config import Config
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.training.engines import ENGINE_CHOICES, EngineChoice
from tinynet_gui.core.training.pace import PACES, TUTORIAL_PACE
from tinynet_gui.ui.style.zoom import PERCENTS

VERSION = 1
MOST_CHARACTERS = 2_000_000  # of the saved text; it has about 1,000, with 10,000 points of one's own half a million
MOST_FILES = 10  # of sessions that are remembered
SCHEMES = ("system", "light", "dark")


@dataclass(frozen=True)
class Preferences:
    """How the user likes it: the index into `PACES`, the engine, the loss axis, previews, the colours, the zoom (%)."""

    pace: int = TUTORIAL_PACE
    engine: EngineChoice = "auto"
    log_loss: bool = True
    end_in_sight: bool = True
    scheme: str = "system"
    zoom: int = 100


class SettingsStore:
    """One versioned JSON text and the window's layout, in the system's settings.

    QSettings gives numbers and booleans back as text from a file; JSON keeps them what they are. A file that cannot
    be read, or that a newer version has written, is kept beside the new one: `name.backup.ini` for `name.ini`.
    """

    def __init__(self) -> None:
        self._settings = _open()
        self._is_readable = True
        self._told: list[str] = []  # on stderr
        self._returned = 0  # so many of them, by `save`

    def load(self) -> tuple[Config, Preferences]:
        """Return what was saved; where that cannot be read, the defaults: the program starts in any case."""
        try:
            return self._read()
        except Exception as error:  # whatever stands in the file, and it may be anything
            self._is_readable = False
            self._tell(f"the saved settings are not used: {shortened(str(error))}")
            return Config(), Preferences()

    def save(self, config: Config, preferences: Preferences) -> str:
        """Remember a configuration and how the user likes it.

        Returns
        -------
        str
            What the user should know and has not been told by this before: that the settings are not kept, or
            where those are that could not be read. It has been written on stderr.
        """
        session = {"version": VERSION, "config": config.to_dict(), "preferences": asdict(preferences)}
        if self._make_room():
            self._settings.setValue("session", json.dumps(session))
            self._settings.sync()
            if self._settings.status() != QSettings.Status.NoError:
                self._tell(f"settings are not kept: {self._settings.fileName()} cannot be written")
        news, self._returned = self._told[self._returned :], len(self._told)
        return "\n".join(news)

    def load_layout(self, name: str) -> QByteArray | None:
        """Return a saved geometry or splitter state, or None."""
        value = self._settings.value(f"layout/{name}") if self._is_readable else None
        return value if isinstance(value, QByteArray) else None

    def save_layout(self, name: str, state: QByteArray) -> None:
        """Remember a geometry or splitter state."""
        if self._make_room():
            self._settings.setValue(f"layout/{name}", state)

    def recent_files(self) -> list[str]:
        """Return the files of sessions that were opened or saved last, the latest first."""
        names = self._settings.value("recentFiles", []) if self._is_readable else []
        names = [names] if isinstance(names, str) else names
        return [name for name in names if isinstance(name, str)][:MOST_FILES] if isinstance(names, list) else []

    def remember_file(self, name: str) -> None:
        """Remember that a session's file was opened or saved."""
        names = [name, *(other for other in self.recent_files() if other != name)]
        if self._make_room():
            self._settings.setValue("recentFiles", names[:MOST_FILES])

    @property
    def is_first(self) -> bool:
        """Whether nothing has been remembered yet: the program is new to who uses it."""
        return self._is_readable and not self._settings.allKeys()

    def lesson(self, key: str) -> object:
        """Return what is remembered of how far a lesson has been played, as plain values; None if nothing is."""
        if not self._is_readable:
            return None
        try:
            return json.loads(str(self._settings.value(f"lessons/{key}", "null", type=str)))
        except (ValueError, RecursionError):
            return None

    def remember_lesson(self, key: str, progress: object) -> None:
        """Remember how far a lesson has been played."""
        if self._make_room():
            self._settings.setValue(f"lessons/{key}", json.dumps(progress))

    def _read(self) -> tuple[Config, Preferences]:
        if self._settings.status() != QSettings.Status.NoError:
            raise ValueError(f"{self._settings.fileName()} cannot be read")
        text = str(self._settings.value("session", "", type=str))
        if not text:
            path = Path(self._settings.fileName())
            if path.is_file() and path.stat().st_size:
                raise ValueError(f"there are none in {path}")
            return Config(), Preferences()
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"{len(text):,} characters are not allowed: at most {MOST_CHARACTERS:,}")
        session = json.loads(text)
        if not isinstance(session, dict):
            raise ValueError(f"{written(session)} is no object with named fields")
        if session.get("version") != VERSION:
            raise ValueError(f"version {written(session.get('version'))} is not {VERSION}")
        return Config.from_dict(session["config"]), _checked(session["preferences"])

    def _make_room(self) -> bool:
        """Put a file aside that could not be read, and return whether there may be written now."""
        if self._is_readable:
            return True
        path = Path(self._settings.fileName())
        backups = (path.with_suffix(f".backup{n or ''}{path.suffix}") for n in itertools.count())
        backup = next(name for name in backups if not name.exists())
        try:
            path.rename(backup)
        except OSError as error:
            self._tell(f"settings are not kept: those that are there could not be put aside: {error}")
            return False
        self._settings = _open()
        self._is_readable = True
        self._tell(f"the settings that could not be read are kept in {backup}")
        return True

    def _tell(self, text: str) -> None:
        """Say something once: on stderr, and to who asks."""
        if text not in self._told:
            self._told.append(text)
            print(f"tinynet_gui: {text}", file=sys.stderr)


def _open() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "tinynet", "tinynet_gui")


def _checked(values: dict[str, Any]) -> Preferences:
    preferences = Preferences(**values)
    known_pace = isinstance(preferences.pace, int) and 0 <= preferences.pace < len(PACES)
    known_choices = preferences.engine in ENGINE_CHOICES and preferences.scheme in SCHEMES
    known_choices = known_choices and preferences.zoom in PERCENTS
    switches = isinstance(preferences.log_loss, bool) and isinstance(preferences.end_in_sight, bool)
    if not (known_pace and known_choices and switches):
        raise ValueError(f"unknown preferences {written(values)}")
    return preferences
