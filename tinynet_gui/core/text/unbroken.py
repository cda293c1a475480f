"""Where a line of text must not be broken: before %, around =, inside |w|·R and 1/(4R)."""

import re

SPACE, JOINER = "\u00a0", "\u2060"
BREAKABLE = str.maketrans({SPACE: " ", JOINER: ""})  # takes back what `unbroken` does
_CODE = re.compile(r"(```.*?```|~~~.*?~~~|`[^`\n]+`)", re.DOTALL)
_SPACED = re.compile(r"(?<=\S) (?=%|=( |$))|(?<= =) (?=\S)")
_JOINED = re.compile(r"(?<=\|)(?=[*·(\w])|(?<=/)(?=\()")


def unbroken(text: str) -> str:
    """Return plain text or Markdown with its formulas kept on one line; code stays as it is."""
    pieces = _CODE.split(text)
    pieces[::2] = ("\n".join(map(_tied, piece.split("\n"))) for piece in pieces[::2])
    return "".join(pieces)


def _tied(line: str) -> str:
    spaced = _SPACED.sub(SPACE, line)
    return spaced if line.startswith(("| ", "|-")) else _JOINED.sub(JOINER, spaced)
