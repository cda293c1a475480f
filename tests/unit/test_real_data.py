"""The data that come with the program: complete, as in their sources, and with a source."""

from pathlib import Path

import numpy as np
import pytest

from tinynet_gui.core.data.data_file import read_file
from tinynet_gui.core.data.real_data import REAL_DATA, load
from tinynet_gui.core.system.machine import resource_path

COUNTS = {"planets": 8, "copper": 236, "motorcycle": 133, "nile": 100, "sunspots": 309}


def text(name: str) -> str:
    return resource_path(f"data/{REAL_DATA[name].file}").read_text(encoding="utf-8")


def test_every_file_is_listed() -> None:
    folder = Path(resource_path("data/README.md")).parent
    assert {path.name for path in folder.glob("*.csv")} == {data.file for data in REAL_DATA.values()}
    assert set(COUNTS) == set(REAL_DATA)


@pytest.mark.parametrize("name", REAL_DATA)
def test_all_of_it_is_loaded(name: str) -> None:
    points = load(name)
    assert len(points) == COUNTS[name]
    assert points.origin == REAL_DATA[name].label
    assert not points.held_out.any()
    assert len(np.unique(points.x)) > 1
    assert load(name) == points


@pytest.mark.parametrize("name", REAL_DATA)
def test_it_says_where_it_is_from(name: str) -> None:
    data = REAL_DATA[name]
    comments = [line for line in text(name).splitlines() if line.startswith("#")]
    assert any(line.startswith("# Source: ") for line in comments)
    assert any(line.startswith(("# Licence: public domain", "# Licence: BSD-3-Clause")) for line in comments)
    assert data.source
    assert data.about.endswith(".")
    readme = resource_path("data/README.md").read_text(encoding="utf-8")
    assert f"| `{data.file}` | {data.x} | {data.y} | {COUNTS[name]} |" in readme


def test_x_and_y_are_the_columns_of_these_names() -> None:
    for name, start in (("planets", "semi-major axis (au)"), ("nile", "year"), ("sunspots", "year")):
        table = read_file(str(resource_path(f"data/{REAL_DATA[name].file}")))
        assert start in table.names
        assert load(name).x.tolist() == table.columns[table.names.index(start)].values.tolist()


def test_the_planets_keep_keplers_law() -> None:
    points = load("planets")
    np.testing.assert_allclose(points.y**2, points.x**3, rtol=0.015)  # the planets pull at each other
    assert points.y.tolist() == sorted(points.y)


def test_copper_has_the_residuals_that_are_certified() -> None:
    points = load("copper")
    b = [1.0776351733, -1.2269296921e-1, 4.0863750610e-3, -1.4262662514e-6]
    c = [1.0, -5.7609940901e-3, 2.4053735503e-4, -1.2314450199e-7]
    model = np.polynomial.Polynomial(b)(points.x) / np.polynomial.Polynomial(c)(points.x)
    assert np.sum((points.y - model) ** 2) == pytest.approx(1.5324382854, rel=1e-8)


def test_known_values() -> None:
    motorcycle, nile, sunspots = load("motorcycle"), load("nile"), load("sunspots")
    assert (motorcycle.x[0], motorcycle.x[-1], motorcycle.y.min(), motorcycle.y.max()) == (2.4, 57.6, -134.0, 75.0)
    assert nile.x.tolist() == list(range(1871, 1971))
    assert (nile.y[0], nile.y.mean()) == (1120.0, pytest.approx(919.35))
    assert sunspots.x.tolist() == list(range(1700, 2009))
    assert (sunspots.x[sunspots.y.argmax()], sunspots.y.max()) == (1957.0, 190.2)
