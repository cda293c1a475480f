"""Maps: each point is an ordinary run, trained as the tutorial trains it."""

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings, strategies as st
from hypothesis.strategies import DrawFn

from tests.derivatives import derivatives_by_torch, loss_by_torch
from tests.runs import config_of
from tests.sessions import opened, traced
from tinynet_gui.core.config import SETTINGS, Config, ConfigError
from tinynet_gui.core.maps import outcome_map as maps
from tinynet_gui.core.maps.axes import (
    NAMED_MAPS,
    VARIED,
    WIDTH,
    Along,
    Axis,
    Direction,
    MapChoice,
    MapError,
    limits,
    settings_to_vary,
    usual_range,
)
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.networks import numbers_at
from tinynet_gui.core.maps.standpoint import Plane, Standpoint, farthest_off, flat, is_same_map
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.training.start import Dataset, TrainerState, make_dataset
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.values import owned
from tinynet_gui.core.wording.maps import map_text, read_map
from tinynet_gui.core.wording.setting_line import NAMES

STEPS, LIMIT = 30, 3.0
W, B = ParameterRef(0, "weight", (1, 0)), ParameterRef(0, "bias", (1,))
RATE, SCALE = "training.learning_rate", "network.weight_scale"
KINDS: dict[str, dict[str, Any]] = {
    "tutorial": {},
    "decay": {"training__weight_decay": 0.01, "data__held_out": 0.3},
    "deep": {"network__hidden": (4, 3), "network__activation": "tanh"},
    "adam": {"training__optimizer": "adam", "data__noise": 0.2},
    "batches": {"training__batch_size": 3, "training__loss": "huber"},
}


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """The points whose numbers have been computed."""
    found: list[tuple[float, float]] = []

    def counted(plane: Plane, x: np.ndarray, y: np.ndarray, *rest: Any) -> np.ndarray:
        found.extend(zip(x.tolist(), y.tolist(), strict=True))
        return numbers_at(plane, x, y, *rest)

    monkeypatch.setattr("tinynet_gui.core.maps.networks.numbers_at", counted)
    return found


def small(kind: str = "tutorial", **changes: Any) -> Config:
    few = {
        "network__hidden": (4,),
        "data__sample_count": 7,
        "training__stop_step": STEPS,
        "training__learning_rate": 0.01,
    }
    return config_of(**{**few, **KINDS[kind], **changes})


def standpoint(config: Config, steps: int = 5) -> Standpoint:
    """A moment of a run, with another run to go to."""
    trainer, other = Trainer(config), Trainer(config.replace("network.seed", 9))
    start = trainer.state()
    trainer.run(steps)
    return Standpoint(config, trainer.dataset, trainer.state(), start, trainer.state(), other.state())


@cache
def here_and_there() -> tuple[Standpoint, Standpoint]:
    """A moment of a run, and one of another run with fewer neurons."""
    return standpoint(small()), standpoint(small(network__hidden=(2,)))


def axis_of(along: Along, config: Config) -> Axis:
    value = 0.0 if not isinstance(along, str) else float(np.max(config.get(along)))
    return Axis(along, *usual_range(along, value))


@st.composite
def points_of_maps(draw: DrawFn) -> tuple[Standpoint, Axis, Axis, str, int, int]:
    """Draw a standpoint, two axes that go together, a colour, and a pixel of a map of 5 x 4."""
    config = small(draw(st.sampled_from(sorted(KINDS))))
    given = draw(st.sampled_from([None, opened(config.network.hidden)]))
    config = config.replace("network.first_weights", given)
    here = standpoint(config)
    of_settings = [path for path in settings_to_vary(config) if path != "training.stop_step"]
    live = [path for path in of_settings if SETTINGS[path].effect == "live"]
    lines: list[Along] = [W, B, *(Direction(kind) for kind in ("gradient", "sharpest", "second", "run", "towards"))]
    x = draw(st.sampled_from([*of_settings, *lines]))
    y = draw(st.sampled_from(of_settings if isinstance(x, str) and x not in live else [*live, *lines]))
    assume(x != y)
    color = draw(st.sampled_from([name for name in COLORS if name != "held_out" or config.data.held_out]))
    return here, axis_of(x, config), axis_of(y, config), color, draw(st.integers(0, 4)), draw(st.integers(0, 3))


@settings(max_examples=60)
@given(points_of_maps())
def test_a_pixel_is_the_tutorials_training_from_there(drawn: tuple[Standpoint, Axis, Axis, str, int, int]) -> None:
    here, x_axis, y_axis, color, column, row = drawn
    try:
        number = maps.outcome_map(here, x_axis, y_axis, color, (5, 4), LIMIT).pixels()[row, column]
    except ConfigError:  # both directions are the same here
        assert isinstance(x_axis.along, Direction)
        return
    pixels = (x_axis, 5, column), (y_axis, 4, row)
    point = [float(axis.grid(size)[0][axis.grid(size)[1][place]]) for axis, size, place in pixels]
    try:
        begun = _begun(Plane(here, x_axis, y_axis), point)
    except ConfigError:
        assert np.isnan(number)
        return
    _check(color, number, *begun)


def _begun(plane: Plane, point: Sequence[float]) -> tuple[Config, Dataset, TrainerState]:
    """Where a point of a map begins, worked out anew from the settings and the directions."""
    changes: dict[str, Any] = {}
    points = flat(plane.here.state)
    for axis, value, vector in zip(plane.axes, point, plane.vectors, strict=True):
        if isinstance(axis.along, str):
            changes[axis.along] = (int(value),) if axis.along == WIDTH else int(value) if axis.is_whole else value
        elif isinstance(axis.along, Direction):
            points = points + value * vector
    for axis, value in zip(plane.axes, point, strict=True):
        if isinstance(axis.along, ParameterRef):
            points[len(plane.here.state.parameters[1]) * (axis.along.kind == "bias") + 1] = value
    config = plane.here.config.with_changes(changes)
    if len(changes) == 2:
        return config, make_dataset(config.data), Trainer(config).state()
    state = plane.here.state
    ends = np.cumsum([array.size for array in state.parameters])[:-1]
    arrays = (part.reshape(a.shape) for part, a in zip(np.split(points, ends), state.parameters, strict=True))
    return config, plane.here.dataset, TrainerState(state.step, tuple(map(owned, arrays)), state.slots)


def _check(color: str, number: float, config: Config, dataset: Dataset, start: TrainerState) -> None:
    """Compare a number with what PyTorch comes to, unless a start that is rounded otherwise comes to something else."""
    nudged = replace(start, parameters=tuple(owned(array * np.float32(1 + 1e-6)) for array in start.parameters))
    trainers, stop = [Trainer(config, dataset), Trainer(config, dataset)], config.training.stop_step
    for trainer, state in zip(trainers, (nudged, start), strict=True):
        trainer.load(state)
    before = trainer.loss()
    other, losses = (trainer.run(stop - start.step % stop).tolist() for trainer in trainers)
    assume(len(other) == len(losses) and np.allclose(other, losses, rtol=1e-3))
    trainer.settle()
    moment = trainer.snapshot(0)
    is_near = partial(pytest.approx, rel=0.02, abs=1e-5)
    if color == "loss":
        assert number == pytest.approx(before, rel=1e-4)
    elif color == "reached":
        seen = [*losses, moment.train_loss]
        first = len(seen) if np.isnan(number) else int(number) - start.step
        assert min(seen[:first], default=np.inf) > LIMIT * 0.98
        assert first == len(seen) or seen[first] < LIMIT * 1.02
    elif trainer.diverged_at is not None:
        assert number == (np.inf if color != "diverged" else pytest.approx(trainer.diverged_at, abs=1))
    elif color == "diverged":
        assert np.isnan(number)
    elif color == "dead":
        dead = sum(int((count == 0).sum()) for count in moment.active_counts)
        assert number == (dead if config.network.activation == "relu" else 0)
    else:
        loss = {"end": moment.train_loss, "held_out": moment.validation_loss}[color]
        assert np.isnan(number) if loss is None else number == is_near(loss)


@settings(max_examples=20)
@given(st.integers(0, 99), st.sampled_from(["tutorial", "decay", "deep", "batches"]))
def test_the_landscape_is_the_loss_in_float64(seed: int, kind: str) -> None:
    config = small(kind, network__seed=seed)
    here = standpoint(config, steps=12)
    x_axis, y_axis = Axis(Direction("gradient"), -1, 2), Axis(Direction("sharpest"), -1, 1)
    found = maps.outcome_map(here, x_axis, y_axis, "loss", (6, 5)).pixels()
    loss = loss_by_torch(config, here.dataset, here.state)
    gradient, hessian = derivatives_by_torch(config, here.dataset, here.state)
    values, vectors = np.linalg.eigh(hessian)
    assume(values[-1] - values[-2] > 1e-3 * values[-1])
    u = gradient / np.linalg.norm(gradient)
    v = vectors[:, -1] - (vectors[:, -1] @ u) * u
    assume(np.linalg.norm(v) > 0.05)
    v *= np.sign(Plane(here, x_axis, y_axis).vectors[1] @ v) / np.linalg.norm(v)
    for row, b in enumerate(np.linspace(-0.8, 0.8, 5)):
        for column, a in enumerate(np.linspace(-0.75, 1.75, 6)):
            direct = loss(torch.tensor(flat(here.state) + a * u + b * v)).item()
            assert found[row, column] == pytest.approx(direct, rel=1e-4, abs=1e-6)


def test_a_map_becomes_finer_and_keeps_what_it_knows() -> None:
    here = Standpoint.of(small())
    plane = Plane(here, Axis(RATE, 0.01, 5.0), Axis(SCALE, 0.1, 30.0))
    finest = maps.outcome_map(here, *plane.axes, "end", (100, 70)).pixels()
    picture, seen = maps.blank_map(plane, "end", (100, 70)), []
    while picture.spacing > 1:
        parts: list[tuple[float, maps.OutcomeMap]] = []
        picture = maps.refined(picture, report=lambda *part, parts=parts: parts.append(part))
        for part in (picture, *(part for _, part in parts)):
            assert set(part.pixels()[~np.isnan(part.pixels())]) <= set(finest.ravel())
        seen.append(picture.spacing)
        np.testing.assert_array_equal(
            picture.pixels()[:: picture.spacing, :: picture.spacing], finest[:: picture.spacing, :: picture.spacing]
        )
    assert seen == [4, 2, 1]
    np.testing.assert_array_equal(picture.pixels(), finest)
    assert np.isinf(finest).any()
    assert np.isfinite(finest).any()
    stopped = maps.refined(maps.blank_map(plane, "end", (100, 70)), stop=np.ones(1, np.uint8))
    assert np.isnan(stopped.pixels()).all()


@pytest.mark.parametrize(
    ("sizes", "spacing"), [((40, 30, 97, 61), 1), ((40, 30, 80, 60), 1), ((90, 70, 100, 50), 2), ((9, 80, 33, 81), 1)]
)
@pytest.mark.parametrize(
    "axes",
    [
        (Axis(RATE, 0.01, 5.0), Axis(SCALE, 0.1, 30.0)),
        (Axis(WIDTH, 1, 12), Axis("network.seed", 0, 1_000)),
        (Axis(Direction("gradient"), -2.0, 1.0), Axis(ParameterRef(0, "bias", (1,)), -1.0, 3.0)),
    ],
)
def test_an_enlarged_map_computes_only_missing_points(
    computed: list[tuple[float, float]], axes: tuple[Axis, Axis], sizes: tuple[int, int, int, int], spacing: int
) -> None:
    """Each of its points has the number of a map that is computed anew, and lies in its pixel."""
    before = maps.blank_map(Plane(Standpoint.of(small()), *axes), "loss", sizes[:2])
    while before.spacing > spacing:
        before = maps.refined(before, workers=1)
    known = {(x, y) for x in before.x[::spacing].tolist() for y in before.y[::spacing].tolist()}
    assert len(computed) == len(known) == len(set(computed))
    computed.clear()
    after = maps.blank_map(before.plane, "loss", sizes[2:], earlier=before)
    assert after.spacing == 2
    while after.spacing > 1:
        after = maps.refined(after, workers=1)
    here = {(x, y) for x in after.x.tolist() for y in after.y.tolist()}
    assert len(computed) == len(set(computed)) == len(here - known)
    if sizes[2] >= sizes[0] and sizes[3] >= sizes[1] and not axes[0].is_whole:
        assert known <= here
    x, y = (each.ravel() for each in np.meshgrid(after.x, after.y))
    anew = numbers_at(after.plane, x, y, COLORS["loss"], after.limit, np.zeros(1, np.uint8))
    np.testing.assert_array_equal(after.numbers, anew.reshape(after.numbers.shape))
    for axis, values, places in ((axes[0], after.x, after.x_places), (axes[1], after.y, after.y_places)):
        low, high = axis.scaled(axis.low), axis.scaled(axis.high)
        pixels = (axis.scaled(values[places]) - low) / (high - low) * len(places)
        assert axis.is_whole or np.abs(pixels - np.arange(len(places)) - 0.5).max() <= 0.6  # decimals are few


def test_an_enlarged_unfinished_map_keeps_its_fineness(
    monkeypatch: pytest.MonkeyPatch, computed: list[tuple[float, float]]
) -> None:
    """What was computed of that level is kept, too."""
    monkeypatch.setattr("tinynet_gui.core.maps.outcome_map._batch", lambda _: 50)
    so_far = []
    plane = Plane(Standpoint.of(small()), Axis(RATE, 0.01, 5.0), Axis(SCALE, 0.1, 30.0))
    coarse = replace(maps.blank_map(plane, "loss", (40, 30)), spacing=8)
    coarse = maps.refined(coarse, workers=1)
    maps.refined(coarse, report=lambda _, picture: so_far.append(picture), workers=1)
    before = so_far[1]
    assert (before.spacing, before.is_whole, len(so_far)) == (4, True, 6)
    known = {(x, y) for x in before.x[::4].tolist() for y in before.y[::4].tolist()}
    known |= {(x, y) for x in before.x[::2].tolist() for y in before.y[: before.finer_rows : 2].tolist()}
    computed.clear()
    after = maps.blank_map(plane, "loss", (80, 60), earlier=before)
    assert after.spacing == before.spacing
    while after.spacing > 1:
        after = maps.refined(after, workers=1)
    here = {(x, y) for x in after.x.tolist() for y in after.y.tolist()}
    assert known <= here
    assert len(computed) == len(set(computed)) == len(here - known)
    x, y = (each.ravel() for each in np.meshgrid(after.x, after.y))
    anew = numbers_at(plane, x, y, COLORS["loss"], after.limit, np.zeros(1, np.uint8))
    np.testing.assert_array_equal(after.numbers, anew.reshape(after.numbers.shape))


def test_a_wide_row_of_large_networks_takes_little_memory() -> None:
    here = standpoint(small(network__hidden=(200, 200)))
    with traced() as peak:
        maps.outcome_map(here, ("gradient", -1, 1), ("run", -1, 1), "loss", (400, 2))
        assert peak() < 40e6 < 400 * here.flat.nbytes  # together their parameters would take 131 MB, three times


def part_of(along: Along, begin: float, width: float) -> Axis:
    """An axis over a part of all that is allowed."""
    whole = Axis(along, *limits(along))
    low, high = whole.scaled(whole.low), whole.scaled(whole.high)
    return whole.part(float(low + begin * (high - low)), float(low + (begin + width) * (high - low)))


@given(st.sampled_from(VARIED), st.integers(1, 2_000), st.floats(0, 0.5), st.floats(1e-3, 0.5))
def test_an_axis_has_just_enough_decimals_for_its_pixels(path: str, size: int, begin: float, width: float) -> None:
    axis = part_of(path, begin, width)
    values, places = axis.grid(size)
    assert len(places) == size
    assert (np.diff(values) > 0).all()
    if axis.is_whole:
        assert (values == np.round(values)).all()
        return
    assert len(values) == size
    edges = axis.scaled(np.array([axis.low, axis.high]))
    middles = edges[0] + (np.arange(size) + 0.5) / size * (edges[1] - edges[0])
    assert np.abs(axis.scaled(values) - middles).max() <= 0.06 * (edges[1] - edges[0]) / size
    assert max(len(repr(float(value))) for value in values) <= 17


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (RATE, RATE, "same"),
        (W, "network.seed", "new network"),
        (Direction("run"), W, "no step"),
        (Direction("towards", 3), W, "tick one"),
        (ParameterRef(3, "bias", (0,)), RATE, "no bias"),
    ],
)
def test_what_cannot_be_combined_says_why(x: Along, y: Along, words: str) -> None:
    with pytest.raises(MapError, match=words):
        Plane(Standpoint.of(small()), Axis(x, 0.1, 1), Axis(y, 0.1, 1))


def test_where_float32_ends() -> None:
    here = standpoint(small())
    for along in (W, Direction("sharpest"), RATE):
        axis = Axis(along, 0.1, 1)
        plane = Plane(here, axis, Axis(B, -1, 1))
        step = plane.least_step(0)
        at = 0.5 if along == RATE else plane.origin_of(here)[0]
        place = float(axis.scaled(at))
        starts = [plane.start_at(axis.at(place + k * step), 0.0) for k in (0, 2)]
        told = [(np.float32(config.training.learning_rate), *flat(state)) for config, _, state in starts]
        assert told[0] != told[1]


def test_how_far_a_run_is_from_a_plane() -> None:
    here = standpoint(small(), steps=25)
    plane = Plane(here, Axis(Direction("gradient"), -1, 1), Axis(Direction("sharpest"), -1, 1))
    assert here.start is not None
    off = farthest_off(plane, [here.start, here.state])
    assert off is not None
    assert off.step == 0
    apart = flat(here.start) - flat(here.state)
    in_plane = sum((apart @ v) * v for v in plane.vectors)  # they are at a right angle
    assert off.distance == pytest.approx(float(np.linalg.norm(apart - in_plane)), rel=1e-6)
    trainer = Trainer(here.config, here.dataset)
    assert off.loss == pytest.approx(trainer.loss(), rel=1e-5)
    point = plane.parameters_at(*(np.array([apart @ v]) for v in plane.vectors))
    trainer.load(TrainerState(0, tuple(array[0] for array in point), ()))
    assert off.plane_loss == pytest.approx(trainer.loss(), rel=1e-3)
    here_off = farthest_off(plane, [here.state])
    assert here_off is not None
    assert here_off.factor == pytest.approx(1)
    assert here_off.distance < 1e-6


ALONGS = st.sampled_from([*VARIED, W, B, ParameterRef(1, "weight", (0, 3)), Direction("run"), Direction("towards", 12)])
AXES = st.builds(part_of, ALONGS, st.floats(0, 0.5), st.floats(1e-3, 0.5))


@given(
    st.builds(
        *(MapChoice, AXES, AXES, st.sampled_from(sorted(COLORS)), st.floats(1e-6, 9), st.booleans(), st.booleans()),
        st.none() | st.tuples(st.floats(1, 1.5), st.floats(2, 1e9)),
    )
)
def test_a_map_as_a_text_comes_back(choice: MapChoice) -> None:
    assert read_map(map_text(choice)) == choice


@given(
    st.one_of(
        st.text(max_size=40), st.from_regex(r"[a-z.0-9]{0,9}:[-0-9einf.]{0,5}:[0-9]{0,3}/[a-z]*:1:2/(end|x)(/\w*)?")
    )
)
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(MapError):
        read_map(text)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("colors:0:1", "from 0 to 1 "),
        ("colors:2:1", "from 2 to 1 "),
        ("colors:1", "two numbers"),
        ("colors:1:1e99", "1e38"),
    ],
)
def test_colours_that_no_scale_has_are_refused(part: str, words: str) -> None:
    with pytest.raises(MapError, match=words):
        read_map(f"lr:0.001:1/scale:0.1:10/end/{part}")
    read_map("lr:0.001:1/scale:0.1:10/dead/colors:0:1")  # its scale is not logarithmic


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        ("lr:1e-300:1", "Learning rate from 1e-300 to 1 is not allowed: the lower end first, both from 1e-12 to 1000"),
        ("w.0.0.0:-1e308:1", "weight 1 of neuron 1 of layer 1 from -1e308 to 1 is not allowed: .* -1000000 to 1000000"),
        ("momentum:0:1", "Momentum from 0 to 1 is not allowed: .* 0 to 0.9999"),
        ("gradient:2:2.00000001", "gradient from 2 to 2.00000001 is not allowed: float32 does not tell"),
        ("hidden:3:nan", "Neurons from 3 to nan is not allowed: .* 1 to 1000"),
    ],
)
def test_the_ends_of_an_axis_are_bounded_where_a_line_is_read(axis: str, words: str) -> None:
    with pytest.raises(MapError, match=f"map: {words}"):
        read_map(f"{axis}/scale:0.1:10/end")
    with pytest.raises(MapError, match="“1e-300” is not a loss from 1e-12 to 1000000"):
        read_map("lr:0.1:1/scale:0.1:10/reached/below:1e-300")


NUMBERS = st.one_of(st.sampled_from([-1e308, -1.0, 0.0, 1e-300, 1e-12, 1e-3, 0.5, 2.0, 64.0, 1e6, 1e308]), st.floats())
NAMED = st.sampled_from(
    [*(NAMES[path] for path in VARIED), "w.0.3.0", "b.0.9", "w.2.0.1", "sharpest", "run", "towards.2"]
)
LINES = st.builds(
    lambda pairs, color: "/".join([*(f"{name}:{min(ends)!r}:{max(ends)!r}" for name, *ends in pairs), color]),
    st.lists(st.tuples(NAMED, NUMBERS, NUMBERS), min_size=2, max_size=2),
    st.sampled_from(sorted(COLORS)),
)


@settings(max_examples=300)
@given(LINES)
def test_any_lines_map_is_drawn_or_refused_with_a_reason(line: str) -> None:
    """Also seen from a network that has no such weight."""
    try:
        choice = read_map(line)
    except MapError:
        return
    for here, other in itertools.product(here_and_there(), repeat=2):
        assert is_same_map(here, other, choice.x, choice.y) in (True, False)
        with contextlib.suppress(MapError):
            plane = Plane(here, choice.x, choice.y)
            picture = maps.blank_map(plane, choice.color, (3, 2), choice.limit)
            found = numbers_at(plane, picture.x[:1], picture.y[:1], COLORS[choice.color], 1.0, np.ones(1, np.uint8))
            assert found.shape == (1,)
            assert np.isfinite(plane.origin_of(here)).all()
            assert min(plane.least_width(0, 300), plane.least_width(1, 300)) > 0


def test_the_maps_with_names() -> None:
    for named in NAMED_MAPS.values():
        choice = named.choice((W, B), 2)
        assert named.title
        assert named.question.endswith("?")
        Plane(standpoint(small()), choice.x, choice.y)
    with pytest.raises(MapError, match="tick one"):
        NAMED_MAPS["between"].choice((W, B), None)
