"""What a screen reader is told, by the interfaces that it asks: all that is seen, and all that can be done."""

import gc
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface, Qt, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QTabWidget,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, destroy, show_result, shown_snapshot, train_to
from tests.not_none import not_none
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.text.numbers import count_text, loss_text, plain, signed
from tinynet_gui.ui.features.announcements import STATE, Announcer
from tinynet_gui.ui.views.function_plot import guess
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.lesson.lesson_text import LessonText
from tinynet_gui.ui.widgets import drawn_parts
from tinynet_gui.ui.widgets.accessibility import PLACE
from tinynet_gui.ui.widgets.cards import MaximizeButton
from tinynet_gui.ui.widgets.drawn_parts import DrawnPart, DrawnParts
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.plots.plot_menu import Range, RangeDialog
from tinynet_gui.ui.widgets.text import ScrolledText
from tinynet_gui.ui.window.main_window import MainWindow

FIRST_QUESTION = "Count all weights and biases of this network. How many numbers are there?"
TEXT = QAccessible.Text


def _as_heard(text: str, form: Qt.TextFormat) -> str:
    if form == Qt.TextFormat.RichText or (form == Qt.TextFormat.AutoText and Qt.mightBeRichText(text)):
        document = QTextDocument()
        document.setHtml(text)
        text = document.toPlainText()
    return " ".join(text.split())


def _name(widget: QWidget) -> str:
    return " ".join(QAccessible.queryAccessibleInterface(widget).text(TEXT.Name).split())


def _assert_all_is_heard(window: MainWindow) -> None:
    """A label's name is what it shows; what can be used has a name."""
    for label in window.findChildren(QLabel):
        assert _name(label) == _as_heard(QLabel.text(label), label.textFormat()), label.objectName()
    for button in window.findChildren(QAbstractButton):  # as it is called by voice, signs aside
        shown = button.text().replace("&", "").rstrip(" …")
        assert shown.casefold() in _name(button).casefold() or not any(map(str.isalpha, shown)), button.objectName()
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
            assert _name(widget) or widget.objectName() == "qt_spinbox_lineedit", widget.objectName()


def _tabs(window: MainWindow) -> Iterator[tuple[QTabWidget, int]]:
    for tabs in window.findChildren(QTabWidget):
        yield from ((tabs, place) for place in range(tabs.count()))


def test_what_is_seen_is_heard_after_each_change(window: MainWindow, qtbot: QtBot) -> None:
    _assert_all_is_heard(window)
    train_to(window, qtbot, 300)
    _assert_all_is_heard(window)
    window.views.panel.show_all(True)
    _assert_all_is_heard(window)
    for tabs, place in _tabs(window):
        tabs.setCurrentIndex(place)
        _assert_all_is_heard(window)
    stages = [_name(button) for button in window.findChildren(MaximizeButton)]
    assert len(set(stages)) == len(stages)
    window.features.lessons.open_file(str(resource_path("lessons/01-the-tutorial.md")))
    qtbot.waitUntil(lambda: window.views.lesson.page is not None)
    _assert_all_is_heard(window)
    assert _name(child(window, QLabel, "lessonQuestion")) == FIRST_QUESTION


def _list_of(view: QWidget) -> QAccessibleInterface:
    """The list of what a view draws."""
    return QAccessible.queryAccessibleInterface(child(view, DrawnParts))


def _press(interface: QAccessibleInterface) -> None:
    interface.actionInterface().doAction(QAccessibleActionInterface.pressAction())


def test_a_neuron_is_read_and_chosen_by_its_interface(window: MainWindow, qtbot: QtBot) -> None:
    listed = _list_of(window.views.diagram)
    parts = [listed.child(place) for place in range(listed.childCount())]
    names = [part.text(TEXT.Name) for part in parts]
    assert names[0].startswith("Hidden layer")
    assert (names[3], names[-1]) == ("Neuron h₃", "Output ŷ")
    layers, third = shown_snapshot(window).layers, parts[3]
    for number in (layers[0].weight[2, 0], layers[0].bias[2], layers[1].weight[0, 2]):
        assert signed(float(number)) in third.text(TEXT.Description)
    assert "<" not in third.text(TEXT.Description)
    assert third.textInterface() is None
    assert listed.childAt(*third.rect().center().toTuple()) is third
    assert not third.state().selected
    _press(third)
    assert window.context.selection.pinned == NeuronRef(0, 2)
    assert third.state().selected
    assert _name(child(window, QLabel, "inspectorTitle")) == "Neuron h₃"
    gc.collect()  # what Qt has been given stays
    window.session.edit({"network.hidden": (2,)})
    qtbot.waitUntil(lambda: listed.childCount() == 5)
    assert [part.text(TEXT.Name) for part in parts[3:5]] == [
        "Output layer · Linear(2,\N{NO-BREAK SPACE}1)",
        "Output ŷ",
    ]
    assert parts[-1].text(TEXT.Name) == ""


def test_what_is_drawn_goes_with_its_view(qtbot: QtBot) -> None:
    view = QWidget()
    parts = DrawnParts(view, "list", "Some", lambda: 2, lambda place: DrawnPart(str(place), choose=lambda: None))
    listed = QAccessible.queryAccessibleInterface(parts)
    second = listed.child(1)
    assert (second.text(TEXT.Name), second.parent(), listed.indexOfChild(second)) == ("1", listed, 1)
    destroy(view)
    gc.collect()
    assert not shiboken6.isValid(listed)
    assert not shiboken6.isValid(second)


def test_announcements_are_throttled_with_errors_first(qapp: QApplication) -> None:
    now, said = [10.0], list[tuple[float, str]]()
    announcer = Announcer(qapp, lambda words, _: said.append((now[0], words)), lambda: now[0])
    announcer.announce("one")
    for words in ("two", "three"):
        announcer.announce(words, topic=PLACE)
    announcer.announce("The verdict")
    announcer.announce("wrong", True)
    announcer.announce("Finished", topic=STATE)
    for _ in range(3):
        announcer.flush()  # too early
        now[0] += 0.75
    announcer.announce("")
    announcer.announce("wrong", True)  # as the text of a field is refused while it is typed, and once more at Enter
    assert said == [(10.0, "one"), (11.5, "wrong\nthree\nThe verdict\nFinished")]
    now[0] += 3
    announcer.announce("wrong", True)
    assert said[2:] == [(15.25, "wrong")]
    announcer.announce(100 * "long ")
    now[0] += 1
    announcer.flush()
    announcer.announce("Finished", topic=STATE)
    now[0] += 9  # it would cut short what is being spoken
    announcer.flush()
    assert said[3:] == [(16.25, 100 * "long ")]
    now[0] += 1
    announcer.flush()
    assert said[4:] == [(26.25, "Finished")]
    shiboken6.delete(announcer)


@pytest.fixture
def said(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a reader is told in a window, without a rest in between."""
    found: list[str] = []
    announcer = window.features["announcements"].announcer
    monkeypatch.setattr(announcer, "announce", lambda words, *_: found.append(words) if words else None)
    QAccessible.setActive(True)
    yield found
    QAccessible.setActive(False)


def test_what_happens_is_told_if_somebody_listens(window: MainWindow, qtbot: QtBot, said: list[str]) -> None:
    train_to(window, qtbot, 300)
    loss = loss_text(shown_snapshot(window).train_loss)
    qtbot.waitUntil(lambda: len(said) > 1)
    assert said == ["Training from step 0.", f"Finished at step 300: loss {loss}."]
    said.clear()
    window.session.edit({"training.learning_rate": 10.0})
    window.actions_["actionStart"].trigger()
    qtbot.waitUntil(lambda: "diverged" in "".join(said))
    assert said[-1] == f"The training has diverged at step {count_text(shown_snapshot(window).diverged_at or 0)}."
    said.clear()
    QAccessible.setActive(False)
    window.actions_["actionReset"].trigger()
    window.session.edit({"training.learning_rate": 0.001})
    train_to(window, qtbot, 10)
    assert said == []


def test_each_act_is_answered(window: MainWindow, qtbot: QtBot, said: list[str]) -> None:
    actions = window.actions_
    train_to(window, qtbot, 300)
    qtbot.waitUntil(lambda: said[-1].startswith("Finished"))
    loss = loss_text(shown_snapshot(window).train_loss)
    said.clear()
    actions["actionNewSeed"].trigger()
    qtbot.waitUntil(lambda: len(said) > 1)
    assert said[0] == "New seed 3."
    assert said[1] == f"Ready at step 0: loss {loss_text(shown_snapshot(window).train_loss)}."
    actions["actionUndo"].trigger()
    qtbot.waitUntil(lambda: len(said) > 3)
    assert said[2:] == ["Undone: new seed.", f"Paused at step 300: loss {loss}."]
    actions["actionRedo"].trigger()
    actions["actionReset"].trigger()  # it is at step 0 already
    qtbot.waitUntil(lambda: len(said) > 5)
    assert said[4:] == ["Redone: new seed.", said[1]]
    actions["actionUndo"].trigger()
    actions["actionReset"].trigger()
    assert said[-1] == "Reset."
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    window.context.selection.pin(NeuronRef(0, 2))
    assert said[-1] == "Neuron h₃ is pinned."
    window.session.freeze(NeuronRef(0, 2), True)
    assert said[-1] == "Freezing."
    child(window, QPushButton, "inspectorCopy").click()
    assert said[-1] == "Copied."
    actions["actionKeep"].trigger()
    assert "is kept" in said[-1]
    actions["actionLogLoss"].trigger()
    assert said[-1] == "Logarithmic loss: off."
    field = child(window, QLineEdit, "functionInput")
    QTest.keyClicks(field, "2.3")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert said[-1].startswith("network(2.3) = ")
    actions["actionSay"].trigger()
    assert said[-1] == window.frame.status.currentMessage()
    assert said[-1].startswith("step 0 of 10,000 · loss ")


_asked: list[str] = []  # the names of what Qt has told readers of, once for each: then it has its interface


@cache
def _install() -> None:
    def note(_: str, thing: QObject) -> None:
        _asked.append(thing.objectName())

    QAccessible.installFactory(note)


def test_a_training_is_announced_at_rest_and_by_visible_parts(
    window: MainWindow, qtbot: QtBot, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each frame had five to twelve events, also of what nobody sees; a reader was half a minute late."""
    _install()
    told = list[tuple[str, QAccessible.Event]]()
    monkeypatch.setattr(drawn_parts, "_send", lambda handle, event: told.append((handle.part.name, event)))
    listed, diagram = _list_of(window.views.diagram), window.views.diagram
    assert listed.child(3).text(TEXT.Name) == "Neuron h₃"
    seen, hidden = {"stepLabel", "lossLabel", "plotFoot", "timeLineTrack"}, {"inspectorFormulaText", "inspectorTable"}
    window.views.inspector.numbers.show_all(False)
    train_to(window, qtbot, 10)  # its place is shown
    for each in (child(window, QWidget, name) for name in (*seen, *hidden, "timeLineStep")):
        QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(QAccessible.queryAccessibleInterface(each)))
    _asked.clear()
    window.session.set_pace(3)
    window.actions_["actionStart"].trigger()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 14)
    assert not {*seen, *hidden, "timeLineStep"} & set(_asked)
    window.actions_["actionStart"].trigger()
    qtbot.waitUntil(lambda: said[-1].startswith("Paused"))
    for timer in window.findChildren(QTimer, "heardLater"):
        timer.timeout.emit()
    assert seen <= set(_asked)
    assert not hidden & set(_asked)
    changes = [event for name, event in told if name == "Neuron h₃"]
    assert changes == [QAccessible.Event.DescriptionChanged]
    diagram.hide()
    told.clear()
    train_to(window, qtbot, 300)
    for timer in diagram.findChildren(QTimer, "heardLater"):
        timer.timeout.emit()
    assert not [name for name, _ in told if name.startswith("Neuron")]
    diagram.show()


def test_a_slider_says_what_its_number_means(window: MainWindow, qtbot: QtBot, said: list[str]) -> None:
    speed = child(window, QSlider, "speed")
    QTest.keyClick(speed, Qt.Key.Key_Home)
    assert said[-1] == "1 step a second"
    assert QAccessible.queryAccessibleInterface(speed).text(TEXT.Description).startswith("1 step a second. How fast")
    window.session.edit({"network.activation": "tanh"})  # of which no neuron dies, which might be found meanwhile
    train_to(window, qtbot, 100)
    window.session.edit({"training.learning_rate": 0.01})
    train_to(window, qtbot, 200)
    QTest.keyClick(window.views.time_line.steps.track, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert said[-1] == "Learning rate 0.001 → 0.01"


def test_a_lesson_says_where_it_goes_on_and_that_it_is_left(window: MainWindow, qtbot: QtBot, said: list[str]) -> None:
    train_to(window, qtbot, 300)
    qtbot.waitUntil(lambda: said[-1].startswith("Finished at"))
    lesson, file = window.views.lesson, str(resource_path("lessons/01-the-tutorial.md"))
    opened = f"A network is a function\n{FIRST_QUESTION}"
    for _ in range(2):  # at first, and once more
        said.clear()
        window.features.lessons.open_file(file)
        qtbot.waitUntil(lambda: said != [])
        assert said == [opened]
        assert QApplication.focusWidget() in (None, child(window, QWidget, "lessonText"))
        said.clear()
        lesson.leave_wanted.emit()
        qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
        qtbot.waitUntil(lambda: not child(window.session, QTimer, "announcementSettles").isActive())
        assert said == ["The lesson “The tutorial, cell by cell” is left."]
    window.features.lessons.open_file(str(resource_path("lessons/10-the-learning-rate.md")))
    qtbot.waitUntil(lambda: lesson.page is not None and lesson.page.action != "")
    lesson.action_wanted.emit()
    qtbot.waitUntil(lambda: not_none(lesson.page).can_next)
    qtbot.waitUntil(lambda: said[-1].startswith("Finished at"))
    said.clear()
    lesson.next_wanted.emit()  # its run is not the learner's act
    qtbot.waitUntil(lambda: said != [] and window.session.state.snapshot is not None)
    qtbot.waitUntil(lambda: not child(window.session, QTimer, "announcementSettles").isActive())
    assert said == ["Ten times as much\nWhere will the loss be after 1,000 steps?"]
    lesson.leave_wanted.emit()
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)


def test_an_error_in_a_field_is_told(window: MainWindow, said: list[str]) -> None:
    field: Any = child(window, QWidget, "hiddenLayers")
    field.value_edited.emit("many")
    assert said[-1].startswith("Neurons")
    for name in ("experiments", "map"):
        show_result(window, window.views[name])
    runs = child(window, NumberField, "experimentRuns")
    runs.lineEdit().setText("1.000")
    runs.commit()
    assert said[-1] == "1.000: one, or one thousand? Write 1 or 1000."
    limit = child(window, NumberField, "mapLimit")
    limit.lineEdit().setText("-1")
    limit.commit()
    assert said[-1].startswith("-1 is not allowed: ")
    dialog = RangeDialog(("x",), (Range(0, 1),), (False,), window.views.function_plot)
    low = child(dialog, QLineEdit, "rangeXFrom")
    assert not QAccessible.queryAccessibleInterface(low).relations()
    low.setText("1,000")
    dialog.accept()
    assert said[-1] == "x: 1,000: one, or one thousand? Write 1 or 1000."
    assert QAccessible.queryAccessibleInterface(low).state().invalid


def test_the_marks_of_the_time_line_are_read_and_gone_to(window: MainWindow, qtbot: QtBot) -> None:
    train_to(window, qtbot, 100)
    window.session.edit({"training.learning_rate": 0.01})
    train_to(window, qtbot, 200)
    marks = _list_of(window.views.time_line)
    qtbot.waitUntil(lambda: marks.childCount() == 2)  # the search for deaths takes its time
    change, death = (marks.child(place).text(TEXT.Name) for place in range(2))
    assert change == "step 100: Learning rate 0.001 → 0.01"
    assert death.endswith(" of hidden layer 1 died")
    _press(marks.child(0))
    qtbot.waitUntil(lambda: shown_snapshot(window).step == 100)
    assert marks.child(0).state().selected


def test_the_curves_of_the_plots_are_read(window: MainWindow, qtbot: QtBot) -> None:
    train_to(window, qtbot, 100)
    for view, name in (("function_plot", "— network"), ("loss_plot", "— on the samples")):
        listed = _list_of(window.views[view])
        said = {(part := listed.child(place)).text(TEXT.Name): part for place in range(listed.childCount())}
        course = said[name].text(TEXT.Description)
        assert course.startswith("From ")
    assert f"to {plain(shown_snapshot(window).train_loss)} at 100;" in course


def test_the_main_job_is_done_by_interfaces_alone(window: MainWindow, qtbot: QtBot, said: list[str]) -> None:
    """Start, pause, the loss, the learning rate, and the first page of a lesson with its verdict."""
    buttons, action = window.findChildren(QToolButton), window.actions_["actionStart"]
    start = next(button for button in buttons if button.defaultAction() is action)
    _press(QAccessible.queryAccessibleInterface(start))
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 10)
    assert start.accessibleDescription() == "Stop after the steps under way. Key: Space"  # a change of it is told
    _press(QAccessible.queryAccessibleInterface(start))
    qtbot.waitUntil(lambda: said[-1].startswith("Paused at step "))
    step, loss = shown_snapshot(window).step, loss_text(shown_snapshot(window).train_loss)
    assert said == ["Training from step 0.", f"Paused at step {count_text(step)}: loss {loss}."]
    assert _name(child(window, QLabel, "lossLabel")) == f"loss {loss}"
    rate = QAccessible.queryAccessibleInterface(child(window, QWidget, "learningRate"))
    rate.valueInterface().setCurrentValue(0.01)
    qtbot.waitUntil(lambda: window.session.config.training.learning_rate == 0.01)
    said.clear()
    window.features.lessons.open_file(str(resource_path("lessons/01-the-tutorial.md")))
    qtbot.waitUntil(lambda: any(FIRST_QUESTION in words for words in said))
    assert said[-1] == f"A network is a function\n{FIRST_QUESTION}"
    assert QApplication.focusWidget() in (None, child(window, QWidget, "lessonText"))  # not the first answer
    lesson = window.views.lesson
    window.actions_["actionLessonNext"].trigger()
    assert said[-1] == lesson.waits == "Answer the question first."
    text = child(lesson, QWidget, "lessonText")
    text.setFocus()
    QTest.keyClick(text, Qt.Key.Key_Tab)
    assert said[-1] == "neuron"
    QTest.keyClick(text, Qt.Key.Key_Return)
    glossary = child(window, QDialog, "glossary")
    meaning = child(glossary, QLabel, "glossaryText")
    assert glossary.focusWidget() is meaning
    assert QAccessible.queryAccessibleInterface(meaning).text(TEXT.Description) == "What “neuron” means"
    meaning.linkActivated.emit("weight")
    assert said[-1].startswith("weight: ")
    glossary.close()
    number = QAccessible.queryAccessibleInterface(child(lesson, QLineEdit, "lessonNumber"))
    number.editableTextInterface().insertText(0, "15")
    _press(QAccessible.queryAccessibleInterface(child(lesson, QPushButton, "lessonAnswer")))
    qtbot.waitUntil(lambda: not_none(lesson.page).verdict != "")
    verdict = _name(child(lesson, QLabel, "lessonVerdict"))
    assert verdict == not_none(lesson.page).verdict
    assert said[-1] == f"{verdict}\n{child(lesson, LessonText, 'lessonReveal').plain_text()}".strip()


def test_a_guess_plot_says_how_to_draw_and_its_keys(plot: FunctionPlot, monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[str] = []
    monkeypatch.setattr(guess, "announce", lambda _, said, **__: words.append(said))
    plot.layers.guess.begin(-3.0, 3.0)
    assert _name(plot.plot) == "Your guess: draw it from x = −3 to 3, by mouse, or with arrow keys and Space"
    QTest.keyClick(plot.plot, Qt.Key.Key_Right)
    assert words[-1].startswith("x = −2.812, y = ")
    QTest.keyClick(plot.plot, Qt.Key.Key_Space)
    assert words[-1].startswith("Point set at x = −2.812")
    plot.layers.guess.clear()
    assert _name(plot.plot) == "Function plot: arrow keys move what is in view, plus and minus zoom"
    plot.layers.guess.language = "de"  # as its lesson
    plot.layers.guess.begin(-2.5, 3.0)
    drawn = "Dein Tipp: Zeichne ihn von x = −2,5 bis 3, mit der Maus oder mit Pfeiltasten und Leertaste"
    assert _name(plot.plot) == drawn
    QTest.keyClick(plot.plot, Qt.Key.Key_Space)
    assert words[-1].startswith("Punkt bei x = −2,5, y = ")


def test_the_end_of_an_experiment_and_of_a_map_is_told(window: MainWindow, qtbot: QtBot, said: list[str]) -> None:
    experiments, map_ = window.views.experiments, window.views.map
    show_result(window, experiments)
    experiments.run("swarm")
    qtbot.waitUntil(lambda: len(said) > 0)
    assert said == [child(experiments, ScrolledText, "experimentHeadline").text()]
    assert "seeds" in said[0]
    map_.controls.named_wanted.emit("valley")
    show_result(window, map_)
    qtbot.waitUntil(lambda: said[-1].startswith("The map is drawn."))
    assert not_none(map_.picture).spacing == 1


def test_what_is_wrong_is_told_and_why_when_it_is_asked(window: MainWindow, qtbot: QtBot, said: list[str]) -> None:
    window.session.edit({"data.points": Points((0.0, 1.0), (0.0, 10_000.0))})
    why, banner = child(window, QToolButton, "whyButton"), window.features["why"].banner
    qtbot.waitUntil(why.isVisible)
    assert said[-1] == banner.text()
    _press(QAccessible.queryAccessibleInterface(why))
    qtbot.waitUntil(lambda: banner.card.is_open)
    assert said[-1].startswith(_name(child(window, QLabel, "whyText"))[:60])
    assert said[-1].endswith(child(window, QLabel, "adviceText").text())
    QTest.keyClick(why, Qt.Key.Key_Escape)
    assert not banner.card.isVisible()
    assert banner.isVisible()
