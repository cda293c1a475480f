"""Sessions as values, and whether two are the same to the bit."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from tests.runs import ACTS, walk
from tinynet_gui.core.config import Config, NetworkConfig
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.initializations import FirstWeights
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, WeightRef
from tinynet_gui.core.run.events import LARGEST
from tinynet_gui.core.run.history import (
    AllShown,
    Entry,
    FrozenEdit,
    History,
    LiveSettingsEdit,
    ParameterEdit,
    RunChosen,
    RunDeleted,
    SwitchedOffEdit,
)
from tinynet_gui.core.run.loss_history import HeldOutLosses, LossHistory
from tinynet_gui.core.run.replay import branch, past_moment
from tinynet_gui.core.run.run import Run, here
from tinynet_gui.core.run.session import (
    MAX_RUNS,
    Cursor,
    FinishedExperiment,
    OwnLosses,
    Session,
    ViewState,
    new_session,
)
from tinynet_gui.core.storage.blobs import blob_bytes
from tinynet_gui.core.storage.parts import Packer, unpack_session
from tinynet_gui.core.training.engines import ENGINES
from tinynet_gui.core.training.start import initial_parameters

OFF = NeuronRef(0, 2)


def assert_same(one: object, other: object, place: str = "session") -> None:
    """Compare everything, arrays and numbers bit for bit; a gesture is over once it is saved."""
    assert type(one) is type(other), place
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes()), place
        assert not other.flags.writeable, place
    elif isinstance(one, LossHistory) and isinstance(other, LossHistory):
        assert (one.stride, one.last_step) == (other.stride, other.last_step), place
        ours, theirs = ([column.tobytes() for column in history.columns()] for history in (one, other))
        assert ours == theirs, place
        assert one.curve()[1].tobytes() == other.curve()[1].tobytes(), place
    elif isinstance(one, Points) and isinstance(other, Points):
        assert_same((one.x, one.y, one.held_out), (other.x, other.y, other.held_out), place)
        assert one.origin == other.origin, place
    elif is_dataclass(one):
        for field in fields(one):
            if field.name != "gesture":
                assert_same(getattr(one, field.name), getattr(other, field.name), f"{place}.{field.name}")
    elif isinstance(one, tuple) and isinstance(other, tuple):
        assert len(one) == len(other), place
        for index, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f"{place}[{index}]")
    elif isinstance(one, float):
        assert one.hex() == float(str(other)).hex(), place
    else:
        assert one == other, place


def a_run(run_id: int, steps: int = 40, kept: int = 5, width: int = 4) -> Run:
    """A run that was left alone, with everything that a run may have."""
    config = Config().replace("network.hidden", (width,)).replace("data.held_out", 0.2)
    run = walk(config, [(steps, "nothing", 0.0)], kept).run
    held_out = HeldOutLosses(*(_frozen(np.arange(5).astype(kind)) for kind in (np.int64, np.float32)))
    return replace(run, id=run_id, made_by=here(), held_out_losses=held_out)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def session_of(*runs: Run) -> Session:
    """A session in which each of some runs was begun after the one before it."""
    entries: list[Entry] = [RunChosen(a.id, b.id, "reset") for a, b in pairwise(runs)]
    return Session(runs, Cursor(runs[-1].id), History(tuple(entries)), last_run_id=max(run.id for run in runs))


def entries_of_all_kinds(session: Session, rate: float, by_hand: tuple[float, float]) -> tuple[Entry, ...]:
    """What may be undone besides going to another run: to another rate, and from one number to another."""
    return (
        RunDeleted(session.runs[0].id, "deleting a run"),
        LiveSettingsEdit(session.config, session.config.replace("training.learning_rate", rate)),
        ParameterEdit(ParameterRef(0, "weight", (1, 0)), *by_hand),
        FrozenEdit(frozenset(), frozenset({OFF, LayerRef(1), WeightRef(0, 1, 0)})),
        SwitchedOffEdit(frozenset({OFF}), frozenset()),
        AllShown(frozenset({"view.map", "switch.edit"})),
    )


def opened(hidden: tuple[int, ...], origin: str = "net “1”.pt") -> FirstWeights:
    """Weights and biases that no seed of a test draws."""
    return FirstWeights(initial_parameters(NetworkConfig(hidden=hidden, seed=987)), origin)


OPENED = opened((10,))
PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
GIVEN = st.lists(st.tuples(st.integers(0, 99), st.floats(width=32)), max_size=9).map(HeldOutLosses().with_losses)
ASKED = st.lists(
    st.builds(
        FinishedExperiment,
        st.sampled_from(["swarm", "claim"]),
        st.sampled_from(
            [
                Config(),
                Config().replace("data.points", Points([0.5, 1], [1, 2], None, "mine.csv")),
                Config().replace("network.first_weights", OPENED),
                Config().with_changes({"network.hidden": (3, 2), "network.activation": ("tanh", "relu")}),
                Config().replace("network.seed", 3).replace("network.first_weights", OPENED),
            ]
        ),
        st.integers(1, MAX_RUNS),
        st.sampled_from([(), (5, "always", 0.25)]),
        st.text("aé½“ .,", max_size=30),
        st.sampled_from([(), ((0.25, np.inf), (), (-1.0, 1e-300, 7.0))]),
    ),
    max_size=3,
).map(tuple)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """Draw a session with runs of all kinds, branches among them, and everything in its history."""
    runs: list[Run] = []
    for run_id in range(1, draw(st.integers(1, 3)) + 1):
        config = Config().replace("network.hidden", (draw(st.sampled_from([6, 8])),))
        for path, values in (
            ("training.optimizer", ["sgd", "momentum", "adam", "rmsprop"]),
            ("training.batch_size", [0, 6]),
            ("training.learning_rate", [0.001, 0.01, 100.0]),  # the last diverges
            ("data.standardise", ["none", "x", "xy"]),
            ("data.held_out", [0.0, 0.3]),
        ):
            config = config.replace(path, draw(st.sampled_from(values)))
        config = config.replace("network.first_weights", draw(st.sampled_from([None, opened(config.network.hidden)])))
        run = walk(config, draw(ACTS), draw(st.integers(1, 30)), draw(st.sampled_from(ENGINES))).run
        step = draw(st.integers(0, run.step))
        diverged = draw(st.booleans())
        run = replace(
            run,
            id=run_id,
            checkpoints=tuple({state.step: state for state in run.checkpoints}.values()),  # it may have diverged
            name=draw(st.text(PRINTABLE, max_size=20)),
            is_starred=draw(st.booleans()),
            is_shown=draw(st.booleans()),
            is_kept=draw(st.booleans()),
            made_by=draw(st.sampled_from([None, here()])),
            diverged_at=run.step if diverged else None,
            diverged_by=run.rule_at(run.step) if diverged else None,
            diverged_since=step if diverged else 0,
        )
        runs.append(run)
    if runs[0].config.training.learning_rate < 1 and draw(st.booleans()):
        parent = runs[0]
        runs.append(branch(parent, past_moment(parent, draw(st.integers(0, parent.step))), len(runs) + 1))
    session = session_of(*runs)
    rate, by_hand = draw(st.floats(0, 1)), draw(st.tuples(*2 * [st.floats(-LARGEST, LARGEST)]))
    entries = entries_of_all_kinds(session, rate, by_hand)
    history = session.history
    for entry in draw(st.lists(st.sampled_from(entries), max_size=6)):
        history = history.with_entry(entry)
    for _ in range(draw(st.integers(0, len(history.done)))):
        if isinstance(history.next_undo, RunChosen):
            session = session.at_run(history.next_undo.before, history.undo())
        history = history.undo()
    return replace(
        session,
        history=history,
        cursor=Cursor(session.cursor.run_id, draw(st.none() | st.integers(0, session.run.step))),
        view=ViewState(draw(st.sampled_from([None, OFF, LayerRef(1), WeightRef(1, 0, 3)])), frozenset({OFF}), False),
        pace=draw(st.integers(0, 5)),
        engine=draw(st.sampled_from(["auto", "pytorch", "compiled"])),
        last_run_id=session.last_run_id + draw(st.integers(0, 3)),
        baseline=draw(st.sampled_from([None, *(run.id for run in session.runs)])),
        experiments=draw(ASKED),
        own_losses=draw(st.none() | st.builds(OwnLosses, st.just(session.config), GIVEN)),
    )


@cache
def small_session() -> Session:
    """Two runs of few bytes, with some of what a session may have."""
    return session_of(a_run(1), replace(a_run(2, 12, width=3), name="the second"))


def fresh_session() -> Session:
    """As the program begins, before there is a network."""
    return new_session(Config())


def there_and_back(session: Session) -> Session:
    """A session saved and loaded."""
    parts = Packer().pack(session)
    return unpack_session(parts.head, lambda name: blob_bytes(parts.blobs[name]))


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Hand over what tells the most bytes that Python has taken within this."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
