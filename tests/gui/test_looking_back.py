"""The past of a run in the real program: exact, played, branched from, and never in the way of what is there."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, destroy
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.training.pace import FULL_SPEED, PACES
from tinynet_gui.engine.program import Program
from tinynet_gui.engine.session.app_state import Playing
from tinynet_gui.engine.session.player import Player


@pytest.fixture
def program(qtbot: QtBot) -> Iterator[Program]:
    """A program whose run has come to step 3,000, the learning rate having been changed at 1,000."""
    program = Program(Config().replace("training.learning_rate", 0.01))
    program.session.set_engine("compiled")
    program.open()
    session = program.session
    qtbot.waitUntil(lambda: session.state.status.compiled == session.state.status.pytorch == "ready")
    for rate, step in ((0.01, 1_000), (0.003, 3_000)):
        session.edit({"training.learning_rate": rate})
        session.fast_forward(step)
        qtbot.waitUntil(partial(_has_come_to, program, step))
    yield program
    program.shut_down()
    destroy(program)


def _has_come_to(program: Program, step: int) -> bool:
    return program.session.state.run.step == step and not program.session.state.is_running


def _look(program: Program, qtbot: QtBot, step: int | None) -> None:
    program.session.look_at(step)
    qtbot.waitUntil(lambda: program.session.state.past is not None or step is None)


def test_looking_back_pauses_and_start_retraces_before_it_goes_on(program: Program, qtbot: QtBot) -> None:
    session = program.session
    child(program, QTimer, "pastPatience").setInterval(0)  # on a slow machine the nearest moment often comes first
    session.set_pace(FULL_SPEED)
    session.start()
    session.look_at(500)
    assert not session.state.is_running
    qtbot.waitUntil(lambda: session.state.past is not None)
    seen: list[int] = []
    session.changed.connect(lambda _, new: seen.append(new.snapshot.step) if new.looks_back and new.snapshot else None)
    session.start()
    assert session.state.is_moving
    qtbot.waitUntil(lambda: not session.state.looks_back)
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    qtbot.waitUntil(lambda: session.state.run.step >= 10_000)
    assert [run.id for run in session.state.session.runs] == [1]


def test_a_change_waits_for_the_exact_moment(program: Program, qtbot: QtBot) -> None:
    session = program.session
    session.look_at(777)
    assert session.state.past is None
    session.edit({"training.learning_rate": 0.002})
    session.freeze(NeuronRef(0, 1), True)
    qtbot.waitUntil(lambda: session.state.run.id == 2)
    qtbot.waitUntil(lambda: session.state.run.rule_at(777).frozen == {NeuronRef(0, 1)})
    assert session.config.training.learning_rate == 0.002
    assert session.state.run.step == 777


def test_a_change_that_waits_for_a_moment_is_given_up_with_it(program: Program, qtbot: QtBot) -> None:
    session = program.session
    session.look_at(777)
    session.edit({"training.learning_rate": 0.002})
    session.reset()
    session.undo()
    qtbot.waitUntil(lambda: session.state.past is not None)
    assert (session.state.run.id, session.state.session.cursor.step) == (1, 777)
    assert session.config.training.learning_rate == 0.01


def test_while_the_exact_moment_is_made_the_nearest_one_is_shown(program: Program, qtbot: QtBot) -> None:
    session = program.session
    session.look_at(777)
    child(program, QTimer, "pastPatience").timeout.emit()
    shown = session.state.snapshot
    assert shown is not None
    known = [state.step for state in session.state.run.checkpoints]
    assert shown.step == min(known, key=lambda step: abs(step - 777))
    qtbot.waitUntil(lambda: session.state.past is not None)
    exact = session.state.snapshot
    assert exact is not None
    assert exact.step == 777


def test_without_the_engine_that_trained_it_the_nearest_moment_that_is_known_is_looked_at(
    program: Program, qtbot: QtBot
) -> None:
    session = program.session
    session.compiled_changed("failed", "it is not there")
    session.look_at(777)
    qtbot.waitUntil(lambda: session.state.past is not None)
    known = [state.step for state in session.state.run.checkpoints]
    assert session.state.session.cursor.step == min(known, key=lambda step: abs(step - 777))


def test_a_moment_that_is_looked_at_at_the_start_is_exact_as_soon_as_there_is_what_takes_its_steps(
    program: Program, qtbot: QtBot
) -> None:
    _look(program, qtbot, 777)
    again = Program(session=program.session.state.session)
    session, steps = again.session, list[int]()
    session.changed.connect(lambda _, new: steps.append(new.snapshot.step) if new.snapshot is not None else None)
    again.open()
    qtbot.waitUntil(lambda: session.state.past is not None)
    assert session.state.session.cursor.step == 777
    known = min((state.step for state in session.state.run.checkpoints), key=lambda step: abs(step - 777))
    assert set(steps) <= {known, 777}  # meanwhile the nearest
    again.shut_down()
    destroy(again)


class Clock:
    """Goes on when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Script:
    """A session that notes where a player goes; each moment is there at once."""

    def __init__(self, program: Program, qtbot: QtBot, clock: Clock) -> None:
        self.session, self.qtbot, self.clock = program.session, qtbot, clock
        child(program, QTimer, "player").blockSignals(True)  # this one plays
        self.player = Player(program.session, program, clock)
        child(self.player, QTimer, "player").setInterval(1_000_000)

    def steps(self, seconds: float, ticks: int) -> list[int | None]:
        found: list[int | None] = []
        for _ in range(ticks):
            self.clock.now += seconds / ticks
            self.qtbot.waitUntil(lambda: self.session.state.past is not None or not self.session.state.looks_back)
            self.player.tick()
            found.append(self.session.state.session.cursor.step)
        return found


@pytest.mark.parametrize(
    ("playing", "first", "expected"),
    [
        (Playing(), 2_970, [2_980, 2_990, None]),
        (Playing(-1), 30, [20, 10, 0]),
        (Playing(1, (100, 120)), 105, [115, 104, 114]),
        (Playing(-1, (100, 120)), 105, [116, 106, 117]),
    ],
)
def test_the_past_is_played(
    program: Program, qtbot: QtBot, playing: Playing, first: int, expected: list[int | None]
) -> None:
    session = program.session
    session.set_pace(next(k for k, pace in enumerate(PACES) if pace.steps_per_second == 10))
    _look(program, qtbot, first)
    clock = Clock()
    script = Script(program, qtbot, clock)
    session.play(playing)
    steps = script.steps(3.0001, 30)
    found: dict[Any, None] = dict.fromkeys(steps[9::10])
    assert list(found) == expected
    is_over = playing.loop is None
    assert (session.state.playing is None) is is_over
    script.player.stop()


def test_from_an_end_it_is_played_from_the_other(program: Program, qtbot: QtBot) -> None:
    session = program.session
    session.play(Playing())
    assert session.state.session.cursor.step == 0
    session.pause()
    assert session.state.playing is None
    session.look_at(None)
    session.play(Playing(-1))
    assert session.state.session.cursor.step == 2_999


def test_runs_are_opened_kept_shown_named_and_deleted(program: Program, qtbot: QtBot) -> None:
    session = program.session
    session.edit({"network.hidden": (3,)})
    session.keep()
    assert (session.state.run.is_kept, session.state.run.is_shown, session.state.run.step) == (True, True, 0)
    session.rename(2, " three\udcff ")
    session.star(1, True)
    session.open_kept_run(1)
    assert (session.state.run.id, session.state.run.is_starred) == (1, True)
    qtbot.waitUntil(lambda: session.state.snapshot is not None)
    assert session.state.snapshot is not None
    assert session.state.snapshot.step == 3_000
    session.delete_run(1)  # it is looked at
    assert not session.state.run.is_deleted
    session.delete_run(2)
    assert session.state.session.run_of(2).is_deleted
    session.undo()
    assert not session.state.session.run_of(2).is_deleted
    assert session.state.session.run_of(2).name == "three?"  # half a character, which no file could have
    session.undo()
    assert session.state.run.id == 2
