"""The machine and software that trained a run: only there can its steps be repeated bit for bit."""

import os
import platform
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from tinynet_gui.core.system.processor import CHOSEN_PROCESSOR, instruction_sets
from tinynet_gui.core.values import dataclass

CHOICES = ("ATEN_CPU_CAPABILITY", *CHOSEN_PROCESSOR)  # environment variables that choose them


@dataclass(frozen=True)
class Provenance:
    """A machine and its software versions, as text."""

    machine: str
    versions: str


@cache
def here() -> Provenance:
    """Return the provenance of this process; imports neither torch nor numba."""
    machine = f"{platform.system()} {platform.machine()} {_processor()}".strip()
    chosen = [f"{name}={os.environ[name]}" for name in CHOICES if name in os.environ]
    return Provenance(
        ", ".join([machine, *instruction_sets()[-1:], *chosen]), versions_of("torch", "numpy", "numba", "llvmlite")
    )


def versions_of(*names: str) -> str:
    """Return the versions of some packages, such as ``torch 2.6.0, numpy 2.2.1``; imports none of them."""
    return ", ".join(f"{name} {_version(name)}" for name in names)


def why_it_may_differ(made_by: Provenance | None) -> str:
    """Say why a run's steps may differ in the last digits when repeated here; "" if they cannot."""
    if made_by is None or made_by == here():
        return ""
    if made_by.versions != here().versions:
        return f"It was trained with {made_by.versions}; here are {here().versions}. The last digits may differ."
    return f"It was trained on {made_by.machine}; this is {here().machine}. The last digits may differ."


def _version(name: str) -> str:
    if (known := _named_by_folders().get(name)) is not None:
        return known
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@cache
def _named_by_folders() -> dict[str, str]:
    """Return versions of installed packages, from the names of their folders: `importlib.metadata` takes 12 ms."""
    found = {}
    for place in reversed(sys.path):  # the first one on it counts
        with suppress(OSError):
            for entry in os.listdir(place or os.curdir):
                package, _, version = entry.removesuffix(".dist-info").partition("-")
                if entry.endswith(".dist-info"):
                    found[package] = version
    return found


def _processor() -> str:
    """The processor's name: compiled code uses its instructions."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
