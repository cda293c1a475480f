"""Frames as a film for a browser or a slide: GIF, WebP or APNG."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinynet_gui.core.values import Array, Bytes, Floats, frozen_dataclass

FilmFrame = Bytes
FORMATS = {"gif": "GIF", "webp": "WebP", "png": "APNG"}  # by the ending of the file's name
MAX_FRAMES = 200  # in memory together: half a gigabyte of the largest
HOLDS_MS = 2_000  # how long the last frame is shown
QUALITY = 85  # of a WebP


@frozen_dataclass
class FilmChoice:
    """The user's choice for a film: format, width in pixels, length, and whether it shows the diagram too."""

    kind: str = "gif"
    width: int = 640
    seconds: int = 8
    rate: int = 20
    has_diagram: bool = False

    def saved_as(self, name: str) -> "tuple[FilmChoice, str]":
        """Return the choice for a file name, whose extension decides the format; one is added if it is missing."""
        kind = Path(name).suffix[1:].lower()
        kind = "png" if kind == "apng" else kind
        return (replace(self, kind=kind), name) if kind in FORMATS else (self, f"{name}.{self.kind}")

    @property
    def frame_count(self) -> int:
        """The maximal number of frames."""
        return min(self.seconds * self.rate, MAX_FRAMES)


def encode_film(frames: Iterator[FilmFrame], kind: str, frame_ms: int, count: int) -> bytes:
    """Encode frames as a film that loops.

    Parameters
    ----------
    frames
        uint8 of shape (height, width, 3), red, green and blue; all of one size, at least one.
    kind
        One of `FORMATS`.
    frame_ms
        How long each is shown; the last one `HOLDS_MS` longer.
    """
    from PIL import Image  # lazy, to start faster

    pictures = (Image.fromarray(frame) for frame in frames)
    first, content = next(pictures), io.BytesIO()
    others = list(pictures) if kind == "png" else pictures  # Pillow reads each of them twice
    durations = [frame_ms] * (count - 1) + [frame_ms + HOLDS_MS]
    first.save(content, kind.upper(), save_all=True, append_images=others, duration=durations, loop=0, quality=QUALITY)
    return content.getvalue()


def estimated_size(pairs: list[tuple[FilmFrame, FilmFrame]], kind: str, count: int) -> int:
    """Estimate the bytes of a film from pairs of neighbouring frames: the cost of one, and of each further one."""
    alone = [len(encode_film(iter([first]), kind, 50, 1)) for first, _ in pairs]
    both = [len(encode_film(iter(pair), kind, 50, 2)) for pair in pairs]
    more = float(np.mean(both)) - float(np.mean(alone))
    return round(float(np.mean(alone)) + (count - 1) * max(0.0, more))


EVEN_SHARE = 0.02  # of the film, which follows the steps evenly, so that slow changes are not skipped
MAX_SAMPLED = 400  # steps at which the curve is computed, to see how far it moves


def sampled_steps(last: int, count: int = MAX_SAMPLED) -> tuple[int, ...]:
    """Return steps from 0 to the last at which to compute the curve, denser at the beginning, where most happens.

    Half of them are spaced evenly on a logarithmic axis, half on a linear one.
    """
    even = np.linspace(0, last, max(2, count // 2))
    growing = np.geomspace(1, max(1, last), max(2, count - count // 2))
    wanted = np.rint(np.concatenate([[0, last], even, growing])).astype(np.int64)
    return tuple(np.unique(np.clip(wanted, 0, last)).tolist())


def film_steps(steps: Sequence[int], curves: Sequence[Array], frames: int) -> tuple[int, ...]:
    """Choose the steps of a film's frames, so that the curve moves about equally far between frames.

    They increase, and include the first and the last step.

    Parameters
    ----------
    steps
        Steps with a known curve, increasing, from the first to the last of the film.
    curves
        The network's output at each of them, each of shape (points,); values that are not finite count as unmoved.
    frames
        The number of frames wanted; fewer if the run has fewer steps.
    """
    known = np.asarray(steps, dtype=np.float64)
    way = np.concatenate([[0.0], np.cumsum(_lengths(curves))])
    time = (known - known[0]) / max(known[-1] - known[0], 1.0)
    moved = way / way[-1] if way[-1] > 0 else time
    pace = (1 - EVEN_SHARE) * moved + EVEN_SHARE * time  # grows from 0 to 1, everywhere at least a little
    wanted = np.rint(np.interp(np.linspace(0, 1, max(2, frames)), pace, known)).astype(np.int64)
    return tuple(np.unique(np.concatenate([wanted, [steps[0], steps[-1]]])).tolist())


def _lengths(curves: Sequence[Array]) -> Floats:
    """Return how far the curve moves from each step to the next: the root mean square of its change."""
    change = np.diff(np.asarray(curves, dtype=np.float64), axis=0)
    lengths = np.sqrt(np.mean(np.square(change), axis=1))
    return np.where(np.isfinite(lengths), lengths, 0.0)
