"""Finished experiments as plain values and back."""

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from tinynet_gui.core.config import Config
from tinynet_gui.core.run.session import (
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_NUMBERS,
    MOST_PARTS,
    MOST_RUNS,
    FinishedExperiment,
    Numbers,
)
from tinynet_gui.core.storage.blobs import Blob, BlobReader, Memo, blob_name
from tinynet_gui.core.storage.configs import ConfigWriter
from tinynet_gui.core.storage.plain_run import config_at
from tinynet_gui.core.storage.plain_values import LARGEST, Plain, StorageError, finite, whole

LONGEST = 100  # characters of a kind, and of a part of the input


def experiment_to_plain(
    asked: FinishedExperiment, configs: ConfigWriter, memo: Memo, blobs: dict[str, Blob]
) -> dict[str, Any]:
    """Return an experiment as plain values; its numbers are added to `blobs`."""
    name = None
    if asked.numbers:
        name, content = memo.of(asked, lambda: _content(asked))
        blobs[name] = content
    plain = {"kind": asked.kind, "config": configs.place_of(asked.config), "runs": asked.runs}
    columns = {"numbers": name, "lengths": list(map(len, asked.numbers))}
    return {**plain, "about": list(asked.about), "answer": asked.answer, **columns}


def read_experiment(doc: Plain, configs: Sequence[Config], blobs: BlobReader) -> FinishedExperiment:
    doc.only("kind", "config", "runs", "about", "answer", "numbers", "lengths")
    parts = doc.items("about", MOST_PARTS)
    about = tuple(_read_part(part, doc.place) for part in parts)
    runs, answer = doc.whole("runs", 1, MOST_RUNS), doc.text("answer", MOST_CHARACTERS)
    kind, config = doc.text("kind", LONGEST), config_at(doc, "config", configs)
    return FinishedExperiment(kind, config, runs, about, answer, _read_numbers(doc, blobs))


def _read_numbers(doc: Plain, blobs: BlobReader) -> Numbers:
    lengths = [whole(length, 0, MOST_NUMBERS, doc.place) for length in doc.items("lengths", MOST_COLUMNS)]
    if sum(lengths) > MOST_NUMBERS:
        raise doc.refused("lengths", "more than any result has")
    if not sum(lengths):
        return ()
    (numbers,) = blobs.columns(doc.values.get("numbers"), sum(lengths), (np.float64,), doc.place)
    if np.isnan(numbers).any():
        raise StorageError(doc.place, "a number that is none")
    ends = [*accumulate(lengths, initial=0)]
    return tuple(tuple(numbers[begin:end].tolist()) for begin, end in pairwise(ends))


def _read_part(value: object, place: str) -> int | float | str:
    if isinstance(value, str):
        return Plain({"about": value}, place).text("about", LONGEST)
    return value if isinstance(value, int) and abs(value) <= LARGEST else finite(value, place)


def _content(asked: FinishedExperiment) -> tuple[str, bytes]:
    content = np.array([number for column in asked.numbers for number in column], dtype=np.float64).tobytes()
    return blob_name(content), content
