"""The time line: each kind of mark against what is computed here without it; where steps, numbers and marks stand."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings, strategies as st

from tests.runs import BIAS, run_of
from tests.unit.test_dying_relu import RecordedRun
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.failures.answers import find_deaths
from tinynet_gui.core.failures.symptoms import DeathBetween, Deaths, dead_neurons, time_marks
from tinynet_gui.core.network.refs import LayerRef
from tinynet_gui.core.run.events import Event, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory, held_out_losses
from tinynet_gui.core.run.marks import Mark
from tinynet_gui.core.run.run import BranchPoint, Run
from tinynet_gui.core.training.start import TrainerState, points_of
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.views.time_line.track_picture import (
    MAX_LINES,
    TICK_GAP,
    WIDE_RADIUS,
    Glyph,
    TimeScale,
    glyphs_of,
    ticks_of,
)


def _marks(run: Run, kind: str, deaths: Deaths | None = None) -> list[Mark]:
    return [mark for mark in time_marks(run, deaths) if mark.kind == kind]


def test_what_was_done_has_its_kind() -> None:
    rate = Config().replace("training.learning_rate", 0.1)
    samples = points_of(Config().data)
    moved = rate.replace("data.points", Points(samples.x, samples.y + 1))
    by_hand, frozen = ParameterSet(5, BIAS, 1.0), FrozenChanged(9, frozenset({LayerRef(0)}))
    events = LiveSettingsChanged(3, rate), by_hand, LiveSettingsChanged(7, moved), frozen
    told = [(mark.step, mark.kind) for mark in time_marks(run_of(Config(), [Trainer(Config()).state()], events))]
    assert told == [(3, "setting"), (5, "by hand"), (7, "samples"), (9, "freezing")]


def _mse(state: TrainerState, points: Points, which: npt.NDArray[np.bool_]) -> float:
    """The loss over some of the samples, in float64."""
    w1, b1, w2, b2 = (p.astype(np.float64) for p in state.parameters)
    x, y = points.x[which], points.y[which]
    hidden = np.maximum(0.0, w1 @ x[None, :] + b1[:, None])
    return float(np.mean((w2 @ hidden + b2[:, None] - y) ** 2))


@given(seed=st.integers(0, 1_000), data_seed=st.integers(0, 1_000), changes=st.booleans())
@settings(max_examples=8)
def test_the_lowest_held_out_loss_is_of_recorded_states(seed: int, data_seed: int, changes: bool) -> None:
    config = Config().replace("data.held_out", 0.3).replace("data.noise", 2.0).replace("data.seed", data_seed)
    config = config.replace("network.seed", seed).replace("training.learning_rate", 0.02)
    trainer, random = Trainer(config), np.random.default_rng(seed)
    points, recorded = points_of(config.data), [trainer.state()]
    events, own = list[Event](), dict[int, float]()
    known = HeldOutLosses().with_losses(held_out_losses(config, trainer.dataset, recorded))
    own[0] = _mse(recorded[0], points, points.held_out)
    for count in random.integers(1, 60, size=12):
        if changes and trainer.step > 200 and not events:
            points = Points(points.x, points.y + 3, points.held_out)
            trainer.apply_live(trainer.config.replace("data.points", points))
            events.append(LiveSettingsChanged(trainer.step, trainer.config))
            own.clear()
        trainer.run(int(count))
        recorded.append(trainer.state())
        known = known.with_losses(held_out_losses(trainer.config, trainer.dataset, recorded[-1:]))
        own[trainer.step] = _mse(recorded[-1], points, points.held_out)
    run = replace(run_of(config, recorded, events), held_out_losses=known)
    (mark,) = _marks(run, "best held out")
    lowest = min(own.values())
    assert own[mark.step] == pytest.approx(lowest, rel=1e-5)
    assert float(mark.text.rsplit(" ", 1)[1]) == pytest.approx(lowest, rel=1e-3)
    assert mark.text.startswith("Lowest recorded held-out loss")
    assert ("since the samples were changed" in mark.text) == bool(events)


def test_samples_chosen_before_step_1_are_the_first_ones() -> None:
    points = Points([0.0, 1.0, 2.0], [0.0, 1.0, 4.0], [False, False, True])
    events = [LiveSettingsChanged(0, Config().replace("data.points", points))]
    run = run_of(Config(), [Trainer(Config()).state()], events)
    (mark,) = _marks(replace(run, held_out_losses=HeldOutLosses().with_losses([(5, 0.5)])), "best held out")
    assert mark.text == "Lowest recorded held-out loss: 0.5000"


def test_without_held_out_samples_none_is_the_lowest() -> None:
    assert _marks(run_of(Config(), [Trainer(Config()).state()]), "best held out") == []


@given(seed=st.integers(0, 10_000), by_hand=st.integers(0, 5))
@settings(max_examples=15)
def test_a_neuron_died_after_its_last_active_state(seed: int, by_hand: int) -> None:
    config = Config().replace("network.hidden", (6,)).replace("network.seed", seed)
    run = RecordedRun(config.replace("training.learning_rate", 0.05))
    run.walk(8)
    run.set_bias(0, by_hand, -50.0)
    run.walk(9)
    snapshot = run.trainer.snapshot(1)
    if snapshot.diverged_at is not None:
        return
    own: dict[int, set[str]] = {}
    for layer, index in dead_neurons(snapshot):
        last = run.last_alive(layer, index)
        step = 0 if last is None else run.moments[last + 1].step
        cause = "dead from the first" if last is None else "by hand" if last + 1 in run.by_hand else "died"
        own.setdefault(step, set()).add(cause)
    marks = _marks(run.run(), "death", find_deaths(*run.moment()))
    assert {mark.step for mark in marks} == set(own)
    for step, causes in own.items():
        texts = [mark.text for mark in marks if mark.step == step]
        assert len(texts) == len(causes)
        assert all(any(cause in text for text in texts) for cause in causes)


def test_neurons_that_die_together_have_one_mark() -> None:
    run = run_of(Config(), [Trainer(Config()).state()])
    between: Deaths = {(0, index): DeathBetween(10, 20, 0, index) for index in (4, 1, 2)}
    (mark,) = _marks(run, "death", between)
    assert (mark.step, mark.text.partition(" died ")[0]) == (20, "Neurons 2, 3 and 5 of hidden layer 1")
    assert mark.text.endswith(" died between step 10 and step 20")
    many: Deaths = {(1, index): None for index in range(1_000)}
    (mark,) = _marks(run, "death", many)
    assert mark.count == len(many)
    assert (mark.step, mark.text) == (0, "1,000 neurons of hidden layer 2 dead from the first weights on")
    (mark,) = _marks(run, "death", {(0, 0): DeathBetween(None, 30, 0, 0)})
    assert (mark.step, "wherever" in mark.text) == (30, True)


def test_a_divergence_is_marked_at_the_end_with_its_step() -> None:
    config = Config().replace("training.learning_rate", 10.0)
    trainer, walked = Trainer(config), Trainer(config)
    start, points = trainer.state(), points_of(config.data)
    while _mse(walked.state(), points, ~points.held_out) < float(np.finfo(np.float32).max):
        walked.run(1)
    trainer.run(500)
    run = replace(run_of(config, [start, trainer.state()]), diverged_at=trainer.snapshot(1).diverged_at)
    (mark,) = _marks(run, "divergence")
    assert mark.step == run.step == walked.step - 1
    assert f"at step {walked.step} the loss is not a finite number" in mark.text


def test_a_plateau_begins_where_its_sentence_says() -> None:
    losses = np.concatenate([np.geomspace(10, 0.5, 300), np.full(700, 0.5)]).astype(np.float32)
    run = run_of(Config(), [Trainer(Config()).state()])
    (mark,) = _marks(replace(run, losses=LossHistory().with_losses(0, losses)), "plateau")
    assert np.ptp(losses[mark.step :]) < 1e-3 * losses[-1]
    assert f"over steps {mark.step:,}–" in mark.text
    assert _marks(replace(run, losses=LossHistory().with_losses(0, losses[:300])), "plateau") == []


def test_a_branch_begins_at_the_step_of_its_parent() -> None:
    run = replace(run_of(Config(), [Trainer(Config()).state()]), parent=BranchPoint(7, 1_234))
    assert [(mark.step, mark.kind) for mark in time_marks(run)] == [(1_234, "branch")]


def test_marks_are_in_the_order_of_the_steps() -> None:
    events = [LiveSettingsChanged(step, Config().replace("training.learning_rate", step / 1e4)) for step in (20, 40)]
    states = [replace(Trainer(Config()).state(), step=step) for step in (0, 50)]
    run = replace(run_of(Config(), states, events), parent=BranchPoint(1, 30), diverged_at=50)
    marks = time_marks(run, {(0, 1): None})
    assert [mark.step for mark in marks] == [0, 20, 30, 40, 50]
    assert marks[-1].text.startswith("Diverged: here")  # a change by hand made it so


LAST = st.integers(1, 100_000_000)
SCALES = st.builds(TimeScale, last=LAST, left=st.floats(0, 30), right=st.floats(100, 4_000), is_log=st.booleans())


def _width(text: str) -> float:
    return 7.0 * len(text)


@given(scale=SCALES, share=st.floats(0, 1))
def test_a_step_is_found_where_it_stands(scale: TimeScale, share: float) -> None:
    step = round(share * scale.last)
    assert scale.step_at(scale.x_of(step)) == step
    assert scale.left <= scale.x_of(step) <= scale.right


@given(scale=SCALES)
def test_the_ends_are_exact_and_nothing_stands_beyond_them(scale: TimeScale) -> None:
    assert (scale.x_of(0), scale.x_of(scale.last)) == (scale.left, scale.right)
    assert scale.x_of(scale.last + 1) == scale.right
    assert (scale.step_at(scale.left - 50), scale.step_at(scale.right + 50)) == (0, scale.last)


@given(scale=SCALES, shares=st.lists(st.floats(0, 1), min_size=2))
def test_later_steps_stand_farther_to_the_right(scale: TimeScale, shares: list[float]) -> None:
    steps = sorted({round(share * scale.last) for share in shares})
    assert all(scale.x_of(a) < scale.x_of(b) for a, b in pairwise(steps))
    xs = sorted(scale.left + share * (scale.right - scale.left) for share in shares)
    assert all(scale.step_at(a) <= scale.step_at(b) for a, b in pairwise(xs))


@given(scale=SCALES)
def test_the_logarithmic_scale_gives_the_first_steps_more_room(scale: TimeScale) -> None:
    half = scale.last // 2
    in_the_middle = scale.x_of(half)
    even = TimeScale(scale.last, scale.left, scale.right)
    assert in_the_middle >= even.x_of(half) - 1e-9
    if scale.is_log and half > 10:
        assert in_the_middle > even.x_of(half)


def test_a_run_without_a_step_has_a_place() -> None:
    for is_log in (False, True):
        scale = TimeScale(0, 10.0, 200.0, is_log)
        assert (scale.x_of(0), scale.step_at(100.0), scale.moved(0, 0.1)) == (10.0, 0, 0)
        assert [tick.text for tick in ticks_of(scale, _width, (0, 210))] == ["0"]


@given(scale=SCALES, share=st.floats(0, 1), by=st.sampled_from([-0.1, -0.01, 0.01, 0.1]))
def test_a_part_of_the_line_is_at_least_one_step(scale: TimeScale, share: float, by: float) -> None:
    step = round(share * scale.last)
    there = scale.moved(step, by)
    assert 0 <= there <= scale.last
    if by > 0:
        assert there > step or step == scale.last
    else:
        assert there < step or step == 0


@given(scale=SCALES)
def test_the_numbers_are_round_and_apart_and_within_their_room(scale: TimeScale) -> None:
    room = (0.0, scale.right + scale.left)
    ticks = ticks_of(scale, _width, room)
    assert ticks[0].step == 0
    for one, other in pairwise(ticks):
        assert one.left + _width(one.text) + TICK_GAP <= other.left
        assert one.step < other.step
    for tick in ticks:
        assert room[0] <= tick.left <= tick.left + _width(tick.text) <= room[1] + 1e-9
        assert tick.x == scale.x_of(tick.step)
        value = tick.text.replace(",", "")
        assert tick.step == (round(float(value[:-2]) * 1e6) if value.endswith(" M") else int(value))
        assert len(str(tick.step).rstrip("0")) <= (1 if scale.is_log else 3)


@pytest.mark.parametrize(
    ("last", "is_log", "texts"),
    [
        (10_000, False, ["0", "2,000", "4,000", "6,000", "8,000", "10,000"]),
        (10_000, True, ["0", "10", "20", "50", "100", "200", "500", "1,000", "2,000", "10,000"]),
        (7, False, ["0", "2", "4", "6"]),
        (2_000_000, False, ["0", "0.5 M", "1 M", "1.5 M", "2 M"]),
    ],
)
def test_the_numbers_of_usual_runs(last: int, is_log: bool, texts: list[str]) -> None:
    scale = TimeScale(last, 11, 520, is_log)
    assert [tick.text for tick in ticks_of(scale, _width, (0, 531))] == texts


@given(scale=SCALES, shares=st.lists(st.floats(0, 1), max_size=300))
def test_every_mark_is_in_one_glyph_and_glyphs_do_not_overlap(scale: TimeScale, shares: list[float]) -> None:
    marks = [Mark(step, f"{place}") for place, step in enumerate(sorted(round(s * scale.last) for s in shares))]
    glyphs = glyphs_of(marks, scale)
    assert [mark for glyph in glyphs for mark in glyph.marks] == marks
    for one, other in pairwise(glyphs):
        assert one.x + one.radius <= other.x - other.radius + 1e-6
    for glyph in glyphs:
        assert scale.left - WIDE_RADIUS <= glyph.x - glyph.radius
        assert glyph.x + glyph.radius <= scale.right + WIDE_RADIUS
        first, last = scale.x_of(glyph.marks[0].step), scale.x_of(glyph.marks[-1].step)
        assert first - 30 <= glyph.x <= last + 30  # near to what it stands for


def test_a_lonely_mark_stands_at_its_step() -> None:
    scale = TimeScale(100, 10, 510)
    assert [glyph.x for glyph in glyphs_of([Mark(20, ""), Mark(50, "")], scale)] == [scale.x_of(20), scale.x_of(50)]


def test_a_glyph_tells_its_marks_and_how_many_more_there_are() -> None:
    marks = tuple(Mark(step, f"deed {step}") for step in range(1_000, 1_000 + MAX_LINES + 3))
    lines = Glyph(0.0, marks).text.split("\n")
    assert lines[0] == "step 1,000: deed 1000"
    assert (len(lines), lines[-1]) == (MAX_LINES + 1, "and 3 more")
    assert Glyph(0.0, marks[:1]).text == "step 1,000: deed 1000"
