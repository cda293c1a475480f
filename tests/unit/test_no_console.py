"""A program without a console shows what its command line says."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tinynet_gui.app import application

DATA = Path(__file__).parents[1] / "data" / "lab.xlsx"


def boxes_shown(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """The status with which a program without a console ends, and what it shows in boxes of the system."""
    boxes: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(application, "show_box", boxes.append)
        patch.setattr(sys, "stdout", None)
        patch.setattr(sys, "stderr", None)
        try:
            status = application.main(arguments)
        except SystemExit as end:
            status = int(end.code or 0)
        assert (sys.stdout, sys.stderr) == (None, None)
    return status, boxes


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("--help",), 0, "\n  --steps N: how many steps to train before the screenshot; by default none\n"),
        (("--help",), 0, "\n  --dates {day-first,month-first}: the order of dates in --data, likewise\n"),
        (("--version",), 0, "tinynet-gui 0."),
        (("--nothing",), 2, "unrecognized arguments: --nothing"),
        (("nowhere.tinynet",), 2, "there is no such file"),
    ],
)
def test_what_would_stand_on_the_console_is_in_one_box(arguments: tuple[str, ...], status: int, said: str) -> None:
    result, (box,) = boxes_shown(arguments)
    assert result == status
    assert said in box


def test_a_window_opens_without_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_run", lambda begun, *others: 7 if begun.setting else 0)
    assert boxes_shown(["--setting", "lr=0.01", "--data", str(DATA)]) == (7, [])
