"""The microscope, both ways: a dissection in, every one of its numbers on screen; phases out; two updates at once."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QTextBrowser, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.dissections import RUNS, dissection
from tests.gui.conftest import apply_theme, child, heard, recolor, seen
from tests.not_none import not_none
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.refs import NeuronRef, WeightRef
from tinynet_gui.core.run.events import first_rule
from tinynet_gui.core.run.replay import Moment, Stepper
from tinynet_gui.core.step.dissection import BACKWARD, LOSS, PHASES, UPDATE, dissect
from tinynet_gui.core.training.engines import EngineName
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.engine.jobs.jobs import Job
from tinynet_gui.ui.features.two_runs import dissect_both
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.style.theme import Zoom, zoom_application
from tinynet_gui.ui.views.microscope.microscope_view import HINT_ELSEWHERE, MicroscopeView, TwoUpdates
from tinynet_gui.ui.views.microscope.page import in_float32, short
from tinynet_gui.ui.widgets.selection import Selection


@pytest.fixture
def view(qtbot: QtBot, selection: Selection) -> MicroscopeView:
    return seen(qtbot, MicroscopeView(selection), 380, 300)


def _button(view: MicroscopeView, name: str) -> QToolButton:
    return child(view, QToolButton, name)


def test_a_step_that_cannot_be_taken_is_said_to_be_so(view: MicroscopeView) -> None:
    config = Config().replace("training.learning_rate", 10.0)
    trainer = Trainer(config)
    state = trainer.state()
    broken = tuple(np.full_like(a, np.inf) for a in state.parameters)
    d = dissect(config, type(state)(state.step, broken, state.slots))
    assert d.update is None
    view.show_dissection(d)
    for phase in range(4):
        view.set_phase(phase)
        for sample in (None, 3):
            view.set_sample(sample)
            assert view.text()
    assert "no step can be taken" in view.text()
    assert not _button(view, "microscopeTake").isEnabled()
    assert view.flow() is None


def test_the_pinned_weight_goes_before_the_hovered_one(view: MicroscopeView, selection: Selection) -> None:
    view.show_dissection(dissection("sgd"))
    view.set_phase(BACKWARD)
    assert "Weight w from h₁ to ŷ" in view.text()
    assert "click a line or a neuron" in view.text()
    selection.hover(WeightRef(0, 2, 0))
    delay = child(view, QTimer, "microscopeHoverDelay")
    delay.timeout.emit()
    assert "Weight w from x to h₃" in view.text()
    selection.pin(NeuronRef(0, 4))
    assert "Bias b of h₅" in view.text()
    assert "click a line or a neuron" not in view.text()
    selection.hover(WeightRef(1, 0, 6))
    assert not delay.isActive() or "Bias b of h₅" in view.text()
    selection.hover(None)
    selection.pin(None)
    assert "Weight w from h₁ to ŷ" in view.text()


def test_keys_and_buttons_go_through_the_phases(view: MicroscopeView) -> None:
    view.show_dissection(dissection("sgd"))
    right, left, home, end = Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End
    walk = ((right, 1), (right, 2), (left, 1), (right, 2), (right, 3), (right, 3), (home, 0), (left, 0), (end, 3))
    for name in ("microscope", "microscopeForward", "microscopePlay", "microscopePage", "microscopeSample"):
        target = view if name == "microscope" else child(view, QWidget, name)
        view.set_phase(0)
        for key, expected in walk:
            if name == "microscopeSample" and key in (home, end):
                view.set_phase(expected)  # in a list they are the list's own keys
                continue
            QTest.keyClick(target, key)
            assert view.phases.index == expected
            assert view.phases.buttons[expected].isChecked()
            assert view.phases.focusProxy() is view.phases.buttons[expected]
            assert _button(view, "microscopeTake").isVisible() == (expected == UPDATE)
    told = heard(view.phases.phase_changed)
    for name in ("Backward", "Loss", "Update", "Forward"):
        _button(view, f"microscope{name}").click()
    assert told == [2, 1, 3, 0]


def test_up_and_down_scroll(view: MicroscopeView, selection: Selection, qtbot: QtBot) -> None:
    view.show_dissection(dissection("deep"))
    bar = child(view, QTextBrowser, "microscopePage").verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert bar.value() > 0
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert bar.value() == 0
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    place = bar.value()
    selection.pin(WeightRef(1, 2, 3))  # other numbers, at the same place
    assert bar.value() == place > 0
    view.set_phase(1)
    assert bar.value() == 0


def test_what_is_read_can_be_copied_with_all_digits_on_demand(view: MicroscopeView) -> None:
    d = dissection("sgd")
    view.show_dissection(d)
    view.set_phase(LOSS)
    page = child(view, QTextBrowser, "microscopePage")
    page.selectAll()
    QTest.keyClick(page, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert f"= {short(d.loss)}" in QGuiApplication.clipboard().text()
    assert f"<b>{short(d.loss)}</b>" in view.text()
    _button(view, "microscopeDigits").click()
    assert f"<b>{in_float32(d.loss)}</b>" in view.text()


def test_play_goes_on_by_itself_and_stops_at_the_last_phase(view: MicroscopeView) -> None:
    view.show_dissection(dissection("sgd"))
    play = _button(view, "microscopePlay")
    phases = heard(view.phases.phase_changed)
    play.click()
    assert view.phases.timer.isActive()
    assert view.phases.timer.interval() >= 3_000  # slow enough to read
    assert play.text() == "Pause"
    for _ in range(3):
        view.phases.timer.timeout.emit()
    assert phases == [1, 2, 3]
    assert not play.isChecked()
    assert play.text() == "Play"
    assert not view.phases.timer.isActive()
    play.click()  # once more, from the first phase
    assert phases[-1] == 0
    assert view.phases.timer.isActive()


def test_playing_stops_on_pause_or_any_user_action(
    view: MicroscopeView,
) -> None:
    view.show_dissection(dissection("sgd"))
    captions: list[str] = []
    view.flow_changed.connect(lambda: captions.append(getattr(view.flow(), "caption", "")))
    play = _button(view, "microscopePlay")
    play.click()
    for _ in range(2):
        view.phases.timer.timeout.emit()
    play.click()
    assert not view.phases.timer.isActive()
    assert view.phases.index == BACKWARD
    assert ["as in Forward" in captions[0], "∂L/∂w" in captions[1]] == [True, True]
    stops: list[Callable[[], object]] = [
        lambda: QTest.keyClick(view, Qt.Key.Key_Right),
        view.hide,
        lambda: view.show_dissection(None),
    ]
    for stop in stops:
        view.show()
        play.setChecked(True)
        assert view.phases.timer.isActive()
        stop()
        assert not view.phases.timer.isActive()
        assert not play.isChecked()


def test_what_the_user_wants_is_signalled(view: MicroscopeView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.dissection_wanted):
        _button(view, "microscopeDissect").click()
    page = child(view, QTextBrowser, "microscopePage")
    before = page.toPlainText()
    view.hide()
    view.show_dissection(dissection("sgd"))
    assert page.toPlainText() == before  # out of sight nothing is written
    with qtbot.waitSignal(view.dissection_wanted):
        view.show()
    assert "ŷ" in page.toPlainText()
    take = _button(view, "microscopeTake")
    assert not take.isVisible()
    view.set_phase(UPDATE)
    with qtbot.waitSignal(view.step_wanted):
        take.click()
    assert not take.isEnabled()  # one step is taken once
    view.show_dissection(dissection("sgd", 12))
    assert take.isEnabled()
    assert view.phases.index == 0


def test_a_step_that_is_past_cannot_be_taken(view: MicroscopeView) -> None:
    take, ask = _button(view, "microscopeTake"), _button(view, "microscopeDissect")
    caption = child(view, QLabel, "microscopeStep")
    assert ask.isVisible()
    view.show_dissection(dissection("sgd"))
    view.set_phase(UPDATE)
    assert caption.text() == "Step 12"
    assert (take.isVisible(), ask.isVisible()) == (True, False)
    view.show_past(True)
    assert "past" in caption.text()
    assert (take.isVisible(), take.isEnabled(), ask.isVisible()) == (False, False, True)
    view.set_phase(BACKWARD)
    view.set_phase(UPDATE)
    assert (take.isVisible(), take.isEnabled(), ask.isVisible()) == (False, False, True)
    view.show_past(False)
    assert (take.isVisible(), take.isEnabled(), ask.isVisible()) == (True, True, False)


def test_the_same_step_once_more_leaves_the_view_where_it_is(view: MicroscopeView) -> None:
    view.show_dissection(dissection("batches"))
    view.set_phase(BACKWARD)
    sample = int(dissection("batches").samples[2])
    view.set_sample(sample)
    view.show_dissection(dissection("batches"))
    assert (view.phases.index, view.sample) == (BACKWARD, sample)
    view.show_dissection(dissection("sgd"))
    assert (view.phases.index, view.sample) == (0, sample)


def test_the_sample_chooser_lists_the_batch(view: MicroscopeView) -> None:
    d = dissection("batches")
    view.show_dissection(d)
    chosen: list[object] = []
    view.flow_changed.connect(lambda: chosen.append(view.sample))
    combo = child(view, QComboBox, "microscopeSample")
    assert combo.count() == 1 + len(d.samples)
    assert combo.itemText(0) == f"whole batch ({len(d.samples)})"
    assert (combo.currentIndex(), view.sample) == (1, int(d.samples[0]))  # not with the numbers of all of them
    other = dissection("batches", 12)
    view.set_sample(next(int(i) for i in d.samples if i not in other.samples))
    view.show_dissection(other)
    assert view.sample == other.samples[0]
    view.set_sample(None)
    view.show_dissection(d)
    assert view.sample is None  # as chosen
    chosen.clear()
    combo.setCurrentIndex(3)
    assert combo.currentText().startswith(f"sample {d.samples[2] + 1}: x = ")
    assert chosen == [view.sample] == [int(d.samples[2])]
    assert f"x = {short(float(d.x[2]))}" in view.text()
    outside = next(i for i in range(20) if i not in d.samples)
    view.set_sample(outside)
    assert chosen[-1] is None
    assert combo.currentIndex() == 0
    combo.setCurrentIndex(1)
    view.show_dissection(None)
    assert chosen[-1] is None
    assert combo.count() == 1


def test_without_a_step_it_says_how_to_get_one(view: MicroscopeView) -> None:
    view.show_dissection(dissection("sgd"))
    view.set_phase(2)
    view.show_dissection(None)
    assert "take the next step apart" in view.text()
    assert view.phases.index == 0
    assert not _button(view, "microscopePlay").isEnabled()
    assert not _button(view, "microscopeLoss").isEnabled()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.phases.index == 0
    assert view.flow() is None


@pytest.mark.parametrize("name", RUNS)
def test_it_fits_into_300_pixels(view: MicroscopeView, name: str) -> None:
    apply_theme(view, DARK)
    view.resize(300, 300)
    view.show_dissection(dissection(name))
    for phase in range(4):
        view.set_phase(phase)
        for sample in (None, int(dissection(name).samples[0])):
            view.set_sample(sample)
            assert not view.grab().isNull()
            assert view.minimumSizeHint().width() <= 300
            page = child(view, QTextBrowser, "microscopePage")
            assert page.horizontalScrollBar().maximum() <= 1  # columns are of whole pixels


def _moments(engine: EngineName = "PyTorch") -> tuple[Moment, Moment]:
    one, other = (first_rule(Config().replace("training.learning_rate", rate), engine) for rate in (0.001, 0.01))
    state = Trainer(one.config).state()
    return Moment(state, one), Moment(state, other)


@pytest.mark.parametrize("engine", ["PyTorch", "Compiled"])
def test_each_update_is_that_of_its_own_run(engine: EngineName) -> None:
    moments = _moments(engine)
    for moment, found in zip(moments, dissect_both(moments, Job(lambda job: None)), strict=True):
        expected = Stepper().take(moment.rule, moment.state, 1)
        for ours, theirs in zip(not_none(found.after).parameters, expected.parameters, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_two_updates_share_their_phases_without_a_diagram(qtbot: QtBot, selection: Selection) -> None:
    updates = dissect_both(_moments(), Job(lambda job: None))
    dialog = TwoUpdates("They part.", ("lr 0.001", "lr 0.01"), updates, selection)
    qtbot.addWidget(dialog)
    dialog.show()
    one, other = dialog.views
    for view in (one, other):
        texts = []
        for phase in range(len(PHASES)):
            view.set_phase(phase)
            texts.append(view.text())
        assert any(HINT_ELSEWHERE in text for text in texts)
        assert not any("diagram" in text for text in texts)
    selection.pin(NeuronRef(0, 3))  # as a click in the main window does
    assert all(HINT_ELSEWHERE not in view.text() for view in dialog.views)
    assert one.phases.index == other.phases.index == 3
    one.set_phase(0)
    assert one.text() == other.text()  # the same weights see the same samples
    one.set_phase(3)
    assert other.phases.index == 3
    assert one.text() != other.text()
    assert "0.001" in one.text()
    assert "0.01" in other.text()
    other.set_phase(1)
    assert one.phases.index == 1
    for name in ("microscopeDissect", "microscopeTake"):
        assert all(not button.isVisible() for button in dialog.findChildren(QToolButton, name))
    recolor(dialog, DARK)


def test_words_grow_with_the_zoom_and_no_number_wraps(view: MicroscopeView) -> None:
    view.show_dissection(dissection("sgd"))
    page = child(view, QTextBrowser, "microscopePage")
    zoom_application(Zoom(1.5, 13.5))
    recolor(view, LIGHT)
    page.moveCursor(QTextCursor.MoveOperation.Start)
    assert page.textCursor().charFormat().fontPointSize() == pytest.approx(QApplication.font().pointSizeF())
    view.set_phase(LOSS)
    block = page.document().begin()
    while block.isValid():
        if "." in block.text() and " " not in block.text():
            assert block.layout().lineCount() == 1, block.text()
        block = block.next()
