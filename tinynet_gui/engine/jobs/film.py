"""The slow parts of making a film, in the background: computing its moments, and encoding."""

import queue
from collections.abc import Iterator
from contextlib import suppress

from tinynet_gui.core.export.film import FilmFrame, encode_film, estimated_size
from tinynet_gui.core.export.film_steps import film_steps, looked_at_steps
from tinynet_gui.core.run.past import moments
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.system.stopping import StoppedError
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.snapshot import Snapshot
from tinynet_gui.engine.jobs.jobs import Job

AHEAD = 8  # frames painted before they are encoded, at most
PATIENCE_S = 0.1  # between two checks whether the film is still wanted


def make_moments(run: Run, count: int, usable: frozenset[EngineName], job: Job) -> list[Snapshot] | None:
    """Compute `count` moments for a film, most of them where the curve moves most; None if it was stopped."""
    known = looked_at_steps(run.step)
    curves = []
    for place, snapshot in enumerate(moments(run, known, usable, job.stop)):
        curves.append(snapshot.output)
        job.report(0.5 * place / len(known), None)
    steps, found = film_steps(known, curves, count), []
    for place, snapshot in enumerate(moments(run, steps, usable, job.stop)):
        found.append(snapshot)
        job.report(0.5 + 0.5 * place / len(steps), None)
    return found


def encode(frames: "queue.Queue[FilmFrame]", kind: str, frame_ms: int, count: int, job: Job) -> bytes | None:
    """Encode `count` frames as they come through a queue; None if it was stopped."""

    def as_they_come() -> Iterator[FilmFrame]:
        for place in range(count):
            job.report(place / count, None)
            yield _next(frames, job)

    return encode_film(as_they_come(), kind, frame_ms, count)


def estimate(pairs: list[tuple[FilmFrame, FilmFrame]], kind: str, count: int, _job: Job) -> int:
    """Estimate the size of a film of `count` frames from some neighbouring ones."""
    return estimated_size(pairs, kind, count)


def _next(frames: "queue.Queue[FilmFrame]", job: Job) -> FilmFrame:
    while not job.stop[0]:
        with suppress(queue.Empty):
            return frames.get(timeout=PATIENCE_S)
    raise StoppedError
