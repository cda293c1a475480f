"""Where two runs part, against a brute search through all of their states."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.not_none import not_none
from tests.runs import BIAS, run_of
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import LayerRef, NeuronRef
from tinynet_gui.core.run import comparison as module
from tinynet_gui.core.run.comparison import common_engine, compare_runs, find_first_divergence, trained_by
from tinynet_gui.core.run.events import EngineChanged, Event, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.replay import Stepper, state_at
from tinynet_gui.core.run.run import Run, same_state
from tinynet_gui.core.system.background import StoppedError
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.start import initial_state
from tinynet_gui.core.wording.two_runs import by_one_engine_text, first_divergence_text

UP_TO = "“A” and “B” are the same to the last bit up to step"
Act = tuple[int, str, float]  # at which step, what, and how much


def _rate(rate: float) -> Config:
    return Config().replace("training.learning_rate", rate)


def _event(step: int, act: str, value: float, config: Config) -> Event:
    match act:
        case "rate":
            return LiveSettingsChanged(step, config.replace("training.learning_rate", 0.01 * value))
        case "stop":
            return LiveSettingsChanged(step, config.replace("training.stop_step", 100 + round(10 * value)))
        case "points":
            return LiveSettingsChanged(step, config.replace("data.points", Points([0, 1, 2], [0, value, 1])))
        case "set":
            return ParameterSet(step, BIAS, value)
        case "freeze":
            return FrozenChanged(step, frozenset({NeuronRef(0, 0)} if value < 0.5 else {LayerRef(0), LayerRef(1)}))
    return EngineChanged(step, "Compiled" if value < 0.5 else "PyTorch")


def _walked(config: Config, acts: list[Act], steps: int, engine: EngineName = "Compiled", keep: int = 4) -> Run:
    """A run that had these things done to it, with every so many of its states."""
    stepper, rule = Stepper(), run_of(config, [], engine=engine).start
    state, events = initial_state(config), list[Event]()
    kept = [state]
    by_step: dict[int, list[tuple[str, float]]] = {}
    for step, act, value in acts:
        by_step.setdefault(step, []).append((act, value))
    for step in range(steps):
        for act, value in by_step.get(step, []):
            event = _event(step, act, value, rule.config)
            now: list[Event] = [event]
            if isinstance(event, FrozenChanged):
                now.append(EngineChanged(step, "PyTorch"))
            if isinstance(event, EngineChanged) and rule.frozen:
                continue  # what is frozen is PyTorch's
            events += now
            rule = rule.after(now)
            if isinstance(event, ParameterSet):
                state = state.with_parameters([(event.ref, event.value)])
        state = stepper.take(rule, state, 1)
        if (step + 1) % keep == 0 or step + 1 == steps:
            kept.append(state)
    return run_of(config, kept, events, engine)


def _searched(one: Run, other: Run) -> tuple[int, str] | None:
    """The same by comparing every state."""
    before = [[state_at(run, step, before_events=True) for step in range(run.step + 1)] for run in (one, other)]
    after = [[state_at(run, step) for step in range(run.step + 1)] for run in (one, other)]
    for step in range(min(one.step, other.step) + 1):
        if not same_state(before[0][step], before[1][step]):
            return (step - 1, "update") if step else (0, "first weights")
        if not same_state(after[0][step], after[1][step]):
            return step, "by hand"
    return None


ACTS = st.lists(
    st.tuples(
        st.integers(0, 11),
        st.sampled_from(["rate", "stop", "points", "set", "freeze", "engine"]),
        st.sampled_from([0.0, 0.25, 0.75]),
    ),
    max_size=4,
)


@settings(max_examples=60)
@given(
    common=ACTS,
    ones=ACTS,
    others=ACTS,
    lengths=st.tuples(st.integers(0, 13), st.integers(0, 13)),
    rate=st.sampled_from([0.0, 0.001]),
    optimizer=st.sampled_from(["sgd", "momentum", "adam"]),
    seeds=st.sampled_from([(2, 2), (2, 2), (2, 2), (2, 3)]),
)
def test_it_is_where_a_search_through_all_states_finds_it(
    common: list[Act],
    ones: list[Act],
    others: list[Act],
    lengths: tuple[int, int],
    rate: float,
    optimizer: str,
    seeds: tuple[int, int],
) -> None:
    config = _rate(rate).replace("training.optimizer", optimizer)
    one, other = (
        _walked(config.replace("network.seed", seed), sorted([*common, *own]), steps)
        for own, steps, seed in zip((ones, others), lengths, seeds, strict=True)
    )
    found, searched = find_first_divergence(one, other), _searched(one, other)
    for each in (found, find_first_divergence(other, one)):
        assert (None if each is None else (each.step, each.kind)) == searched


def test_the_moments_are_those_whose_updates_differ() -> None:
    one, other = _walked(Config(), [], 9), _walked(Config(), [(5, "rate", 1.0)], 12)
    divergence = not_none(find_first_divergence(one, other))
    assert (divergence.step, divergence.kind) == (5, "update")
    for run, moment in zip((one, other), divergence.moments, strict=True):
        assert same_state(moment.state, state_at(run, 5))
        assert moment.rule == run.rule_at(5)
    assert [moment.rule.config.training.learning_rate for moment in divergence.moments] == [0.001, 0.01]


def test_a_setting_that_begins_to_matter_late_is_found_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weight decay of parameters that are all 0 does nothing until one of them is set."""
    zero = Config().with_changes({"network.hidden": (1,), "training.learning_rate": 0.0})
    decay = zero.replace("training.weight_decay", 0.1)
    for most in (module.MAX_BYTES, 64):  # also where only a few steps are looked at together
        monkeypatch.setattr(module, "MAX_BYTES", most)
        acts: list[Act] = [(700, "rate", 1.0)]
        one, other = (_walked(config, acts, 900, keep=400) for config in (zero, decay))
        divergence = not_none(find_first_divergence(one, other))
        assert (divergence.step, divergence.kind) == (700, "update")


def test_runs_with_another_stop_or_another_engine() -> None:
    one = _walked(Config(), [], 9)
    longer = _walked(Config().replace("training.stop_step", 5), [], 12)
    assert find_first_divergence(one, longer) is None
    assert first_divergence_text(None, (one, longer), ("A", "B")) == f"{UP_TO} 9, where the shorter one ends."
    by_torch = _walked(Config(), [(3, "engine", 1.0)], 200)
    divergence = not_none(find_first_divergence(_walked(Config(), [], 200), by_torch))
    assert divergence.step >= 3
    assert first_divergence_text(divergence, (_walked(Config(), [], 200), by_torch), ("A", "B")) == (
        f"{UP_TO} {divergence.step}. What parts them there is rounding, not a "
        "setting: the compiled engine takes the next step of “A”, PyTorch that of “B”. Both compute the same, but add "
        "the numbers up in a different order, and the last digits of the sums differ. Later steps can make more of "
        "that."
    )


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_runs_that_engines_part_agree_under_one_engine(optimizer: str) -> None:
    config = Config().replace("training.optimizer", optimizer)
    acts: list[Act] = [(150, "set", 0.25), (160, "rate", 0.5)]
    one = _walked(config.replace("training.alpha", 0.5), acts, 200)  # which matters to neither
    other = _walked(config, [(3, "engine", 1.0), *acts], 200)
    divergence = not_none(find_first_divergence(one, other))
    assert divergence.is_of_engines
    assert "more than that differs" not in first_divergence_text(divergence, (one, other), ("A", "B"))
    same = compare_runs(one, other, True, np.zeros(1, np.uint8))
    assert (same.engine, same.divergence) == ("Compiled", None)
    assert all(same_state(run.checkpoints[-1], one.checkpoints[-1]) for run in same.runs)
    said = by_one_engine_text("Compiled", None, same.runs, ("A", "B"))
    assert said == f"Trained again, both by the compiled engine: {UP_TO} 200."
    by_torch = trained_by("PyTorch", other)
    assert same_state(by_torch.checkpoints[-1], _walked(config, acts, 200, "PyTorch").checkpoints[-1])


def test_more_than_their_engines_is_told_with_its_step() -> None:
    one = _walked(Config(), [(100, "set", 0.25), (120, "rate", 0.5), (150, "engine", 1.0)], 200)
    other = _walked(Config(), [(3, "engine", 1.0), (100, "set", 0.25)], 200)
    divergence = not_none(find_first_divergence(one, other))
    assert divergence.is_of_engines
    text = first_divergence_text(divergence, (one, other), ("A", "B"))
    assert text.endswith("From step 120 on, more than that differs.")
    rate = find_first_divergence(_walked(_rate(0.01), [], 9), _walked(Config(), [(0, "engine", 1.0)], 9))
    assert not not_none(rate).is_of_engines
    found = not_none(find_first_divergence(trained_by("Compiled", one), trained_by("Compiled", other)))
    assert (found.step, found.is_of_engines) == (120, False)


def test_frozen_runs_need_pytorch_and_divergence_recurs() -> None:
    frozen = _walked(Config(), [(2, "freeze", 0.0)], 6)
    assert common_engine(frozen, _walked(Config(), [], 6)) == "PyTorch"
    wild = _walked(_rate(0.001), [], 3)
    longer = replace(wild, checkpoints=(wild.checkpoints[0], replace(wild.checkpoints[-1], step=60)))
    hot = replace(longer, events=(LiveSettingsChanged(1, _rate(100.0)),))
    again = trained_by("Compiled", hot)
    assert again.diverged_at is not None
    assert again.step < 60


def test_where_one_diverges_and_the_other_goes_on_they_part() -> None:
    short, long = _walked(Config(), [], 3), _walked(Config(), [], 6)
    assert find_first_divergence(short, long) is None
    divergence = not_none(find_first_divergence(replace(short, diverged_at=4), long))
    assert (divergence.step, divergence.kind) == (3, "update")


AN_UPDATE = "the next update is the first that differs. What differs there:"


@pytest.mark.parametrize(
    ("config", "acts", "text"),
    [
        (
            Config(),
            [(2, "rate", 1.0), (2, "points", 0.5)],
            f"{UP_TO} 2; {AN_UPDATE} Points (3 points, made from x² in “A”, generated in “B”), "
            "Learning rate (0.01 in “A”, 0.001 in “B”).",
        ),
        (
            Config(),
            [(2, "set", 1.0)],
            f"{UP_TO} 2, where weights were set by hand: there they part, before the next update.",
        ),
        (
            Config().replace("network.seed", 5),
            [],
            "“A” and “B” differ from the beginning: their first weights are different. What differs there: "
            "Network seed (5 in “A”, 2 in “B”).",
        ),
        (
            Config(),
            [(0, "freeze", 1.0)],
            f"{UP_TO} 0; {AN_UPDATE} what is frozen, the engine (PyTorch in “A”, the compiled engine in “B”), "
            "which rounds in its own way.",
        ),
    ],
)
def test_it_is_said_where_and_why(config: Config, acts: list[Act], text: str) -> None:
    runs = _walked(config, acts, 6), _walked(Config(), [], 6)
    assert first_divergence_text(find_first_divergence(*runs), runs, ("A", "B")) == text


def test_a_search_that_nobody_waits_for_ends() -> None:
    one, other = _walked(_rate(0.0), [], 9), _walked(_rate(0.0).replace("training.weight_decay", 0.1), [], 9)
    with pytest.raises(StoppedError):
        find_first_divergence(one, other, np.ones(1, dtype=np.uint8))
    with pytest.raises(ValueError, match="not allowed"):
        find_first_divergence(replace(one, checkpoints=()), other)
