"""The time line, both ways: a run in; the steps that the user goes to, by each gesture, and all other wishes out."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import get_args

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QAction, QColor, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Paints, apply_theme, child, drag, heard, seen, turn_wheel
from tests.gui.pixels import colors_in
from tests.not_none import not_none
from tinynet_gui.core.run.marks import Mark, MarkKind
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.views.time_line import track as track_module
from tinynet_gui.ui.views.time_line.time_line import AT_FIRST, AT_LATEST, NO_STEPS, STOPS, StepBar, TimeLine, read_step
from tinynet_gui.ui.views.time_line.track_picture import COLORS, LINE_Y, MARK_Y, TrackPicture

LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
LAST = 10_000
MARKS = (
    Mark(1_000, "Learning rate 0.001 → 0.01"),
    Mark(4_000, "Bias of neuron 3 of layer 1 → 0.5", "by hand"),
    Mark(4_010, "Moved a sample", "samples"),
    Mark(LAST, "Diverged", "divergence"),
)


@pytest.fixture
def card(qtbot: QtBot) -> TimeLine:
    card = TimeLine()
    card.show_task(())
    return seen(qtbot, card, 1_004, card.sizeHint().height(), LIGHT)


@pytest.fixture
def line(card: TimeLine) -> StepBar:
    card.steps.show_run(LAST, MARKS)
    card.steps.show_past(None)
    return card.steps


def _button(line: StepBar, name: str) -> QToolButton:
    return child(line, QToolButton, f"timeLine{name}")


def _field(line: StepBar) -> QLineEdit:
    return child(line, QLineEdit, "timeLineStep")


def _at(line: StepBar, step: int, y: float = LINE_Y) -> QPoint:
    return QPoint(round(line.track.scale.x_of(step)), round(y))


def _turn(line: StepBar, angle: int) -> None:
    turn_wheel(line.track, line.track.rect().center(), angle)


def _type(line: StepBar, text: str, leave: Qt.Key = Qt.Key.Key_Return) -> None:
    field = _field(line)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, leave)


# in


def test_the_latest_step_is_shown_while_training_goes_on(line: StepBar) -> None:
    wanted, changed = heard(line.step_wanted), heard(line.valueChanged)
    assert (line.value(), line.text()) == (LAST, "step 10,000")
    line.show_run(LAST + 500, MARKS)
    assert (line.value(), line.text()) == (LAST + 500, "step 10,500")
    assert (wanted, changed) == ([], [LAST + 500])


def _ink(label: QLabel) -> str:
    return label.palette().windowText().color().name()


def test_the_past_is_always_said(line: StepBar) -> None:
    wanted, changed = heard(line.step_wanted), heard(line.valueChanged)
    line.show_past(1_234)
    assert (line.value(), line.text()) == (1_234, "the past: step 1,234 of 10,000")
    assert _ink(child(line, QLabel, "timeLineSaid")) == LIGHT.accent
    line.show_run(LAST + 500, MARKS)
    assert line.text() == "the past: step 1,234 of 10,500"
    line.show_past(None)
    assert line.text() == "step 10,500"
    assert _ink(child(line, QLabel, "timeLineSaid")) == LIGHT.muted
    assert (wanted, changed) == ([], [1_234, LAST + 500])


def test_another_run_that_is_shorter_is_shown_at_its_latest_step(line: StepBar) -> None:
    line.show_past(1_234)
    line.show_run(20, ())
    assert (line.value(), line.maximum()) == (20, 20)
    line.show_run(21, ())
    assert (line.value(), line.text()) == (21, "step 21")


def test_what_is_shown_again_is_not_drawn_again(line: StepBar, qtbot: QtBot) -> None:
    QApplication.processEvents()
    paints = Paints(line.track)
    line.show_run(LAST, MARKS)
    line.show_past(None)
    QApplication.processEvents()
    assert len(paints.sizes) == 0
    line.show_run(LAST + 1, MARKS)
    QApplication.processEvents()
    assert len(paints.sizes) == 1


def test_set_value_acts_like_the_user_within_the_run(line: StepBar) -> None:
    wanted, changed = heard(line.step_wanted), heard(line.valueChanged)
    for step in (500, 500, -3, LAST + 9):
        line.setValue(step)
    assert wanted == changed == [500, 0, LAST]
    line.show_run(LAST + 1, MARKS)
    assert line.value() == LAST + 1  # the last one was the present
    line.step_wanted.connect(line.show_past)  # it can be shown in answer, without a loop
    line.setValue(77)
    assert (line.value(), wanted[3:]) == (77, [77])


# gestures


def test_the_mouse_goes_where_it_clicks_and_drags(line: StepBar) -> None:
    wanted, scale = heard(line.step_wanted), line.track.scale
    places = [_at(line, step) for step in (2_500, 3_500, 6_000)]
    drag(line.track, *places)
    assert wanted == [scale.step_at(place.x()) for place in places]
    QTest.mouseMove(line.track, places[0])
    assert line.value() == wanted[-1]
    QTest.mouseClick(line.track, LEFT, pos=QPoint(0, round(LINE_Y)))
    assert line.value() == 0
    QTest.mouseClick(line.track, LEFT, pos=QPoint(line.track.width() - 1, round(LINE_Y)))
    assert line.value() == LAST


def test_a_click_on_a_mark_goes_to_its_step(line: StepBar) -> None:
    for mark in (MARKS[0], MARKS[-1], MARKS[0]):
        for beside in (-5, 0, 5):
            QTest.mouseClick(line.track, LEFT, pos=_at(line, mark.step, MARK_Y) + QPoint(beside, 0))
            assert line.value() == mark.step
    QTest.mouseClick(line.track, LEFT, pos=_at(line, 4_000, MARK_Y) + QPoint(-3, 0))
    assert line.value() == 4_000  # of two in one glyph the nearer one
    QTest.mouseClick(line.track, LEFT, pos=_at(line, 1_000) + QPoint(-5, 0))
    assert line.value() < 1_000  # on the line itself it goes where it is
    assert [glyph.marks for glyph in line.track.glyphs] == [MARKS[:1], MARKS[1:3], MARKS[3:]]
    line.resize(4_000 * 12, line.height())  # where there is room each has its own
    assert [len(glyph.marks) for glyph in line.track.glyphs] == [1] * 4


def test_the_keys_go_through_the_steps(line: StepBar) -> None:
    line.show_past(4_000)
    wanted, none = heard(line.step_wanted), Qt.KeyboardModifier.NoModifier
    expected = []
    for key, modifier, step in (
        (Qt.Key.Key_Right, none, 4_001),
        (Qt.Key.Key_Left, none, 4_000),
        (Qt.Key.Key_Left, none, 3_999),
        (Qt.Key.Key_Right, CTRL, 4_000),
        (Qt.Key.Key_Right, CTRL, 4_010),
        (Qt.Key.Key_Right, CTRL, LAST),
        (Qt.Key.Key_Left, CTRL, 4_010),
        (Qt.Key.Key_PageUp, none, 5_010),
        (Qt.Key.Key_PageDown, none, 4_010),
        (Qt.Key.Key_Home, none, 0),
        (Qt.Key.Key_Left, none, 0),
        (Qt.Key.Key_Left, CTRL, 0),
        (Qt.Key.Key_Right, CTRL, 1_000),
        (Qt.Key.Key_Left, CTRL, 0),
        (Qt.Key.Key_End, none, LAST),
        (Qt.Key.Key_Right, none, LAST),
    ):
        before = line.value()
        QTest.keyClick(line.track, key, modifier)
        assert line.value() == step
        expected += [step] if step != before else []
    QTest.keyClick(line.track, Qt.Key.Key_Space)  # a key of the window is left to it
    assert wanted == expected


def test_the_wheel_goes_by_a_hundredth_of_the_line(line: StepBar) -> None:
    line.show_past(4_000)
    _turn(line, 120)
    assert line.value() == 4_100
    _turn(line, -240)
    assert line.value() == 3_900
    for _ in range(8):  # a touchpad sends small parts
        _turn(line, 15)
    assert line.value() == 4_000
    line.show_run(20, ())
    line.show_past(10)
    _turn(line, 120)
    assert line.value() == 11


def test_a_step_can_be_typed(line: StepBar) -> None:
    wanted = heard(line.step_wanted)
    _type(line, "1234")
    assert (line.value(), wanted, _field(line).text()) == (1_234, [1_234], "1,234")
    QTest.keyClick(line.track, Qt.Key.Key_Right)
    assert _field(line).text() == "1,235"
    assert line.track.hasFocus() or not line.isActiveWindow()
    _type(line, " 5 678 ")
    assert line.value() == 5_678


@pytest.mark.parametrize("text", ["20000", "abc", "-1", "1.5", "1" * 300])
def test_what_is_typed_and_no_step_is_refused_beside_it(line: StepBar, text: str) -> None:
    wanted, said = heard(line.step_wanted), child(line, QLabel, "timeLineSaid")
    _type(line, text)
    assert (wanted, line.value()) == ([], LAST)
    assert (said.text(), _field(line).property("invalid")) == ("0 to 10,000", True)
    assert _ink(said) == LIGHT.error
    assert _field(line).toolTip().replace("\n", " ").endswith("is not allowed: a step from 0 to 10,000 is")
    line.show_run(LAST + 1, MARKS)
    assert (_field(line).text(), said.text()) == (text, "0 to 10,001")
    QTest.keyClick(_field(line), Qt.Key.Key_Escape)
    assert (_field(line).text(), said.text(), _field(line).property("invalid")) == ("10001", "step", False)


def test_a_step_is_read_with_or_without_spaces() -> None:
    assert [read_step(text, 2_000) for text in ("0", "2000", "1234", " 1 234 ")] == [0, 2_000, 1_234, 1_234]
    for text in ("1,000", "1.000"):
        with pytest.raises(ValueError, match=re.escape(f"{text}: one, or one thousand? Write 1 or 1000")):
            read_step(text, 2_000)
    for text in ("2001", "٣", ""):
        with pytest.raises(ValueError, match=f"“{text}” is not allowed: a step from 0 to 2,000 is"):
            read_step(text, 2_000)


# what is said of a place


def test_a_mark_says_its_step_and_what_it_is(line: StepBar, monkeypatch: pytest.MonkeyPatch) -> None:
    track, shown = line.track, []
    assert "step 1,000: Learning rate 0.001 → 0.01" in track.tooltip_at(QPointF(_at(line, 1_000, MARK_Y)))
    both = track.tooltip_at(QPointF(_at(line, 4_000, MARK_Y)))
    assert both.split("\n") == ["step 4,000: Bias of neuron 3 of layer 1 → 0.5", "step 4,010: Moved a sample"]
    elsewhere = _at(line, 7_000)
    assert track.tooltip_at(QPointF(elsewhere)).startswith(f"step {track.scale.step_at(elsewhere.x()):,}\n")

    class Tips:
        @staticmethod
        def showText(position: QPoint, text: str, widget: QObject, around: QRect) -> None:
            shown.append((text, around.contains(_at(line, 4_000, MARK_Y)), around.width() < 10))
            lines = (text.count("\n") + 1) * track.fontMetrics().lineSpacing()
            assert position.y() + 21 + lines <= track.mapToGlobal(QPoint(0, 0)).y()  # Qt puts it 21 px below

    monkeypatch.setattr(track_module, "QToolTip", Tips)
    place = _at(line, 4_000, MARK_Y)
    QApplication.sendEvent(track, QHelpEvent(QEvent.Type.ToolTip, place, track.mapToGlobal(place)))
    assert shown == [(both, True, True)]


def test_the_step_under_the_mouse_is_written_below_it(line: StepBar) -> None:
    before = line.track.grab().toImage()
    QTest.mouseMove(line.track, _at(line, 7_030))
    with_mouse = line.track.grab().toImage()
    assert with_mouse != before
    QApplication.sendEvent(line.track, QEvent(QEvent.Type.Leave))
    assert line.track.grab().toImage() == before


# the scale


def test_the_scale_is_switched_and_the_step_stays(line: StepBar) -> None:
    switched, wanted = heard(line.log_changed), heard(line.step_wanted)
    line.show_past(1_000)
    even = line.track.scale.x_of(1_000)
    _button(line, "Log").click()
    assert (line.log.isChecked(), switched, wanted, line.value()) == (True, [True], [], 1_000)
    assert line.track.scale.x_of(1_000) > even
    assert "10" in [tick.text for tick in line.track.ticks]
    place = _at(line, 100)
    QTest.mouseClick(line.track, LEFT, pos=place)
    assert line.value() == line.track.scale.step_at(place.x()) == pytest.approx(100, abs=3)
    line.log.setChecked(False)
    assert (line.log.isChecked(), switched, line.track.scale.x_of(1_000)) == (False, [True], even)


# play and loop


def test_play_says_in_which_direction_and_pauses_when_it_plays(line: StepBar) -> None:
    line.show_past(500)
    play, pause = heard(line.play_wanted), heard(line.pause_wanted)
    back, forth = _button(line, "Back"), _button(line, "Forth")
    back.click()
    forth.click()
    assert (play, pause) == ([-1, 1], [])
    line.show_playing(1)
    assert (back.accessibleName(), forth.accessibleName()) == ("Play backwards", "Stop playing")
    forth.click()
    back.click()
    assert (play, pause) == ([-1, 1, -1], [None])
    line.show_playing(0)
    assert forth.accessibleName() == "Play forwards"


def _enabled(line: StepBar) -> dict[str, bool]:
    """Which buttons lead anywhere; the others say why they do not."""
    found = {name: _button(line, name) for name in ("Back", "Forth", "Loop", "Log", "Latest")}
    reasons = NO_STEPS, AT_FIRST, AT_LATEST
    assert all(button.isEnabled() == (button.toolTip() not in reasons) for button in found.values())
    return {name: button.isEnabled() for name, button in found.items()}


def test_what_leads_nowhere_is_disabled_and_stays_in_its_place(line: StepBar) -> None:
    def places() -> list[QPoint]:
        return [_button(line, name).pos() for name in _enabled(line)]

    before = places()
    everything = dict.fromkeys(_enabled(line), True)
    assert _enabled(line) == {**everything, "Latest": False}
    line.show_past(500)
    assert _enabled(line) == everything
    QApplication.processEvents()
    assert places() == before
    line.show_past(0)
    for _ in range(2):
        assert _enabled(line) == {**everything, "Back": False}
        assert _button(line, "Back").toolTip() == AT_FIRST
        line.show_playing(-1)
        assert _enabled(line) == everything
        assert _button(line, "Back").toolTip() == STOPS[1]
        line.show_playing(0)
    line.show_loop((0, 10))
    assert _enabled(line) == everything
    line.show_loop(None)
    line.show_run(0, ())
    assert _enabled(line) == {**dict.fromkeys(everything, False), "Log": True}


def test_a_stretch_is_looped_and_its_ends_are_dragged(line: StepBar) -> None:
    line.show_past(5_000)
    loops, wanted = heard(line.loop_changed), heard(line.step_wanted)
    _button(line, "Loop").click()
    assert loops == [(4_000, 6_000)] == [line.track.loop]
    for start, end in ((4_000, 2_000), (6_000, 7_500)):
        drag(line.track, _at(line, start) + QPoint(-3 if start == 4_000 else 3, 0), _at(line, end))
    first, last = loops[-1]
    assert first == line.track.scale.step_at(_at(line, 2_000).x())
    assert last == line.track.scale.step_at(_at(line, 7_500).x())
    drag(line.track, _at(line, first) + QPoint(-3, 0), _at(line, 9_000))
    assert line.track.loop == loops[-1] == (last - 1, last)
    assert (wanted, line.value()) == ([], 5_000)
    _button(line, "Loop").click()
    assert loops[-1] is None
    assert line.track.loop is None
    for loop in ((10, 20), None):  # what is shown is told to nobody
        line.show_loop(loop)
        assert (_button(line, "Loop").isChecked(), line.track.loop) == (loop is not None, loop)
    assert len(loops) == 5


def test_back_to_latest_and_plateau_pause_are_signals(card: TimeLine, line: StepBar) -> None:
    line.show_past(500)
    latest, pauses = heard(line.latest_wanted), heard(card.pauses_at_plateau_changed)
    _button(line, "Latest").click()
    assert (latest, line.value()) == ([None], 500)
    action = child(card, QAction, "actionPauseAtPlateau")
    assert card.contextMenuPolicy() == Qt.ContextMenuPolicy.ActionsContextMenu
    assert card.actions() == [action]
    card.pauses.setChecked(True)
    assert (action.isChecked(), pauses) == (True, [])
    action.trigger()
    assert pauses == [False]


# the looks


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("kind", COLORS)
def test_every_kind_of_mark_has_its_colour_in_both_themes(line: StepBar, kind: MarkKind, theme: Theme) -> None:
    apply_theme(line, theme)
    line.show_run(LAST, [Mark(3_000, "something", kind)])
    left = line.track.mapTo(line, QPoint(0, 0))
    marks = line.grab().toImage().copy(left.x(), left.y(), line.track.width(), round(MARK_Y) + 5)
    assert QColor(getattr(theme, COLORS[kind])).name() in colors_in(marks)


def test_each_kind_of_a_colour_has_a_shape_of_its_own(line: StepBar) -> None:
    pictures = []
    deeds, happened = get_args(MarkKind)
    assert set(COLORS) == {*get_args(deeds), *get_args(happened)}
    for kind in COLORS:
        line.show_run(LAST, [Mark(3_000, "something", kind)])
        pictures.append(line.track.grab().toImage())
    assert all(a != b for place, a in enumerate(pictures) for b in pictures[:place])


@pytest.mark.parametrize("width", [500, 900, 1_900])
@pytest.mark.parametrize("prepare", [lambda line: None, lambda line: line.show_past(1_234_567)])
def test_everything_has_its_room(card: TimeLine, line: StepBar, width: int, prepare: Callable[[StepBar], None]) -> None:
    line.show_run(2_000_000, MARKS)
    prepare(line)
    card.resize(width, card.sizeHint().height())
    QApplication.processEvents()
    assert card.width() == width
    children = [child for kind in (QToolButton, QLabel, QLineEdit) for child in line.findChildren(kind)]
    children = [child for child in children if child.isVisible()]
    boxes = sorted((child.mapTo(line, QPoint(0, 0)).x(), child.width()) for child in [*children, line.track])
    assert all(x + w <= other for (x, w), (other, _) in pairwise(boxes))
    assert boxes[-1][0] + boxes[-1][1] <= line.width()
    for widget in children:
        assert widget.width() >= widget.minimumSizeHint().width()
    field = _field(line)
    assert field.fontMetrics().horizontalAdvance(field.text()) < field.width() - 12


def test_over_a_mark_its_own_step_is_written(line: StepBar) -> None:
    track = line.track
    (glyph,) = (glyph for glyph in track.glyphs if glyph.marks[0].step == 1_000)
    beside = glyph.x + glyph.radius
    picture = TrackPicture(track.scale, track.glyphs, track.ticks, 0, None, glyph, beside, has_focus=False)
    assert track.scale.step_at(beside) != 1_000
    assert picture.pointed_step == 1_000
    assert replace(picture, hovered=None).pointed_step == track.scale.step_at(beside)
    assert replace(picture, hovered=None, mouse_x=None).pointed_step is None


def test_leaving_the_field_takes_the_step_and_drops_what_is_none(line: StepBar) -> None:
    field, went = _field(line), heard(line.step_wanted)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "1234")
    line.show_run(LAST + 1, MARKS)
    assert field.text() == "1234"  # what is being typed is left alone
    other = QLineEdit(line)
    other.show()
    other.setFocus()
    assert went == [1_234]
    assert other.hasFocus()  # the keyboard goes where it was led
    shown = field.text()
    _type(line, "99999999", Qt.Key.Key_Tab)
    assert went == [1_234]
    assert field.text() == shown
    assert not field.property("invalid")


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("step", [0, 3, 5_000])
def test_a_loop_that_begins_can_be_seen_on_either_scale(line: StepBar, is_log: bool, step: int) -> None:
    line.log.setChecked(is_log)
    line.show_past(step)
    _button(line, "Loop").click()
    for log in (False, True):
        line.log.setChecked(log)
        first, last = (line.track.scale.x_of(end) for end in not_none(line.track.loop))
        assert last - first >= 20
    line.show_loop(None)
    line.show_run(1, ())  # the shortest run
    line.show_past(min(step, 1))
    _button(line, "Loop").click()
    assert line.track.loop == (0, 1)
