"""Settings that earlier versions saved with QSettings, parsed as text: PySide would run pickled code in such a file."""

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

_SPECIAL = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ITEM = re.compile(r'[ \t]*((?:"(?:[^"\\]|\\.)*"|[^",\\]|\\.)*)(,|$)')
_MARK = re.compile(r'"|\\(?:x([0-9a-fA-F]{1,4})|([0-7]{1,3})|(.))')
_IN_NAME = re.compile(r"%(?:U([0-9a-fA-F]{4})|([0-9a-fA-F]{2}))")
_BYTES = re.compile(r"@ByteArray\((.*)\)", re.DOTALL)


def read_old_settings(content: bytes) -> dict[str, Any]:
    """Return the entries of an INI file by name, in JSON types: layouts are in hexadecimal digits.

    Other QSettings types are left out. ValueError if the settings of a run are not valid JSON.
    """
    values: dict[str, Any] = {}
    for name, items in _entries(content.decode("utf-8", "replace")):
        if name == "session":
            session = json.loads(items[0])
            values |= session if isinstance(session, dict) else {"config": session}
        elif name == "recentFiles":
            values[name] = [item.removeprefix("@") for item in items if not item.startswith("@") or item[1:2] == "@"]
        elif name.startswith("lessons/"):
            with contextlib.suppress(ValueError, RecursionError):
                values[name] = json.loads(items[0])
        elif name.startswith("layout/") and (state := _BYTES.fullmatch(items[0])):
            values[name] = state[1].encode("latin-1", "replace").hex()
    return values


def _entries(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each name, prefixed by its section, and the items of its value, at least one."""
    section = ""
    for line in map(str.strip, text.split("\n")):
        name, equals, value = line.partition("=")
        if line.startswith("[") and line.endswith("]"):
            section = "" if line == "[General]" else f"{_name(line[1:-1])}/"
        elif equals and (items := _items(value)):
            yield section + _name(name.strip()), items


def _name(text: str) -> str:
    halves = _IN_NAME.sub(lambda match: chr(int(match[1] or match[2], 16)), text.replace("\\", "/"))
    return halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _items(value: str) -> list[str]:
    items, place = list[str](), 0
    while (match := _ITEM.match(value, place)) is not None:
        items.append(_MARK.sub(_meant, match[1].strip()))
        place = match.end()
        if not match[2]:
            break
    return items


def _meant(mark: re.Match[str]) -> str:
    """Unescape a character; a quote becomes nothing."""
    if mark[0] == '"':
        return ""
    if mark[3] is not None:
        return _SPECIAL.get(mark[3], mark[3])
    return chr(int(mark[1], 16) if mark[1] else int(mark[2], 8))
