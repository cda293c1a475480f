"""What a lesson does to the window: where the learner is, what each page prepares, and what comes back after it."""

import json
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QSplitter, QTabWidget, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, places
from tests.not_none import not_none
from tinynet_gui.core.experiments.base import ExperimentResult
from tinynet_gui.core.lessons.measured_names import LARGE, SHOWABLE
from tinynet_gui.core.lessons.playing.memory import to_plain
from tinynet_gui.core.lessons.reading.reader import read_lesson
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.ui.views.experiments.experiments_view import ExperimentsState
from tinynet_gui.ui.views.runs.runs_view import RunAnswer
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.pulse import Pulse
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.views import VIEWS

IS_PAINTED = False  # what is where, and what is said, is looked at

HEAD = '+++\ntitle = "Ours"\nabout = "For tests."\nminutes = 1\n+++\n'
GOAL = """## Reach

```lesson
goal = {text = "Two neurons.", condition = "neurons == 2", hint = "Type 2."}
```

Done.
"""


SWARM = 'setting = "hidden=2&stop=20"\nexperiment = {kind = "swarm", runs = 60, name = "few"}'


def _page(title: str, block: str = "") -> str:
    return f"## {title}\n\nRead.\n\n" + (f"```lesson\n{block}\n```\n\nSeen.\n\n" if block else "")


def _begin(window: MainWindow, qtbot: QtBot, *pages: str) -> None:
    window.context.lesson_player.begin(read_lesson(f"{HEAD}\n{''.join(pages)}"))
    _wait(window, qtbot)


def _wait(window: MainWindow, qtbot: QtBot) -> None:
    """Until the page is there."""
    player = window.context.lesson_player
    qtbot.waitUntil(lambda: player.progress is not None and player.progress.status != "enter")


def _press(window: MainWindow, name: str) -> None:
    button = child(window.views.lesson, QPushButton, name)
    assert button.isVisibleTo(window.views.lesson)
    assert button.isEnabled()
    button.click()


def _next(window: MainWindow, qtbot: QtBot) -> None:
    _press(window, "lessonNext")
    _wait(window, qtbot)


def _fail(window: MainWindow, qtbot: QtBot) -> None:
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: window.context.lesson_player.unmet is not None)


def test_a_check_that_failed_leaves_the_learner_in_the_settings(window: MainWindow, qtbot: QtBot) -> None:
    """The first change after it takes back why, for it was said of another run; not the tab, nor the hint."""
    side, field = child(window, QTabWidget, "sideTabs"), child(window, QLineEdit, "hiddenLayers")
    hint = child(window.views.lesson, QLabel, "lessonHint")
    _begin(window, qtbot, GOAL)
    assert not hint.isVisible()
    _fail(window, qtbot)
    assert (hint.isVisible(), hint.text()) == (True, "Hint: Type 2.")
    side.setCurrentWidget(window.views.panel)
    window.session.edit({"network.hidden": (3,)})
    assert window.context.lesson_player.unmet is None
    assert side.currentWidget() is window.views.panel
    _fail(window, qtbot)
    side.setCurrentWidget(window.views.panel)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "2")
    assert window.session.config.network.hidden != (2,)
    bar = side.tabBar()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(side.indexOf(window.views.lesson)).center())
    assert hint.isVisible()
    side.setCurrentWidget(window.views.panel)
    _press(window, "lessonAction")  # what was typed before counts
    qtbot.waitUntil(lambda: not_none(window.context.lesson_player.progress).is_finished)
    assert side.currentWidget() is window.views.lesson  # there is something to be read
    assert not hint.isVisible()


def test_next_stays_where_it_is(window: MainWindow, qtbot: QtBot) -> None:
    pages = [
        _page("A title that is so long that it takes two lines in so narrow a pane"),
        _page("Ask", 'ask = "How many?"\nnumber = {answer = "neurons", low = 0, high = 20, near = 0}'),
        _page("Train", "train_to = 20"),
        _page("Last"),
    ]
    _begin(window, qtbot, *pages)
    button, places = child(window.views.lesson, QPushButton, "lessonNext"), set[tuple[int, int, int]]()

    def note() -> None:
        QApplication.processEvents()
        place = button.mapTo(window, button.rect().bottomRight())
        places.add((button.width(), place.x(), place.y()))

    note()
    _next(window, qtbot)
    note()
    child(window.views.lesson, QToolButton, "lessonSkip").click()
    note()
    _next(window, qtbot)
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: not_none(window.context.lesson_player.progress).status == "done")
    note()
    _next(window, qtbot)
    note()
    assert len(places) == 1


def test_nothing_is_pointed_at_while_a_task_trains(window: MainWindow, qtbot: QtBot) -> None:
    """Start has become Pause; and what is asked for is under way."""
    _begin(window, qtbot, _page("Go", 'until = "step >= 999999"\ndo = "Press Start."\npoint_at = "startButton"'))
    view, pulse = window.views.lesson, child(window, Pulse, "pulse")
    assert (view.waits, not_none(pulse.target).objectName()) == ("First do what is asked for.", "startButton")
    window.actions_["actionStart"].trigger()
    qtbot.waitUntil(lambda: view.waits == "It is training …")
    assert pulse.target is None
    window.actions_["actionStart"].trigger()
    qtbot.waitUntil(lambda: pulse.target is not None)
    assert view.waits == "First do what is asked for."


def _run(window: MainWindow, qtbot: QtBot, kind: str, runs: int) -> ExperimentResult:
    window.views.experiments.run(kind, runs)
    qtbot.waitUntil(lambda: not window.views.experiments.is_running)
    return not_none(window.views.experiments.result)


def test_a_page_brings_its_views_to_front_without_old_results(window: MainWindow, qtbot: QtBot) -> None:
    tabs, inspector = child(window, QTabWidget, "resultTabs"), window.views.inspector.tabs
    asks = 'ask = "How many failed?"\nnumber = {answer = "few.failed", low = 0, high = 60, near = 0}'
    shows = [
        _page("Look", f'show = ["view.{name}", "view.{tab}"]')
        for name, tab in (("microscope", "pytorch"), ("runs", "numbers"))
    ]
    _run(window, qtbot, "ladder", 1)
    child(window.views.experiments, QToolButton, "experimentDetails").setChecked(True)
    _begin(window, qtbot, _page("Read"), _page("Run", SWARM), _page("Ask", asks), *shows)
    assert window.views.experiments.result is None
    assert tabs.currentWidget() is window.views.loss_plot
    _next(window, qtbot)
    assert window.views.experiments.isVisible()
    assert window.views.experiments.state == ExperimentsState("swarm", 60)  # no result, no details
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: not_none(window.context.lesson_player.progress).status == "done")
    assert window.views.experiments.result is not None  # while its page is read
    _next(window, qtbot)
    assert window.views.experiments.result is None  # the answer would be in it
    assert tabs.currentWidget() is window.views.loss_plot
    child(window.views.lesson, QToolButton, "lessonSkip").click()
    _next(window, qtbot)
    assert (tabs.currentWidget(), inspector.currentWidget()) == (window.views.microscope, window.views.torch_text)
    tabs.setCurrentWidget(window.views.experiments)
    _press(window, "lessonBack")
    _press(window, "lessonNext")
    assert tabs.currentWidget() is window.views.experiments  # it was chosen on this very page
    _next(window, qtbot)
    assert (tabs.currentWidget(), inspector.currentWidget()) == (
        window.views.runs,  # whose tab comes for it
        window.views.inspector.numbers,
    )
    _press(window, "lessonBack")
    assert (tabs.currentWidget(), inspector.currentWidget()) == (
        window.views.experiments,  # as it was left
        window.views.torch_text,
    )
    _press(window, "lessonNext")
    assert (tabs.currentWidget(), inspector.currentWidget()) == (
        window.views.runs,
        window.views.inspector.numbers,
    )


def test_what_was_asked_about_two_runs_goes_with_its_page(window: MainWindow, qtbot: QtBot) -> None:
    answer = window.views.runs.answer
    _begin(window, qtbot, _page("One"), _page("Two"))
    answer.show_question("One valley or two?", "…")
    _next(window, qtbot)
    assert answer.isHidden()


def test_input_and_pins_stay_until_a_page_begins_a_run(window: MainWindow, qtbot: QtBot) -> None:
    field, probe = child(window, QLineEdit, "functionInput"), window.views.function_plot.switches.probe
    _begin(window, qtbot, _page("One"), _page("Two"), _page("Three", 'setting = "hidden=3"'))
    field.setText("2.3")
    probe.setChecked(True)
    window.session.pin(NeuronRef(0, 1))
    _next(window, qtbot)
    assert (field.text(), probe.isChecked(), window.context.selection.pinned) == ("2.3", True, NeuronRef(0, 1))
    _next(window, qtbot)
    qtbot.waitUntil(lambda: window.context.selection.pinned is None)
    assert (field.text(), probe.isChecked()) == ("", False)


@pytest.mark.parametrize("is_own", [False, True])
def test_what_a_page_speaks_of_is_in_sight_whenever_it_is_shown(window: MainWindow, qtbot: QtBot, is_own: bool) -> None:
    """Entered, gone back to, and opened again; and on no other page."""
    window.views.panel.show_all(is_own)
    names = ["view.settings", "view.first_steps", "view.sharpness", "view.twin", "view.modes"]
    names.append("view.microscope")
    shows, session, player = f"show = {json.dumps(names)}", window.session, window.context.lesson_player
    tabs = child(window, QTabWidget, "resultTabs")

    def assert_shown(is_shown: bool) -> None:
        view = session.state.session.view
        assert window.views.panel.shows_all == (is_shown or is_own)
        assert window.views.time_line.steps.log.isChecked() == is_shown  # the first steps have room there, too
        assert (view.shows_sharpness, view.shows_twin, view.shows_modes) == (is_shown,) * 3
        assert tabs.currentWidget() is window.views["microscope" if is_shown else "loss_plot"]

    _begin(window, qtbot, _page("Few"), _page("All", shows), _page("Few again"))
    assert_shown(False)
    for turn, is_shown in (("Next", True), ("Back", False), ("Next", True), ("Next", False), ("Back", True)):
        _press(window, f"lesson{turn}")
        _wait(window, qtbot)
        assert_shown(is_shown)
    progress = not_none(player.progress)
    remembered = json.loads(json.dumps(to_plain(progress)))
    player.leave()
    assert window.views.panel.shows_all == is_own
    player.begin(progress.lesson, remembered)
    player.go_on()
    qtbot.waitUntil(lambda: not player.is_retraining)
    assert_shown(True)
    _press(window, "lessonBack")
    assert_shown(False)


def test_everything_that_can_be_shown_is_there(window: MainWindow, qtbot: QtBot) -> None:
    for name in SHOWABLE:
        _begin(window, qtbot, _page("Look", f'show = ["{name}"]'))
    assert set(SHOWABLE) >= {record.hidden_as for record in VIEWS if record.hidden_as}


def _places(window: MainWindow) -> dict[str, object]:
    """Where everything is but what the lesson writes."""
    return {name: place for name, place in places(window).items() if not name.startswith("lesson")}


def test_a_page_enlarges_a_view_and_the_next_restores_it(window: MainWindow, qtbot: QtBot) -> None:
    assert {r.name for r in VIEWS if r.place in ("network", "plot", "beside", "tab")} | {"lesson"} == set(LARGE)
    window.resize(1280, 800)
    tabs, plot = child(window, QTabWidget, "resultTabs"), window.views.function_plot
    asks = 'ask = "How many?"\nnumber = {answer = "neurons", low = 0, high = 20, near = 0}\n'
    pages = [part for name in LARGE for part in (_page(name, f'{asks}large = "{name}"'), _page("Read"))]
    _begin(window, qtbot, _page("Read"), *pages)
    before = _places(window)
    for name in LARGE:
        _next(window, qtbot)
        QApplication.processEvents()
        view = window.views[name]
        assert window.views.lesson.isVisible()
        if name in ("diagram", "function_plot"):
            other = window.views.diagram if name == "function_plot" else plot
            assert view.width() > 1.5 * other.width()
            window.resize(1024, 768)
            QApplication.processEvents()
            assert view.width() > 1.4 * other.width()  # each has a least width
            window.resize(1280, 800)
            QApplication.processEvents()
            assert tabs.isVisible()
        elif name in ("inspector", "lesson"):
            assert view.height() > 500
            assert not tabs.isVisible()
            assert plot.width() >= 280 if name == "inspector" else view.width() > 1200
            assert plot.isVisible() == (name == "inspector")  # what is changed in a table is seen in the curve
        else:
            assert tabs.currentWidget() is view
            assert view.height() > 500
            assert view.width() > 540
            beside = window.views["diagram" if name == "microscope" else "function_plot"]
            assert beside.height() > 300
            assert beside.width() >= 280
        if name == "map":
            picture, besides = (each.getViewBox().sceneBoundingRect() for each in (view.plot.plot, plot.plot))
            assert (picture.width() >= 420, picture.height() >= 300) == (True, True)
            assert (besides.width() >= 240, besides.height() >= 180) == (True, True)
        child(window.views.lesson, QToolButton, "lessonSkip").click()
        _next(window, qtbot)
        assert _places(window) == before, name
    _press(window, "lessonBack")
    assert not plot.isVisible()  # the last is large again
    window.context.lesson_player.leave()
    assert plot.isVisible()


def test_the_learners_layout_stays_on_a_page_with_a_large_view(window: MainWindow, qtbot: QtBot) -> None:
    upper, tabs = child(window, QSplitter, "upperSplitter"), child(window, QTabWidget, "resultTabs")
    large = [_page(name, f'large = "{name}"') for name in ("function_plot", "map", "map")]
    _begin(window, qtbot, *large, _page("Read"))
    upper.moveSplitter(400, 1)
    sizes = upper.sizes()
    _next(window, qtbot)
    while window.frame.arranger.restore():
        pass
    assert upper.sizes() == sizes
    assert tabs.currentWidget() is window.views.map
    _next(window, qtbot)  # it asks anew
    assert not window.views.diagram.isVisible()
    tabs.setCurrentWidget(window.views.loss_plot)
    assert upper.sizes() == sizes
    _press(window, "lessonBack")
    tabs.setCurrentWidget(window.views.microscope)
    _press(window, "lessonNext")
    _next(window, qtbot)
    assert upper.sizes() == sizes


def _has_drawn(answer: RunAnswer, has_matched: bool) -> bool:
    return answer.valley.isVisible() and answer.has_matched == has_matched


def test_a_page_draws_what_lies_between_two_runs_once_it_is_done(window: MainWindow, qtbot: QtBot) -> None:
    asks = 'ask = "How far?"\nnumber = {answer = "barrier", low = 0, high = 20, near = 0}\nlarge = "runs"\n'
    acts = 'until = "other_step >= 20 and step >= 20"\ndo = "Train another one."\n'
    hill, valley = _page("Hill", f'{asks}{acts}show = ["view.hill"]'), _page("Valley", f'{asks}show = ["view.valley"]')
    answer, curve = window.views.runs.answer, window.views.function_plot.plot
    window.resize(1280, 800)
    _begin(window, qtbot, _page("Train", 'setting = "hidden=3"\ntrain_to = 20'), hill, valley)
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: not_none(window.context.lesson_player.progress).status == "done")
    for has_matched in (False, True):
        _next(window, qtbot)
        QApplication.processEvents()
        assert (answer.isHidden(), answer.has_matched) == (not has_matched, False)  # the hill that is spoken of stays
        if has_matched:
            qtbot.waitUntil(lambda: len(window.views.function_plot.layers.runs.lines()) == 1)  # what is ticked
            assert len(window.views.loss_plot.layers.runs.lines()) == 1
        else:  # not a table of one row
            assert window.views.function_plot.width() > 1.5 * window.views.diagram.width()
        child(window.views.lesson, QToolButton, "lessonSkip").click()
        if not has_matched:
            assert answer.isHidden()
            for said in ("kept, and drawn over other runs.", "kept already."):
                window.actions_["actionKeep"].trigger()
                assert window.frame.status.currentMessage().endswith(f"is {said}")
            window.session.new_seed()
            window.session.fast_forward(20)
        qtbot.waitUntil(partial(_has_drawn, answer, has_matched))
        QApplication.processEvents()
        assert answer.valley.width() * answer.valley.height() > 1.5 * curve.width() * curve.height()
        assert ("matched" in answer.text()) == answer.valley.key.isVisible() == has_matched
        assert all(np.isfinite(losses).all() for _, losses in answer.valley.curves()[: 1 + has_matched])
        assert has_matched or not np.isfinite(answer.valley.curves()[1][1]).any()


def test_after_a_lesson_the_users_own_views_are_as_they_were(window: MainWindow, qtbot: QtBot) -> None:
    tabs, inspector = child(window, QTabWidget, "resultTabs"), window.views.inspector.tabs
    field = child(window, QLineEdit, "functionInput")
    result = _run(window, qtbot, "swarm", 50)
    tabs.setCurrentWidget(window.views.microscope)
    inspector.setCurrentWidget(window.views.inspector.mathematics)
    field.setText("1.7")
    window.views.function_plot.switches.probe.setChecked(True)
    window.views.function_plot.switches.parts.setChecked(True)
    field.setFocus()
    focus = QApplication.focusWidget()
    assert focus is field
    hides = HEAD.replace("minutes = 1", 'minutes = 1\nhidden = ["view.microscope", "view.mathematics"]')
    for ends_in_time in (True, False):
        window.context.lesson_player.begin(read_lesson(f"{hides}\n{_page('Run', SWARM)}"))
        _wait(window, qtbot)
        assert tabs.currentWidget() is not window.views.microscope  # what a lesson hides it does not show
        assert field.text() == ""
        assert not window.views.function_plot.switches.probe.isChecked()
        field.setText("2.3")
        child(window.views.lesson, QPushButton, "lessonAction").click()
        if ends_in_time:
            qtbot.waitUntil(lambda: not_none(window.context.lesson_player.progress).is_finished)
        child(window.views.lesson, QWidget, "lessonText").setFocus()
        child(window.views.lesson, QToolButton, "lessonLeave").click()
        qtbot.waitUntil(lambda: not window.views.experiments.is_running)
        assert window.views.experiments.result is result
        assert child(window.views.experiments, NumberField, "experimentRuns").value() == 50
        assert (tabs.currentWidget(), inspector.currentWidget()) == (
            window.views.microscope,
            window.views.inspector.mathematics,
        )
        assert field.text() == "1.7"
        assert window.views.function_plot.layers.handles.probe.value() == 1.7
        switches = window.views.function_plot.switches
        assert [switch.isChecked() for switch in switches.all()] == [False, True, True, False]  # parts and probe
        assert QApplication.focusWidget() is focus


def test_where_the_focus_cannot_be_again_the_diagram_has_it(window: MainWindow, qtbot: QtBot) -> None:
    for had in (window.views.panel.findChild(QLineEdit, "hiddenLayers"), None):
        if had is not None:
            had.setFocus()
        else:
            focus = not_none(QApplication.focusWidget())
            focus.clearFocus()
        _begin(window, qtbot, _page("Read"))
        child(window.views.lesson, QWidget, "lessonText").setFocus()
        child(window.views.lesson, QToolButton, "lessonLeave").click()
        assert QApplication.focusWidget() is (had or window.views.diagram)


def test_an_experiment_run_by_hand_counts_for_the_page(window: MainWindow, qtbot: QtBot) -> None:
    _begin(window, qtbot, _page("Run", SWARM))
    runs = child(window.views.experiments, NumberField, "experimentRuns")
    for count in (61, 60):
        runs.setValue(count)
        child(window.views.experiments, QPushButton, "experimentRun").click()
        assert window.context.lesson_player.is_busy is (count == 60)
        qtbot.waitUntil(lambda: not window.views.experiments.is_running)
        assert not_none(window.context.lesson_player.progress).is_finished is (count == 60)
