"""Reads and writes session files, for `Jobs`."""

from pathlib import Path

from tinynet_gui.core.run.session import Session
from tinynet_gui.core.storage.plain_values import OtherVersionError, StorageError
from tinynet_gui.core.storage.session_file import SessionFileError, read_session, write_session
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.engine import autosave_folders
from tinynet_gui.engine.jobs.jobs import Job


@frozen_dataclass
class SessionOpened:
    """The session, and the slot in which it was stored, if any; or an error message."""

    file: str = ""
    session: Session | None = None
    slot: autosave_folders.SessionSlot | None = None
    trouble: str = ""
    recoverable: Session | None = None


@frozen_dataclass
class SessionSaved:
    """What was written to which file, or an error message."""

    file: str
    session: Session
    trouble: str = ""


def open_session_file(name: str, job: Job) -> SessionOpened:
    try:
        session = read_session(Path(name), lambda share: job.report(share, None), job.stop)
        is_set_aside = Path(name).suffix == autosave_folders.SET_ASIDE  # it cannot be saved to that file
        return SessionOpened("" if is_set_aside else name, session)
    except SessionFileError as error:
        return SessionOpened(name, trouble=f"{Path(name).name} {error}.", recoverable=error.recoverable)


def open_kept_session(folder: str, job: Job) -> SessionOpened:
    """Take the slot of an autosaved session and read it."""
    slot = autosave_folders.take(Path(folder))
    if slot is None:
        return SessionOpened(trouble=_("It is open in another window."))
    try:
        session = slot.load(job.stop)
        if job.stop[0]:  # the result is no longer wanted
            slot.release()
        return SessionOpened(slot.about.file, session, slot)
    except OtherVersionError as error:
        slot.release()
        return SessionOpened(trouble=_("It is left unchanged: {error}.").format(error=error))
    except (StorageError, OSError) as error:
        recoverable = slot.recoverable(job.stop)
        slot.release()
        words = _("It is damaged: {error}.")
        words = _("It is damaged: {error}; nothing of it could be saved.") if recoverable is None else words
        return SessionOpened(trouble=words.format(error=error), recoverable=recoverable)
    except StoppedError:
        slot.release()
        raise


def save_session(file: str, session: Session, job: Job) -> SessionSaved:
    try:
        write_session(Path(file), session, report=lambda share: job.report(share, None))
    except OSError as error:
        return SessionSaved(file, session, str(error))
    return SessionSaved(file, session)
