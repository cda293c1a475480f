"""What the program remembers from one start to the next."""

import itertools
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.storage.atomic import replacing
from tinynet_gui.core.text.file_trouble import file_trouble
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.training.engines import ENGINE_CHOICES, EngineChoice
from tinynet_gui.core.training.pace import PACES, TUTORIAL_PACE
from tinynet_gui.ui.style.zoom import PERCENTS
from tinynet_gui.ui.window.old_settings import read_old_settings

VERSION = 1
MOST_BYTES = 4_000_000  # of the file; it has some thousands, with 10,000 points of one's own half a million
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
    """What is remembered, as one versioned JSON text in a file, by names such as ``layout/geometry``.

    Several windows may write it: each changes only what it has to say. A file that cannot be read, or that a newer
    version has written, is kept beside the new one: `name.backup.json` for `name.json`. Not by QSettings: PySide runs
    what is pickled in one of its files. What earlier versions kept there is read as text, and stays.
    """

    def __init__(self) -> None:
        self._path = settings_path()
        self._values: dict[str, Any] = {}
        self._changes: dict[str, Any] = {}  # that are not in the file yet
        self._trouble = ""  # why the file cannot be read
        self._told: list[str] = []  # on stderr
        self._returned = 0  # so many of them, by `save`
        self._look()

    def load(self) -> tuple[Config, Preferences]:
        """Return what was saved; where that cannot be read, the defaults: the program starts in any case."""
        try:
            if self._trouble:
                raise ValueError(self._trouble)
            if "config" not in self._values:
                return Config(), Preferences()
            return Config.from_dict(self._values["config"]), _checked(self._values["preferences"])
        except Exception as error:  # whatever stands in the file, and it may be anything
            self._trouble, self._values = str(error) or "unreadable", {}
            self._tell(f"the saved settings are not used: {shortened(str(error))}")
            return Config(), Preferences()

    def save(self, config: Config, preferences: Preferences) -> str:
        """Remember a configuration and how the user likes it, and write the file.

        Returns
        -------
        str
            What the user should know and has not been told by this before: that the settings are not kept, or
            where those are that could not be read. It has been written on stderr.
        """
        self._put({"config": config.to_dict(), "preferences": asdict(preferences)})
        self._write()
        news, self._returned = self._told[self._returned :], len(self._told)
        return "\n".join(news)

    def load_layout(self, name: str) -> QByteArray | None:
        """Return a saved geometry or splitter state, or None."""
        value = self._values.get(f"layout/{name}")
        try:
            return QByteArray(bytes.fromhex(value)) if isinstance(value, str) else None
        except ValueError:
            return None

    def save_layout(self, name: str, state: QByteArray) -> None:
        """Remember a geometry or splitter state; `save` writes it."""
        self._put({f"layout/{name}": bytes(state.data()).hex()})

    def recent_files(self) -> list[str]:
        """Return the files of sessions that were opened or saved last, the latest first."""
        names = self._values.get("recentFiles")
        return [name for name in names if isinstance(name, str)][:MOST_FILES] if isinstance(names, list) else []

    def remember_file(self, name: str) -> None:
        """Remember that a session's file was opened or saved."""
        self._look()  # another window may have opened one
        self._put({"recentFiles": [name, *(other for other in self.recent_files() if other != name)][:MOST_FILES]})
        self._write()

    @property
    def is_first(self) -> bool:
        """Whether nothing has been remembered yet: the program is new to who uses it."""
        return not self._trouble and not self._values

    def lesson(self, key: str) -> object:
        """Return what is remembered of how far a lesson has been played, as plain values; None if nothing is."""
        return self._values.get(f"lessons/{key}")

    def remember_lesson(self, key: str, progress: object) -> None:
        """Remember how far a lesson has been played."""
        self._put({f"lessons/{key}": progress})
        self._write()

    def _put(self, changes: dict[str, Any]) -> None:
        self._changes |= changes
        self._values |= changes

    def _look(self) -> None:
        """Take what is in the file by now, but for what this has to change."""
        if not self._trouble:
            try:
                self._values = _stored(self._path) | self._changes
            except (OSError, ValueError, RecursionError) as error:
                self._trouble = file_trouble(error)

    def _write(self) -> None:
        self._look()
        if not self._make_room():
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(self._path) as file:
                file.write(json.dumps({"version": VERSION, **self._values}).encode())
            self._changes = {}
        except OSError:
            self._tell(f"settings are not kept: {self._path} cannot be written")

    def _make_room(self) -> bool:
        """Put a file aside that could not be read, and return whether there may be written now."""
        if self._trouble and self._path.exists():
            backups = (self._path.with_suffix(f".backup{n or ''}{self._path.suffix}") for n in itertools.count())
            backup = next(name for name in backups if not name.exists())
            try:
                self._path.rename(backup)
            except OSError as error:
                self._tell(f"settings are not kept: those that are there could not be put aside: {error}")
                return False
            self._tell(f"the settings that could not be read are kept in {backup}")
        self._trouble = ""
        return True

    def _tell(self, text: str) -> None:
        """Say something once: on stderr, and to who asks."""
        if text not in self._told:
            self._told.append(text)
            print(f"tinynet_gui: {text}", file=sys.stderr)


def settings_path() -> Path:
    """Return the file of the settings, in the folder that the system has for such."""
    beside = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "tinynet", "nothing").fileName()
    return Path(beside).with_name("tinynet_gui.json")


def _stored(path: Path) -> dict[str, Any]:
    """Return what a file has, or in its absence that of earlier versions; ValueError if that is not what it is to be.

    OSError if it cannot be read.
    """
    for file, read in ((path, json.loads), (path.with_suffix(".ini"), read_old_settings)):
        try:
            with open(file, "rb") as opened:
                content = opened.read(MOST_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if len(content) > MOST_BYTES:
            raise ValueError(f"more than {MOST_BYTES:,} bytes are not allowed in {file}")
        values = read(content)
        if not isinstance(values, dict):
            raise ValueError(f"{written(values)} is no object with named fields")
        if content.strip() and not values:
            raise ValueError(f"there are none in {file}")
        if values.get("version") != VERSION:
            raise ValueError(f"version {written(values.get('version'))} is not {VERSION}")
        return values
    return {}


def _checked(values: dict[str, Any]) -> Preferences:
    preferences = Preferences(**values)
    known_pace = isinstance(preferences.pace, int) and 0 <= preferences.pace < len(PACES)
    known_choices = preferences.engine in ENGINE_CHOICES and preferences.scheme in SCHEMES
    known_choices = known_choices and preferences.zoom in PERCENTS
    switches = isinstance(preferences.log_loss, bool) and isinstance(preferences.end_in_sight, bool)
    if not (known_pace and known_choices and switches):
        raise ValueError(f"unknown preferences {written(values)}")
    return preferences
