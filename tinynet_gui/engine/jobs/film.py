"""What a film needs that takes long, computed aside: the moments that it shows, and its encoding."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass, field

from tinynet_gui.core.course.film_steps import film_steps, looked_at_steps
from tinynet_gui.core.export.film import Frame, encode_film, estimated_size
from tinynet_gui.core.run.past import moments
from tinynet_gui.core.run.replay import ReplayStoppedError
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.snapshot import Snapshot
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.engine.jobs.jobs import Job

AHEAD = 8  # frames that may be painted and not encoded yet
PATIENCE_S = 0.1  # after which it is looked whether the film is still wanted


@dataclass(frozen=True, eq=False)
class MomentsWanted:
    """Of which run, how many, and with which engines they can be made again."""

    run: Run
    count: int
    usable: frozenset[EngineName]


@dataclass(frozen=True, eq=False)
class EncodingWanted:
    """Frames come through the queue, so many of them."""

    kind: str
    frame_ms: int
    count: int
    frames: "queue.Queue[Frame]" = field(default_factory=lambda: queue.Queue(AHEAD))


@dataclass(frozen=True, eq=False)
class EstimateWanted:
    """Neighbouring frames of a film of so many."""

    kind: str
    count: int
    pairs: list[tuple[Frame, Frame]]


class _NotWantedError(Exception):
    """The film is not wanted any more."""


def make_moments(wanted: MomentsWanted, job: Job) -> list[Snapshot] | None:
    """Make the moments of a film: where the curve moves there are many; None if it was stopped."""
    try:
        known = looked_at_steps(wanted.run.step)
        curves = []
        for place, snapshot in enumerate(moments(wanted.run, known, wanted.usable, job.stop)):
            curves.append(snapshot.output)
            job.report(0.5 * place / len(known), None)
        steps, found = film_steps(known, curves, wanted.count), []
        for place, snapshot in enumerate(moments(wanted.run, steps, wanted.usable, job.stop)):
            found.append(snapshot)
            job.report(0.5 + 0.5 * place / len(steps), None)
    except ReplayStoppedError:
        return None
    return found


def encode(wanted: EncodingWanted, job: Job) -> bytes | None:
    """Encode frames as they come; None if it was stopped."""

    def frames() -> Iterator[Frame]:
        for place in range(wanted.count):
            job.report(place / wanted.count, None)
            yield _next(wanted.frames, job)

    try:
        return encode_film(frames(), wanted.kind, wanted.frame_ms, wanted.count)
    except _NotWantedError:
        return None


def estimate(wanted: EstimateWanted, _job: Job) -> int:
    """Estimate the size of a film."""
    return estimated_size(wanted.pairs, wanted.kind, wanted.count)


def _next(frames: "queue.Queue[Frame]", job: Job) -> Frame:
    while not job.stop[0]:
        try:
            return frames.get(timeout=PATIENCE_S)
        except queue.Empty:
            continue
    raise _NotWantedError
