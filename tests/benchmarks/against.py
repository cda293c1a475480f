"""Two commits measured in turns, so that what else the machine does meets both: `--against COMMIT`.

Each tree runs its own benchmarks, in a process and with users' folders of their own, by the Python that runs this one.
Code is compiled once before. Values are compared, which keep their meaning as long as they keep name and unit; what
ratios stand against may change from commit to commit.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.benchmarks.effort import one_of_each, usual

ROOT = Path(__file__).parents[2]
RULE = "Two commits differ in a figure if its ranges over the rounds, two at least, do not overlap."
USERS_FOLDERS = ("TINYNET_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")  # the latter in earlier commits
NO_NAME = "?"  # for which any commit says the names of its benchmarks
NOT_SAID = "propagateSizeHints"  # Qt's, of a window without a screen

Figure = tuple[str, str]  # name and unit


class NotComparedError(Exception):
    """Why two commits cannot be compared, for who asked."""


@dataclass(frozen=True)
class Comparison:
    """What a figure was in each round, in the other commit and in this tree."""

    name: str
    unit: str
    there: Sequence[float]
    here: Sequence[float]

    @property
    def quotient(self) -> float | None:
        """This tree's median as a part of the other commit's; None of nothing."""
        return median(self.here) / median(self.there) if median(self.there) else None

    @property
    def verdict(self) -> str:
        """Whether they differ, by `RULE`."""
        if min(len(self.there), len(self.here)) > 1:
            if max(self.here) < min(self.there):
                return "lower"
            if min(self.here) > max(self.there):
                return "higher"
        return "within the spread"

    def row(self) -> tuple[str, ...]:
        """What a table says of it."""
        quotient = "" if self.quotient is None else f"{self.quotient:.3g}"
        return self.name, self.unit, _median_and_range(self.there), _median_and_range(self.here), quotient, self.verdict

    def as_json(self) -> str:
        """Return all that is known of it, in a line."""
        medians = {"there_median": median(self.there), "here_median": median(self.here), "quotient": self.quotient}
        return json.dumps({**vars(self), **medians, "verdict": self.verdict})


def _median_and_range(values: Sequence[float]) -> str:
    return f"{median(values):.4g} ({min(values):.4g} to {max(values):.4g})"


def values_of(output: str) -> dict[Figure, float]:
    """Return what benchmarks have printed; a unit without what is said about it after a comma."""
    records = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    known = [one for one in records if one["value"] is not None]
    return {(one["name"], one["unit"].partition(",")[0]): one["value"] for one in known}


def table_of(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns as wide as they need."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


@dataclass(frozen=True)
class Tree:
    """The files of a commit, and a folder for its compiled code."""

    label: str
    folder: Path
    compiled: Path

    def prepare(self) -> None:
        """Compile what would else be compiled while something is measured."""
        for module in (("compileall", "-q", "tinynet_gui", "tests"), ("tinynet_gui.core.training.compiled.warm_up",)):
            self._run(*module)

    def names(self) -> list[str]:
        """Return the names of its benchmarks."""
        done = self._run("tests.benchmarks", NO_NAME)
        found = re.search(r"; known: (.*)", done.stderr)
        if found is None:
            raise NotComparedError(f"{self.label} has no benchmarks that can be run: {_last_line(done.stderr)}")
        return [name for name in found[1].split(", ") if not name.startswith("--")]

    def measure(self, *arguments: str) -> dict[Figure, float] | None:
        """Run its benchmarks; return what they say, or None if they fail, which is said."""
        done = self._run("tests.benchmarks", *arguments)
        if done.returncode:
            _say(f"{arguments[0]} fails in {self.label}: {_last_line(done.stderr)}")
            return None
        return values_of(done.stdout)

    def _run(self, *module: str) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as users:
            environment = os.environ | dict.fromkeys(USERS_FOLDERS, users) | {"NUMBA_CACHE_DIR": str(self.compiled)}
            environment["PYTHONPATH"] = str(self.folder)
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            command = [sys.executable, "-m", *module]
            return subprocess.run(
                command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
            )


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and NOT_SAID not in line]
    return lines[-1] if lines else "it says nothing"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _git(*arguments: str | Path) -> str:
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotComparedError(_last_line(done.stderr))
    return done.stdout.strip()


@contextmanager
def trees_of(commit: str) -> Iterator[tuple[Tree, Tree]]:
    """Take a commit's files out, beside this tree's; remove them afterwards, whatever happens."""
    if shutil.which("git") is None:
        raise NotComparedError("git is not installed, which knows the other commit")
    if not (ROOT / ".git").exists():
        raise NotComparedError(f"{ROOT} is not a git checkout, which knows the other commit")
    try:
        label = _git("rev-parse", "--verify", "--short", f"{commit}^{{commit}}")
    except NotComparedError:
        raise NotComparedError(f"{commit!r} is no commit of {ROOT}") from None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        files = Path(folder) / "files"
        try:
            _git("worktree", "add", "--detach", files, label)
            yield Tree(label, files, Path(folder) / "there"), Tree("this tree", ROOT, Path(folder) / "here")
        finally:
            with suppress(NotComparedError):  # it was never made
                _git("worktree", "remove", "--force", files)


def compare(commit: str, names: Sequence[str], rounds: int, *, is_quick: bool, as_json: bool) -> int:
    """Measure in turns and print how they differ; return the exit status: 1 if a benchmark failed."""
    values: tuple[defaultdict[Figure, list[float]], ...] = (defaultdict(list), defaultdict(list))
    with trees_of(commit) as trees:
        known = [tree.names() for tree in trees]
        asked = _asked(names, known, is_quick=is_quick)
        for tree in trees:
            _say(f"{tree.label}: compiled first")
            tree.prepare()
        failed = set[str]()
        for turn in range(rounds):
            for name in asked:
                if name in failed:
                    continue
                _say(f"round {turn + 1} of {rounds}: {name}")
                for tree, found in list(zip(trees, values, strict=True))[:: -1 if turn % 2 else 1]:
                    measured = tree.measure(name, *["--quick"] * is_quick)
                    if measured is None:
                        failed.add(name)
                        break
                    for figure, value in measured.items():
                        found[figure].append(value)
    there, here = values
    compared = [Comparison(*figure, there[figure], here[figure]) for figure in here if figure in there]
    if as_json:
        print("\n".join(map(Comparison.as_json, compared)))
    else:
        heading = ("figure", "unit", *(f"{tree.label}, median (range)" for tree in trees), "quotient", "")
        print(table_of([heading, *map(Comparison.row, compared)]))
        print(RULE)
        for tree, one, other in (trees[0], there, here), (trees[1], here, there):
            if only := [f"{name} ({unit})" for name, unit in one if (name, unit) not in other]:
                print(f"Only of {tree.label}: {', '.join(only)}")
    return int(bool(failed))


def _asked(names: Sequence[str], known: Sequence[Sequence[str]], *, is_quick: bool) -> list[str]:
    """Return the names that both trees know of those that are wanted, or of all."""
    there, here = known
    unknown = [name for name in names if name not in (*there, *here)]
    if unknown:
        raise NotComparedError(f"unknown: {', '.join(unknown)}; known: {', '.join(here)}")
    wanted = names or usual(dict.fromkeys((*there, *here)))
    for which, other in ("the other commit", there), ("this tree", here):
        if missing := [name for name in wanted if name not in other]:
            _say(f"not known to {which}: {', '.join(missing)}")
    both = [name for name in wanted if name in there and name in here]
    return one_of_each(both) if is_quick and not names else both
