"""How a training is cut into chunks, when frames go out and how the rate is measured, on a clock of our own."""

from itertools import pairwise

import pytest

from tests.not_none import not_none
from tinynet_gui.core.training.engines import FULL_SPEED, PACES, TUTORIAL_PACE, Pace
from tinynet_gui.engine.training.step_scheduler import (
    CHUNK_S,
    LONGEST_INTERVAL_S,
    TRAINING_SHARE,
    FrameThrottle,
    RateMeter,
    StepScheduler,
)

BY_FRAME = next(pace for pace in PACES if pace.steps_per_frame == 300)
BY_SECOND = next(pace for pace in PACES if pace.steps_per_second == 10)


class FakeTime:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def scheduler_at(pace: Pace, time: FakeTime) -> StepScheduler:
    scheduler = StepScheduler(time)
    scheduler.choose(pace)
    for _ in range(200):  # until the first guess is forgotten
        scheduler.costs.measure("Compiled", 1e-4)
    return scheduler


def test_a_chunk_takes_about_as_long_as_a_pause_may_wait() -> None:
    scheduler = scheduler_at(PACES[FULL_SPEED], FakeTime())
    assert scheduler.chunk("Compiled", 10_000) == pytest.approx(CHUNK_S / 1e-4, abs=1)
    assert scheduler.chunk("Compiled", 7) == 7
    assert scheduler.chunk("Compiled", -1) == 0


def test_a_frame_has_its_steps_and_the_next_waits_for_it() -> None:
    time = FakeTime()
    scheduler = scheduler_at(BY_FRAME, time)
    taken = 0
    while not scheduler.is_frame_due():
        assert scheduler.wait_s() == 0
        steps = scheduler.chunk("Compiled", 10_000)
        scheduler.took(steps)
        taken += steps
    assert taken == 300
    scheduler.published(1, 0.0)
    scheduler.took(scheduler.chunk("Compiled", 10_000))
    for _ in range(3):
        scheduler.took(scheduler.chunk("Compiled", 10_000))
    assert scheduler.chunk("Compiled", 10_000) == 0
    assert not scheduler.is_frame_due()  # one is in flight
    assert scheduler.wait_s() is None
    scheduler.acknowledged(1, "Compiled")
    assert scheduler.wait_s() == pytest.approx(1 / 60)
    time.now += 1 / 60
    assert scheduler.is_frame_due()


def test_so_many_steps_a_second_are_one_after_the_other() -> None:
    time = FakeTime()
    scheduler = scheduler_at(BY_SECOND, time)
    at = []
    for _ in range(4):
        assert scheduler.chunk("PyTorch", 100) == 1
        at.append(time.now)
        assert scheduler.chunk("PyTorch", 100) == 0
        wait = not_none(scheduler.wait_s())
        time.now += wait
    assert [b - a for a, b in pairwise(at)] == pytest.approx([0.1, 0.1, 0.1])


def test_full_speed_is_for_once() -> None:
    scheduler = scheduler_at(BY_SECOND, FakeTime())
    scheduler.start(at_full_speed=True)
    assert scheduler.chunk("Compiled", 10_000) > 1
    scheduler.start(at_full_speed=False)
    assert scheduler.chunk("Compiled", 10_000) == 1


def test_only_pytorch_at_full_speed_is_left_its_share() -> None:
    waits = {}
    for pace in (PACES[FULL_SPEED], PACES[TUTORIAL_PACE]):
        for engine in ("PyTorch", "Compiled"):
            time = FakeTime()
            scheduler = scheduler_at(pace, time)
            scheduler.published(1, 0.0)
            time.now += 0.1
            scheduler.took(100)
            scheduler.acknowledged(1, engine)
            waits[pace.label, engine] = scheduler.is_frame_due()
    assert [key for key, is_due in waits.items() if not is_due] == [("as fast as it goes", "PyTorch")]


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def throttle(time: FakeTime) -> FrameThrottle:
    return FrameThrottle(time)


def test_one_frame_in_flight(throttle: FrameThrottle) -> None:
    assert not throttle.is_in_flight
    throttle.published(1, making_s=0.0)
    assert throttle.is_in_flight
    throttle.acknowledged(0)  # of an older frame
    assert throttle.is_in_flight
    throttle.acknowledged(1)
    assert not throttle.is_in_flight


def test_no_oftener_than_the_screen_shows(time: FakeTime, throttle: FrameThrottle) -> None:
    throttle.published(1, making_s=0.0)
    throttle.acknowledged(1)
    assert throttle.seconds_until_due() == pytest.approx(1 / 60)
    time.now += 1 / 60
    assert throttle.seconds_until_due() == 0


@pytest.mark.parametrize("share", [TRAINING_SHARE, 0.0])  # none where the training waits for the frame
def test_training_keeps_its_share_beside_a_slow_window(time: FakeTime, throttle: FrameThrottle, share: float) -> None:
    throttle.published(1, making_s=0.004)
    time.now += 0.016
    throttle.acknowledged(1, **({} if share else {"training_share": share}))
    cost = 0.02
    assert throttle.seconds_until_due() == pytest.approx(cost / (1 - share) - cost)


def test_even_the_slowest_window_gets_frames(time: FakeTime, throttle: FrameThrottle) -> None:
    throttle.published(1, making_s=0.0)
    time.now += 10.0
    throttle.acknowledged(1)
    assert throttle.seconds_until_due() <= LONGEST_INTERVAL_S


def test_the_rate_is_that_of_the_last_half_second(time: FakeTime) -> None:
    meter = RateMeter(time)
    assert meter.steps_per_second == 0
    meter.restart(0)
    for step in range(1, 101):  # 10 steps a second, then 1,000
        time.now += 0.1
        meter.mark(step)
    assert meter.steps_per_second == pytest.approx(10)
    for step in range(101, 1_101):
        time.now += 0.001
        meter.mark(step)
    assert meter.steps_per_second == pytest.approx(1_000, rel=0.01)


def test_the_paces_rise_and_contain_the_tutorials() -> None:
    assert PACES[TUTORIAL_PACE].steps_per_frame == 100
    assert PACES[0].steps_per_second == 1
    assert PACES[FULL_SPEED].steps_per_frame is PACES[FULL_SPEED].steps_per_second is None
    a_second = [p.steps_per_second or (p.steps_per_frame or 0) * 60 for p in PACES[:FULL_SPEED]]
    assert a_second == sorted(set(a_second))
