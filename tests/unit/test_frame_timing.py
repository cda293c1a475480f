"""When frames go out, and how the rate is measured, on a clock of our own."""

import pytest

from tinynet_gui.core.training.pace import FULL_SPEED, PACES, TUTORIAL_PACE
from tinynet_gui.engine.training.frame_timing import LONGEST_INTERVAL_S, TRAINING_SHARE, FrameThrottle, RateMeter


class FakeTime:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


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
