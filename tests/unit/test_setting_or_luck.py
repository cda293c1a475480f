"""Setting or luck: how often its interval holds the truth, how often it is wrong, and what it refuses."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.not_none import not_none
from tests.runs import config_of, run_of, trained
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.experiments.luck import (
    Course,
    SettingOrLuck,
    course_of,
    seeds_for,
    setting_or_luck,
    train_course,
    why_not_compared,
)
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, frozen_masks
from tinynet_gui.core.run.events import EngineChanged, Event, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.statistics import PairedShare, clopper_pearson, paired_share
from tinynet_gui.core.text.numbers import percent_text
from tinynet_gui.core.training.start import initial_state, points_of
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.two_runs import luck_text

TRIALS = 4_000
NAMES = ("A", "B")


def _run(config: Config, *events: Event) -> Run:
    return run_of(config, [initial_state(config)], events)


def _alone(config: Config) -> Course:
    """The course of a run that nothing was done to."""
    return course_of(_run(config))


def _compared(one: Config, other: Config, seeds: int, tell: Callable[[float], None] = lambda _: None) -> SettingOrLuck:
    """What comes of runs that nothing was done to."""
    return not_none(setting_or_luck(_alone(one), _alone(other), seeds, np.zeros(1, dtype=np.uint8), tell))


@cache
def _interval(successes: int, trials: int) -> tuple[float, float]:
    return clopper_pearson(successes, trials)


@cache
def _is_sure(share: PairedShare) -> bool:
    return share.is_sure


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 10, 0.0, 1 - 0.025**0.1),  # closed forms at the ends
        (10, 10, 0.025**0.1, 1.0),
        (256, 256, 0.025 ** (1 / 256), 1.0),
        (5, 10, 0.18708603, 0.81291397),  # of the beta distribution's quantiles, as statistics packages print them
        (8, 20, 0.19119, 0.63946),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_clopper_and_pearsons(successes: int, trials: int, low: float, high: float) -> None:
    assert clopper_pearson(successes, trials) == pytest.approx((low, high), abs=1e-5)


@pytest.mark.parametrize(("successes", "trials"), [(1, 3), (1, 7), (17, 40), (49, 50), (200, 256), (255, 256)])
def test_interval_ends_are_as_improbable_as_claimed(successes: int, trials: int) -> None:
    def at_least(k: int, share: float) -> float:
        return sum(math.comb(trials, i) * share**i * (1 - share) ** (trials - i) for i in range(k, trials + 1))

    low, high = clopper_pearson(successes, trials)
    assert at_least(successes, low) == pytest.approx(0.025, rel=1e-6)
    assert 1 - at_least(successes + 1, high) == pytest.approx(0.025, rel=1e-6)


@pytest.mark.parametrize("ties", [0.0, 0.3])
@pytest.mark.parametrize("seeds", [5, 20, 256])
def test_equal_settings_are_called_better_once_in_twenty(seeds: int, ties: float) -> None:
    random, wrong = np.random.RandomState(seeds), 0
    for _ in range(TRIALS // 4):
        one, other = random.normal(size=(2, seeds))
        other = np.where(random.uniform(size=seeds) < ties, one, other)
        wrong += _is_sure(paired_share(one, other))
    assert wrong / (TRIALS // 4) <= 0.05


def test_a_difference_that_is_there_is_seen() -> None:
    random = np.random.RandomState(0)
    one, other = random.normal(size=(2, 256))
    found = paired_share(one - 0.5, other)
    assert found.is_sure
    assert found.interval[0] > 0.5


def test_ties_count_half_and_what_diverged_is_worst() -> None:
    found = paired_share([1, 2, 3, np.inf, np.nan, 1], [2, 1, 3, np.inf, np.inf, np.inf])
    assert found == PairedShare(lower=2, higher=1, ties=3)
    assert found.share == (2 + 1.5) / 6
    assert found.interval == clopper_pearson(2, 3)


def test_the_share_matches_single_trainings_with_torch() -> None:
    """Of so few steps that the engines differ in the last digits only, which no order turns on."""
    one = config_of(training__stop_step=30, data__held_out=0.3)
    other = one.with_changes({"network.hidden": (11,), "network.seed": 7, "network.drawn_before": 16})
    shares: list[float] = []
    found = _compared(one, other, 24, shares.append)
    lower = held_out = 0
    for seed in range(2, 26):
        seeded = [config.with_changes({"network.seed": seed, "network.drawn_before": 0}) for config in (one, other)]
        ends = [trained(config, 30).snapshot(1) for config in seeded]
        lower += ends[0].train_loss < ends[1].train_loss
        held_out += (ends[0].validation_loss or 0) < (ends[1].validation_loss or 0)
    assert 0 < lower < 24
    assert found.training == PairedShare(lower, 24 - lower, 0, 0.975)
    assert found.held_out == PairedShare(held_out, 24 - held_out, 0, 0.975)
    assert [config.network.seed for config in found.configs] == [2, 2]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert _compared(other, one, 24).training == PairedShare(24 - lower, lower, 0, 0.975)


def test_what_diverges_is_infinitely_bad_and_it_can_be_stopped() -> None:
    one, other = (config_of(training__stop_step=50, training__learning_rate=rate) for rate in (0.001, 100.0))
    found = _compared(one, other, 8)
    assert found.training == PairedShare(8, 0, 0)
    assert found.held_out is None
    assert found.diverged == (0, 8)
    assert _compared(other, other, 8).training == PairedShare(0, 0, 8)
    stop = np.zeros(1, dtype=np.uint8)
    assert setting_or_luck(_alone(one), _alone(other), 8, np.ones(1, dtype=np.uint8), lambda _: None) is None

    def stop_late(share: float) -> None:
        stop[0] = share > 0.4

    some = not_none(setting_or_luck(_alone(one), _alone(other), 100, stop, stop_late))
    assert some.training == PairedShare(32, 0, 0)  # of those that were trained by both


RATE = config_of(training__learning_rate=0.01)
HAND = ParameterRef(0, "bias", (3,))
TWO = Points([0, 1], [1, 2])
ONLY_LUCK = "only in their first weights: there is nothing to compare but luck"


def _changed(*events: Event, config: Config | None = None) -> Run:
    """A run of four steps that this was done to."""
    config = config or Config()
    start = initial_state(config)
    return run_of(config, [start, replace(start, step=4)], events)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (_run(Config(), LiveSettingsChanged(5, config_of(data__points=TWO))), "different samples"),
        (_run(Config(), EngineChanged(5, "Compiled"), LiveSettingsChanged(0, Config())), "in no setting"),
        (_run(config_of(training__loss="l1")), "different losses"),
        (_run(config_of(data__noise=0.1)), "different samples"),
        (_run(config_of(data__held_out=0.3)), "different samples"),
        (_run(config_of(data__standardise="xy")), "different samples"),
        (_run(Config()), "in no setting"),
        (_run(config_of(network__drawn_before=16)), ONLY_LUCK),
        (_run(config_of(network__seed=5)), ONLY_LUCK),
        (_run(config_of(network__rounding="twice")), ONLY_LUCK),
    ],
)
def test_what_cannot_be_compared_is_refused_with_the_reason(one: Run, reason: str) -> None:
    other = _run(Config())
    assert reason in why_not_compared(one, other)
    assert reason in why_not_compared(other, one)
    assert why_not_compared(one, other).endswith(".")


@pytest.mark.parametrize(
    "one",
    [
        _run(RATE),
        _run(config_of(network__hidden=(3, 3), network__seed=5)),
        _run(config_of(data__standardise="x")),
        _run(config_of(training__stop_step=500)),
        _run(Config(), LiveSettingsChanged(0, RATE), EngineChanged(3, "Compiled")),
        _run(Config(), LiveSettingsChanged(7, config_of(training__stop_step=500))),
        _run(Config(), ParameterSet(0, ParameterRef(0, "bias", (0,)), 1.0)),
        _run(Config(), FrozenChanged(0, frozenset({LayerRef(0)}))),
        _changed(LiveSettingsChanged(3, RATE)),
        _changed(ParameterSet(4, ParameterRef(0, "bias", (0,)), 1.0)),
    ],
)
def test_settings_are_compared_from_step_0(one: Run) -> None:
    assert why_not_compared(one, _run(Config())) == ""


def test_settings_are_the_first_ones_with_the_latest_stop() -> None:
    late = RATE.replace("training.stop_step", 500)
    run = _run(Config(), LiveSettingsChanged(0, RATE), LiveSettingsChanged(7, late))
    assert course_of(run).config == late
    assert course_of(replace(run, events=run.events[1:])).config == config_of(training__stop_step=500)


def test_what_no_step_was_taken_with_is_no_change() -> None:
    assert course_of(_changed(LiveSettingsChanged(4, RATE))) == course_of(_changed())
    assert course_of(_changed(ParameterSet(4, HAND, 1.0))) != course_of(_changed())
    assert why_not_compared(_changed(LiveSettingsChanged(4, RATE)), _changed()).endswith("nothing to compare but luck.")


def test_changes_of_a_run_recur_at_the_same_steps() -> None:
    """Seed by seed against trainings that torch makes one by one, with all kinds of changes in them."""
    config = config_of(training__stop_step=30, training__optimizer="momentum", data__held_out=0.3)
    rate = config.replace("training.learning_rate", 0.002)
    points = points_of(config.data)
    moved = rate.replace("data.points", Points(points.x, points.y + np.float32(0.25), points.held_out))
    frozen = frozenset({NeuronRef(0, 1)})
    by_hand = ParameterSet(0, HAND, 0.5), LiveSettingsChanged(3, rate), ParameterSet(7, HAND, -1.0)
    events = (*by_hand, FrozenChanged(9, frozen), FrozenChanged(12, frozenset()), LiveSettingsChanged(20, moved))
    run = run_of(config, [initial_state(config), replace(initial_state(config), step=25)], events)
    plain = run_of(moved, [initial_state(moved)])
    assert why_not_compared(run, plain) == ""
    courses = course_of(run), course_of(plain)
    assert seeds_for(*courses) == 32
    assert seeds_for(courses[1], courses[1]) == 256
    found = not_none(setting_or_luck(*courses, 7, np.zeros(1, dtype=np.uint8), lambda _: None))
    counts = np.zeros((2, 2), dtype=int)
    for seed in range(2, 9):
        changed, other = (Trainer(one.replace("network.seed", seed)) for one in (config, moved))
        masks = frozen_masks(frozen, changed.state().parameters)
        for step in range(30):
            if step in (0, 7):
                changed.edit(HAND, 0.5 if step == 0 else -1.0)
            if step in (3, 20):
                changed.apply_live((rate if step == 3 else moved).replace("network.seed", seed))
            if step in (9, 12):
                changed.set_frozen(masks if step == 9 else None)
            changed.run(1)
        other.run(30)
        one, two = changed.snapshot(1), other.snapshot(1)
        for k, name in enumerate(("train_loss", "validation_loss")):
            a, b = getattr(one, name), getattr(two, name)
            counts[k] += a < b, a > b
    shares = found.training, not_none(found.held_out)
    assert [[share.lower, share.higher] for share in shares] == counts.tolist()


def test_each_end_of_a_changed_course_is_that_of_torch() -> None:
    config = config_of(training__stop_step=40)
    course = course_of(_changed(LiveSettingsChanged(2, config.replace("training.learning_rate", 0.003)), config=config))
    seeds = [config.replace("network.seed", seed) for seed in (4, 5, 6)]
    (ends,) = train_course(course, seeds, np.zeros(1, dtype=np.uint8))
    for seeded, end in zip(seeds, ends, strict=True):
        trainer = trained(seeded, 2)
        trainer.apply_live(seeded.replace("training.learning_rate", 0.003))
        trainer.run(38)
        assert end.final_loss == pytest.approx(trainer.snapshot(1).train_loss, rel=1e-5)
        untouched = trained(seeded, 40)
        assert end.final_loss != pytest.approx(untouched.snapshot(1).train_loss, rel=1e-3)
    assert list(train_course(course, seeds, np.ones(1, dtype=np.uint8))) == []


def test_what_diverges_before_a_change_stays_diverged() -> None:
    """Also where the change would have stopped it."""
    wild = config_of(training__stop_step=60, training__learning_rate=100.0)
    calm = wild.replace("training.learning_rate", 0.0)
    start = initial_state(wild)
    run = run_of(wild, [start, replace(start, step=60)], [LiveSettingsChanged(50, calm)])
    (ends,) = train_course(course_of(run), [wild], np.zeros(1, dtype=np.uint8))
    assert [(end.final_loss, end.has_diverged) for end in ends] == [(np.inf, True)]


def test_it_is_said_in_sentences() -> None:
    configs, plain = (RATE, config_of(training__stop_step=500)), (_run(RATE), _run(Config()))
    shares = PairedShare(200, 50, 6, 0.975), PairedShare(130, 126, 0, 0.975)
    sure = luck_text(SettingOrLuck(configs, *shares, (0, 3)), NAMES, plain)
    assert sure == (
        "It is the setting: “A” ends with the lower training loss more often. “A” ends lower in 200 of 256 seeds, “B” "
        "in 50, and 6 seeds end in a tie. Of all possible seeds, without ties, “A” would end lower in 73 % to "
        "86 %: more than half.\n\n"
        "Cannot tell: the difference in held-out loss may be luck. “A” ends lower in 130 of 256 seeds, “B” in 126. Of "
        "all possible seeds, “A” would end lower in 43 % to 58 %: that may be half of them.\n\n"
        "Both were trained from the same 256 seeds, for 10,000 and 500 steps. 0 of “A” and 3 of “B” diverged; those "
        "count as infinitely bad. Each such range is right in at least 97.5 % of cases (Clopper–Pearson), both in 95 %."
    )
    narrow = luck_text(SettingOrLuck((RATE, RATE), PairedShare(1, 254, 1), None, (0, 0)), NAMES, plain)
    assert "It is the setting: “B” ends" in narrow
    assert "in 254, and 1 seed ends in a tie." in narrow
    assert "“A” would end lower in 0.009 % to 3 %: less than half." in narrow
    assert narrow.endswith("Such a range is right in at least 95 % of cases (Clopper–Pearson).")
    events: list[Event] = [LiveSettingsChanged(1, RATE), *(ParameterSet(step, HAND, 1.0) for step in (0, 2))]
    events += [LiveSettingsChanged(3, Config()), ParameterSet(4, ParameterRef(1, "bias", (0,)), 2.0)]
    changed = luck_text(
        SettingOrLuck((RATE, RATE), PairedShare(1, 2, 0), None, (0, 0)),
        NAMES,
        (_changed(*sorted(events, key=lambda event: event.step)), _changed(LiveSettingsChanged(4, RATE))),
    )
    assert (
        " “A” was changed the same way again: before the first step: numbers set by hand; step 1: Learning rate "
        "0.001 → 0.01; step 2: Bias of neuron 4 of layer 1 → 1; 2 more changes. Such"
    ) in changed
    assert "“B” was changed" not in changed  # no step was taken with that


def test_the_written_interval_contains_the_computed_one() -> None:
    """And so it covers the truth as often as is said: summed over all that can be counted of 256 seeds."""
    trials = 256
    written = []
    for count in range(trials + 1):
        low, high = _interval(count, trials)
        texts = percent_text(low, math.floor), percent_text(high, math.ceil)
        first, last = (float(text.removesuffix(" %")) / 100 for text in texts)
        assert first <= low + 1e-12
        assert last >= high - 1e-12
        assert (first <= 0.5 <= last) == (low <= 0.5 <= high)
        written.append((first, last))
    for share in (0.005, 0.0095, 0.3, 0.5, 0.9905):
        by_count = [math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1)]
        assert sum(p for p, (first, last) in zip(by_count, written, strict=True) if first <= share <= last) >= 0.95


@pytest.mark.parametrize("seeds", [8, 20, 256])
def test_two_verdicts_err_together_at_most_once_in_twenty(seeds: int) -> None:
    """Of settings alike, whatever the two have to do with each other: twice the probability of one."""
    config = config_of(training__stop_step=1, data__held_out=0.3)
    other = config.replace("network.hidden", (4,))
    found, wrong = _compared(config, other, 2), 0.0
    for share in (found.training, not_none(found.held_out)):
        sure = [replace(share, lower=k, higher=seeds - k, ties=0).is_sure for k in range(seeds + 1)]
        wrong += sum(math.comb(seeds, k) for k in range(seeds + 1) if sure[k]) / 2**seeds
    assert wrong <= 0.05
