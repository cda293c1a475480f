"""A lesson is played in a session of its own, step by step, and the user's own comes back."""

import json
from collections.abc import Iterator
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import destroy, heard
from tests.sessions import small_session
from tinynet_gui.core.config import Config
from tinynet_gui.core.lessons.course import to_plain
from tinynet_gui.core.lessons.predictions import Skipped
from tinynet_gui.core.lessons.reader import read_lesson
from tinynet_gui.engine.lesson_player import LessonPlayer
from tinynet_gui.engine.program import Program

LESSON = read_lesson("""+++
title = "Three neurons"
about = "A lesson for tests."
minutes = 1
hidden = ["view.microscope"]
+++

## Read

There are {neurons:count} neurons.

```lesson
setting = "hidden=3"
ask = "How many parameters?"
number = {answer = "parameters", low = 0, high = 20, near = 0}
```

There are {parameters:count}.

## Do

```lesson
do = "Press Start."
until = "step >= 20"
point_at = "startButton"
remember = {early = "loss"}
```

It is {loss}.

## Train

```lesson
train_to = 300
```

[if loss < early] The loss fell from {early} to {loss}.

## Try

```lesson
setting = "hidden=4&stop=500"
experiment = {kind = "swarm", runs = 50, name = "few"}
```

{few.seeds:count} seeds.

## Reach

```lesson
goal = {text = "Get below 100.", condition = "loss < 100 and neurons <= 4", seeds = 8, share = 0.5}
```

{goal.reached:count} of {goal.seeds:count}.

## Now

```lesson
goal = {text = "Use two neurons.", condition = "neurons == 2"}
```

Done.
""")


@pytest.fixture
def program(qtbot: QtBot) -> Iterator[Program]:
    program = Program()
    program.open()
    qtbot.waitUntil(lambda: program.session.state.status.compiled == "ready")
    qtbot.waitUntil(lambda: program.session.state.snapshot is not None)
    yield program
    program.shut_down()
    destroy(program)


@pytest.fixture
def player(program: Program) -> LessonPlayer:
    return LessonPlayer(program.session, program.jobs, program)


def _stands(player: LessonPlayer, qtbot: QtBot, reached: int, stage: str) -> None:
    qtbot.waitUntil(
        lambda: player.progress is not None and (player.progress.reached, player.progress.stage) == (reached, stage)
    )


def _revealed(player: LessonPlayer) -> str:
    assert player.progress is not None
    return player.progress.revealed[player.progress.reached]


def test_from_the_first_step_to_the_last(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    session = program.session
    session.fast_forward(50)
    qtbot.waitUntil(lambda: session.state.run.step == 50 and not session.state.is_running)
    own = session.state.session
    player.begin(LESSON)
    _stands(player, qtbot, 0, "ask")
    assert session.state.suspended_session is own
    _answer_start_and_train(program, player, qtbot)
    _make_an_experiment(program, player, qtbot)
    _reach_goals(program, player, qtbot)
    player.leave()
    assert player.progress is None
    assert session.state.session.runs == own.runs
    assert session.state.session.history is own.history


def _answer_start_and_train(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    session = program.session
    assert session.config == Config().replace("network.hidden", (3,))
    assert session.state.session.view.hidden == {"view.microscope"}
    player.go_next()  # not before it is done
    player.act()
    _stands(player, qtbot, 0, "ask")
    player.answer(10)
    _stands(player, qtbot, 0, "done")
    assert _revealed(player) == "There are 10."

    player.go_next()
    _stands(player, qtbot, 1, "act")
    session.start()
    _stands(player, qtbot, 1, "done")
    session.pause()
    player.go_next()
    player.act()
    assert player.is_busy
    _stands(player, qtbot, 2, "done")
    assert "The loss fell from" in _revealed(player)


def _make_an_experiment(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    session = program.session
    wanted = heard(player.experiment_wanted)
    player.go_next()
    _stands(player, qtbot, 3, "act")
    assert session.config.network.hidden == (4,)
    assert session.state.run.step == 0
    player.act()
    assert [(one.kind, one.runs) for one in wanted] == [("swarm", 50)]
    player.experiment_ended(None)  # it was cancelled
    _stands(player, qtbot, 3, "act")
    assert not player.is_busy
    player.act()
    player.experiment_ended({"few.seeds": 50.0})
    assert _revealed(player) == "50 seeds."


def _reach_goals(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    session = program.session
    player.go_next()
    _stands(player, qtbot, 4, "act")
    session.edit({"network.hidden": (5,)})
    player.act()
    qtbot.waitUntil(lambda: player.unmet is not None)
    assert player.unmet is not None
    assert "0 of 8" in player.unmet.text
    assert player.unmet.counterexample is not None
    assert player.unmet.counterexample.network.hidden == (5,)
    session.edit({"network.hidden": (4,)})
    player.act()
    _stands(player, qtbot, 4, "done")
    assert _revealed(player) == "8 of 8."

    player.go_next()
    _stands(player, qtbot, 5, "act")
    player.act()
    qtbot.waitUntil(lambda: player.unmet is not None)
    assert player.unmet is not None
    assert player.unmet.text == "Not yet. The number of neurons is 4; the goal is 2."
    session.edit({"network.hidden": (2,)})
    assert player.unmet is None  # it was said of another run
    player.act()  # of the network that is being made
    _stands(player, qtbot, 5, "done")
    assert player.progress is not None
    assert player.progress.is_finished


def test_it_goes_on_where_it_was_left(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    player.begin(LESSON)
    _stands(player, qtbot, 0, "ask")
    player.answer(Skipped())
    player.go_next()
    _stands(player, qtbot, 1, "act")
    assert player.progress is not None
    remembered = to_plain(player.progress)
    player.leave()
    player.begin(LESSON, remembered)
    _stands(player, qtbot, 1, "act")
    assert program.session.config.network.hidden == (3,)
    player.restart()
    _stands(player, qtbot, 0, "ask")


def _is_at(program: Program, neurons: int, step: int) -> bool:
    state = program.session.state
    return (
        state.config.network.hidden == (neurons,)
        and state.snapshot is not None
        and (state.snapshot.run_id, state.snapshot.step) == (state.run.id, step)
    )


def test_a_page_that_is_looked_at_again_has_its_network_beside_it(
    program: Program, player: LessonPlayer, qtbot: QtBot
) -> None:
    session = program.session
    player.begin(LESSON)
    _stands(player, qtbot, 0, "ask")
    player.answer(Skipped())
    player.go_next()
    _stands(player, qtbot, 1, "act")
    session.fast_forward(50)
    _stands(player, qtbot, 1, "done")
    player.go_next()
    _stands(player, qtbot, 2, "act")
    player.act()
    _stands(player, qtbot, 2, "done")
    player.go_next()
    _stands(player, qtbot, 3, "act")
    assert player.progress is not None
    early = player.progress.moments[1].step  # when it was noticed
    places = [(3, 0), (3, early), (3, 300), (4, 0)]
    for place in (2, 1, 0):
        player.go_back()
        qtbot.waitUntil(partial(_is_at, program, *places[place]))
    for place in (1, 2, 3):
        player.go_next()
        qtbot.waitUntil(partial(_is_at, program, *places[place]))
    player.go_back()
    remembered = json.loads(json.dumps(to_plain(player.progress)))
    player.leave()
    player.begin(LESSON, remembered)
    qtbot.waitUntil(lambda: _is_at(program, 3, 300))  # trained again
    player.go_next()
    qtbot.waitUntil(lambda: _is_at(program, 4, 0))
    _stands(player, qtbot, 3, "act")


def test_other_seeds(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    player.begin(LESSON, seeds=(7, 8))
    _stands(player, qtbot, 0, "ask")
    assert (program.session.config.network.seed, program.session.config.data.seed) == (7, 8)


def test_what_is_under_way_can_be_cancelled(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    player.begin(read_lesson(_one_step("train_to = 1000000")))
    _stands(player, qtbot, 0, "act")
    player.act()
    qtbot.waitUntil(lambda: program.session.state.run.step > 0)
    player.cancel()
    qtbot.waitUntil(lambda: not program.session.state.is_running)
    assert not player.is_busy
    _stands(player, qtbot, 0, "act")
    player.act()
    qtbot.waitUntil(lambda: program.session.state.is_running)
    program.session.pause()  # by the user, in the middle of it
    qtbot.waitUntil(lambda: not player.is_busy)

    player.begin(read_lesson(_one_step('goal = {text = "t", condition = "loss < 0", seeds = 256}')))
    _stands(player, qtbot, 0, "act")
    player.act()
    assert player.is_busy
    player.cancel()
    assert not player.is_busy
    assert player.unmet is None


def test_a_training_that_diverges_is_done(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    player.begin(read_lesson(_one_step('setting = "lr=10"\ntrain_to = 1000')))
    _stands(player, qtbot, 0, "act")
    player.act()
    _stands(player, qtbot, 0, "done")


def test_a_setting_that_would_act_at_the_next_step_begins_a_run(
    program: Program, player: LessonPlayer, qtbot: QtBot
) -> None:
    player.begin(
        read_lesson(_one_step("train_to = 50") + '\n## Two\nStep {step}.\n\n```lesson\nsetting = "lr=0.01"\n```\n')
    )
    _stands(player, qtbot, 0, "act")
    player.act()
    _stands(player, qtbot, 0, "done")
    player.go_next()
    _stands(player, qtbot, 1, "done")
    assert player.progress is not None
    assert player.progress.texts[1] == "Step 0."


def test_what_is_so_already_need_not_be_done(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    question = 'ask = "a"\nchoices = [{text = "b", when = "step > 0"}, {text = "c", when = "otherwise"}]\n'
    for asked in ("", question):
        player.begin(read_lesson(_one_step(f'{asked}until = "neurons == 10"\ndo = "d"')))
        if asked:
            _stands(player, qtbot, 0, "ask")
            player.answer(1)
        _stands(player, qtbot, 0, "done")


def test_an_answer_is_heard_before_there_is_a_moment(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    player.begin(LESSON)
    _stands(player, qtbot, 0, "ask")
    program.session.edit({"network.seed": 5})
    player.answer(10)
    _stands(player, qtbot, 0, "done")


def test_another_session_ends_it(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    player.begin(LESSON)
    _stands(player, qtbot, 0, "ask")
    program.session.take_over(small_session())
    assert player.progress is None


def _one_step(block: str) -> str:
    return f'+++\ntitle = "t"\nabout = "a"\nminutes = 1\n+++\n\n## One\n\n```lesson\n{block}\n```\n'
