"""A configuration as one short line of text, such as ``target=sin&hidden=8,8&lr=0.01``, and back.

It contains only differences from the tutorial. Characters that would break a line, such as a space in a formula, are
percent-encoded as in a web address: ``%20``.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from tinynet_gui.core.config import IN_FILES, SETTINGS, Config, ConfigError
from tinynet_gui.core.config.targets import FORMULA
from tinynet_gui.core.data.points import GIVEN, Points
from tinynet_gui.core.text.files import read_at_most
from tinynet_gui.core.text.language import gettext as _, ngettext
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.shortened import shortened, written
from tinynet_gui.core.text.typed_numbers import NoNumberError, TwoReadingsError, typed_real, typed_whole
from tinynet_gui.core.values import frozen_dataclass

VIEWS = tuple(  # views that can be hidden
    f"view.{name}" for name in ("runs", "experiments", "map", "microscope", "numbers", "pytorch", "mathematics", "data")
)
_CONTROLS = {  # the switches of the function plot; some actions
    *(f"switch.{name}" for name in ("edit", "parts", "probe", "seeds")),
    *(f"action.{name}" for name in ("new_seed", "freeze", "teachers_notes")),
}
_NO_ROWS = {"data.x_max", "network.rounding"}  # settings without a row of their own in the panel


def hideable() -> frozenset[str]:
    """Return the names that can be hidden besides views, as in *What students see*."""
    from tinynet_gui.core.experiments.table import EXPERIMENTS

    return frozenset({*SETTINGS, *_CONTROLS, *(f"experiment.{name}" for name in EXPERIMENTS)} - _NO_ROWS)


def why_not_hideable(name: object, views: Collection[str] = VIEWS) -> str:
    """Say why a name cannot be hidden, and what can; "" if it can."""
    from difflib import get_close_matches

    known = {*hideable(), *views}
    if isinstance(name, str) and name in known:
        return ""
    if close := get_close_matches(str(name)[:60], known, 1):
        return _("{name} cannot be hidden; is {close} meant?").format(name=written(name), close=close[0])
    return _("{name} cannot be hidden; what can is {names}").format(name=written(name), names=", ".join(sorted(known)))


MAX_BYTES = 2_000_000  # of a file; a run's settings have about 1,000, with 10,000 of the user's points a million
_HIDDEN = "hidden"


@frozen_dataclass
class SettingRead:
    """A parsed setting.

    Attributes
    ----------
    map
        The map that it wants, or "".
    left_out
        The unknown parts of the line.
    hidden
        What it hides from students, as in `ViewState.hidden`.
    """

    config: Config
    map: str = ""
    left_out: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()


def write_settings(config: Config, hidden: Iterable[str] = ()) -> str:
    """Write a configuration and what is hidden from students, as JSON."""
    names = sorted(hidden)
    return json.dumps(config.to_dict() | ({_HIDDEN: names} if names else {}), indent=2) + "\n"


def read_settings(text: str) -> SettingRead:
    """Read the text of `write_settings`; ConfigError if it is not valid."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise ConfigError("config", _("not valid JSON: {error}").format(error=error)) from None
    hidden = values.pop(_HIDDEN, []) if isinstance(values, dict) else []
    if not isinstance(hidden, list):
        words = _('{value} is not a list of names such as ["view.microscope"]')
        raise ConfigError(_HIDDEN, words.format(value=written(hidden)))
    for name in hidden:
        if trouble := why_not_hideable(name):
            raise ConfigError(_HIDDEN, trouble)
    return SettingRead(Config.from_dict(values), hidden=frozenset(hidden))


def read_settings_file(name: str) -> SettingRead:
    """Read settings from a file.

    OSError if it cannot be read, ConfigError if they are not valid or the file is too long.
    """
    content = read_at_most(name, MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        words = _("more than {count} bytes are not the settings of a run")
        raise ConfigError("config", words.format(count=count_text(MAX_BYTES)))
    try:
        return read_settings(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        words = _("not a text in UTF-8: {reason} at byte {place}")
        raise ConfigError("config", words.format(reason=error.reason, place=count_text(error.start))) from None


MAX_POINTS = 50  # of one's own that a line can carry
MAX_CHARACTERS = 20_000  # of a line that is read; the longest that is written has about 3,000
NAMES = {path: setting.key or path.partition(".")[2] for path, setting in SETTINGS.items()}  # in a line
POINTS = "data.points"
_PATHS = {name: path for path, name in NAMES.items() if path not in (POINTS, "network.first_weights")}
_X, _Y, _HELD_OUT, _ORIGIN = "x", "y", "held_out_points", "origin"  # what points are written as
_POINT_NAMES = ("x_name", "y_name")
MAP = "map"  # as `core.wording.maps` writes it
LINE_NAMES = (*_PATHS, _X, _Y, _HELD_OUT, _ORIGIN, *_POINT_NAMES, MAP)  # all that a line may have
_TARGET, _FORMULA = NAMES["data.target"], NAMES["data.formula"]
_NONE, _YES, _NO = "none", "yes", "no"
_UNSAFE = re.compile(r"[\s%&=]|[^\x21-\x7e\w]")  # what ends a part, or is lost on its way


class SettingLineError(ValueError):
    """A configuration that a line cannot carry; the message says why, and what can."""


def write_setting(config: Config, map_text: str = "") -> str:
    """Write a configuration as a line, and the map that is wanted, if any.

    `SettingLineError` if it has more custom points than a line can carry.
    """
    own = {name: config.get(path) for name, path in _PATHS.items() if config.get(path) != IN_FILES.get(path)}
    parts = {name: _text_of(value) for name, value in own.items()}
    if (points := config.data.points) is not None:
        if not points.origin:  # what they were made from is their true function
            parts = {_TARGET: config.data.target, **parts}
        parts |= _points_parts(points)
        if config.data.held_out and _HELD_OUT not in parts:  # written alone, the share would take effect
            parts[_HELD_OUT] = _NONE
    if map_text:
        parts[MAP] = map_text
    if not parts:  # the tutorial itself; a line says something
        parts = {"target": IN_FILES.data.target}
    return "&".join(f"{name}={_UNSAFE.sub(_escaped, value)}" for name, value in parts.items())


def write_any_setting(config: Config, map_text: str = "") -> str:
    """Write a configuration as a line or, if a line cannot carry it, as JSON without a map."""
    try:
        return write_setting(config, map_text)
    except SettingLineError:
        return config.to_json()


def line_in_short(config: Config) -> str:
    """Return a configuration as a line for a log, with a remark in English on what such a line does not carry."""
    try:
        line = write_setting(config)
    except SettingLineError:
        points = config.data.points
        lacking = "" if points is None else f" without its {len(points):,} points"
        line = f"{write_setting(config.replace('data.points', None))}{lacking}"
    weights = config.network.first_weights
    return line if weights is None else f"{line} without the weights of {weights.origin}"


def read_any_setting(text: str) -> SettingRead:
    """Read a line or JSON; ConfigError if it is neither, or a value is not allowed."""
    return read_settings(text) if _is_json(text) else read_setting(text)


def is_setting(text: str) -> bool:
    return _is_json(text) or is_setting_line(text)


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] == "{"


def is_setting_line(text: str) -> bool:
    """Return whether a text looks like such a line: named values with & between them, at least one of them known."""
    if len(text) > MAX_CHARACTERS:
        return False
    names = [part.partition("=")[0].strip() for part in text.strip().split("&") if "=" in part]
    return bool(names) and all(map(str.isidentifier, names)) and not set(LINE_NAMES).isdisjoint(names)


def read_setting(text: str) -> SettingRead:
    """Read a line by `write_setting`, or one that a person has typed.

    Points have no true function, unless the line has a target or a formula, and no origin. If it does not say which of
    them are held out, the share is drawn from the data's seed.

    `ConfigError` if a value is not allowed; its field is the name in the line.
    """
    if len(text) > MAX_CHARACTERS:
        words = _("{count} characters are not allowed: at most {most}")
        raise ConfigError("setting", words.format(count=count_text(len(text)), most=count_text(MAX_CHARACTERS)))
    values: dict[str, str] = {}
    left_out = []
    for part in re.sub(r"\s*[\r\n]+\s*", "", text).strip().split("&"):  # a mail may have broken it
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or name not in LINE_NAMES:
            left_out.append(shortened(part.strip(), 60))
        elif name in values:
            raise ConfigError(name, _("is in the line twice; once is allowed"))
        else:
            values[name] = _unescaped(name, value.strip())
    map_text = values.pop(MAP, "")
    changes = {_PATHS[name]: _value_of(_PATHS[name], text) for name, text in values.items() if name in _PATHS}
    if not values.keys() <= _PATHS.keys():
        changes[POINTS] = _read_points(values)
        if _FORMULA in values and _ORIGIN not in values:
            changes.setdefault("data.target", FORMULA)
    try:
        config = IN_FILES.with_changes(changes)
        if (points := config.data.points) is not None and _HELD_OUT not in values:
            config = config.with_points(points)
        return SettingRead(config, map_text, tuple(part for part in left_out if part))
    except ConfigError as error:
        raise ConfigError(NAMES.get(error.field, error.field), error.reason) from None


def unknown_words(read: SettingRead) -> str:
    """Say which parts of a line are not known, and which names are."""
    words = ngettext(
        "{names} is not a setting; known are {known}", "{names} are not settings; known are {known}", len(read.left_out)
    )
    return words.format(names=", ".join(map(written, read.left_out)), known=", ".join(LINE_NAMES))


def left_out_words(read: SettingRead) -> str:
    parts = ", ".join(_("“{code}”").format(code=part) for part in read.left_out)
    return shortened(_("left out, as there is no such setting: {names}").format(names=parts))


def _text_of(value: Any) -> str:
    match value:
        case bool():
            return _YES if value else _NO
        case float():
            return repr(value).removesuffix(".0")
        case tuple():
            return ",".join(map(str, value)) or _NONE
        case _:
            return str(value)


def _value_of(path: str, text: str) -> Any:
    """Convert a text to the type of a setting; an invalid one stays a text, for the setting to refuse."""
    match IN_FILES.get(path):
        case bool():
            if text not in (_YES, _NO):
                words = _("{value} is not one of {names}")
                raise ConfigError(NAMES[path], words.format(value=written(text), names=f"{_YES}, {_NO}"))
            return text == _YES
        case tuple():
            return () if text in ("", _NONE) else [_number(path, part, typed_whole) for part in text.split(",")]
        case int():
            return _number(path, text, typed_whole)
        case float():
            return _number(path, text)
    return text.split(",") if SETTINGS[path].by_layer and "," in text else text


_real = partial(typed_real, decimal=".")


def _number(path: str, text: str, read: Callable[[str], float] = _real) -> float | str:
    """Read a number; an invalid one is passed on unchanged, for the setting to refuse."""
    try:
        return read(text)
    except TwoReadingsError as error:
        raise ConfigError(NAMES[path], str(error)) from None
    except NoNumberError:
        return text if read is _real else _number(path, text)


def _points_parts(points: Points) -> dict[str, str]:
    if len(points) > MAX_POINTS:
        words = _(
            "{count} samples of your own are too many for a line of text: at most {most}. The session's file has them "
            "all."
        )
        raise SettingLineError(words.format(count=count_text(len(points)), most=MAX_POINTS))
    parts = {name: ",".join(map(_text_of, column.tolist())) for name, column in ((_X, points.x), (_Y, points.y))}
    if points.held_out.any():
        parts[_HELD_OUT] = ",".join(map(str, np.flatnonzero(points.held_out) + 1))
    if points.origin:
        parts[_ORIGIN] = points.origin
    return parts | points.names


def _read_points(values: Mapping[str, str]) -> dict[str, Any]:
    """Return points as `Points.to_dict` does; the line counts held-out ones from 1."""
    for name in (_X, _Y):
        if name not in values:
            raise ConfigError(name, _("is missing: points need x and y, such as x=1,2,3&y=1,4,9"))
    x, y = ([_number(POINTS, part) for part in values[name].split(",")] for name in (_X, _Y))
    text = values.get(_HELD_OUT, _NONE)
    places = [] if text == _NONE else [_number(POINTS, part, typed_whole) for part in text.split(",")]
    for place in places:
        if not isinstance(place, int) or not 1 <= place <= len(x):
            words = _("{value} is not a point: 1 to {count} are there")
            raise ConfigError(_HELD_OUT, words.format(value=written(place), count=count_text(len(x))))
    held_out = [place - 1 for place in places if isinstance(place, int)]
    origin = "" if _TARGET in values or _FORMULA in values else GIVEN
    named = {name: values[name] for name in _POINT_NAMES if name in values}
    return {"x": x, "y": y, "held_out": held_out, "origin": values.get(_ORIGIN, origin), **named}


def _escaped(match: re.Match[str]) -> str:
    return quote(match[0], safe="")


def _unescaped(name: str, value: str) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        words = _("{value} is not a text in UTF-8 after its % signs")
        raise ConfigError(name, words.format(value=written(value))) from None
