"""Settings as JSON: a configuration and, if anything is hidden from students, the names of that."""

import json
from collections.abc import Iterable

from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.text.plain_file import read_at_most
from tinynet_gui.core.text.shortened import written
from tinynet_gui.core.values import dataclass
from tinynet_gui.core.wording.hideable import why_not_hideable

MOST_BYTES = 2_000_000  # of a file; a run's settings have about 1,000, with 10,000 of the user's points a million
_HIDDEN = "hidden"


@dataclass(frozen=True)
class SettingRead:
    """What a setting says.

    Attributes
    ----------
    map
        The map that it wants, or "".
    left_out
        The parts of a line that nobody knows.
    hidden
        What it hides from students, as in `ViewState.hidden`.
    """

    config: Config
    map: str = ""
    left_out: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()


def write_settings(config: Config, hidden: Iterable[str] = ()) -> str:
    """Write a configuration and what is hidden from students."""
    names = sorted(hidden)
    return json.dumps(config.to_dict() | ({_HIDDEN: names} if names else {}), indent=2) + "\n"


def read_settings(text: str) -> SettingRead:
    """Read what `write_settings` gives; ConfigError if it is not valid."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of thousands of digits
        raise ConfigError("config", f"not valid JSON: {error}") from None
    hidden = values.pop(_HIDDEN, []) if isinstance(values, dict) else []
    if not isinstance(hidden, list):
        raise ConfigError(_HIDDEN, f'{written(hidden)} is not a list of names such as ["view.microscope"]')
    for name in hidden:
        if trouble := why_not_hideable(name):
            raise ConfigError(_HIDDEN, trouble)
    return SettingRead(Config.from_dict(values), hidden=frozenset(hidden))


def read_settings_file(name: str) -> SettingRead:
    """Read settings from a file.

    Raises
    ------
    ConfigError
        If they are not valid; a file that is far too long is not read to its end.
    OSError
        If the file cannot be read.
    """
    content = read_at_most(name, MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ConfigError("config", f"more than {MOST_BYTES:,} bytes are not the settings of a run")
    try:
        return read_settings(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError("config", f"not a text in UTF-8: {error.reason} at byte {error.start:,}") from None
