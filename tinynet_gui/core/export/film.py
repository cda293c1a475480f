"""Frames as a film for a browser or a slide: GIF, WebP or APNG."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tinynet_gui.core.values import dataclass

FilmFrame = npt.NDArray[np.uint8]
FORMATS = {"gif": "GIF", "webp": "WebP", "png": "APNG"}  # by the ending of the file's name
MOST_FRAMES = 200  # in memory together: half a gigabyte of the largest
HOLDS_MS = 2_000  # how long the last frame is shown
QUALITY = 85  # of a WebP


@dataclass(frozen=True)
class FilmChoice:
    """The user's choice for a film: format, width in pixels, length, and whether it shows the diagram too."""

    kind: str = "gif"
    width: int = 640
    seconds: int = 8
    rate: int = 20
    has_diagram: bool = False

    def saved_as(self, name: str) -> "tuple[FilmChoice, str]":
        """Return the choice for a file's name, whose ending decides the format; it is added to a name without one."""
        kind = Path(name).suffix[1:].lower()
        kind = "png" if kind == "apng" else kind
        return (replace(self, kind=kind), name) if kind in FORMATS else (self, f"{name}.{self.kind}")

    @property
    def frame_count(self) -> int:
        """The largest number of frames it has."""
        return min(self.seconds * self.rate, MOST_FRAMES)


def encode_film(frames: Iterator[FilmFrame], kind: str, frame_ms: int, count: int) -> bytes:
    """Return frames as a film that starts again at its end.

    Parameters
    ----------
    frames
        uint8 of shape (height, width, 3), red, green and blue; all of one size, at least one.
    kind
        One of `FORMATS`.
    frame_ms
        How long each is shown; the last one `HOLDS_MS` longer.
    count
        The number of frames.
    """
    from PIL import Image  # imported late, so that the window need not wait for it

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
