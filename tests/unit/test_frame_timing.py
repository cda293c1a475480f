"""When frames go out, and how the rate is measured, on a clock of our own."""

import pytest

from tinynet_gui.core.training.pace import FULL_SPEED, PACES, TUTORIAL_PACE
from tinynet_gui.engine.training.frame_timing import LONGEST_INTERVAL_S, TRAINING_SHARE, FrameThrottle, RateMeter


class FakeTime:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_one_frame_in_flight() -> None:
    time = FakeTime()
    throttle = FrameThrottle(time)
    assert not throttle.is_in_flight
    throttle.published(1, making_s=0.0)
    assert throttle.is_in_flight
    throttle.acknowledged(0)  # of an older frame
    assert throttle.is_in_flight
    throttle.acknowledged(1)
    assert not throttle.is_in_flight


def test_no_oftener_than_the_screen_shows() -> None:
    time = FakeTime()
    throttle = FrameThrottle(time)
    throttle.published(1, making_s=0.0)
    throttle.acknowledged(1)
    assert throttle.seconds_until_due() == pytest.approx(1 / 60)
    time.now += 1 / 60
    assert throttle.seconds_until_due() == 0


def test_training_keeps_its_share_beside_a_slow_window() -> None:
    time = FakeTime()
    throttle = FrameThrottle(time)
    throttle.published(1, making_s=0.004)
    time.now += 0.016
    throttle.acknowledged(1)
    cost = 0.02
    assert throttle.seconds_until_due() == pytest.approx(cost / (1 - TRAINING_SHARE) - cost)


def test_a_training_that_waits_for_the_frame_needs_no_share() -> None:
    time = FakeTime()
    throttle = FrameThrottle(time)
    throttle.published(1, making_s=0.004)
    time.now += 0.016
    throttle.acknowledged(1, training_share=0.0)
    assert throttle.seconds_until_due() == 0


def test_even_the_slowest_window_gets_frames() -> None:
    time = FakeTime()
    throttle = FrameThrottle(time)
    throttle.published(1, making_s=0.0)
    time.now += 10.0
    throttle.acknowledged(1)
    assert throttle.seconds_until_due() <= LONGEST_INTERVAL_S


def test_the_rate_is_that_of_the_last_half_second() -> None:
    time = FakeTime()
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
