"""Failure explained: why, and what would help; the message covers and moves nothing, and no second click hits it."""

import html
import re

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard, shown_snapshot, train_to
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import NeuronRef, ParameterRef
from tinynet_gui.core.text.numbers import plain, told_apart
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.ui.window.main_window import MainWindow

IS_PAINTED = False  # what is where, and what is said, is looked at


def _ask_why(window: MainWindow, qtbot: QtBot) -> str:
    button, card = child(window, QToolButton, "whyButton"), window.features["why"].banner.card
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    text = child(card, QLabel, "whyText")
    qtbot.waitUntil(text.isVisible)
    QApplication.processEvents()  # what has to be laid out anew is
    return html.unescape(re.sub("<[^>]*>", "", text.text().replace("<br>", "\n")))  # without its links


def _apply(window: MainWindow) -> None:
    button = child(window, QPushButton, "adviceButton")
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_divergence_is_explained_and_mended_with_one_click(window: MainWindow, qtbot: QtBot) -> None:
    _diverge(window, qtbot)
    marks = window.views.time_line.steps.track.marks
    assert [mark.step for mark in marks if mark.kind == "divergence"] == [2] == [window.session.state.run.step]
    why = _ask_why(window, qtbot)
    assert "at step 3" in why
    assert "learning rate" in why
    _apply(window)
    rate = window.session.config.training.learning_rate
    assert 0 < rate < 1
    train_to(window, qtbot, 2_000)
    assert not window.features["why"].banner.isVisible() or "Diverged" not in window.features["why"].banner.text()
    window.session.undo()
    assert window.session.config.training.learning_rate == 10.0


def test_too_large_samples_are_scaled_with_one_click(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"data.target": "formula", "data.formula": "1e30*x"})
    qtbot.waitUntil(lambda: window.session.state.status.phase == "diverged")
    assert "not finite at step 0" in window.features["why"].banner.text()
    assert "learning rate" not in window.features["why"].banner.text()
    assert "samples' y" in _ask_why(window, qtbot)
    _apply(window)
    assert window.session.config.data.formula == "(1e30*x)/1e30"
    assert window.session.config.training.learning_rate == 0.001
    qtbot.waitUntil(lambda: window.session.state.status.phase == "ready")
    assert not window.features["why"].banner.isVisible()


def test_after_standardising_a_larger_rate_is_offered_again(window: MainWindow, qtbot: QtBot) -> None:
    minutes = np.linspace(0, 90, 40)
    window.session.begin_with({"data.points": Points(minutes, 20 + 70 * np.exp(-minutes / 30), origin="coffee")})
    window.session.begin_with({"data.standardise": "xy"})
    offered = "Learning rate 0.001 is small for these data, as a trial shows."
    qtbot.waitUntil(lambda: window.features["why"].banner.text() == offered)
    assert window.features["why"].banner.property("role") == "note"
    train_to(window, qtbot, 10_000)
    qtbot.waitUntil(lambda: window.features["why"].banner.text() == offered)
    why = _ask_why(window, qtbot)
    assert f"and to {plain(shown_snapshot(window).train_loss)} with 0.001" in why
    _apply(window)
    rate = window.session.config.training.learning_rate
    assert 0.01 <= rate <= 0.1
    train_to(window, qtbot, 10_000)
    assert f"the loss comes to {plain(shown_snapshot(window).train_loss)} with {rate}" in why
    assert not window.features["why"].banner.isVisible()


def test_a_plateau_is_named_and_explained(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"network.initialization": "zeros"})
    window.session.fast_forward()
    qtbot.waitUntil(lambda: window.session.state.status.phase == "finished")
    assert "Plateau" in window.features["why"].banner.text()
    assert "began at 0" in _ask_why(window, qtbot)
    _apply(window)
    assert window.session.config.network.initialization == "pytorch"


def test_the_diagram_says_at_which_step_a_neuron_died(window: MainWindow, qtbot: QtBot) -> None:
    window.session.fast_forward(3_000)
    qtbot.waitUntil(lambda: bool(window.views.diagram.death_steps))
    assert set(window.views.diagram.death_steps) == {(0, 8)}
    step = window.views.diagram.death_steps[0, 8]
    window.context.selection.hover(NeuronRef(0, 8))
    before, after = Trainer(Config()), Trainer(Config())
    before.run(step - 1)
    after.run(step)
    pairs = [(float(t.state().parameters[0][8, 0]), float(t.state().parameters[1][8])) for t in (before, after)]
    weights, biases = (told_apart(*values) for values in zip(*pairs, strict=True))
    assert (
        f"died at step {step}: w {weights[0]} → {weights[1]}, b {biases[0]} → {biases[1]}"
        in window.views.diagram.card.text()
    )
    window.context.selection.pin(NeuronRef(0, 8))
    assert f"since step {step:,}:" in _ask_why(window, qtbot)
    window.session.reset()
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    assert window.views.diagram.death_steps == {}


def test_a_new_session_knows_nothing_of_the_deaths_of_another(window: MainWindow, qtbot: QtBot) -> None:
    """Although its first run has the same number. And a good run is not called a failure."""
    for _ in range(2):
        train_to(window, qtbot, 3_000)
        qtbot.waitUntil(lambda: set(window.views.diagram.death_steps) == {(0, 8)})
        assert not window.features["why"].banner.isVisible()
        window.actions_["actionNew"].trigger()
        assert window.views.diagram.death_steps == {}


def test_the_banner_follows_what_is_done_by_hand(window: MainWindow, qtbot: QtBot) -> None:
    window.context.selection.pin(NeuronRef(0, 2))
    assert not window.features["why"].banner.isVisible()
    window.session.set_parameter(ParameterRef(0, "bias", (2,)), -50.0)
    qtbot.waitUntil(lambda: "h₃ is dead" in window.features["why"].banner.text())
    qtbot.waitUntil(lambda: window.views.diagram.death_steps.get((0, 2)) == 0)
    assert "set by hand at step 0" in _ask_why(window, qtbot)
    window.session.undo()
    qtbot.waitUntil(lambda: not window.features["why"].banner.isVisible())


def test_the_update_that_killed_a_neuron_opens_in_the_microscope(window: MainWindow, qtbot: QtBot) -> None:
    train_to(window, qtbot, 3_000)
    window.context.selection.pin(NeuronRef(0, 8))
    step = int(_ask_why(window, qtbot).split("since step ")[1].split(":")[0].replace(",", ""))
    button = child(window, QPushButton, "lookAtUpdateButton")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def shown() -> int | None:
        dissection = window.views.microscope.dissection
        return None if dissection is None else dissection.before.step + 1

    qtbot.waitUntil(lambda: shown() == step)
    assert window.views.microscope.isVisible()
    assert not button.isVisible()  # the banner has folded: the diagram shows the update
    dissection = not_none(window.views.microscope.dissection)
    assert dissection.after is not None
    x = dissection.x
    for state, alive in ((dissection.before, True), (dissection.after, False)):
        u = state.parameters[0][8, 0] * x + state.parameters[1][8]
        assert bool((u > 0).any()) is alive
    window.views.microscope.set_phase(3)
    flow = not_none(window.views.diagram.flow)
    assert f"step {step:,}" in flow.caption
    change = dissection.after.parameters[0][8, 0] - dissection.before.parameters[0][8, 0]
    assert float(flow.edges[0][8, 0]) == pytest.approx(float(change), abs=1e-7)
    assert not child(window, QToolButton, "microscopeTake").isEnabled()  # it lies in the past
    assert shown_snapshot(window).step == 3_000
    window.session.take_step()  # the run goes on: nothing of the past is drawn any more
    qtbot.waitUntil(lambda: shown() == 3_002)
    assert not not_none(window.views.diagram.flow).is_of_the_past


SIZES = [(600, 330), (960, 500), (1_024, 700), (1_280, 800), (1_920, 1_080)]


def _place(widget: QWidget) -> QRect:
    """On the screen, as far as it is to be seen."""
    visible = widget.visibleRegion().boundingRect()
    return QRect(widget.mapToGlobal(visible.topLeft()), visible.size())


def _stay(window: MainWindow) -> list[QRect]:
    views = (window.views.diagram, window.views.function_plot, window.views.loss_plot)
    buttons = window.frame.transport.findChildren(QToolButton)
    return [_place(w) for w in (window.views.panel, window.frame.transport, *views, *buttons)]


def _diverge(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.learning_rate": 10.0})
    window.session.fast_forward()
    qtbot.waitUntil(window.features["why"].banner.isVisible)
    QApplication.processEvents()  # what has to be laid out anew is


def test_a_message_and_its_reasons_cover_and_move_nothing(window: MainWindow, qtbot: QtBot) -> None:
    views = (window.views.panel, window.views.diagram, window.views.function_plot, window.views.loss_plot)
    for size in SIZES[::2]:
        window.resize(*size)
        window.session.take_step()  # with the first one the time line comes, and stays
        qtbot.waitUntil(window.views.time_line.steps.track.isVisible)
        for _ in range(3):  # a layout asks for another one where it has become narrow or wide
            QApplication.processEvents()
        before = _stay(window)
        _diverge(window, qtbot)
        assert _stay(window) == before, size
        _ask_why(window, qtbot)
        assert _stay(window) == before, size
        for place in (_place(window.features["why"].banner), _place(window.features["why"].banner.card)):
            assert not any(_place(view).intersects(place) for view in views), size
        window.session.reset()
        window.session.edit({"training.learning_rate": 0.001})
        qtbot.waitUntil(lambda: not window.features["why"].banner.isVisible())
        QApplication.processEvents()
        assert _stay(window) == before, size
        qtbot.waitUntil(window.views.inspector.isVisible)


def test_the_whole_message_can_be_read(window: MainWindow) -> None:
    assert window.minimumSizeHint().width() <= 640  # the window can be narrow
    assert window.minimumSizeHint().height() <= 360
    assert window.frame.transport.height() < 70
    words = child(window, QLabel, "messageLabel")
    window.session.blockSignals(True)  # which would take the word back
    for size in SIZES:
        window.resize(*size)
        for message in (
            "Diverged at step 123,456: loss not finite. Shown: step 123,455.",
            "Learning rate 4.567·10⁻⁵ is too large for these data, as a trial shows.",
        ):
            window.features["why"].banner.say(message)
            QApplication.processEvents()
            assert words.heightForWidth(words.width()) <= words.height(), (size, message)
            assert _place(words).size() == words.size(), (size, message)
    window.session.blockSignals(False)


def test_a_double_click_on_why_opens_and_applies_nothing(window: MainWindow, qtbot: QtBot) -> None:
    _diverge(window, qtbot)
    why = child(window, QToolButton, "whyButton")
    before, config = _place(why), window.session.config
    QTest.mouseClick(why, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(why, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.features["why"].banner.card.isVisible)
    assert why.isVisible()
    assert _place(why) == before
    assert not _place(window.features["why"].banner.card).intersects(before)
    QTest.mouseDClick(why, Qt.MouseButton.LeftButton)  # a second press that comes after the answer
    assert window.features["why"].banner.card.isVisible()
    assert window.session.config == config
    QTest.mouseClick(why, Qt.MouseButton.LeftButton)  # another click folds the answer
    assert not window.features["why"].banner.card.isVisible()
    assert window.features["why"].banner.isVisible()
    _ask_why(window, qtbot)
    QTest.mouseClick(child(window, QToolButton, "whyClose"), Qt.MouseButton.LeftButton)
    assert window.views.inspector.isVisible()
    _ask_why(window, qtbot)
    window.context.selection.pin(NeuronRef(0, 3))
    assert window.views.inspector.isVisible()


def test_applying_says_that_the_run_restarts_and_happens_once(window: MainWindow, qtbot: QtBot) -> None:
    _diverge(window, qtbot)
    _ask_why(window, qtbot)
    apply = child(window, QPushButton, "adviceButton")
    note = child(window, QLabel, "adviceNote")
    assert note.isVisible()
    assert "from step 0" in note.text()
    assert "restart" in apply.text()
    followed = heard(window.features["why"].banner.card.advice_wanted)
    card = window.features["why"].banner.card
    card.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)  # as with a real mouse
    QTest.mouseClick(apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.features["why"].banner.isVisible())
    assert card.isVisible()  # nothing else comes under the pointer
    for click in (QTest.mouseDClick, QTest.mouseClick):
        click(apply, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
    assert len(followed) == 1
    card.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    assert window.views.inspector.isVisible()


def test_words_without_room_are_in_the_tooltip(window: MainWindow, qtbot: QtBot) -> None:
    words, why = child(window, QLabel, "messageLabel"), child(window, QToolButton, "whyButton")
    window.resize(1_280, 800)
    _diverge(window, qtbot)
    for percent in (300, 100):
        window.frame.presentation.set_percent(percent)
        for _ in range(3):
            QApplication.processEvents()
        assert words.isVisible() is (percent == 100)
        assert why.visibleRegion().boundingRect() == why.rect()
        assert words.text() in window.features["why"].banner.toolTip().replace("\n", " ")
