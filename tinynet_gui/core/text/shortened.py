"""Foreign text and values, short enough to be shown: what comes from a file or a field may be of any size."""

import reprlib
import sys

from tinynet_gui.core.text.language import gettext as _

MOST_CHARACTERS = 500  # of a message


class _Values(reprlib.Repr):
    """Looks at no more of a value than is shown: neither at the end of a list nor at the bottom of a nested one."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 38

    def repr_int(self, x: int, level: int) -> str:
        """Write a whole number of any size."""
        return shortened(digits(x), 38)


def shortened(text: str, most: int = MOST_CHARACTERS) -> str:
    """Return a text that can be shown and written, with dots for its end where it is long."""
    return encodable(text if len(text) <= most else f"{text[: most - 2]} …")


def on_one_line(text: str) -> str:
    """Return a text without line breaks, and with any spaces as one."""
    return " ".join(text.split())


def encodable(text: str) -> str:
    """Return a text as a file can have it: a half of a character (a lone surrogate) is a question mark."""
    return text.encode("utf-8", "replace").decode()


def written(value: object) -> str:
    """Write a refused value of any kind, in quotes if it is a text, in about 40 characters."""
    if isinstance(value, str):
        return _("“{code}”").format(code=shortened(value, 38))
    return shortened(_Values().repr(value), 40)


def digits(value: int) -> str:
    """Write a whole number in its own digits; one that is long beyond all measure by their number."""
    try:
        return f"{value}"
    except ValueError:  # Python refuses it, for the time that it takes
        return f"a number of more than {sys.get_int_max_str_digits():,} digits"
