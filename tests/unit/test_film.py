"""A film: its frames are as far apart as its curve moves; read back it has their number, their times and its size."""

import io
from queue import Queue

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image, ImageSequence

from tests.runs import walk
from tinynet_gui.core.config import Config
from tinynet_gui.core.export.film import (
    EVEN_SHARE,
    FORMATS,
    HOLDS_MS,
    MAX_FRAMES,
    FilmChoice,
    FilmFrame,
    encode_film,
    estimated_size,
    film_steps,
    sampled_steps,
)
from tinynet_gui.core.run.replay import moments, past_moment
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.engine.jobs.exporting import encode, make_moments
from tinynet_gui.engine.jobs.jobs import Job

COUNT = 12
ENCODINGS = {"gif": "GIF", "webp": "WEBP", "png": "PNG"}  # as Pillow calls them


def frames(count: int = COUNT) -> list[FilmFrame]:
    """A bar that moves over a page."""
    pages = [np.full((40, 60, 3), 255, dtype=np.uint8) for _ in range(count)]
    for place, page in enumerate(pages):
        page[:, 4 * place : 4 * place + 4] = (31, 111, 178)
    return pages


@pytest.mark.parametrize("kind", FORMATS)
def test_it_has_the_frames_and_the_times(kind: str) -> None:
    content = encode_film(iter(frames()), kind, 50, COUNT)
    film = Image.open(io.BytesIO(content))
    assert film.format == ENCODINGS[kind]
    assert (getattr(film, "n_frames", 1), film.size, film.info.get("loop")) == (COUNT, (60, 40), 0)
    read, times = [], []
    for frame in ImageSequence.Iterator(film):
        frame.load()
        read.append(np.asarray(frame.convert("RGB")).astype(int))
        times.append(frame.info["duration"])
    assert times == [50] * (COUNT - 1) + [50 + HOLDS_MS]
    for found, page in zip(read, frames(), strict=True):
        assert np.abs(found - page).mean() < (4 if kind == "webp" else 1)


def test_the_ending_of_its_name_decides_what_it_is() -> None:
    saved = [FilmChoice("gif").saved_as(name) for name in ("a.WebP", "a.apng", "a.gif", "a", "7.b")]
    assert [(choice.kind, name) for choice, name in saved] == [
        ("webp", "a.WebP"),
        ("png", "a.apng"),
        ("gif", "a.gif"),
        ("gif", "a.gif"),
        ("gif", "7.b.gif"),
    ]


@pytest.mark.parametrize("kind", FORMATS)
def test_its_size_is_estimated(kind: str) -> None:
    pages = frames()
    size = len(encode_film(iter(pages), kind, 50, COUNT))
    pairs = [(pages[place], pages[place + 1]) for place in (0, 5, 10)]
    assert 0.5 < estimated_size(pairs, kind, COUNT) / size < 2


def test_it_has_as_many_frames_as_its_length_and_rate_say() -> None:
    assert FilmChoice(seconds=4, rate=25).frame_count == 100
    assert FilmChoice(seconds=20, rate=25).frame_count == MAX_FRAMES


def _job() -> Job:
    return Job(lambda _: None)


@pytest.mark.bits
def test_its_moments_are_those_of_the_run_to_the_bit() -> None:
    run = walk(Config(), [(30, "nothing", 0.0), (30, "rate", 0.5), (20, "set", 0.7)], kept=16).run
    engines: frozenset[EngineName] = frozenset({"PyTorch"})
    found = make_moments(run, 10, engines, _job())
    steps = [snapshot.step for snapshot in found]
    assert (steps[0], steps[-1]) == (0, 80)
    assert steps == sorted(set(steps))
    for snapshot in found:
        assert snapshot.output.tobytes() == past_moment(run, snapshot.step).snapshot.output.tobytes()
    again = list(moments(run, steps))
    assert [snapshot.output.tobytes() for snapshot in again] == [snapshot.output.tobytes() for snapshot in found]


def test_what_is_not_wanted_any_more_ends_early() -> None:
    job = _job()
    job.stop[0] = 1
    run = walk(Config(), [(30, "nothing", 0.0)], kept=30).run
    with pytest.raises(StoppedError):
        make_moments(run, 10, frozenset({"PyTorch"}), job)
    with pytest.raises(StoppedError):
        encode(Queue[FilmFrame](), "gif", 50, 3, job)


@given(st.integers(0, 10**9), st.integers(2, 400))
def test_the_steps_that_are_looked_at_go_from_first_to_last(last: int, count: int) -> None:
    steps = sampled_steps(last, count)
    assert (steps[0], steps[-1]) == (0, last)
    assert list(steps) == sorted(set(steps))
    assert len(steps) <= count + 2


def test_frames_are_dense_where_the_curve_moves() -> None:
    steps = list(range(0, 1001, 10))
    height = np.where(np.array(steps) <= 200, 0.0, np.where(np.array(steps) <= 300, np.array(steps) - 200.0, 100.0))
    chosen = np.array(film_steps(steps, [np.full(5, h) for h in height], frames=50))
    moving = ((chosen >= 200) & (chosen <= 300)).sum()
    assert moving >= 0.95 * len(chosen)
    assert (chosen[0], chosen[-1]) == (0, 1000)


def test_the_curve_moves_as_far_from_each_frame_to_the_next() -> None:
    steps = np.arange(0, 5001)
    height = np.exp(-steps / 300)
    chosen = np.array(film_steps(steps.tolist(), [np.full(3, h) for h in height], frames=40))
    moved = np.abs(np.diff(height[chosen]))
    assert moved.max() <= 1.1 * (1 - EVEN_SHARE) ** -1 / 39 + 1 / 300  # rounding to whole steps


@given(
    st.lists(st.lists(st.floats(-1e3, 1e3) | st.just(float("nan")), min_size=4, max_size=4), min_size=1, max_size=20),
    st.integers(2, 60),
    st.integers(1, 500),
)
def test_steps_of_frames_grow_from_first_to_last(curves: list[list[float]], frames: int, pace: int) -> None:
    steps = [place * pace for place in range(len(curves))]
    chosen = film_steps(steps, [np.array(curve, dtype=np.float32) for curve in curves], frames)
    assert (chosen[0], chosen[-1]) == (steps[0], steps[-1])
    assert list(chosen) == sorted(set(chosen))
    assert len(chosen) <= frames + 2


def test_a_curve_that_stands_is_shown_evenly() -> None:
    chosen = film_steps([0, 100], [np.zeros(3, dtype=np.float32)] * 2, frames=5)
    assert chosen == pytest.approx((0, 25, 50, 75, 100))
