"""The lessons that come with the program."""

from pathlib import Path

from tinynet_gui.resources import resource_path

FIRST = "lessons/01-the-tutorial.md"  # of the resources


def own_lessons() -> list[Path]:
    """Return the files of the program's own lessons, in their order."""
    return sorted(resource_path(FIRST).parent.glob("[0-9]*.md"))
