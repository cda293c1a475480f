"""A film as a file: read back it has the frames, the times and the size that it was to have."""

import io
from queue import Queue

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.runs import walk
from tinynet_gui.core.config import Config
from tinynet_gui.core.export.film import FORMATS, HOLDS_MS, MOST_FRAMES, FilmChoice, Frame, encode_film, estimated_size
from tinynet_gui.core.run.past import moments, past_moment
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.engine.jobs.film import encode, make_moments
from tinynet_gui.engine.jobs.jobs import Job

COUNT = 12


def frames(count: int = COUNT) -> list[Frame]:
    """A bar that moves over a page."""
    pages = [np.full((40, 60, 3), 255, dtype=np.uint8) for _ in range(count)]
    for place, page in enumerate(pages):
        page[:, 4 * place : 4 * place + 4] = (31, 111, 178)
    return pages


@pytest.mark.parametrize("kind", FORMATS)
def test_it_has_the_frames_and_the_times(kind: str) -> None:
    content = encode_film(iter(frames()), kind, 50, COUNT)
    film = Image.open(io.BytesIO(content))
    assert film.format == {"gif": "GIF", "webp": "WEBP", "png": "PNG"}[kind]
    assert (getattr(film, "n_frames", 1), film.size, film.info.get("loop")) == (COUNT, (60, 40), 0)
    read = []
    times = []
    for frame in ImageSequence.Iterator(film):
        frame.load()
        read.append(np.asarray(frame.convert("RGB")).astype(int))
        times.append(frame.info["duration"])
    assert times == [50] * (COUNT - 1) + [50 + HOLDS_MS]
    for found, page in zip(read, frames(), strict=True):
        assert np.abs(found - page).mean() < (4 if kind == "webp" else 1)


@pytest.mark.parametrize("kind", FORMATS)
def test_its_size_is_estimated(kind: str) -> None:
    pages = frames()
    size = len(encode_film(iter(pages), kind, 50, COUNT))
    pairs = [(pages[place], pages[place + 1]) for place in (0, 5, 10)]
    assert 0.5 < estimated_size(pairs, kind, COUNT) / size < 2


def test_it_has_as_many_frames_as_its_length_and_rate_say() -> None:
    assert FilmChoice(seconds=4, rate=25).frame_count == 100
    assert FilmChoice(seconds=20, rate=25).frame_count == MOST_FRAMES


def _job() -> Job:
    return Job(lambda _: None)


@pytest.mark.bits
def test_its_moments_are_those_of_the_run_to_the_bit() -> None:
    run = walk(Config(), [(30, "nothing", 0.0), (30, "rate", 0.5), (20, "set", 0.7)], kept=16).run
    engines: frozenset[EngineName] = frozenset({"PyTorch"})
    found = make_moments(run, 10, engines, _job())
    assert found is not None
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
    assert make_moments(run, 10, frozenset({"PyTorch"}), job) is None
    assert encode(Queue[Frame](), "gif", 50, 3, job) is None
