"""The session's controller beside a plain model of it: after each of many random commands they are equal.

The worker runs in this thread; the model trains by itself, step by step. At the end each step of each run that is
kept is taken again, and is what the model had there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tests.runs import assert_same_state
from tests.sessions import assert_same, there_and_back
from tinynet_gui.core.config import Config, ConfigError
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, Ref, WeightRef
from tinynet_gui.core.run.events import ParameterSet, StepRule
from tinynet_gui.core.run.replay import Replay, Stepper, past_moment
from tinynet_gui.core.run.run import same_state
from tinynet_gui.core.run.session import MAX_LISTED
from tinynet_gui.core.training.engines import ENGINE_CHOICES, PACES, TUTORIAL_PACE, EngineChoice, EngineName
from tinynet_gui.core.training.start import TrainerState, points_of
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.engine.session.session_controller import SessionController
from tinynet_gui.engine.training.training_thread import TrainingThread
from tinynet_gui.engine.training.worker import Worker

START = Config.from_dict({"network": {"hidden": [4]}, "training": {"learning_rate": 0.01, "stop_step": 1_000}})


class LocalTraining(QObject):
    """The worker without a thread of its own: each command acts at once, and those that are answered have numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.latest_command = 0
        self.worker = Worker()

    def __getattr__(self, name: str) -> Callable[..., None]:
        command: Callable[..., None] = getattr(self.worker, name)
        if name in ("begin", "start", "pause", "take_steps", "dissect"):
            self.latest_command += 1
            command = partial(command, self.latest_command)
        return lambda *arguments: self.worker.obey(partial(command, *arguments))


@dataclass
class PlainRun:
    """A run as the model has it: every state it has had, as the steps came to it and after what was done there."""

    config: Config
    engine: EngineName
    state: TrainerState
    frozen: frozenset[Ref] = frozenset()
    arrived: dict[int, TrainerState] = field(default_factory=dict)
    after: dict[int, TrainerState] = field(default_factory=dict)
    rules: dict[int, tuple[Config, frozenset[Ref]]] = field(default_factory=dict)

    def remember(self) -> None:
        self.arrived.setdefault(self.state.step, self.state)
        self.after[self.state.step] = self.state
        self.rules[self.state.step] = self.config, self.frozen

    def until(self, step: int) -> "PlainRun":
        """Another run with the same past, and no future."""
        pasts: list[dict[int, Any]] = [
            {place: value for place, value in known.items() if place <= step}
            for known in (self.arrived, self.after, self.rules)
        ]
        config, frozen = self.rules[step]
        return PlainRun(config, self.engine, self.after[step], frozen, *pasts)

    def walk(self, steps: int) -> None:
        stepper = Stepper()
        for _ in range(steps):
            engine: EngineName = "PyTorch" if self.frozen else self.engine
            self.state = stepper.take(StepRule(self.config, self.frozen, engine), self.state, 1)
            self.remember()

    def set(self, ref: ParameterRef, value: float) -> None:
        arrays = [array.copy() for array in self.state.parameters]
        arrays[ref.array][ref.index] = value
        self.state = TrainerState(self.state.step, tuple(arrays), self.state.slots)
        self.after[self.state.step] = self.state

    @property
    def end(self) -> int:
        return self.state.step


class Model:
    """What a session is, said as plainly as may be."""

    def __init__(self) -> None:
        self.choice: EngineChoice = "auto"
        self.runs = [self._new(START)]
        self.now = 0
        self.at: int | None = None
        self.off: frozenset[NeuronRef] = frozenset()
        self.done: list[tuple[str, Any, Any, Any]] = []
        self.undone: list[tuple[str, Any, Any, Any]] = []

    @property
    def run(self) -> PlainRun:
        return self.runs[self.now]

    def engine_chosen(self, to_the_end: bool = False) -> EngineName:
        if self.choice != "auto":
            return "PyTorch" if self.choice == "pytorch" else "Compiled"
        return "Compiled" if to_the_end else "PyTorch"

    def _new(self, config: Config) -> PlainRun:
        run = PlainRun(config, self.engine_chosen(), Trainer(config).state())
        run.remember()
        return run

    @property
    def config(self) -> Config:
        return self.run.config if self.at is None else self.run.rules[self.at][0]

    @property
    def frozen(self) -> frozenset[Ref]:
        return self.run.frozen if self.at is None else self.run.rules[self.at][1]

    @property
    def state(self) -> TrainerState:
        return self.run.state if self.at is None else self.run.after[self.at]

    def look(self, step: int | None) -> None:
        self.at = None if step is None or step >= self.run.end else step

    def do(self, kind: str, before: Any, after: Any, what: Any = None) -> None:
        self.undone.clear()
        if self.at is not None and kind in ("live", "set", "freeze"):
            self.runs.append(self.run.until(self.at))
            self.done.append(("run", self.now, len(self.runs) - 1, self.at))
            self.now, self.at = len(self.runs) - 1, None
        else:
            self.done.append((kind, before, after, what))
        self._make(kind, after, what)

    def begin(self, config: Config) -> None:
        self.runs.append(self._new(config))
        self.do("run", self.now, len(self.runs) - 1, self.at)

    def _make(self, kind: str, value: Any, what: Any) -> None:
        match kind:
            case "run":
                self.now, self.at, self.off = value, None, frozenset()
            case "live":
                self.run.config = value
                self.run.remember()
            case "set":
                self.run.set(what, value)
            case "freeze":
                self.run.frozen = value
                self.run.remember()
            case "off":
                self.off = value

    def undo(self) -> None:
        self.at = None
        if self.done:
            self.undone.append(self.done.pop())
            kind, before, _, what = self.undone[-1]
            self._make(kind, before, what)
            self.at = what if kind == "run" else None

    def redo(self) -> None:
        self.at = None
        if self.undone:
            self.done.append(self.undone.pop())
            kind, _, after, what = self.done[-1]
            self._make(kind, after, what)


class Both:
    """Does everything to the controller and to the model."""

    def __init__(self, qtbot: QtBot, seed: int) -> None:
        self.qtbot, self.die, self.model = qtbot, Random(seed), Model()
        self.training = LocalTraining()
        self.session = SessionController(cast(TrainingThread, self.training), START)
        self.training.worker.frame_ready.connect(self.session.accept_frame)
        self.session.changed.connect(self._make_past)
        self.deliveries: list[tuple[AppState, AppState]] = []
        self.session.changed.connect(lambda old, new: self.deliveries.append((old, new)))
        self.session.open()
        self.session.compiled_changed("ready", "")
        self.session.pytorch_changed("ready", "")
        self.acts: tuple[Callable[[], object], ...] = (
            *(self.rate, self.width, self.set, self.freeze, self.switch_off, self.step, self.train, self.to_the_end),
            *(self.reset, self.new_seed, self.undo, self.undo, self.undo, self.redo, self.redo, self.choose),
            *(self.points, self.points, self.look, self.look, self.look, self.look),
        )

    def _make_past(self, old: AppState, new: AppState) -> None:
        step = new.session.cursor.step
        if step is not None and new.past is None:
            self.session.accept_past(past_moment(new.run, step))

    def act(self) -> None:
        act = self.die.choice(self.acts)
        print(act.__name__, act())
        self.qtbot.waitUntil(self.stands)
        self.compare()

    def stands(self) -> bool:
        state = self.session.state
        is_there = state.past is not None or not state.looks_back
        is_there = is_there and state.snapshot is not None and state.snapshot.run_id == state.run.id
        return is_there and not state.is_running

    def compare(self) -> None:
        state, run = self.session.state, self.model.run
        assert state.snapshot is not None
        assert state.session.cursor.step == self.model.at
        assert state.config == self.model.config == state.snapshot.config
        assert state.session.rule.frozen == self.model.frozen
        assert (state.run.wanted.config, state.run.wanted.frozen) == (run.config, run.frozen)
        assert state.session.view.switched_off == self.model.off
        assert len(state.session.history.done) == len(self.model.done)
        assert len(state.session.history.undone) == len(self.model.undone)
        assert_same_state(state.snapshot.state, self.model.state)
        rule = state.run.rule_at(state.run.step)
        assert rule.config == run.config  # the events have caught up with what was wanted
        assert rule.frozen == run.frozen
        assert rule.engine == ("PyTorch" if run.frozen else run.engine)
        assert all(old is new for (_, new), (old, _) in pairwise(self.deliveries))  # what was is what had been told

    # what a user does

    def rate(self) -> object:
        rate = self.die.choice((0.001, 0.005, 0.01, 0.02))
        if rate != self.model.config.training.learning_rate:
            after = self.model.config.replace("training.learning_rate", rate)
            self.model.do("live", self.model.config, after)
        self.session.edit({"training.learning_rate": rate})
        return rate

    def points(self) -> object:
        data = self.model.config.data
        x = [*points_of(data).x[self.die.randrange(3) :], round(self.die.uniform(-3, 3), 2)]
        points = Points(x, [value**2 for value in x])
        self.model.do("live", self.model.config, self.model.config.replace("data.points", points))
        self.session.edit({"data.points": points})
        return points

    def width(self) -> object:
        width = self.die.choice((3, 4, 5))
        if (width,) != self.model.config.network.hidden:
            self.model.begin(self.model.config.replace("network.hidden", (width,)))
        self.session.edit({"network.hidden": (width,)})
        return width

    def set(self) -> object:
        ref = self.die.choice((ParameterRef(0, "bias", (1,)), ParameterRef(1, "weight", (0, 2))))
        value = float(np.float32(self.die.uniform(-1, 1)))
        before = float(self.model.state.parameters[ref.array][ref.index])
        self.model.do("set", before, value, ref)
        self.session.set_parameter(ref, value)
        return ref, value

    def freeze(self) -> object:
        ref: Ref = self.die.choice((NeuronRef(0, 1), LayerRef(1), WeightRef(0, 2, 0)))
        frozen = self.model.frozen
        after = frozen - {ref} if ref in frozen else frozen | {ref}
        self.model.do("freeze", frozen, after)
        self.session.freeze(ref, ref in after)
        return ref

    def switch_off(self) -> object:
        ref = NeuronRef(0, self.die.randrange(3))
        after = self.model.off - {ref} if ref in self.model.off else self.model.off | {ref}
        self.model.do("off", self.model.off, after)
        self.session.switch_off(ref, ref in after)
        return ref

    def look(self) -> object:
        step = self.die.choice((None, self.die.randint(0, self.model.run.end)))
        self.model.look(step)
        self.session.look_at(step)
        return step

    def step(self) -> None:
        if self.model.at is None:
            self.model.run.walk(1)
        else:
            self.model.look(self.model.at + 1)
        self.session.take_step()

    def train(self) -> object:
        self.model.look(None)
        self.session.look_at(None)
        steps = self.die.randint(1, 40)
        stop = {"training.stop_step": self.model.run.state.step + steps}
        if (after := self.model.config.with_changes(stop)) != self.model.config:
            self.model.do("live", self.model.config, after)
        self.session.edit(stop)
        self.session.start()
        self.model.run.walk(steps)
        return steps

    def to_the_end(self) -> object:
        self.model.look(None)
        steps = self.die.randint(1, 300)
        self.model.run.engine = self.model.engine_chosen(to_the_end=True)
        self.session.fast_forward(self.model.run.state.step + steps)
        self.model.run.walk(steps)
        return steps

    def reset(self) -> None:
        run = self.model.run
        if run.state.step or run.frozen or self.session.state.run.events:
            self.model.begin(self.model.config)
        self.session.reset()

    def new_seed(self) -> object:
        seed = self.model.config.network.seed + 1
        self.model.begin(self.model.config.replace("network.seed", seed))
        self.session.new_seed()
        return seed

    def undo(self) -> None:
        self.model.undo()
        self.session.undo()

    def redo(self) -> None:
        self.model.redo()
        self.session.redo()

    def choose(self) -> object:
        self.model.choice = self.die.choice(tuple(ENGINE_CHOICES))
        self.model.run.engine = self.model.engine_chosen()
        self.session.set_engine(self.model.choice)
        return self.model.choice


@pytest.mark.parametrize("seed", range(6))
def test_the_controller_equals_the_plain_model(qtbot: QtBot, seed: int) -> None:
    both = Both(qtbot, seed)
    qtbot.waitUntil(both.stands)
    both.compare()
    for place in range(60):
        both.act()
        if place % 6 == 5:
            assert_same(both.session.state.session, there_and_back(both.session.state.session))
    kept = {run.id: run for run in both.session.state.session.runs}
    reached = {entry for kind, *ends, _ in (*both.model.done, *both.model.undone) if kind == "run" for entry in ends}
    assert {place + 1 for place in reached | {both.model.now}} <= kept.keys()
    trained = {place + 1: run for place, run in enumerate(both.model.runs) if run.end > 0}
    for run_id in trained.keys() - set(sorted(kept)[-MAX_LISTED:]):  # an equal one is there, or it is an old one
        ends = [run.checkpoints[-1] for run in kept.values() if run.checkpoints]
        assert len(kept) >= MAX_LISTED or any(same_state(trained[run_id].state, end) for end in ends)
    for run_id, run in kept.items():
        model, replay = both.model.runs[run_id - 1], Replay(run)
        assert run.step == model.state.step
        assert run.checkpoints[0].step == 0
        for step in sorted({0, run.step, *both.die.choices(range(run.step + 1), k=12)}):
            assert_same_state(replay.state_at(step, before_events=True), model.arrived[step])
            assert_same_state(replay.state_at(step), model.after[step])
    both.session.shut_down()


def test_pending_edits_merge_and_invalid_ones_are_refused(qtbot: QtBot) -> None:
    session = SessionController(cast(TrainingThread, LocalTraining()))
    refused: list[str] = []

    def go_on(old: AppState, new: AppState) -> None:
        if not refused:
            with pytest.raises(ConfigError) as error:
                session.edit({"network.seed": -1})
            refused.append(str(error.value))
            session.edit({"network.seed": 3})
            session.edit({"training.stop_step": 7})

    session.changed.connect(go_on)
    session.edit({"training.stop_step": 5})
    assert refused
    assert (session.config.network.seed, session.config.training.stop_step) == (3, 7)
    session.shut_down()


def test_equal_acts_give_equal_runs_however_steps_are_cut(qtbot: QtBot) -> None:
    ends = []
    for pieces in ((400,), (1, 2, 97, 300), (200, 200)):
        both = Both(qtbot, 0)
        step = 0
        for piece in pieces:
            step += piece
            both.session.fast_forward(step)
            qtbot.waitUntil(both.stands)
        both.session.set_pace(TUTORIAL_PACE)
        both.session.take_step()
        qtbot.waitUntil(both.stands)
        assert both.session.state.run.step == 401
        ends.append(both.session.state.run.checkpoints[-1])
        engines = [event for event in both.session.state.run.events if not isinstance(event, ParameterSet)]
        assert [event.step for event in engines] == [0, 400]
        both.session.shut_down()
    for end in ends[1:]:
        assert_same_state(end, ends[0])


def test_what_has_not_been_heard_when_undo_goes_back_is_not_lost(qtbot: QtBot) -> None:
    """The run that reset leaves is the worker's to say, as far as it has come."""
    both = Both(qtbot, 0)
    both.session.set_pace(len(PACES) - 1)
    both.session.edit({"training.stop_step": 100_000})
    both.session.start()
    qtbot.waitUntil(lambda: both.session.state.run.step > 100)
    both.session.reset()
    both.session.undo()
    qtbot.waitUntil(both.stands)
    there = both.session.state.run.step
    assert there > 100
    assert_same_state(both.session.state.run.checkpoints[-1], Replay(both.session.state.run).state_at(there))
    both.session.edit({"training.stop_step": there + 50})
    both.session.start()
    qtbot.waitUntil(lambda: both.session.state.run.step == there + 50)
    run = both.session.state.run
    middle = replace(run, checkpoints=(run.checkpoints[0], run.checkpoints[-1]))
    assert_same_state(Replay(middle).state_at(run.step - 1), Replay(run).state_at(run.step - 1))
    both.session.shut_down()


def test_what_the_next_network_does_not_have_is_not_frozen_in_it(qtbot: QtBot) -> None:
    """While a setting is being moved the network on screen may be the one before."""
    both = Both(qtbot, 0)
    both.session.edit({"network.hidden": (2,)})
    both.session.freeze(NeuronRef(0, 3), True)
    both.session.switch_off(NeuronRef(0, 3), True)
    both.session.set_parameter(ParameterRef(0, "bias", (3,)), 0.5)
    both.session.freeze(NeuronRef(0, 1), True)
    qtbot.waitUntil(lambda: both.session.state.snapshot is not None)
    assert both.session.state.run.wanted.frozen == {NeuronRef(0, 1)}
    assert both.session.state.session.view.switched_off == frozenset()
    assert len(both.session.state.session.history.done) == 2
    both.session.shut_down()


def test_the_first_engine_is_chosen_by_the_new_samples(qtbot: QtBot) -> None:
    """A reset of the same settings begins with the same engine."""
    both = Both(qtbot, 0)
    engines = []
    both.session.edit({"network.hidden": (150, 150)})
    for count in (20, 300):
        both.session.edit({"data.sample_count": count})
        engines.append(both.session.state.run.start.engine)
        qtbot.waitUntil(lambda: both.session.state.snapshot is not None)
        both.session.take_step()
        both.session.reset()
        engines.append(both.session.state.run.start.engine)
    assert engines == ["PyTorch", "PyTorch", "Compiled", "Compiled"]
    both.session.shut_down()
