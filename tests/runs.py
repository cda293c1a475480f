"""Runs as values, made without a worker."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from hypothesis import strategies as st

from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.initializations import rounding_here
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.run.events import (
    EngineChanged,
    Event,
    FrozenChanged,
    LiveSettingsChanged,
    ParameterSet,
    first_rule,
)
from tinynet_gui.core.run.loss_history import LossHistory
from tinynet_gui.core.run.replay import Stepper
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.training.engines import ENGINES, EngineName, run_compiled
from tinynet_gui.core.training.start import TrainerState, initial_state, make_dataset
from tinynet_gui.core.training.trainer import Trainer

if TYPE_CHECKING:
    from tinynet_gui.core.training.compiled.kernel import KernelRun

BIAS = ParameterRef(0, "bias", (0,))


def tutorial() -> Config:
    """The tutorial's configuration as PyTorch draws it where the tests run."""
    return Config().replace("network.rounding", rounding_here())


PATIENT = Config().with_changes(  # its best of the held-out samples is step 58
    {
        **{"data.noise": 0.5, "data.held_out": 0.3, "data.seed": 3},
        **{"training.learning_rate": 0.03, "training.patience": 40},
    }
)


def config_of(**changes: Any) -> Config:
    """The tutorial's configuration but for some settings, as in `network__hidden=(3,)`."""
    return Config().with_changes({path.replace("__", "."): value for path, value in changes.items()})


def trained(config: Config, steps: int) -> Trainer:
    """A training that has come to a step."""
    trainer = Trainer(config)
    trainer.run(steps)
    return trainer


def compiled(config: Config, steps: int) -> "KernelRun":
    """What the compiled loop comes to from the first weights."""
    return run_compiled("Compiled", config, make_dataset(config.data), initial_state(config), steps)


def quickly_trained(config: Config, steps: int) -> Trainer:
    """A training that the compiled loop has brought to a step."""
    trainer = Trainer(config)
    trainer.load(compiled(config, steps).state)
    return trainer


def assert_same_state(one: TrainerState | None, other: TrainerState) -> None:
    """Compare steps, parameters and what the optimiser remembers, to the last bit."""
    assert one is not None
    assert one.step == other.step
    for ours, theirs in zip((one.parameters, *one.slots), (other.parameters, *other.slots), strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(a, b)


Act = tuple[int, str, float]  # something that is done, with a number for it, and how many steps follow
DEEDS = st.sampled_from(["rate", "set", "freeze", "engine", "samples", "nothing"])
ACTS = st.lists(st.tuples(st.integers(1, 12), DEEDS, st.floats(0, 1)), min_size=1, max_size=6)


def run_of(
    config: Config, checkpoints: Sequence[TrainerState], events: Sequence[Event] = (), engine: EngineName = "PyTorch"
) -> Run:
    """Return a run that began with the first of these states and has come to the last."""
    start = first_rule(config, engine)
    return Run(1, start, wanted=start.after(events), events=tuple(events), checkpoints=tuple(checkpoints))


@dataclass
class Walked:
    """A run, with its state at each step as the steps came to it and after what was done there, and all losses."""

    run: Run
    before: list[TrainerState]
    after: list[TrainerState]
    losses: list[float]


def walk(begun: Config, acts: Sequence[Act], kept: int, engine: EngineName = "PyTorch") -> Walked:
    """Walk a run step by step by each step's own engine; only every so many states are kept."""
    stepper = Stepper()
    state, rule, events = Trainer(begun).state(), first_rule(begun, engine), list[Event]()
    walked = Walked(run_of(begun, [], engine=engine), [state], [state], [])
    for place, (steps, act, value) in enumerate(acts):
        match act:
            case "rate":
                config = rule.config.replace("training.learning_rate", 0.02 * value)
                event: Event = LiveSettingsChanged(state.step, config)
            case "set":
                event = ParameterSet(state.step, replace(BIAS, index=(place,)), value)
                arrays = [array.copy() for array in state.parameters]
                arrays[1][place] = value
                state = TrainerState(state.step, tuple(arrays), state.slots)
                walked.after[-1] = state
            case "freeze":
                event = FrozenChanged(state.step, frozenset({NeuronRef(0, place)}))
            case "engine":
                event = EngineChanged(state.step, ENGINES[place % 3])
            case "samples":
                points = Points(np.linspace(-2, 1, 5 + place), np.full(5 + place, value))
                event = LiveSettingsChanged(state.step, rule.config.replace("data.points", points))
            case _:
                event = EngineChanged(state.step, rule.engine)
        events.append(event)
        rule = rule.after([event])
        for _ in range(steps):
            takes: EngineName = "PyTorch" if rule.frozen else rule.engine
            state, losses = stepper.take_with_losses(replace(rule, engine=takes), state, 1)
            walked.before.append(state)
            walked.after.append(state)
            walked.losses += losses.tolist()
    recorded = list[Event]()  # as the worker does: what is frozen is PyTorch's, from then on
    for event in events:
        if isinstance(event, FrozenChanged):
            recorded += event, EngineChanged(event.step, "PyTorch")
        elif not (isinstance(event, EngineChanged) and any(isinstance(one, FrozenChanged) for one in recorded)):
            recorded.append(event)
    before = walked.before
    run = run_of(begun, [*before[:-1:kept], before[-1]], recorded, engine)
    history = LossHistory().with_losses(0, np.array(walked.losses, dtype=np.float32))
    walked.run = replace(run, losses=history)
    return walked


class WatchedRun(Run):
    """A run that counts how often anything of it is asked for, by its number."""

    looks: ClassVar[Counter[int]] = Counter()

    def __getattribute__(self, name: str) -> Any:
        WatchedRun.looks[object.__getattribute__(self, "id")] += 1
        return object.__getattribute__(self, name)


def watched_runs(config: Config, count: int) -> list[Run]:
    """Runs of one network that are told apart by the seeds that are said to be theirs; each came to step 20."""
    run = walk(config, [(20, "nothing", 0.0)], 5).run
    known = {field.name: getattr(run, field.name) for field in fields(run)}
    rules = [first_rule(config.replace("network.seed", seed), "PyTorch") for seed in range(count)]
    return [WatchedRun(**known | {"id": i + 1, "start": rule, "wanted": rule}) for i, rule in enumerate(rules)]
