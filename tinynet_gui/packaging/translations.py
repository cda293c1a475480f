"""Compiles the translations before a wheel is built or the checkout is installed."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_words(root: Path) -> None:
    """Compile each ``words.po`` of a checkout to a ``words.mo`` beside it, unless that is newer."""
    for source in (root / "resources" / "lessons").glob("*/words.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns < source.stat().st_mtime_ns:
            with source.open("rb") as words, compiled.open("wb") as file:
                write_mo(file, read_po(words))


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling's entry point."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compile_words(Path(self.root))
