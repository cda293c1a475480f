"""What README shows is made by the command that it names, and small enough for a page on the Web."""

from pathlib import Path

from PIL import Image

from tests.gui.conftest import MakeWindow
from tests.showcase import FILM, FOLDER, PAGE, make_showcase


def test_a_film_and_a_page_are_made_of_the_window(make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window()
    make_showcase(window, tmp_path, steps=20, frames=2)
    with Image.open(tmp_path / FILM) as film:
        assert (getattr(film, "n_frames", 1), film.size) == (2, (window.width(), window.height()))
    page = (tmp_path / PAGE).read_text(encoding="utf-8")
    assert '"steps":[0],' in page
    assert "What the program adds" in page


def test_those_beside_readme_are_short_and_small() -> None:
    with Image.open(FOLDER / FILM) as film:
        assert getattr(film, "n_frames", 1) > 50
    assert (FOLDER / FILM).stat().st_size <= 3e6
    assert '"steps":[0],' in (FOLDER / PAGE).read_text(encoding="utf-8")
    assert (FOLDER / PAGE).stat().st_size <= 250_000
