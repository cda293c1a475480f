"""Configurations as plain values: the first in full, the others as differences from the one before."""

from collections.abc import Collection
from typing import Any

import numpy as np

from tinynet_gui.core.config import SETTINGS, Config, ConfigError, changed_paths
from tinynet_gui.core.config.setting import FIRST_FORMAT
from tinynet_gui.core.data.points import MAX_POINTS, Points, PointsError
from tinynet_gui.core.network.forward import parameter_shapes
from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.storage.blobs import Blob, BlobReader, Memo, blob_name
from tinynet_gui.core.storage.plain_values import Plain, StorageError, finite, whole
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.training.start import TrainerState

MAX_MOVED = 64  # points: if more of them differ, they are all written again
POINTS, WEIGHTS = "data.points", "network.first_weights"


class ConfigWriter:
    """A table of configurations: each is stored once and referred to by its index."""

    def __init__(self, memo: Memo, blobs: dict[str, Blob]) -> None:
        self.plain: list[dict[str, Any]] = []
        self._memo, self._blobs = memo, blobs
        self._places: dict[Config, int] = {}

    def place_of(self, config: Config) -> int:
        """Return its index in the table, adding it if necessary."""
        if config not in self._places:
            self.plain.append(self._difference(config))
            self._places[config] = len(self._places)
        return self._places[config]

    @property
    def format(self) -> int:
        return max((config.format for config in self._places), default=FIRST_FORMAT)

    def _difference(self, config: Config) -> dict[str, Any]:
        before, points = next(reversed(self._places), None), config.data.points
        weights = self._weights(config.network.first_weights)
        if before is None:
            first = config.to_dict()
            first["data"].pop("points", None)
            return {"whole": first, "points": self._points(points, None), **weights}
        changes = {path: config.get(path) for path in changed_paths(before, config) if path != WEIGHTS}
        if changes.pop(POINTS, before) is before:
            return {"changes": changes, **weights}
        return {"changes": changes, "points": self._points(points, before.data.points), **weights}

    def _weights(self, weights: FirstWeights | None) -> dict[str, Any]:
        if weights is None:
            return {}
        state = TrainerState(0, weights.parameters, ())
        name = self._memo.of(weights, lambda: blob_name(state))
        self._blobs[name] = state
        return {"weights": {"origin": weights.origin, "parameters": name}}

    def _points(self, points: Points | None, before: Points | None) -> dict[str, Any] | None:
        if points is None:
            return None
        if before is not None and len(before) == len(points):
            pairs = ((before.x, points.x), (before.y, points.y), (before.held_out, points.held_out))
            is_other = [_bits(one) != _bits(other) for one, other in pairs]
            places = np.flatnonzero(np.any(is_other, axis=0))
            if len(places) <= MAX_MOVED:
                moved = {name: column[places].tolist() for name, column in _columns(points)}
                return {"origin": points.origin, **points.names, "at": places.tolist(), **moved}
        names = {name: self._named(column) for name, column in _columns(points)}
        return {"origin": points.origin, **points.names, "count": len(points), **names}

    def _named(self, column: np.ndarray[Any, Any]) -> str:
        name = self._memo.of(column, lambda: blob_name(column))
        self._blobs[name] = column
        return name


def read_configs(doc: Plain, blobs: BlobReader, most: int, known: Collection[str] = SETTINGS) -> list[Config]:
    """Return the configurations listed in a document, each validated; `StorageError` if there are more than `most`.

    `known` are the fields in which they may differ.
    """
    configs: list[Config] = []
    for entry in doc.parts("configs", most):
        blobs.budget.go_on()
        try:
            configs.append(_read(entry, configs[-1] if configs else None, blobs, known))
        except (ConfigError, PointsError) as error:
            raise StorageError(entry.place, str(error)) from None
    return configs


def _read(entry: Plain, before: Config | None, blobs: BlobReader, known: Collection[str]) -> Config:
    entry.only("points", "weights", "whole" if before is None else "changes")
    changed: dict[str, Points | None] = {}
    if "points" in entry.values:
        others = None if before is None else before.data.points
        is_there = entry.value("points") is not None
        changed["points"] = _read_points(entry.part("points"), others, blobs) if is_there else None
    if before is None:
        first = entry.part("whole")
        config = Config.from_dict({**first.values, "data": {**first.part("data").values, **changed}})
    else:
        changes = entry.part("changes").values
        if not changes.keys() <= set(known) - {POINTS, WEIGHTS}:
            raise entry.refused("changes", _("not made of fields that can be another"))
        moved = {f"data.{name}": points for name, points in changed.items()}
        config = before.with_changes({**changes, **moved, WEIGHTS: None})
    if "weights" not in entry.values:
        return config
    weights = entry.part("weights")
    weights.only("origin", "parameters")
    shapes = parameter_shapes(config.network.widths)
    given = blobs.first_weights(weights.values.get("parameters"), shapes, weights.text("origin"), weights.place)
    return config.replace(WEIGHTS, given)


def _bits(column: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The bits of a column, which also distinguish −0 from 0."""
    return column if column.dtype == np.bool_ else column.view(np.int64)


def _columns(points: Points) -> tuple[tuple[str, np.ndarray[Any, Any]], ...]:
    return ("x", points.x), ("y", points.y), ("held_out", points.held_out)


def _read_points(entry: Plain, before: Points | None, blobs: BlobReader) -> Points:
    place = entry.place
    named = {name: entry.text(name) for name in ("x_name", "y_name") if name in entry.values}
    entry.only("origin", "x", "y", "held_out", "at" if "at" in entry.values else "count", *named)
    if "at" not in entry.values:
        count = entry.whole("count", 1, MAX_POINTS)
        kinds = {"x": np.float64, "y": np.float64, "held_out": np.uint8}
        x, y, held_out = (blobs.columns(entry.values.get(n), count, (kind,), place)[0] for n, kind in kinds.items())
        return Points(x, y, held_out != 0, entry.text("origin"), **named)
    if before is None:
        raise StorageError(place, _("points that are said to be like others, and there are none"))
    blobs.charge(17 * len(before), place)
    places = [whole(value, 0, len(before) - 1, place) for value in entry.items("at", len(before))]
    x, y, held_out = before.x.copy(), before.y.copy(), before.held_out.copy()
    for column, name in ((x, "x"), (y, "y"), (held_out, "held_out")):
        values = entry.items(name)
        if len(values) != len(places):
            raise entry.refused(name, _("not {count} values").format(count=count_text(len(places))))
        column[places] = [bool(value) if name == "held_out" else finite(value, place) for value in values]
    return Points(x, y, held_out, entry.text("origin"), **named)
