"""The links and pictures in a lesson's text: where they are, and where they may lead."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from tinynet_gui.core.lessons.fences import without_code
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.places import line_counter
from tinynet_gui.core.text.shortened import written

LONGEST_ADDRESS = 500
WEB = ("http", "https")
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(\s*<?([^()<>]*)")  # of a picture, if there is a !


def pictures_in(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the names of the pictures in a text, with their lines, counted from 0."""
    prose = without_code("\n".join(lines))
    line_of = line_counter(prose)
    for match in LINK.finditer(prose):
        if match[1]:
            yield line_of(match.start()), picture_name(match[3].rstrip())


def picture_name(address: str) -> str:
    """Return a picture's name from its address in Markdown, without the title that may follow."""
    return unquote(re.sub(r"(?<!\s)\s++(?:\"[^\"]*\"|'[^']*')$", "", address))


def address_trouble(address: str) -> str:
    """Say why a link cannot lead to an address; "" if it can."""
    expected = _("an address that begins with https:// or http:// is expected")
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return _("{address} is not an address; {expected}").format(address=written(address), expected=expected)
    if parts.scheme.lower() not in WEB or not host:
        return _("the link leads to {address}; {expected}").format(address=written(address), expected=expected)
    if parts.username is not None:
        words = _("the link {address} has a name before @; an address without it is expected")
        return words.format(address=written(address))
    if len(address) > LONGEST_ADDRESS or not address.isprintable():
        words = _("the link {address} is too long or has odd characters; at most {longest_address} are expected")
        return words.format(address=written(address), longest_address=LONGEST_ADDRESS)
    return ""
