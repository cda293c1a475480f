"""The settings and preferences that the program remembers from one start to the next."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QTabWidget, QWidget

from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting import FIRST_FORMAT, format_of, values_to_write
from tinynet_gui.core.lessons.playing.progress_files import read_progress, write_progress
from tinynet_gui.core.storage.atomic import replacing, set_aside
from tinynet_gui.core.storage.plain_values import NewerVersionError, Plain, check_version, parsed_size
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.training.engines import ENGINE_CHOICES, PACES, TUTORIAL_PACE, EngineChoice
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.style.theme import PERCENTS
from tinynet_gui.ui.window.settings_file import LANGUAGE, MAX_BYTES, settings_path

MAX_MEMORY = 200_000_000  # of its values
LESSONS = "lessons/"  # prefix of names, in memory
RECENT_FILES, RECENT_LESSONS = "recentFiles", "recentLessons"
RECENT = {RECENT_FILES: 10, RECENT_LESSONS: 8}  # how many sessions, and lessons from files, are remembered
SCHEMES = ("system", "light", "dark")
# Of all others: yes or no.
ALLOWED = {"pace": range(len(PACES)), "engine": ENGINE_CHOICES, "scheme": SCHEMES, "zoom": PERCENTS}


# Those that are flags of a session's view, by their names there.
VIEW_FLAGS = {"log_loss": "log_loss", "end_in_sight": "shows_preview", "sharpness": "shows_sharpness"}


@frozen_dataclass
class Preferences:
    """The user's preferences: an index into `PACES`, the engine, loss axis, previews, sharpness, colours, the zoom (%),
    whether all settings and all numbers of the inspector are shown, reduced motion, high contrast, and whether keys of
    one character are shortcuts.
    """

    pace: int = TUTORIAL_PACE
    engine: EngineChoice = "auto"
    log_loss: bool = True
    end_in_sight: bool = True
    sharpness: bool = False
    scheme: str = "system"
    zoom: int = 100
    all_settings: bool = False
    all_numbers: bool = False
    less_motion: bool = False
    high_contrast: bool = False
    letter_keys: bool = True

    @property
    def view_flags(self) -> dict[str, bool]:
        return {flag: getattr(self, name) for name, flag in VIEW_FLAGS.items()}


class _Text:
    """Descriptor of a text that the store remembers under a name; "" if there is none."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, store: "SettingsStore", _type: type) -> str:
        value = store.value(self._name)
        return value if isinstance(value, str) else ""

    def __set__(self, store: "SettingsStore", text: str) -> None:
        if text != store.value(self._name):
            store.put({self._name: text})


class SettingsStore:
    """Everything remembered, as one versioned JSON text in a file, by names such as ``layout/geometry``.

    Several windows may write it: each changes only its own entries. An unreadable file is kept beside the new one, as
    `name.backup.json`; one that a newer version has written is left unchanged. The progress in lessons has separate
    files, in a folder beside it. It does not use QSettings: PySide runs pickled code in its files.

    With `in_memory` no file is read or written. `folder` is the one used last in a file dialog. `language`, from the
    next start on, and `lesson_language` are codes such as ``de``; "" is the system's language, and the window's.
    `language_seen` is that of the last window.
    """

    folder, latest_lesson, language_seen = _Text("folder"), _Text("latestLesson"), _Text("languageSeen")
    language, lesson_language = _Text(LANGUAGE), _Text("lessonLanguage")

    def __init__(self, *, in_memory: bool = False) -> None:
        self._in_memory = in_memory
        self._path = settings_path()
        self._lessons = self._path.with_suffix(".lessons")
        self._backup = f"{self._path.stem}.backup", self._path.suffix  # stem and suffix of backups
        self._values: dict[str, Any] = {}
        self._changes: dict[str, Any] = {}  # pending
        self._trouble = ""  # why the file is unreadable
        self._is_newer = False  # the file is of a newer version
        self._reported: list[str] = []  # on stderr
        self._returned = 0  # how many of them `save` has returned
        self._reread()
        self._is_first = not (self._values or self._trouble or in_memory)

    def load(self) -> tuple[Config, Preferences]:
        """Return the saved settings; if they cannot be read, the defaults: the program starts in any case."""
        try:
            if self._trouble:
                raise ValueError(self._trouble)
            if "config" not in self._values:
                return Config(), Preferences()
            return Config.from_dict(self._values["config"]).drawn_here(), _checked(self._values["preferences"])
        except Exception as error:  # the file may contain anything
            self._trouble, self._values = str(error) or _("unreadable"), {}
            self._report(_("the saved settings are not used: {trouble}").format(trouble=shortened(str(error))))
            return Config(), Preferences()

    def save(self, config: Config, preferences: Preferences) -> str:
        """Remember a configuration and the preferences, and write the file.

        Returns a message not returned before: the settings are not saved, or where unreadable ones were kept; it is
        also written to stderr.
        """
        config = config.replace("network.rounding", "once")  # a new run takes its machine's
        version = max(config.format, format_of(preferences))
        self.put({"version": version, "config": config.to_dict(), "preferences": values_to_write(preferences)})
        self._write()
        news, self._returned = self._reported[self._returned :], len(self._reported)
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
        self.put({f"layout/{name}": bytes(state.data()).hex()})

    def recent(self, kind: str) -> list[str]:
        """Return the recent files of a kind in `RECENT`, the latest first."""
        names = self._values.get(kind)
        names = names if isinstance(names, list) else []
        return _distinct(name for name in names if isinstance(name, str))[: RECENT[kind]]

    def remember_recent(self, kind: str, name: str) -> None:
        self._reread()  # another window may have changed it
        self.put({kind: _distinct([name, *self.recent(kind)])[: RECENT[kind]]})
        self._write()

    @property
    def offers_tour(self) -> bool:
        """Whether to offer the tour: the user has neither begun a lesson nor dismissed the offer."""
        return self._values.get("isNewHere", self._is_first) is True and not self._trouble

    def remember_tour_offer(self, is_new: bool) -> None:
        """Remember whether to offer the tour. A refusal is written at once; an offer can wait for the next `save`."""
        self.put({"isNewHere": is_new})
        if not is_new:
            self._write()

    @property
    def introduced(self) -> frozenset[str] | None:
        """The names of the optional plot features introduced so far; None if all are, as in older settings."""
        names = self._values.get("introduced", [] if self._is_first else None)
        return frozenset(filter(lambda name: isinstance(name, str), names)) if isinstance(names, list) else None

    @introduced.setter
    def introduced(self, names: Iterable[str]) -> None:
        self.put({"introduced": sorted(names)})

    def lesson(self, key: str) -> object:
        """Return the remembered progress in a lesson, as plain values; None if there is none."""
        progress = None if self._in_memory else read_progress(self._lessons, key)
        return self._values.get(f"{LESSONS}{key}") if progress is None else progress

    def remember_lesson(self, key: str, progress: object) -> None:
        if self._in_memory:
            self._values[f"{LESSONS}{key}"] = progress
            return
        try:
            write_progress(self._lessons, key, progress)
        except (OSError, ValueError) as error:
            self._report(_("the progress in a lesson is not kept: {trouble}").format(trouble=file_trouble(error)))
        if self._changes:
            self._write()

    def value(self, name: str) -> object:
        return self._values.get(name)

    def put(self, changes: dict[str, Any]) -> None:
        """Remember values by name; `save` writes them."""
        self._changes |= changes
        self._values |= changes

    def _reread(self) -> None:
        """Read the file again, except for entries with pending changes."""
        if not self._trouble and not self._in_memory:
            try:
                self._values = _stored(self._path) | self._changes
            except (OSError, ValueError, RecursionError) as error:
                self._trouble, self._is_newer = file_trouble(error), isinstance(error, NewerVersionError)

    def _write(self) -> None:
        self._reread()
        if self._in_memory or not self._set_aside_unreadable():
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            content = json.dumps({"version": FIRST_FORMAT, **self._values}).encode()
            if len(content) > MAX_BYTES:
                trouble = _("settings are not kept: they have more than {count} bytes")
                self._report(trouble.format(count=count_text(MAX_BYTES)))
                return
            with replacing(self._path) as file:
                file.write(content)
            self._changes = {}
        except OSError:
            self._report(_("settings are not kept: {file} cannot be written").format(file=self._path))

    def _set_aside_unreadable(self) -> bool:
        """Move an unreadable file aside, and return whether the file may be written now."""
        if self._is_newer:
            self._report(_("settings are not kept: those of the newer version are left unchanged"))
            return False
        if self._trouble and self._path.exists():
            try:
                backup = set_aside(self._path, *self._backup)
            except OSError as error:
                trouble = _("settings are not kept: the existing ones could not be put aside: {error}")
                self._report(trouble.format(error=error))
                return False
            self._report(_("the settings that could not be read are kept in {file}").format(file=backup))
        self._trouble = ""
        return True

    def _report(self, text: str) -> None:
        """Report something once: on stderr, and through `save`."""
        if text not in self._reported:
            self._reported.append(text)
            print(f"tinynet_gui: {text}", file=sys.stderr)


def _distinct(names: Iterable[str]) -> list[str]:
    r"""Return each file's name once, as the system writes it: on Windows C:/a and C:\A are one."""
    return [str(path) for path in dict.fromkeys(map(Path, names))]


def _stored(path: Path) -> dict[str, Any]:
    """Return a file's content, {} if there is no file; ValueError if it is invalid, OSError if it cannot be read."""
    try:
        with open(path, "rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    if len(content) > MAX_BYTES or parsed_size(content) > MAX_MEMORY:
        trouble = _("more than {count} bytes, or as much memory, are not allowed in {file}")
        raise ValueError(trouble.format(count=count_text(MAX_BYTES), file=path))
    values = json.loads(content)
    if not isinstance(values, dict):
        raise ValueError(_("{text} is not an object with named fields").format(text=written(values)))
    if values:
        check_version(Plain(values, "settings"))
    return values


def _checked(values: dict[str, Any]) -> Preferences:
    preferences = Preferences(**values)
    for each in fields(preferences):
        value = getattr(preferences, each.name)
        if type(value) is not type(each.default) or value not in ALLOWED.get(each.name, (False, True)):
            raise ValueError(_("unknown preference {name}: {value}").format(name=each.name, value=written(value)))
    return preferences


def save_open_tabs(tabs: Iterable[QTabWidget], pages: Mapping[str, QWidget], store: SettingsStore) -> None:
    """Remember the open page of each tab widget, by its name."""
    for each in tabs:
        for name, page in pages.items():
            if page is each.currentWidget():
                store.save_layout(each.objectName(), QByteArray(name.encode()))


def restore_open_tabs(tabs: Iterable[QTabWidget], pages: Mapping[str, QWidget], store: SettingsStore) -> None:
    """Open the remembered pages, where they exist and are visible."""
    for each in tabs:
        saved = store.load_layout(each.objectName())
        page = None if saved is None else pages.get(bytes(saved.data()).decode(errors="replace"))
        if page is not None and (at := each.indexOf(page)) >= 0 and each.isTabVisible(at):
            each.setCurrentIndex(at)
