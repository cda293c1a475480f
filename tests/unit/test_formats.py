"""The number of the format: it goes up with every name that an earlier version refuses, and the lowest is written.

`tests/data/formats.json` lists the names that stand in files, by the format that brought them. Files of each format
stand beside it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from tests.lesson_progress import played_through
from tests.sessions import sessions
from tests.unit.test_session_parts import MAP
from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.setting import FIRST_FORMAT, FORMAT, format_of, later_fields, since, values_to_write
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.answers import Answers, GivenAnswer, read_answers_file
from tinynet_gui.core.lessons.playing.memory import from_plain, to_plain
from tinynet_gui.core.lessons.playing.progress_files import read_progress, write_progress
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import Session, ViewState
from tinynet_gui.core.storage.blobs import BlobReader, blob_bytes
from tinynet_gui.core.storage.codec import Reader
from tinynet_gui.core.storage.parts import Packer
from tinynet_gui.core.storage.plain_values import NewerVersionError
from tinynet_gui.ui.window.preferences import Preferences

DATA = Path(__file__).parents[1] / "data"
LISTED: dict[str, list[str]] = json.loads((DATA / "formats.json").read_text(encoding="utf-8"))
KNOWN = dict(zip(map(int, LISTED), accumulate(LISTED.values(), lambda known, more: [*known, *more]), strict=True))


def _names_in_configs(plain: list[dict[str, Any]]) -> Iterator[str]:
    for entry in plain:
        values = {f"{part}.{name}": value for part, of in entry.get("whole", {}).items() for name, value in of.items()}
        for path, value in (values | entry.get("changes", {})).items():
            yield path
            if SETTINGS[path].choices:
                yield from (f"{path}={name}" for name in (value if isinstance(value, list) else [value]))
                yield from [f"{path} by layer"] * isinstance(value, list)
        yield from (f"config.{name}" for name in entry.keys() & {"weights"})
        yield from (f"points.{name}" for name in entry.get("points") or ())


def _names_in_run(run: dict[str, Any]) -> set[str]:
    return {f"run.{name}" for name in run} | set(_names_in_configs(run["configs"]))


def _names_in_head(head: dict[str, Any]) -> set[str]:
    kinds = {f"entry.{entry['kind']}" for entries in head["history"].values() for entry in entries}
    names = {f"session.{name}" for name in head} | {f"view.{name}" for name in head["view"]}
    return names | kinds | set(_names_in_configs(head["configs"]))


@settings(max_examples=60, deadline=None)
@given(
    session=sessions(),
    view=st.sampled_from([{}, {"map": MAP}, {"shows_sharpness": True}, {"shows_twin": True}, {"shows_modes": True}]),
    names=st.booleans(),
)
def test_a_part_bears_the_lowest_sufficient_format(session: Session, view: dict[str, Any], names: bool) -> None:
    session = replace(session, view=replace(session.view, **view))
    if names:
        points = Points([1.0, 2.0], [3.0, 4.0], x_name="t [s]")
        config = session.run.config.replace("data.points", points)
        session = session.with_run(replace(session.run, wanted=replace(session.run.wanted, config=config)))
    parts = Packer().pack(session)
    head = json.loads(parts.head)
    runs = [json.loads(blob_bytes(blob)) for name, blob in parts.blobs.items() if name.startswith("runs/")]
    for part, found in ((head, _names_in_head(head)), *((run, _names_in_run(run)) for run in runs)):
        lowest = next(number for number, known in KNOWN.items() if found <= set(known))
        assert part["version"] == lowest


def test_every_name_is_listed_with_the_format_that_brought_it() -> None:
    """Who adds one declares it with `since`, raises `FORMAT`, and lists it: earlier versions refuse it as damaged."""
    kinds: list[tuple[str, type]] = [("run", Run), ("view", ViewState), ("session", Session)]
    kinds += [("answers", Answers), ("answer", GivenAnswer), ("preferences", Preferences)]
    names = {f"{part}.{field.name}" for part, kind in kinds for field in fields(kind)}
    names |= {path for path in SETTINGS if path not in ("data.points", "network.first_weights")}
    names |= {f"{path}={choice}" for path, setting in SETTINGS.items() for choice in setting.choices}
    assert names <= set(KNOWN[FORMAT])
    later = {f"{part}.{field.name}" for part, kind in kinds for field in later_fields(kind)}
    assert later <= {name for number, listed in LISTED.items() for name in listed if int(number) > FIRST_FORMAT}
    assert (min(KNOWN), max(KNOWN)) == (FIRST_FORMAT, FORMAT)


def test_choices_are_listed_under_the_format_of_their_record() -> None:
    by_path = {path: choices for path, setting in SETTINGS.items() if isinstance(choices := setting.choices, Mapping)}
    assert {"network.activation", "data.target", "training.optimizer"} <= {*by_path}
    for path, choices in by_path.items():
        for name, record in choices.items():
            assert f"{path}={name}" in LISTED[str(getattr(record, "since", FIRST_FORMAT))], (
                "its record's `since` is another number"
            )


@dataclass(frozen=True)
class Example:
    first: int = 0
    second: bool = since(7, default=False)
    third: str = since(8, default="once")


@pytest.mark.parametrize(
    ("example", "number", "written"),
    [
        (Example(), 6, {"first": 0}),
        (Example(7), 6, {"first": 7}),
        (Example(second=True), 7, {"first": 0, "second": True}),
        (Example(third="twice"), 8, {"first": 0, "third": "twice"}),
    ],
)
def test_what_is_unchanged_is_not_written(example: Example, number: int, written: dict[str, Any]) -> None:
    assert (format_of(example), values_to_write(example)) == (number, written)
    reader = Reader(BlobReader(lambda _: b""), [], Config())
    assert reader.read(Example, written, "example") == example


# --- files of each format; `test_old_sessions` reads the sessions


def test_answers_of_format_6_open() -> None:
    answers = read_answers_file(DATA / "format_6" / "ada.answers")
    assert (answers.name, [each.guess for each in answers.questions[:2]]) == ("Ada", [1, 48.0])
    curve = answers.questions[2]
    assert (curve.x_name, curve.y_name, answers.language) == ("Time [min]", "Heat [°C]", "de")


def test_progress_of_format_6_opens(tmp_path: Path) -> None:
    progress = played_through()
    write_progress(tmp_path, "kept", {})
    [file] = tmp_path.iterdir()
    file.write_bytes((DATA / "format_6" / "progress.json").read_bytes())
    again = from_plain(read_progress(tmp_path, "kept"), progress.lesson)
    scaled = Config().replace("network.weight_scale", 0.5)
    assert (again.answers, again.moments[1].config) == (progress.answers, scaled)
    assert to_plain(again)["version"] == 6


def test_progress_of_newer_versions_is_left_alone(tmp_path: Path) -> None:
    write_progress(tmp_path, "a", {"version": FORMAT + 1})
    assert read_progress(tmp_path, "a") is None
    with pytest.raises(NewerVersionError, match=r"^a newer version of tinynet made it \(format \d+ is not known here"):
        write_progress(tmp_path, "a", {"at": 1})
    assert f'"version": {FORMAT + 1}' in next(tmp_path.iterdir()).read_text()
