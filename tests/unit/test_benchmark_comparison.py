"""What is compared with another commit, and how it is told apart from chance; goals."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.benchmarks import against
from tests.benchmarks.__main__ import main
from tests.benchmarks.against import Comparison, Tree, values_of
from tests.benchmarks.goals import Goal, goal_of

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

BENCHMARKS = """
import json, sys
KNOWN = {known}
if "?" in sys.argv:
    sys.exit("unknown: ?; known: --quick, " + ", ".join(KNOWN))
if sys.argv[1] == "broken":
    raise ValueError("out of order")
print("a line of something else")
print(json.dumps({{"name": sys.argv[1], "value": KNOWN[sys.argv[1]], "unit": {unit!r}}}))
"""


@pytest.mark.parametrize(
    ("there", "here", "verdict"),
    [
        ((3.0, 4.0), (1.0, 2.0), "lower"),
        ((1.0, 2.0), (2.1, 9.0), "higher"),
        ((1.0, 2.0), (2.0, 9.0), "within the spread"),
        ((1.0, 5.0), (2.0, 3.0), "within the spread"),
        ((1.0,), (2.0, 3.0), "within the spread"),  # of one round nothing is known of the spread
    ],
)
def test_commits_differ_where_ranges_do_not_overlap(
    there: tuple[float, ...], here: tuple[float, ...], verdict: str
) -> None:
    assert Comparison("paint", "ms", there, here).verdict == verdict


def test_a_comparison_says_medians_ranges_and_their_quotient() -> None:
    comparison = Comparison("paint", "ms", (10.0, 40.0, 20.0), (5.0, 6.0, 4.0))
    assert comparison.row() == ("paint", "ms", "20 (10 to 40)", "5 (4 to 6)", "0.25", "lower")
    said = json.loads(comparison.as_json())
    assert (said["there_median"], said["here_median"], said["quotient"], said["verdict"]) == (20, 5, 0.25, "lower")
    assert Comparison("growth", "MB", (0.0, 0.0), (1.0, 2.0)).row()[4] == ""


def test_values_and_units_are_read_from_any_output() -> None:
    records = [("a", 1.5, "s, in a helper process"), ("b", None, ""), ("a", 2.0, "ms")]
    lines = [json.dumps({"name": name, "value": value, "unit": unit}) for name, value, unit in records]
    assert values_of("\n".join(["said by Qt", *lines])) == {("a", "s"): 1.5, ("a", "ms"): 2.0}


def test_a_goal_is_the_most_or_the_least_of_a_ratio() -> None:
    most, least = Goal(0.5), Goal(0.8, is_least=True)
    assert [most.is_met(ratio) for ratio in (0.5, 0.51)] == [True, False]
    assert [least.is_met(ratio) for ratio in (0.8, 0.79)] == [True, False]
    assert (str(most), str(least)) == ("at most 0.5", "at least 0.8")
    with pytest.raises(LookupError, match="nothing_known has no goal"):
        goal_of("nothing_known")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two commits with benchmarks that say numbers: what was quick before is the latest."""
    monkeypatch.setattr(against, "ROOT", tmp_path)
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        monkeypatch.setenv(f"{name}_NAME", "a")
        monkeypatch.setenv(f"{name}_EMAIL", "a@b")
    file = tmp_path / "tests" / "benchmarks" / "__main__.py"
    file.parent.mkdir(parents=True)
    (tmp_path / "tinynet_gui").mkdir()  # with nothing that could be compiled
    for package in (file.parent, file.parent.parent, tmp_path / "tinynet_gui"):
        (package / "__init__.py").touch()  # else this suite's are found
    _git(tmp_path, "init", "-q")
    known = {"paint": 2, "broken": 1, "gone": 1}
    for unit in ("ms", "ms, painted"):
        file.write_text(BENCHMARKS.format(known=known, unit=unit), encoding="utf-8")
        _git(tmp_path, "add", ".")
        _git(tmp_path, "commit", "-qm", "one")
        known = {"paint": 1, "broken": 1, "new": 1}
    return tmp_path


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout


@needs_git
def test_two_commits_are_measured_in_turns_and_nothing_stays(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--against", "HEAD~1", "--rounds", "2"]) == 1  # one fails
    said = capsys.readouterr()
    assert re.search(r"^paint +ms +2 \(2 to 2\) +1 \(1 to 1\) +0.5 +lower$", said.out, re.MULTILINE)
    assert f"broken fails in {_git(checkout, 'rev-parse', '--short', 'HEAD~1').strip()}: ValueError" in said.err
    assert said.err.count("round") == 3  # what fails is not measured again
    assert "not known to the other commit: new" in said.err
    assert "not known to this tree: gone" in said.err
    assert len(_git(checkout, "worktree", "list").splitlines()) == 1
    assert main(["--against", "HEAD~1", "--rounds", "1", "--json", "paint"]) == 0
    assert json.loads(capsys.readouterr().out)["quotient"] == 0.5


@needs_git
def test_an_interrupt_removes_the_other_commits_files(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(tree: Tree, *arguments: str) -> None:
        assert len(_git(checkout, "worktree", "list").splitlines()) == 2
        raise KeyboardInterrupt

    monkeypatch.setattr(Tree, "measure", interrupt)
    assert main(["--against", "HEAD~1"]) == 130
    assert len(_git(checkout, "worktree", "list").splitlines()) == 1


@needs_git
@pytest.mark.parametrize(
    ("arguments", "trouble"),
    [
        (["--against", "nowhere"], "'nowhere' is no commit of"),
        (["--against", "HEAD~1", "painting"], "unknown: painting; known: paint, broken, new"),
    ],
)
@pytest.mark.usefixtures("checkout")
def test_what_cannot_be_compared_is_said(
    arguments: list[str], trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert trouble in capsys.readouterr().err


def test_without_a_checkout_nothing_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(against, "ROOT", tmp_path)
    assert main(["--against", "HEAD"]) == 2
    monkeypatch.setenv("PATH", "")
    assert main(["--against", "HEAD"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "git is not installed, which knows the other commit"
    assert said[0] == said[-1] or said[0].endswith("is not a git checkout, which knows the other commit")


@pytest.mark.parametrize(
    ("arguments", "trouble"),
    [
        (["--against", "HEAD", "--rounds", "0"], "'0' is not allowed; a whole number from 1 on is"),
        (["--rounds", "2"], "--rounds and --json go with --against"),
        (["--json"], "--rounds and --json go with --against"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    arguments: list[str], trouble: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert trouble in capsys.readouterr().err
