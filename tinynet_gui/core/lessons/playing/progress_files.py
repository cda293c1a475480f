"""Progress files: one per lesson, replaced atomically; only the latest are kept."""

import contextlib
import hashlib
import json
from pathlib import Path

from tinynet_gui.core.config.setting import FIRST_FORMAT
from tinynet_gui.core.storage.atomic import remove_left_over, replacing
from tinynet_gui.core.storage.plain_values import NewerVersionError, Plain, StorageError, check_version, parse_json
from tinynet_gui.core.text.files import read_at_most

MAX_BYTES = 4_000_000  # of a file
MAX_FILES, MAX_TOTAL_BYTES = 100, 20_000_000  # files, and their bytes


def read_progress(folder: Path, lesson: str) -> object:
    """Return the progress in a lesson, as plain values; None if there is none that can be read."""
    with contextlib.suppress(OSError, StorageError):
        doc = _read(_file_of(folder, lesson))
        return doc.values.get("progress") if doc.values.get("lesson") == lesson else None
    return None


def write_progress(folder: Path, lesson: str, progress: object) -> None:
    """Write the progress in a lesson, without its moments if it is too large; the oldest files are removed.

    Raises
    ------
    OSError
        If it cannot be written: the old file stays.
    ValueError
        If it is too large even so, or a newer version of the program wrote the file.
    """
    file = _file_of(folder, lesson)
    try:
        _read(file)
    except NewerVersionError:
        raise
    except (OSError, StorageError):
        pass  # there is nothing to keep
    content = _content(lesson, progress)
    if len(content) > MAX_BYTES and isinstance(progress, dict):
        content = _content(lesson, {**progress, "moments": {}})
    if len(content) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES:,} bytes are not kept of a lesson")
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(file) as opened:
        opened.write(content)
    with contextlib.suppress(OSError):  # another window may be removing them, too
        _prune(folder, file)


def _file_of(folder: Path, lesson: str) -> Path:
    name = hashlib.blake2b(lesson.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return folder / f"{name}.json"


def _content(lesson: str, progress: object) -> bytes:
    version = progress.get("version", FIRST_FORMAT) if isinstance(progress, dict) else FIRST_FORMAT
    return json.dumps({"version": version, "lesson": lesson, "progress": progress}).encode()


def _read(file: Path) -> Plain:
    content = read_at_most(file, MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise StorageError("progress", f"more than {MAX_BYTES:,} bytes")
    doc = parse_json(content, "progress")
    check_version(doc)
    return doc


def _prune(folder: Path, latest: Path) -> None:
    remove_left_over(folder)
    files = [(file == latest, file.stat().st_mtime, file) for file in folder.glob("*.json")]
    nbytes = 0
    for place, (_, _, file) in enumerate(sorted(files, reverse=True)):
        nbytes += file.stat().st_size
        if place >= MAX_FILES or nbytes > MAX_TOTAL_BYTES:
            file.unlink()
