"""The mistakes in a lesson's text, reported all at once."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import NamedTuple

from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.language import spoken
from tinynet_gui.core.text.shortened import shortened, written

MOST_MISTAKES = 50  # reading ends at this many
CLOSE_ENOUGH = 0.7  # of a name and the one that is meant, as difflib compares them


class Mistake(NamedTuple):
    """What is wrong, and what is expected, in a line of the file, counted from 1."""

    line: int
    reason: str


class LessonError(ValueError):
    """The text is no lesson; its `mistakes` are in the order of their lines, and in the `language` spoken."""

    def __init__(self, *mistakes: Mistake) -> None:
        self.language = spoken()
        self.mistakes = tuple(sorted(set(mistakes)))
        more = [_("There may be more.")] if len(mistakes) >= MOST_MISTAKES else []
        told = [_("line {number}: {reason}").format(number=line, reason=reason) for line, reason in self.mistakes]
        super().__init__("\n".join([*told, *more]))


class Mistakes:
    """Collects mistakes, so that reading goes on after one; but not forever."""

    def __init__(self) -> None:
        self._found: list[Mistake] = []

    def add(self, line: int, reason: str) -> None:
        """Note a mistake; raise `LessonError` if these are enough."""
        self._found.append(Mistake(line, shortened(reason)))
        if len(self._found) >= MOST_MISTAKES:
            self.end()

    def end(self) -> None:
        """Raise `LessonError` if there are any."""
        if self._found:
            raise LessonError(*self._found)


def not_known(name: str, known: Collection[str]) -> str:
    """Say that a name is not known, and which is meant; or, if none is like it, which are known."""
    close = get_close_matches(name.lower(), known, 1, CLOSE_ENOUGH)
    hint = (
        _("is “{close}” meant?").format(close=close[0])
        if close
        else _("known are {names}").format(names=", ".join(known))
    )
    return _("{name} is not known here; {hint}").format(name=written(name), hint=hint)
