"""Pictures and data beside a lesson: read from its own folder, and from nowhere else."""

import csv
import io
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.lessons import FRONT, OWN_LESSON
from tests.not_none import not_none
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.lesson import Lesson
from tinynet_gui.core.lessons.playing.course import begin
from tinynet_gui.core.lessons.playing.memory import to_plain
from tinynet_gui.core.lessons.reading import lesson_files
from tinynet_gui.core.lessons.reading.lesson_files import MAX_DATA, MAX_PICTURE, MAX_POINTS
from tinynet_gui.core.lessons.reading.mistakes import LessonError
from tinynet_gui.core.lessons.reading.reader import read_lesson, read_lesson_file


def _read(folder: Path, block: str, text: str = "a") -> Lesson:
    return read_lesson(f"{FRONT}## A\n{text}\n\n```lesson\n{block}\n```\n", folder=folder)


def _points(folder: Path, block: str) -> Points:
    return not_none(not_none(_read(folder, block).steps[0].setting).data.points)


def _trouble(folder: Path, block: str = "", text: str = "a") -> str:
    with pytest.raises(LessonError) as caught:
        _read(folder, block, text)
    [mistake] = caught.value.mistakes
    assert mistake.line == FRONT.count("\n") + (5 if block else 2)
    return mistake.reason


def _cup_that_says(width: int, height: int) -> bytes:
    """A picture whose header says that it has another size."""
    cup = OWN_LESSON.with_name("cup.png").read_bytes()
    header = b"IHDR" + struct.pack(">II", width, height) + cup[24:29]
    return cup[:12] + header + struct.pack(">I", zlib.crc32(header)) + cup[33:]


def test_data_and_pictures_are_read_with_the_lesson() -> None:
    lesson = read_lesson_file(OWN_LESSON)
    with open(OWN_LESSON.with_name("coffee.csv"), encoding="utf-8", newline="") as file:
        names, *rows = list(csv.reader(file))
    for step in lesson.steps:
        points = not_none(not_none(step.setting).data.points)
        np.testing.assert_array_equal(np.column_stack([points.x, points.y]), np.array(rows, dtype=float))
        assert [points.x_name, points.y_name] == names
        assert points.origin == "coffee.csv"
    assert not_none(lesson.steps[0].setting).network.hidden == (10,)
    assert lesson.pictures == {"cup.png": OWN_LESSON.with_name("cup.png").read_bytes()}
    assert len(str(to_plain(begin(lesson)))) < 1_000  # no picture is remembered with its progress


def test_a_table_says_how_its_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("k;t;y\n1;1,500;4\n2;2,500;5\n3;3,500;6\n", encoding="utf-8")
    said = _trouble(tmp_path, 'data = {file = "a.csv", x = "t"}')
    assert '“1,500” can be read in two ways: 1.5 (decimal = ",") or 1500 (thousands = ",")' in said
    assert "in a.csv, line 2:" in said
    points = _points(tmp_path, 'data = {file = "a.csv", x = "t", y = "k", decimal = ","}')
    assert points.x.tolist() == [1.5, 2.5, 3.5]
    assert points.y.tolist() == [1.0, 2.0, 3.0]
    points = _points(tmp_path, 'data = {file = "a.csv", x = "t", thousands = ","}\nsetting = "held_out=0.34"')
    assert points.x.tolist() == [1500.0, 2500.0, 3500.0]
    assert points.held_out.sum() == 1
    assert "“no” is not one of its columns: k, t, y" in _trouble(tmp_path, 'data = {file = "a.csv", x = "no"}')
    points = _points(tmp_path, 'data = {file = "a.csv", x = "t", y = "k", decimal = ",", skip = "2"}')
    assert points.x.tolist() == [2.5, 3.5]
    assert "“skip”: “two” is not allowed" in _trouble(tmp_path, 'data = {file = "a.csv", decimal = ",", skip = "two"}')
    (tmp_path / "n.csv").write_text("x,y\n1,2\n2,n. g.\n3,4\n4,5\n5,n. g.\n", encoding="utf-8")
    assert _trouble(tmp_path, 'data = "n.csv"').endswith('; skip = "3,6" leaves out what has no number')
    assert _points(tmp_path, 'data = {file = "n.csv", skip = "3,6"}').x.tolist() == [1, 3, 4]
    (tmp_path / "b.csv").write_text("Zeit;0;2\nTemp;90;80\n", encoding="utf-8")
    assert '(samples = "across")' in _trouble(tmp_path, 'data = "b.csv"')
    assert _points(tmp_path, 'data = {file = "b.csv", samples = "across"}').y.tolist() == [90, 80]
    odd = 'data = {file = "a.csv", decimal = ",", sep = ";"}'
    assert "“sep” is not known here; known are file, x, y" in _trouble(tmp_path, odd)
    both = 'data = {file = "a.csv", decimal = ",", thousands = ","}'
    assert "“thousands” and “decimal” are both “,”" in _trouble(tmp_path, both)


def test_a_column_is_named_with_or_without_its_unit(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n,Time [min],y (m),y (s)\n1,4,7,0\n2,5,8,3\n3,6,9,1\n", encoding="utf-8")
    for x in ("Time", "Time [min]"):
        points = _points(tmp_path, f'data = {{file = "a.csv", x = "{x}", y = "y (s)"}}')
        assert (points.x.tolist(), points.y.tolist(), points.x_name) == ([4, 5, 6], [0, 3, 1], "Time [min]")
    assert "“y” is not one of its columns: n, Time [min]" in _trouble(tmp_path, 'data = {file = "a.csv", y = "y"}')


def test_rows_with_gaps_are_skipped_and_many_are_sampled(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n2,\n3,4\n", encoding="utf-8")
    assert _points(tmp_path, 'data = "a.csv"').x.tolist() == [1.0, 3.0]
    (tmp_path / "b.csv").write_text("x,y\n" + "".join(f"{k},{k * k}\n" for k in range(MAX_POINTS + 500)), "utf-8")
    points = _points(tmp_path, 'data = "b.csv"')
    assert len(points) == MAX_POINTS
    np.testing.assert_array_equal(points.y, points.x**2)


def test_a_file_is_read_once_and_all_that_are_read_have_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesson_files, "MAX_DATA", 20)
    (tmp_path / "a.csv").write_bytes(b"1,2\n2,3\n3,4\n")
    page = '## A\na\n\n```lesson\ndata = {file = "a.csv"%s}\n```\n'
    assert len(read_lesson(FRONT + page % "" * 3, folder=tmp_path).steps) == 3
    with pytest.raises(LessonError, match=r"with “a\.csv” more than 20 bytes of data are read for the lesson"):
        read_lesson(FRONT + page % "" + page % ', decimal = "."', folder=tmp_path)


@pytest.mark.parametrize("name", ["x=1,2&y=1,2", "target=sin", "samples=5", "noise=0.5", "lr=0.1& formula =x**2"])
def test_a_setting_beside_data_says_no_other_samples(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.csv").write_text("1,2\n2,3\n", encoding="utf-8")
    with pytest.raises(LessonError, match=r"the samples come from “data”; “\w+” in the setting says other ones"):
        _read(tmp_path, f'data = "a.csv"\nsetting = "{name}"')


@pytest.mark.parametrize(
    "name",
    ["../a.csv", "sub/a.csv", "/etc/passwd", "..", ".", ".a.csv", "sub\\\\a.csv", "C:a.csv", "a.csv\\u0000",
     "a\\nb.csv", "https://example.org/a.csv", "NUL:", "a" * 101],
)  # fmt: skip
def test_only_a_plain_name_is_opened(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "lessons"
    (folder / "sub").mkdir(parents=True)
    for path in (tmp_path / "a.csv", folder / "sub" / "a.csv", folder / ".a.csv"):
        path.write_text("1,2\n2,3\n", encoding="utf-8")
    said = _trouble(folder, f'data = {{file = "{name}"}}')
    assert "is not a plain name" in said or "a text of 1 to" in said or "there is no such file" in said


def test_only_a_plain_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2\n2,3\n", encoding="utf-8")
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "folder.csv").mkdir()
    if sys.platform != "win32":
        (folder / "link.csv").symlink_to(tmp_path / "a.csv")
        os.mkfifo(folder / "pipe.csv")
    for file in folder.iterdir():
        assert "is not a plain file; one beside the lesson is expected" in _trouble(folder, f'data = "{file.name}"')
        assert "is not a plain file" in _trouble(folder, text=f"![a]({file.name})")
    assert "there is no such file or folder" in _trouble(folder, 'data = "none.csv"')


def test_what_is_too_large_or_damaged_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"1,2\n" * (MAX_DATA // 4 + 1))
    assert "is too large; at most 1,000,000 bytes" in _trouble(tmp_path, 'data = "a.csv"')
    (tmp_path / "b.csv").write_text("a,b\nc,d\n", encoding="utf-8")
    assert "in b.csv, line 2, column 1: “c” is not a number" in _trouble(tmp_path, 'data = "b.csv"')
    (tmp_path / "wide.png").write_bytes(_cup_that_says(30_000, 1_000))
    assert "has 30,000 × 1,000 pixels; at most 12,500,000" in _trouble(tmp_path, text="![a](wide.png)")
    for name in ("a.png", "b.png"):
        Image.new("1", (3_000, 3_000)).save(tmp_path / name)
    Image.fromarray(np.zeros((2_600, 2_600), np.uint16)).save(tmp_path / "deep.png")
    assert "has 2,600 × 2,600 pixels of 16 bits, which count twice" in _trouble(tmp_path, text="![a](deep.png)")
    text = "![a](a.png) ![a](a.png)"
    assert list(_read(tmp_path, "", text).pictures) == ["a.png"]
    said = "with “b.png” the pictures of this text have more than 12,500,000 pixels together"
    assert _trouble(tmp_path, text=f"{text} ![b](b.png)") == said
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG")
    (tmp_path / "scans.jpg").write_bytes(buffer.getvalue()[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x7f" * 100)
    assert "is a JPEG of 101 scans; at most 100" in _trouble(tmp_path, text="![a](scans.jpg)")
    (tmp_path / "bomb.png").write_bytes(_cup_that_says(30_000, 30_000))
    assert "is not a picture that can be read" in _trouble(tmp_path, text="![a](bomb.png)")
    (tmp_path / "big.png").write_bytes(b"\x89PNG" * (MAX_PICTURE // 4 + 1))
    assert "is too large; at most 5,000,000 bytes" in _trouble(tmp_path, text="![a](big.png)")
    for content in (b"", b"GIF89a", (OWN_LESSON.with_name("cup.png").read_bytes())[:-40], b"<svg/>", b"%PDF"):
        (tmp_path / "bad.png").write_bytes(content)
        assert "is not a picture that can be read; PNG, JPEG or GIF" in _trouble(tmp_path, text="![a](bad.png)")


def test_a_picture_is_named_as_markdown_has_it(tmp_path: Path) -> None:
    for name, kind in (("a b.png", "PNG"), ("c.jpg", "JPEG"), ("d.gif", "GIF")):
        Image.new("RGB", (4, 4)).save(tmp_path / name, kind)
    lesson = _read(tmp_path, "", 'x ![a](a%20b.png) and ![c\nd](c.jpg "A title") `![no](e.png)` ![](<d.gif>)')
    assert set(lesson.pictures) == {"a b.png", "c.jpg", "d.gif"}
