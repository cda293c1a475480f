"""Where steps, round numbers and marks stand on the time line."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinynet_gui.core.run.marks import Mark
from tinynet_gui.ui.views.time_line.glyphs import MOST_LINES, WIDE_RADIUS, Glyph, glyphs_of
from tinynet_gui.ui.views.time_line.scale import TICK_GAP, TimeScale, ticks_of

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
    marks = tuple(Mark(step, f"deed {step}") for step in range(1_000, 1_000 + MOST_LINES + 3))
    lines = Glyph(0.0, marks).text.split("\n")
    assert lines[0] == "step 1,000: deed 1000"
    assert (len(lines), lines[-1]) == (MOST_LINES + 1, "and 3 more")
    assert Glyph(0.0, marks[:1]).text == "step 1,000: deed 1000"
