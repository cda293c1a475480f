"""Which lessons are the program's own."""

from pathlib import Path

from tinynet_gui.core.lessons.reading.reader import bundled_lessons, is_bundled


def test_a_lesson_is_bundled_only_in_its_own_folder(tmp_path: Path) -> None:
    own = bundled_lessons()[0]
    copy = tmp_path / own.name
    copy.write_bytes(own.read_bytes())
    assert is_bundled(own)
    assert not any(map(is_bundled, (copy, own.with_name("99-none.md"), own.with_name("README.md"))))
