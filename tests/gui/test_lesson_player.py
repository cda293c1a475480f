"""A lesson is played in a session of its own, step by step, and the user's own comes back."""

import json
from functools import cache, partial

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeProgram, heard
from tests.not_none import not_none
from tests.sessions import opened, small_session
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.lessons.playing.memory import to_plain
from tinynet_gui.core.lessons.playing.predictions import Skipped
from tinynet_gui.core.lessons.reading.reader import read_lesson
from tinynet_gui.core.training.engines import run_compiled
from tinynet_gui.core.training.snapshot import make_snapshot
from tinynet_gui.core.training.start import initial_state, make_dataset
from tinynet_gui.engine.lesson_player import LessonPlayer
from tinynet_gui.engine.program import Program

HEAD = '+++\ntitle = "t"\nabout = "a"\nminutes = 1\n+++\n\n'


def _one_step(block: str) -> str:
    return f"{HEAD}## One\n\n```lesson\n{block}\n```\n"


ASKS = 'setting = "hidden=3"\nask = "How many?"\nnumber = {answer = "parameters", low = 0, high = 20, near = 0}'
TWO_PAGES = (
    _one_step(ASKS) + '\nSeen.\n\n## Do\n\n```lesson\ndo = "Press Start."\nuntil = "step >= 20"\n```\n\nIt is.\n'
)
LESSON = read_lesson(TWO_PAGES)


@pytest.fixture
def program(make_program: MakeProgram) -> Program:
    return make_program()


@pytest.fixture
def player(program: Program) -> LessonPlayer:
    return LessonPlayer(program.session, program.jobs, program)


def _stands(player: LessonPlayer, qtbot: QtBot, reached: int, stage: str) -> None:
    qtbot.waitUntil(
        lambda: player.progress is not None and (player.progress.reached, player.progress.status) == (reached, stage)
    )


def test_an_experiment_that_was_cancelled_can_be_made_again(player: LessonPlayer, qtbot: QtBot) -> None:
    wanted = heard(player.experiment_wanted)
    player.begin(read_lesson(_one_step('experiment = {kind = "swarm", runs = 50, name = "few"}')))
    _stands(player, qtbot, 0, "act")
    player.act()
    assert [(one.kind, one.runs) for one in wanted] == [("swarm", 50)]
    player.experiment_ended(None)
    _stands(player, qtbot, 0, "act")
    assert not player.is_busy
    player.act()
    player.experiment_ended({"few.seeds": 50.0})
    _stands(player, qtbot, 0, "done")


def test_undone_pages_are_not_passed_and_progress_resumes(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    player.begin(LESSON)
    _stands(player, qtbot, 0, "ask")
    player.go_next()
    player.act()
    _stands(player, qtbot, 0, "ask")
    player.answer(Skipped())
    player.go_next()
    _stands(player, qtbot, 1, "act")
    remembered = to_plain(not_none(player.progress))
    player.leave()
    player.begin(LESSON, remembered)
    _stands(player, qtbot, 1, "act")
    assert program.session.config.network.hidden == (3,)
    player.restart()
    _stands(player, qtbot, 0, "ask")


def test_a_barrier_is_known_once_two_runs_are_trained(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    session = program.session
    player.begin(read_lesson(_one_step('setting = "hidden=3"\ndo = "Compare."\nuntil = "barrier_matched >= 0"')))
    _stands(player, qtbot, 0, "act")
    session.fast_forward(20)
    qtbot.waitUntil(lambda: session.state.run.step == 20 and not session.state.is_running)
    session.keep()
    session.edit({"network.seed": 9})
    qtbot.waitUntil(lambda: _is_at(program, 3, 0))
    _stands(player, qtbot, 0, "act")
    session.take_step()
    _stands(player, qtbot, 0, "done")


FOUR_PAGES = read_lesson(
    TWO_PAGES
    + "\n## Train\n\n```lesson\ntrain_to = 300\n```\n\nIt fell.\n"
    + '\n## Try\n\n```lesson\nsetting = "hidden=4"\nexperiment = {kind = "swarm", runs = 50, name = "few"}\n```\n'
)


def _is_at(program: Program, neurons: int, step: int) -> bool:
    state = program.session.state
    return (
        state.config.network.hidden == (neurons,)
        and state.snapshot is not None
        and (state.snapshot.run_id, state.snapshot.step) == (state.run.id, step)
    )


def test_a_revisited_page_shows_its_network(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    session = program.session
    player.begin(FOUR_PAGES)
    _stands(player, qtbot, 0, "ask")
    player.answer(Skipped())
    player.go_next()
    _stands(player, qtbot, 1, "act")
    session.fast_forward(50)
    _stands(player, qtbot, 1, "done")
    qtbot.waitUntil(lambda: not session.state.is_running)  # the page is done on the way: else it is the next one's
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
    player.begin(FOUR_PAGES, remembered)
    qtbot.waitUntil(lambda: _is_at(program, 3, 300))  # trained again
    player.go_next()
    qtbot.waitUntil(lambda: _is_at(program, 4, 0))
    _stands(player, qtbot, 3, "act")


def test_a_page_without_a_setting_continues_the_one_before(
    program: Program, player: LessonPlayer, qtbot: QtBot
) -> None:
    session = program.session
    player.begin(read_lesson(f"{_one_step(ASKS)}\n## Look\nAt step {{step}}.\n"))
    _stands(player, qtbot, 0, "ask")
    player.answer(Skipped())
    session.fast_forward(50)
    qtbot.waitUntil(lambda: _is_at(program, 3, 50))
    player.go_next()
    _stands(player, qtbot, 1, "done")
    assert not_none(player.progress).texts[1] == "At step 0."


LEFT_THEN_RIGHT = read_lesson(
    _one_step('setting = "hidden=3&x=-2,-1,1,2&y=4,1,1,4&held_out_points=3,4&formula=x**2"\ntrain_to = 100')
    + "\n## Right\n\nIt was {held_out_loss}.\n\n```lesson\n"
    + 'train_on = {samples = "x=-2,-1,1,2&y=4,1,1,4&held_out_points=1,2&formula=x**2", to = 300}\n```\n'
    + "\n## Both\n\nNow {loss}.\n\n```lesson\n"
    + 'train_on = {samples = "x=-2,-1,1,2&y=4,1,1,4&formula=x**2", to = 350}\n```\n'
    + "\n## Ask\n\nStill {loss}.\n\n```lesson\n"
    + 'ask = "At which step?"\nnumber = {answer = "step", low = 0, high = 1000, near = 0}\n```\n'
    + '\n## Try\n\n```lesson\ngoal = {text = "t", condition = "loss < 0"}\n```\n'
)


@cache
def _halves() -> list[float]:
    """The losses of three trainings one after the other."""
    config, halves = not_none(LEFT_THEN_RIGHT.steps[0].setting).drawn_here(), []
    points, state = not_none(config.data.points), initial_state(config)
    for held_out, steps in (([0, 0, 1, 1], 100), ([1, 1, 0, 0], 200), ([0, 0, 0, 0], 50)):
        part = config.replace("data.points", Points(points.x, points.y, held_out))
        state = run_compiled("Compiled", part, make_dataset(part.data), state, steps).state
        halves.append(make_snapshot(1, part, make_dataset(part.data), state).train_loss)
    return halves


def _shows(program: Program, player: LessonPlayer, qtbot: QtBot, at: int) -> None:
    """Wait until a page shows its moment."""
    step = (100, 300, 350, 350, 350)[at]
    qtbot.waitUntil(lambda: not player.is_retraining and _is_at(program, 3, step))
    loss = not_none(program.session.state.snapshot).train_loss
    assert loss == pytest.approx(_halves()[min(at, 2)], rel=1e-4)


def _leave_and_begin(player: LessonPlayer) -> None:
    progress = not_none(player.progress)
    remembered = json.loads(json.dumps(to_plain(progress)))
    player.leave()
    player.begin(progress.lesson, remembered)


def test_other_samples_continue_the_network_of_the_page_before(
    program: Program, player: LessonPlayer, qtbot: QtBot
) -> None:
    """As three trainings one after the other; and again where its runs are no more."""
    session, shows = program.session, partial(_shows, program, player, qtbot)
    player.begin(LEFT_THEN_RIGHT)
    for at in range(3):
        _stands(player, qtbot, at, "act")
        if at == 1:
            session.fast_forward(300)
            qtbot.waitUntil(lambda: _is_at(program, 3, 300))  # with the left half
            assert not_none(player.progress).status == "act"
            player.act()
            player.cancel()
            session.reset()
        player.act()
        _stands(player, qtbot, at, "done")
        shows(at)
        if at < 2:
            player.go_next()
    player.go_back()
    shows(1)
    _leave_and_begin(player)
    shows(1)
    player.go_back()
    shows(0)
    player.go_next()
    player.go_next()
    shows(2)


def test_a_question_page_is_about_the_end_of_the_one_before(
    program: Program, player: LessonPlayer, qtbot: QtBot
) -> None:
    """Whatever was done since; and again where its runs are no more."""
    session, shows = program.session, partial(_shows, program, player, qtbot)
    player.begin(LEFT_THEN_RIGHT)
    for at in range(3):
        _stands(player, qtbot, at, "act")
        player.act()
        _stands(player, qtbot, at, "done")
        player.go_next()
    _stands(player, qtbot, 3, "ask")
    remembered = json.loads(json.dumps(to_plain(not_none(player.progress))))
    for move in (session.reset, session.new_seed, partial(session.look_at, 320)):
        player.begin(LEFT_THEN_RIGHT, remembered)
        shows(3)
        runs = len(session.state.session.runs)
        move()
        player.answer(350)
        _stands(player, qtbot, 3, "done")
        shows(3)
        assert not_none(player.progress).verdicts[3] == "Right: it is 350."
        assert len(session.state.session.runs) <= runs + 1  # none is trained again
    player.begin(LEFT_THEN_RIGHT, remembered)
    player.answer(350)  # while it is trained again
    assert player.is_busy
    player.cancel()
    player.answer(Skipped())
    player.answer(350)  # too late
    _stands(player, qtbot, 3, "done")
    shows(3)
    assert not_none(player.progress).verdicts[3] == "It is 350."
    player.go_next()
    _stands(player, qtbot, 4, "act")
    _leave_and_begin(player)
    shows(4)
    player.go_back()
    player.go_next()
    shows(4)
    player.act()
    qtbot.waitUntil(lambda: player.unmet is not None)


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
    lesson = read_lesson(_one_step('setting = "lr=10"\ntrain_to = 1000'))
    player.begin(lesson)
    _stands(player, qtbot, 0, "act")
    player.act()
    _stands(player, qtbot, 0, "done")
    steps, remembered = program.session.state.run.step, json.loads(json.dumps(to_plain(not_none(player.progress))))
    player.leave()
    player.begin(lesson, remembered)
    qtbot.waitUntil(lambda: program.session.state.status.phase == "diverged")
    assert program.session.state.run.step == steps


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
    assert not_none(player.progress).texts[1] == "Step 0."


def test_what_is_so_already_need_not_be_done(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    question = 'ask = "a"\nchoices = [{text = "b", when = "step > 0"}, {text = "c", when = "otherwise"}]\n'
    for asked in ("", question):
        player.begin(read_lesson(_one_step(f'{asked}until = "neurons == 10"\ndo = "d"')))
        if asked:
            _stands(player, qtbot, 0, "ask")
            player.answer(1)
        _stands(player, qtbot, 0, "done")


def test_a_check_on_seeds_needs_no_moment_and_ends_with_it(
    program: Program, player: LessonPlayer, qtbot: QtBot
) -> None:
    player.begin(LESSON, seeds=(7, 8))
    _stands(player, qtbot, 0, "ask")
    assert (program.session.config.network.seed, program.session.config.data.seed) == (7, 8)
    program.session.edit({"network.seed": 5})
    player.answer(10)
    _stands(player, qtbot, 0, "done")
    program.session.take_over(small_session())
    assert player.progress is None


def test_a_reloaded_page_begins_with_the_network_before_it(
    program: Program, player: LessonPlayer, qtbot: QtBot
) -> None:
    """Trained again: the page has no setting of its own."""
    page = "\n## Two\n\nNow {step}.\n\n```lesson\n"
    trained = _one_step('setting = "hidden=3"\ntrain_to = 20') + page
    player.begin(read_lesson(f'{trained}goal = {{text = "Go.", condition = "neurons == 2"}}\n```\n'))
    _stands(player, qtbot, 0, "act")
    player.act()
    _stands(player, qtbot, 0, "done")
    player.go_next()
    _stands(player, qtbot, 1, "act")
    program.session.edit({"network.hidden": (4,)})
    player.reload(read_lesson(f'{trained}goal = {{text = "Go.", condition = "neurons == 5"}}\n```\n'))
    _stands(player, qtbot, 1, "act")
    assert not_none(player.progress).texts[1] == "Now 20."
    assert program.session.config.network.hidden == (3,)


def test_an_opened_network_is_not_remembered_as_the_pages(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    player.begin(read_lesson(_one_step('do = "Open your network."\nuntil = "neurons == 4"')))
    _stands(player, qtbot, 0, "act")
    changes = {"network.hidden": (4,), "network.first_weights": opened((4,))}
    program.session.open_network(program.session.config.with_changes(changes))
    _stands(player, qtbot, 0, "done")
    assert not_none(player.progress).moments == {}


def test_a_training_by_hand_counts_as_the_pages(program: Program, player: LessonPlayer, qtbot: QtBot) -> None:
    """It ends where the button's ends, though Start goes on to the stop step."""
    player.begin(read_lesson(_one_step('setting = "hidden=3"\ntrain_to = 300')))
    _stands(player, qtbot, 0, "act")
    program.session.start()
    assert player.is_busy
    program.session.pause()
    qtbot.waitUntil(lambda: not player.is_busy)
    program.session.start()
    _stands(player, qtbot, 0, "done")
    assert _is_at(program, 3, 300)
    assert not program.session.state.is_running


def test_a_repeated_lesson_asks_before_showing_answers(player: LessonPlayer, qtbot: QtBot) -> None:
    lesson = read_lesson(_one_step(ASKS))
    player.begin(lesson)
    _stands(player, qtbot, 0, "ask")
    assert not player.is_reopened
    player.answer(3)
    _stands(player, qtbot, 0, "done")
    remembered = to_plain(not_none(player.progress))
    for choose, stage in ((player.go_on, "done"), (player.restart, "ask")):
        player.begin(lesson, remembered)
        assert player.is_reopened
        choose()
        assert not player.is_reopened
        _stands(player, qtbot, 0, stage)


def test_a_pages_setting_is_restored_and_redone_if_it_strayed(
    program: Program, player: LessonPlayer, qtbot: QtBot
) -> None:
    """The pages that go on from it are about that, too; with nothing left of what was remembered."""
    session, shows = program.session, partial(_shows, program, player, qtbot)

    def is_said() -> str:
        return "" if player.strayed is None else player.strayed.text

    player.begin(LEFT_THEN_RIGHT)
    _stands(player, qtbot, 0, "act")
    assert is_said() == ""
    session.edit({"network.hidden": (4,)})
    assert is_said() == "You changed Neurons; this page is about 3."
    player.restore_page()
    qtbot.waitUntil(lambda: _is_at(program, 3, 0))
    assert is_said() == ""
    session.edit({"network.hidden": (4,)})
    player.act()
    _stands(player, qtbot, 0, "done")
    player.go_next()
    _stands(player, qtbot, 1, "act")
    assert is_said() == "You changed Neurons; this page is about 3."
    _leave_and_begin(player)
    _stands(player, qtbot, 1, "act")
    qtbot.waitUntil(lambda: is_said() == "You changed Neurons; this page is about 3.")
    player.restore_page()
    _stands(player, qtbot, 0, "act")
    qtbot.waitUntil(lambda: _is_at(program, 3, 0))
    player.act()
    _stands(player, qtbot, 0, "done")
    shows(0)
    session.new_seed()
    assert is_said() == "You changed Network seed; this page is about 2."
    player.restore_page()
    shows(0)
    assert is_said() == ""
    player.go_next()
    _stands(player, qtbot, 1, "act")
    session.edit({"training.learning_rate": 0.02})  # from the page's first step on
    session.fast_forward(200)
    qtbot.waitUntil(lambda: _is_at(program, 3, 200))
    assert is_said() == "You changed Learning rate; this page is about 0.001."
    player.restore_page()
    shows(0)
    assert is_said() == ""
    session.fast_forward(300)  # not with the button
    qtbot.waitUntil(lambda: _is_at(program, 3, 300))
    assert is_said() == "You trained on with the samples of the page before; this page is about others."
    player.restore_page()
    shows(0)
    assert is_said() == ""
    player.act()
    _stands(player, qtbot, 1, "done")
    shows(1)
    assert is_said() == ""
