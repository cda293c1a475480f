"""The autosave store: one folder per running instance, held by a lock.

The lock is the operating system's and ends with the process, even after a crash; a process number in a file, as in
QLockFile, may later belong to another process. Slots are ordered by a counter, because clocks can be wrong.
"""

import contextlib
import json
import os
import shutil
import sys
from dataclasses import asdict, replace
from pathlib import Path

from PySide6.QtCore import QStandardPaths

from tinynet_gui.core.run.session import MEMORY_BUDGET, Session
from tinynet_gui.core.storage import atomic, parts, plain_values
from tinynet_gui.core.storage.session_file import MAX_DEAD_BYTES, Journal
from tinynet_gui.core.system.machine import users_home
from tinynet_gui.core.text.files import file_trouble
from tinynet_gui.core.text.language import N_, gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.values import Stop, frozen_dataclass

MAX_SLOTS = 10  # free ones to keep, the latest
MAX_BYTES = 3 * (2 * MEMORY_BUDGET + MAX_DEAD_BYTES)  # in total, except that at least the three latest stay
MAX_ATTEMPTS = 2  # attempts to load a session during which the program ended
MAX_FOLDERS = 5  # attempts to make a slot: an instance that starts now may remove an empty folder before it is locked
MAX_TEXT = 10_000
SET_ASIDE = ".journal"  # the suffix of journals that could not be loaded


@frozen_dataclass
class About:
    """Information about a slot's session, stored beside it.

    `file` is the user's file that it was opened from or saved to, "" if there is none; `is_modified`: it has changed
    since then. `words` describe it in the list of recent sessions; "" if it is empty or was never closed properly.
    """

    file: str = ""
    is_modified: bool = False
    words: str = ""


class SessionSlot:
    """A folder with the journal of one session, locked by this process."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self.about = _read_about(folder)
        self._lock: int | None = lock
        self._packer = parts.Packer()
        self._journal: Journal | None = None
        self.was_ended = not (folder / "running").exists()
        atomic.remove_left_over(folder)

    @property
    def is_empty(self) -> bool:
        return self.was_ended and self.about == About()

    @property
    def is_held(self) -> bool:
        return self._lock is not None

    @property
    def has_crashed_loading(self) -> bool:
        """Whether the program has repeatedly died while loading it, perhaps killed by an impatient user."""
        attempts = self.folder / "loading"
        return attempts.exists() and attempts.stat().st_size >= MAX_ATTEMPTS

    @property
    def is_there(self) -> bool:
        """Whether its folder is still the one that this process locked: something else may have removed it."""
        try:
            return self._lock is not None and os.path.samestat(os.fstat(self._lock), os.stat(self.folder / "lock"))
        except OSError:
            return False

    def load(self, stop: Stop | None = None) -> Session:
        """Return the session saved last.

        Raises StoppedError soon after another thread sets `stop[0]`, StorageError if the journal is incomplete, and
        OSError if it cannot be read.
        """
        attempts = self.folder / "loading"
        with contextlib.suppress(OSError), attempts.open("ab") as file:  # on a full disk it is loaded all the same
            file.write(b".")
        try:
            self._journal = Journal(self.folder / "journal")
            self.was_ended = self.was_ended and not self._journal.is_torn
            return self._journal.session(stop)
        finally:
            attempts.unlink(missing_ok=True)

    def recoverable(self, stop: Stop | None = None) -> Session | None:
        """Return the intact part of a session that could not be loaded; `stop` as in `load`."""
        return None if self._journal is None else self._journal.recoverable(stop)

    def set_aside(self) -> Path:
        """Rename a journal that could not be loaded, so that it is not tried again, and return its new path."""
        self._journal = None
        return atomic.set_aside(self.folder / "journal", "damaged", SET_ASIDE)

    def save(self, session: Session) -> None:
        """Save a session, in another folder if its own is gone.

        OSError leaves the previous save intact, if `is_there`.
        """
        if not self.is_there:
            self._move()
        if self._journal is None:
            self._journal = Journal(self.folder / "journal")
        (self.folder / "running").touch()
        self._journal.append(self._packer.pack(session))
        with contextlib.suppress(OSError):
            self._become_latest()

    def save_about(self, about: About) -> None:
        if about != self.about:
            with atomic.replacing(self.folder / "about.json") as file:
                file.write(json.dumps(asdict(about)).encode())
            self.about = about

    def end(self) -> None:
        """Mark the session as ended, and release it."""
        if self._lock is not None:
            with contextlib.suppress(OSError):
                (self.folder / "running").unlink(missing_ok=True)
                self._become_latest()
            self.release()

    def release(self) -> None:
        """Release it for others. Calling it twice is harmless."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def remove(self) -> None:
        """Remove its folder and release it. Windows cannot remove an open file, so there the lock file goes last."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.release()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _become_latest(self) -> None:
        latest = max((_turn(folder) for folder in _folders() if folder != self.folder), default=0)
        if _turn(self.folder) <= latest:
            with atomic.replacing(self.folder / "turn") as file:
                file.write(b"%d" % (latest + 1))

    def _move(self) -> None:
        """Switch to a new, empty folder."""
        new = new_slot()
        self.release()
        self.folder, self.about, self._lock, self._journal = new.folder, new.about, new._lock, None


@frozen_dataclass
class Restored:
    """The slot now held and its session, or None for both if there are none; and a message for the user."""

    slot: SessionSlot | None
    session: Session | None = None
    words: str = ""
    trouble: str = ""


def sessions_folder() -> Path:
    """Return the folder of all slots of this user."""
    if home := users_home():
        return home / "sessions"
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(place) / "tinynet" / "tinynet_gui" / "sessions"


def new_slot() -> SessionSlot:
    """Make a slot and lock it; OSError if that fails."""
    for _attempt in range(MAX_FOLDERS):
        folder = sessions_folder() / os.urandom(6).hex()
        folder.mkdir(parents=True)
        if (slot := take(folder)) is not None:
            slot._become_latest()
            return slot
    raise OSError(f"{folder} cannot be locked")


def restore() -> Restored:
    """Take the latest free slot and its session, else a new slot.

    While another instance runs, only a session that needs recovery is taken: the user has just opened a second window.
    """
    trouble, is_beside = "", False
    for folder in _latest_first():
        slot = take(folder)
        if slot is None:
            is_beside = True
            continue
        if not (folder / "journal").exists():
            slot.release()
            continue
        if is_beside and slot.was_ended:
            slot.release()
            break
        if slot.has_crashed_loading:
            slot.release()
            trouble = _(
                "The last session is not opened: the program ended each time it was loaded. You will find it under "
                "File, Recent sessions."
            )
            break
        try:
            session = slot.load()
            prune()
            words = _("Recovered up to step {step}.").format(step=count_text(session.run.step))
            return Restored(slot, session, "" if slot.was_ended else words)
        except plain_values.NewerVersionError as error:
            trouble = _("The last session was left unchanged: {error}.").format(error=error)
        except (plain_values.StorageError, OSError) as error:
            if isinstance(error, plain_values.StorageError):
                with contextlib.suppress(OSError):
                    return _without(slot, error)
            trouble = _("The last session cannot be read: {error}.").format(error=error)
        slot.release()
        break
    return replace(begin(), trouble=trouble)


def begin() -> Restored:
    """Take a new slot for a new session, and prune old ones."""
    try:
        slot = new_slot()
        prune()
        return Restored(slot)
    except OSError as error:
        words = _(
            "The session is not kept: its folder cannot be written ({trouble}). Save it in a file before you close."
        )
        return Restored(None, words=words.format(trouble=file_trouble(error)))


def _without(slot: SessionSlot, error: Exception) -> Restored:
    recovered = slot.recoverable()
    aside = slot.set_aside()
    if isinstance(error, plain_values.DevelopmentVersionError):
        words = _("The last session is not opened: {error}. It is kept as {name}.")
        return Restored(slot, trouble=words.format(error=error, name=aside))
    words = _(
        "The last session could not be loaded ({error}). It is kept as {name}. You will find it under File, Recent "
        "sessions."
    )
    said = [words.format(error=error, name=aside)]
    if recovered is not None:
        words, step = _("Its intact part is here: {count} runs, the last one up to step {step}."), recovered.run.step
        said.append(words.format(count=len(recovered.runs), step=count_text(step)))
    return Restored(slot, recovered, trouble=" ".join(said))


def take(folder: Path) -> SessionSlot | None:
    """Lock a slot; None if another process holds it, or it does not exist."""
    try:
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    with contextlib.suppress(OSError):
        _lock(lock)
        if os.path.samestat(os.fstat(lock), os.stat(folder / "lock")):  # else it has just been removed
            return SessionSlot(folder, lock)
    os.close(lock)
    return None


def recent() -> list[tuple[Path, About, float]]:
    """Return the free slots with a session that is not empty, latest first: folder, information, time of the last save.

    The time is in seconds since the epoch. Journals that were set aside come before their slot.
    """
    found = []
    for folder in _latest_first():
        found += [(file, About(words=N_("set aside")), file.stat().st_mtime) for file in folder.glob(f"*{SET_ASIDE}")]
        if (folder / "journal").exists() and (slot := take(folder)) is not None:
            if not slot.is_empty:
                found.append((folder, slot.about, (folder / "journal").stat().st_mtime))
            slot.release()
    return found


def prune() -> None:
    """Remove the oldest free slots if there are too many or they are too large."""
    kept, nbytes = 0, 0
    for folder in _latest_first():
        slot = take(folder)
        if slot is None:
            continue
        journals = list(folder.glob(f"*{SET_ASIDE}"))  # those set aside
        if (folder / "journal").exists() and not slot.is_empty:
            journals.append(folder / "journal")
        kept, nbytes = kept + bool(journals), nbytes + sum(file.stat().st_size for file in journals)
        if kept > MAX_SLOTS or nbytes > MAX_BYTES or not journals:
            slot.remove()
        slot.release()


def _folders() -> list[Path]:
    root = sessions_folder()
    return [folder for folder in root.iterdir() if folder.is_dir()] if root.is_dir() else []


def _latest_first() -> list[Path]:
    return sorted(_folders(), key=_turn, reverse=True)


def _turn(folder: Path) -> int:
    """Return the number of a slot in the order of saving; 0 if it has none."""
    try:
        return int((folder / "turn").read_bytes()[:20])
    except (OSError, ValueError):
        return 0


def _read_about(folder: Path) -> About:
    try:
        values = json.loads((folder / "about.json").read_bytes()[:MAX_TEXT])
        about = About(**{name: values[name] for name in About.__dataclass_fields__ if name in values})
        if all(isinstance(getattr(about, name), type(default)) for name, default in asdict(About()).items()):
            return about
    except FileNotFoundError:
        return About()
    except (OSError, ValueError, TypeError, RecursionError):
        pass
    return About(words=N_("a session"))  # not empty, so that it is not pruned


def _lock(descriptor: int) -> None:
    """Lock a file until this process ends, or raise OSError if another process has locked it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
