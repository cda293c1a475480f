"""The map: what is shown of a choice and of pictures, and what the mouse and the keyboard ask for."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pyqtgraph
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, choose, fingers, heard, place_in, recolor, seen, turn_wheel
from tinynet_gui.core.config import Config
from tinynet_gui.core.maps.axes import NAMED_MAPS, RATE, Along, Axis, Direction, MapChoice, settings_to_vary
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.maps.outcome_map import OutcomeMap, blank_map
from tinynet_gui.core.maps.standpoint import Plane, Standpoint
from tinynet_gui.core.network.refs import ParameterRef
from tinynet_gui.core.text.numbers import in_full, loss_text
from tinynet_gui.core.values import Floats
from tinynet_gui.core.wording.maps import along_label
from tinynet_gui.ui.style.colors import DARK, LIGHT
from tinynet_gui.ui.views.map import map_view
from tinynet_gui.ui.views.map.colors import LUMINANCE
from tinynet_gui.ui.views.map.map_view import NO_FINER, MapView
from tinynet_gui.ui.widgets.fields.editors import CheckBox
from tinynet_gui.ui.widgets.fields.number_fields import NumberField
from tinynet_gui.ui.widgets.plots.plot_menu import Range

HERE = Standpoint.of(Config())
WEIGHT, BIAS = ParameterRef(0, "weight", (2, 0)), ParameterRef(0, "bias", (2,))
FAILURE = NAMED_MAPS["failure"].choice((WEIGHT, BIAS), None)
STARTS = replace(NAMED_MAPS["starts"].choice((WEIGHT, BIAS), None), color="loss")
PIXELS = 65, 33  # odd: one pixel is in the middle
ALONGS: list[Along] = [*settings_to_vary(Config()), WEIGHT, BIAS, Direction("gradient")]
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def _quick_mouse(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No move is left out, and a click is soon known to be no double one."""
    monkeypatch.setitem(pyqtgraph.CONFIG_OPTIONS, "mouseRateLimit", -1)
    before = QApplication.doubleClickInterval()
    QApplication.setDoubleClickInterval(30)
    yield
    QApplication.setDoubleClickInterval(before)


@pytest.fixture
def view(qtbot: QtBot) -> MapView:
    view = seen(qtbot, MapView(), 560, 320, LIGHT)
    view.show_offers([(along, along_label(along, Config(), {})) for along in ALONGS])
    view.show_choice(FAILURE, "failure")
    qtbot.waitUntil(lambda: not any(timer.isActive() for timer in view.findChildren(QTimer)))
    return view


def _picture(numbers: Floats | float = 1.0, choice: MapChoice = FAILURE, spacing: int = 1) -> OutcomeMap:
    """A map of these numbers, at every so manyth row and column."""
    empty = blank_map(Plane(HERE, choice.x, choice.y), choice.color, PIXELS, choice.limit)
    return replace(empty, numbers=np.full(empty.numbers.shape, 1.0) * numbers, spacing=spacing, is_whole=True)


def _slope() -> Floats:
    """From 0.01 at the left to 100 at the right."""
    return np.tile(np.logspace(-2, 2, PIXELS[0]), (PIXELS[1], 1))


def _at(view: MapView, right: float, up: float) -> QPoint:
    """A place in the plot's pixels, by its parts of the view."""
    x, y = view.plot.box.view
    return place_in(view.plot.plot, x.low + right * (x.high - x.low), y.low + up * (y.high - y.low))


def _parts(axis: Axis, whole: Axis) -> Floats:
    """Where the ends of an axis lie on another one: 0 at its low end, 1 at its high one."""
    (low, high), ends = whole.scaled(np.array([whole.low, whole.high])), axis.scaled(np.array([axis.low, axis.high]))
    return np.asarray((ends - low) / (high - low))


def _drag(view: MapView, begin: QPoint, end: QPoint, keys: Qt.KeyboardModifier = NONE) -> None:
    target = view.plot.plot.viewport()
    for kind, at in (
        (QEvent.Type.MouseButtonPress, begin),
        (QEvent.Type.MouseMove, (begin + end) / 2),
        (QEvent.Type.MouseMove, end),
        (QEvent.Type.MouseButtonRelease, end),
    ):
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else LEFT
        QApplication.sendEvent(
            target, QMouseEvent(kind, QPointF(at), QPointF(target.mapToGlobal(at)), LEFT, held, keys)
        )


def _double_click(view: MapView, place: QPoint) -> None:
    for act in (QTest.mouseClick, QTest.mouseDClick, QTest.mouseRelease):  # Qt's double-click is its second press
        act(view.plot.plot.viewport(), LEFT, pos=place)


def _are(found: list[object], count: int) -> bool:
    return len(found) == count


def _caption(view: MapView) -> str:
    return child(view, QLabel, "mapCaption").text()


def _second(view: MapView) -> str:
    return child(view, QLabel, "mapTold").text()


def _shown(view: MapView, name: str) -> bool:
    return not child(view, QWidget, name).isHidden()


def test_a_choice_is_shown_and_only_what_belongs_to_it(view: MapView) -> None:
    assert child(view, QComboBox, "mapNamed").currentText() == "Where training fails"
    assert child(view, QComboBox, "mapRight").currentText() == "Learning rate"
    assert child(view, QComboBox, "mapUp").currentText() == "Initial scale"
    assert view.plot.plot.getAxis("bottom").name == "Learning rate"
    assert _caption(view).startswith(NAMED_MAPS["failure"].question)
    assert not _shown(view, "mapLimit")
    assert not _shown(view, "mapThrough")
    view.show_choice(replace(STARTS, color="reached", limit=0.25, has_contours=True), "")
    assert child(view, QComboBox, "mapNamed").currentText() == ""
    assert child(view, QComboBox, "mapUp").currentText() == "Bias of h₃"
    assert child(view, NumberField, "mapLimit").text() == "0.25"
    assert child(view, CheckBox, "mapContours").isChecked()
    assert child(view, QComboBox, "mapColor").toolTip().startswith("The run's step")
    assert _shown(view, "mapLimit")
    assert _shown(view, "mapThrough")


def test_what_the_user_edits_is_wanted(view: MapView) -> None:
    wanted, named, alongs = (
        heard(view.choice_wanted),
        heard(view.controls.named_wanted),
        heard(view.controls.along_wanted),
    )
    choose(view, "mapNamed", "valley")
    assert named == ["valley"]
    assert wanted == []
    choose(view, "mapUp", ALONGS.index("data.noise"))
    assert alongs == ["y", "data.noise"]
    choose(view, "mapUp", ALONGS.index(RATE))  # what the other has: they change places
    assert wanted.pop() == replace(FAILURE, x=FAILURE.y, y=FAILURE.x)
    choose(view, "mapColor", "reached")
    view.show_choice(reached := wanted.pop(), "")
    assert reached == replace(FAILURE, color="reached")
    child(view, CheckBox, "mapContours").click()
    assert wanted.pop() == replace(reached, has_contours=True)
    limit = child(view, NumberField, "mapLimit")
    for text, limits in (("-1", []), ("", []), ("0.1", []), ("0,02", [0.02])):
        limit.lineEdit().setText(text)
        limit.editingFinished.emit()
        assert [choice.limit for choice in wanted] == limits
        assert bool(limit.property("invalid")) == (text in ("-1", ""))
    limit.lineEdit().setText("1,000")
    limit.editingFinished.emit()
    assert child(view, QLabel, "mapLimitError").text() == "1,000: one, or one thousand? Write 1 or 1000."
    view.show_choice(STARTS, "starts")
    choose(view, "mapThrough", False)
    assert wanted.pop() == replace(STARTS, from_start=False)
    view.controls.show_colors(["loss", "end"])
    colors = child(view, QComboBox, "mapColor")
    held_out = colors.model().index(colors.findData("held_out"), 0)
    assert not colors.model().flags(held_out) & Qt.ItemFlag.ItemIsEnabled


def test_the_wheel_zooms_at_the_pointer_a_double_click_resets(view: MapView, qtbot: QtBot) -> None:
    wanted = heard(view.choice_wanted)
    whole, place = view.plot.box.view, _at(view, 0.25, 0.75)
    at = view.plot.box.mapSceneToView(QPointF(place))
    for notches in (1, 2):
        turn_wheel(view.plot.plot.viewport(), place, 120)
        turn_wheel(view.plot.plot.viewport(), place, 120)  # one gesture
        qtbot.waitUntil(partial(_are, wanted, notches))
    same = view.plot.box.mapSceneToView(QPointF(place))
    assert (same.x(), same.y()) == pytest.approx((at.x(), at.y()))
    x, y = _parts(wanted[1].x, FAILURE.x), _parts(wanted[1].y, FAILURE.y)
    before = _parts(wanted[0].x, FAILURE.x)
    assert 0 < before[0] < x[0] < x[1] < before[1] < 1
    assert np.ptp(x) == pytest.approx(np.ptp(y))
    for expected in (wanted[0], FAILURE, FAILURE):
        _double_click(view, place)
        assert (wanted[-1].x.low, wanted[-1].y.high) == pytest.approx((expected.x.low, expected.y.high))
    np.testing.assert_allclose(view.plot.box.view, whole)
    assert len(wanted) == 4  # the whole map is not wanted again


def test_a_drag_pans_within_limits_and_with_shift_zooms(view: MapView, qtbot: QtBot) -> None:
    wanted = heard(view.choice_wanted)
    _drag(view, _at(view, 0.25, 0.25), _at(view, 0.75, 0.5), SHIFT)
    qtbot.waitUntil(lambda: len(wanted) == 1)
    assert _parts(wanted[0].x, FAILURE.x) == pytest.approx([0.25, 0.75], abs=0.01)
    assert _parts(wanted[0].y, FAILURE.y) == pytest.approx([0.25, 0.5], abs=0.015)
    _drag(view, _at(view, 0.5, 0.5), _at(view, 0.25, 0.5))
    qtbot.waitUntil(lambda: len(wanted) == 2)
    assert _parts(wanted[1].x, wanted[0].x) == pytest.approx([0.25, 1.25], abs=0.015)
    for _ in range(12):
        _drag(view, _at(view, 0.5, 0.05), _at(view, 0.5, 0.95))
        _drag(view, _at(view, 0.5, 0.95), _at(view, 0.5, 0.05))
        _drag(view, _at(view, 0.95, 0.05), _at(view, 0.05, 0.05))
    qtbot.waitUntil(lambda: len(wanted) == 3)
    assert 10 ** view.plot.box.view[0].high <= 1000
    assert np.ptp(view.plot.box.view[1]) == pytest.approx(0.5, abs=0.02)


def test_a_zoom_ends_at_the_least_width_and_says_so(view: MapView, qtbot: QtBot) -> None:
    view.show_choice(STARTS, "starts")
    view.plot.box.limit_widths(1.0, 0.5)
    assert NO_FINER not in _caption(view)
    for _ in range(12):
        view.plot.box.zoom(0.7)
    assert np.ptp(view.plot.box.view, axis=1) == pytest.approx([1.0, 0.5])
    qtbot.waitUntil(lambda: not view.plot.is_moving)
    assert NO_FINER in _caption(view)
    view.plot.box.zoom(2.0)
    qtbot.waitUntil(lambda: NO_FINER not in _caption(view))


def test_an_outside_choice_does_not_interrupt_a_gesture(view: MapView, qtbot: QtBot) -> None:
    wanted, zoomed = heard(view.choice_wanted), replace(FAILURE, x=Axis(RATE, 0.01, 0.1))
    view.show_choice(FAILURE, "failure")
    view.show_choice(zoomed, "failure")  # such as by Undo
    assert view.plot.box.view[0] == pytest.approx((-2, -1))
    view.plot.box.zoom(0.5)
    view.show_choice(zoomed, "failure")
    assert np.ptp(view.plot.box.view[0]) == pytest.approx(0.5)
    qtbot.waitUntil(lambda: bool(wanted))
    assert (wanted[0].x.low, wanted[0].x.high) == pytest.approx((10**-1.75, 10**-1.25))


def test_the_keyboard_pans_zooms_goes_back_and_opens_the_middle(view: MapView, qtbot: QtBot) -> None:
    chosen, plot, box = heard(view.point_chosen), view.plot.plot, view.plot.box
    view.show_picture(picture := _picture())
    before = box.view
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert box.view[0].low == pytest.approx(before[0].low + 0.1 * np.ptp(before[0]))
    assert box.view[1] == before[1]
    QTest.keyClick(plot, Qt.Key.Key_Plus)
    assert np.ptp(box.view[1]) < np.ptp(before[1])
    QTest.keyClick(plot, Qt.Key.Key_Minus)
    QTest.keyClick(plot, Qt.Key.Key_Left)
    np.testing.assert_allclose(box.view, before, atol=1e-12)
    QTest.keyClick(plot, Qt.Key.Key_Return)
    assert chosen == list(picture.point_at(PIXELS[0] // 2, PIXELS[1] // 2))
    QTest.keyClick(plot, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: not view.plot.is_moving)
    QTest.keyClick(plot, Qt.Key.Key_Backspace)
    np.testing.assert_allclose(box.view, before, atol=1e-12)
    for _ in range(2):
        QTest.keyClick(plot, Qt.Key.Key_Plus)
    QTest.keyClick(plot, Qt.Key.Key_Home)
    np.testing.assert_allclose(box.view, before, atol=1e-12)


def test_the_key_cursor_is_announced_again_with_its_number(view: MapView, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(map_view, "announce", lambda _, words, **__: told.append(words))
    plot = view.plot.plot
    assert all(key in plot.accessibleDescription() for key in ("Arrow keys", "plus and minus", "Home", "Enter"))
    view.show_picture(_picture())
    assert told == []
    QTest.keyClick(plot, Qt.Key.Key_Right)
    assert told[-1] == _caption(view)
    view.show_picture(None)
    QTest.keyClick(plot, Qt.Key.Key_Up)
    told.clear()
    view.show_picture(_picture())
    assert told == [_caption(view)]
    assert ": loss " in told[0]


def test_pointing_says_the_point_and_its_number(view: MapView) -> None:
    numbers = _slope()
    numbers[:, :20], numbers[:, 20:30] = np.inf, np.nan
    view.show_picture(picture := _picture(numbers))
    pointed, viewport = heard(view.point_pointed), view.plot.plot.viewport()
    for column, said in ((10, ": diverged"), (25, ": not allowed"), (40, f": loss {loss_text(numbers[8, 40])}")):
        QTest.mouseMove(viewport, _at(view, (column + 0.5) / PIXELS[0], 8.5 / PIXELS[1]))
        x, y = picture.point_at(column, 8)
        assert pointed[-1] == (x, y)
        assert _caption(view) == f"learning rate {in_full(x)}, initial scale {in_full(y)}{said}"
    QApplication.sendEvent(view.plot.plot, QEvent(QEvent.Type.Leave))
    assert pointed[-1] is None
    assert _caption(view).startswith(NAMED_MAPS["failure"].question)


def test_only_a_single_click_opens_a_point(view: MapView, qtbot: QtBot) -> None:
    view.show_picture(picture := _picture())
    chosen, wanted, viewport = heard(view.point_chosen), heard(view.choice_wanted), view.plot.plot.viewport()
    place = _at(view, 40.5 / PIXELS[0], 8.5 / PIXELS[1])
    _drag(view, place, _at(view, 0.2, 0.5))
    qtbot.waitUntil(lambda: len(wanted) == 1)
    _double_click(view, place)
    qtbot.waitUntil(lambda: len(wanted) == 2 and not child(view.plot, QTimer, "mapClick").isActive())
    assert chosen == []
    QTest.mouseClick(viewport, LEFT, pos=place)
    assert chosen == []
    qtbot.waitUntil(lambda: bool(chosen))
    assert chosen == list(picture.point_at(40, 8))


def test_the_point_read_is_opened_even_on_a_finer_map(view: MapView, qtbot: QtBot) -> None:
    """By a click, and by Enter; another moment's map, and the next move, have it read anew."""
    chosen, viewport, coarse = heard(view.point_chosen), view.plot.plot.viewport(), _picture(_slope(), spacing=8)
    place = _at(view, 36.5 / PIXELS[0], 12.5 / PIXELS[1])
    for by_click in (True, False):
        view.show_picture(None)
        view.show_picture(coarse)
        if by_click:
            QTest.mouseClick(viewport, LEFT, pos=place)
        else:
            view.plot.plot.setFocus()
            QTest.keyClick(view.plot.plot, Qt.Key.Key_Return)
        read = _caption(view)
        view.show_picture(_picture(_slope(), spacing=4))
        qtbot.waitUntil(lambda: bool(chosen))
        view.show_picture(_picture(_slope()))
        column, row = (40, 16) if by_click else (32, 16)
        x, y = coarse.point_at(column, row)
        assert chosen == [x, y]
        said = f"learning rate {in_full(x)}, initial scale {in_full(y)}: loss {loss_text(_slope()[row, column])}"
        assert read == _caption(view) == said
        chosen.clear()
    QTest.mouseMove(viewport, place + QPoint(1, 0))
    assert f"learning rate {in_full(coarse.point_at(36, 12)[0])}" in _caption(view)


def test_colours_match_the_scale_and_divergence_is_outside(view: MapView) -> None:
    numbers = _slope()
    numbers[3, 5:18], numbers[4, 6] = np.inf, np.nan
    view.show_picture(_picture(numbers))
    for theme in (LIGHT, DARK):
        recolor(view, theme)
        (drawn,) = view.plot.images.colors()
        diverged = theme.color("diverged")
        assert tuple(drawn[3, 5]) == diverged.getRgb()
        luminances = drawn[3, 5:18, :3] @ LUMINANCE  # hatched: without its colour it is no low number
        assert np.ptp(luminances) > 50
        assert drawn[4, 6, 3] == 0
        viridis = pyqtgraph.colormap.get("viridis")
        low, high = np.percentile(np.log10(numbers[np.isfinite(numbers)]), [1, 99])
        for column in (0, 20, 40, 64):
            share = np.clip((np.log10(numbers[0, column]) - low) / (high - low), 0, 1)
            expected = viridis.map(share, mode="qcolor")
            assert np.abs(drawn[0, column, :3].astype(int) - expected.getRgb()[:3]).max() <= 2
        assert "diverged" in child(view, QLabel, "mapKey").text()
        assert QColor(diverged).name() in child(view, QLabel, "mapKey").text()


@pytest.mark.parametrize("color", COLORS)
def test_what_lies_outside_the_scale_has_room_in_the_key(view: MapView, color: str) -> None:
    numbers = _slope()
    numbers[3, 5], numbers[4, 6] = np.inf, np.nan
    view.show_choice(choice := replace(FAILURE, color=color), "")
    view.show_picture(_picture(numbers, choice))
    key = child(view, QLabel, "mapKey")
    assert key.text().count("▨") == 1
    assert ("□" in key.text()) == bool(COLORS[color].missing)
    assert key.sizeHint().width() <= key.width()


@pytest.mark.parametrize("finer_rows", [0, 9, 33])
def test_a_coarse_picture_is_drawn_as_its_pixels_are(view: MapView, finer_rows: int) -> None:
    coarse = replace(_picture(_slope() * np.arange(33)[:, None], spacing=8), finer_rows=finer_rows)
    view.show_choice(replace(FAILURE, has_contours=True), "failure")
    view.show_picture(coarse)
    view.plot.images.show_ends(Range(-1.0, 1.0))
    (drawn,) = view.plot.images.colors()
    view.show_picture(replace(coarse, numbers=coarse.pixels(), spacing=1, finer_rows=0))
    np.testing.assert_array_equal(drawn, view.plot.images.colors()[0])


def test_the_scale_stays_until_it_is_asked_to_fit(view: MapView) -> None:
    view.show_picture(replace(_picture(1e3 * _slope(), spacing=4), finer_rows=3))
    view.show_picture(_picture(_slope(), spacing=2))  # no more of it alone
    assert view.plot.images.bar.ends == pytest.approx((-2, 2), abs=0.1)
    view.show_picture(_picture(1.5 * _slope(), spacing=2))
    assert view.plot.images.bar.ends == pytest.approx((-2, 2), abs=0.1)
    view.show_picture(_picture(_slope()))  # finished: once more
    before = view.plot.images.bar.ends
    assert before == pytest.approx((-2, 2), abs=0.1)
    zoomed = replace(FAILURE, x=Axis(RATE, 0.01, 0.1))
    view.show_picture(_picture(5 * _slope(), zoomed, spacing=4))
    view.show_picture(_picture(5 * _slope(), zoomed))
    assert view.plot.images.bar.ends == before
    view.plot.images.bar.ends_dragged.emit(Range(-1.0, 1.0))
    view.show_picture(_picture(_slope()))
    assert view.plot.images.bar.ends == (-1.0, 1.0)
    assert tuple(view.plot.images.colors()[0][0, 64]) == tuple(view.plot.images.colors()[0][0, 50])  # both beyond 10
    view.plot.images.bar.fit_wanted.emit()
    assert view.plot.images.bar.ends == before
    view.show_choice(replace(FAILURE, color="dead"), "")
    view.show_picture(_picture(np.arange(65.0) % 8, replace(FAILURE, color="dead")))
    assert view.plot.images.bar.ends == (0.0, 7.0)


def test_a_map_with_given_colour_ends_always_uses_them(view: MapView) -> None:
    near = replace(FAILURE, ends=(0.001, 10.0), x=Axis(RATE, 0.01, 0.1))
    for choice, numbers in ((replace(FAILURE, ends=near.ends), 1.0), (near, 1e18)):
        view.show_choice(choice, "failure")
        view.show_picture(_picture(numbers, choice, spacing=4))
        view.show_picture(_picture(numbers * _slope(), choice))
        assert view.plot.images.bar.ends == pytest.approx((-3, 1))
        view.plot.images.clear()  # a question is open
    view.show_picture(_picture(_slope(), near))
    view.plot.images.bar.fit_wanted.emit()
    assert view.plot.images.bar.ends == pytest.approx((-2, 2), abs=0.1)


def test_the_scale_follows_once_half_the_numbers_exceed_it(view: MapView) -> None:
    view.show_choice(STARTS, "starts")
    view.show_picture(_picture(_slope(), STARTS))
    before, ends = view.plot.images.bar.ends, []
    for step, factor in ((1, 1.0), (2, 0.1), (3, 1e-3)):
        parameters = tuple(array + np.float32(step) for array in HERE.state.parameters)
        moment = replace(HERE, state=replace(HERE.state, step=step, parameters=parameters))
        picture = replace(_picture(factor * _slope(), STARTS), plane=Plane(moment, STARTS.x, STARTS.y))
        blank = np.full_like(picture.numbers, np.nan)
        view.show_picture(replace(picture, numbers=blank, spacing=4, is_whole=False))
        assert len(view.plot.images.colors()) == 1  # nothing is known yet: the one before stays
        view.show_picture(picture)
        ends.append(view.plot.images.bar.ends)
    assert ends[:2] == [before, before]
    assert ends[2] == pytest.approx((-5, -1), abs=0.1)


def test_an_end_of_the_bar_is_dragged_and_a_double_click_fits_it(view: MapView) -> None:
    view.show_picture(_picture(_slope()))
    bar, plot, before = view.plot.images.bar, view.plot.plot, view.plot.images.bar.ends
    assert before is not None

    def place(height: float) -> QPoint:
        return QPoint(plot.mapFromScene(bar.mapViewToScene(QPointF(0.5, height))))

    _drag(view, place(before.high), place(0.0))
    assert view.plot.images.bar.ends == pytest.approx((before.low, 0.0), abs=0.06)
    _double_click(view, place(-1.0))
    assert view.plot.images.bar.ends == before


def test_a_finer_picture_covers_a_coarser_one_until_equal(view: MapView) -> None:
    zoomed = replace(FAILURE, x=Axis(RATE, 0.01, 0.1))
    view.show_picture(_picture(2.0))
    view.show_picture(_picture(3.0, zoomed, spacing=8))
    assert len(view.plot.images.colors()) == 2
    place = view.plot.box.mapViewToScene(QPointF(-1.5, 0.0)).toPoint()
    QTest.mouseMove(view.plot.plot.viewport(), view.plot.plot.mapFromScene(place))
    assert "loss 2.000" in _caption(view)  # the old one's
    before = view.plot.images.colors()
    view.show_picture(_picture(3.0, zoomed, spacing=2))
    assert [any(image is other for other in before) for image in view.plot.images.colors()] == [False, True]
    view.plot.images.show_ends(Range(0.0, 1.0))  # the one that stays is painted again with other colours
    assert not any(image is other for image in view.plot.images.colors() for other in before)
    view.show_picture(_picture(3.0, zoomed))
    assert len(view.plot.images.colors()) == 1
    assert "loss 3.000" in _caption(view)
    view.show_choice(STARTS, "starts")
    assert view.plot.images.colors() == []
    assert view.plot.images.bar.ends is None
    view.show_picture(_picture(3.0, STARTS, spacing=2))
    assert len(view.plot.images.colors()) == 1


def test_the_cross_is_whole_and_an_arrow_points_outside(view: MapView) -> None:
    (x, y), box, cross = (FAILURE.x, FAILURE.y), view.plot.box, view.plot.cross
    sides = {"left": (1e-9, 1.0), "right": (5.0, 1.0), "down": (0.1, 0.0), "up": (0.1, 1e5)}
    corners = [(x_end, y_end) for x_end in (x.low, x.high) for y_end in (y.low, y.high)]
    for symbol, at in (
        ("+", (0.1, 1.0)),
        *(("+", at) for at in corners),
        *((f"arrow_{s}", p) for s, p in sides.items()),
    ):
        view.plot.show_origin(*at)
        [drawn] = np.column_stack(cross.getData())
        assert cross.opts["symbol"] == symbol
        room = box.mapRectToScene(box.boundingRect()).adjusted(8, 8, -8, -8)  # half of it, with its halo
        assert room.contains(box.mapViewToScene(QPointF(*drawn))), at
        if at == (0.1, 1.0):
            assert drawn.tolist() == [-1.0, 0.0]


def test_a_tap_looks_and_a_second_one_at_its_place_opens_once(view: MapView) -> None:
    view.show_picture(picture := _picture(_slope()))
    chosen, pointed = heard(view.point_chosen), heard(view.point_pointed)
    place, elsewhere = _at(view, 40.5 / PIXELS[0], 8.5 / PIXELS[1]), _at(view, 0.2, 0.5)
    fingers(view.plot.plot.viewport(), (place,))
    assert pointed == [picture.point_at(40, 8)]
    assert "loss" in _caption(view)
    fingers(view.plot.plot.viewport(), (elsewhere,))
    fingers(view.plot.plot.viewport(), (place,))
    assert chosen == []
    fingers(view.plot.plot.viewport(), (place,))
    assert chosen == list(picture.point_at(40, 8))
    fingers(view.plot.plot.viewport(), (place,))  # a first one again
    assert len(chosen) == 2
    assert not child(view.plot, QTimer, "mapClick").isActive()  # no mouse has clicked


def test_two_fingers_pan_and_pinch_and_do_not_open(view: MapView) -> None:
    view.show_picture(_picture())
    chosen, box, before = heard(view.point_chosen), view.plot.box, view.plot.box.view
    one, other = _at(view, 0.4, 0.5), _at(view, 0.6, 0.5)
    right = QPoint(30, 0)
    fingers(view.plot.plot.viewport(), (one, other), (one + right, other + right))
    assert np.ptp(box.view[0]) == pytest.approx(np.ptp(before[0]))
    assert before[0].low - box.view[0].low == pytest.approx(30 / box.width() * np.ptp(before[0]))
    view.plot.box.look(*before)
    middle = box.viewRect().center().x()
    fingers(view.plot.plot.viewport(), (one, other), (_at(view, 0.3, 0.5), _at(view, 0.7, 0.5)))
    assert np.ptp(box.view[0]) == pytest.approx(np.ptp(before[0]) / 2, rel=0.02)
    assert box.viewRect().center().x() == pytest.approx(middle, abs=0.01 * np.ptp(before[0]))
    assert chosen == []


def test_mouse_events_synthesised_from_touch_are_ignored(view: MapView) -> None:
    view.show_picture(_picture())
    viewport, place = view.plot.plot.viewport(), QPointF(_at(view, 0.5, 0.5))
    for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
        source, none = Qt.MouseEventSource.MouseEventSynthesizedBySystem, Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(kind, place, place, viewport.mapToGlobal(place), LEFT, LEFT, none, source)
        QApplication.sendEvent(viewport, event)
    assert not child(view.plot, QTimer, "mapClick").isActive()


def test_trouble_takes_the_place_of_the_picture(view: MapView) -> None:
    view.show_picture(_picture())
    view.show_trouble("The gradient is 0 here.")
    assert child(view, QLabel, "mapTrouble").text() == "The gradient is 0 here."
    assert view.plot.images.colors() == []
    view.show_picture(_picture())
    assert child(view, QLabel, "mapTrouble").text() == ""
    assert len(view.plot.images.colors()) == 1
    view.plot.show_origin(0.01, 1.0)
    view.show_hindrance("No samples.")
    assert child(view, QLabel, "mapTrouble").text() == view.trouble == "No samples."
    assert _caption(view) == ""
    assert view.plot.images.colors() == []
    assert not len(view.plot.cross.getData()[0])
    assert not view.plot.isEnabled()
    assert child(view, QComboBox, "mapNamed").isEnabled()  # another map may go
    view.show_hindrance("")
    assert view.plot.isEnabled()
    assert child(view, QLabel, "mapTrouble").text() == ""


def test_the_names_of_the_axes_are_shortened_to_their_room(view: MapView, qtbot: QtBot) -> None:
    view.show_choice(replace(FAILURE, color="dead"), "")
    axis, found = view.plot.images.bar.axis, []
    for height in range(360, 180, -12):
        view.resize(560, height)
        QApplication.processEvents()
        found.append(axis.label.toPlainText().strip())
        assert QFontMetricsF(axis.label.font()).horizontalAdvance(found[-1]) <= axis.size().height()
    assert found[0] == "dead neurons at the end"
    assert "dead neurons" in found


def test_no_word_moves_the_picture(view: MapView, qtbot: QtBot) -> None:
    view.show_choice(STARTS, "starts")
    QApplication.processEvents()
    before, cancelled = view.plot.geometry(), heard(view.cancel_wanted)
    numbers = _slope()
    numbers[0] = np.inf
    view.show_picture(_picture(numbers, STARTS))
    view.show_facts("This run ends 1.7 away from the plane, " + 9 * "and so on ", "It ends 1.7 away from it.")
    assert _second(view) == "It ends 1.7 away from it."
    QTest.mouseMove(view.plot.plot.viewport(), _at(view, 0.5, 0.5))
    view.progress.begin(shows_time_left=True)
    view.progress.set_share(0.5)
    qtbot.waitUntil(lambda: child(view, QToolButton, "mapCancel").isVisible())
    QTest.mouseClick(child(view, QToolButton, "mapCancel"), LEFT)
    assert cancelled == [None]
    assert view.plot.geometry() == before
    view.progress.end()
    view.show_facts("")
    QApplication.processEvents()
    assert view.plot.geometry() == before
    view.show_choice(FAILURE, "failure")
    assert not _shown(view, "mapTold")


def test_the_lists_stand_where_they_leave_the_larger_picture(view: MapView) -> None:
    view.resize(1_000, 320)
    QApplication.processEvents()
    before = view.plot.size()
    child(view, QToolButton, "mapMore").click()
    QApplication.processEvents()
    assert view.plot.height() == before.height()
    for width, height in ((400, 320), (626, 617)):  # the latter beside the function plot, in the usual window
        view.resize(width, height)
        QApplication.processEvents()
        assert view.plot.width() > width - 100
    assert view.controls.lists.geometry().bottom() < view.plot.y()


def test_its_size_is_told_in_pixels_of_the_screen_once_it_rests(qtbot: QtBot) -> None:
    view = MapView()
    sizes, shown = heard(view.plot.size_changed), heard(view.shown)
    seen(qtbot, view, 560, 320)
    assert shown == [None]
    view.show_choice(FAILURE, "failure")
    qtbot.waitUntil(lambda: bool(sizes))
    first = list(sizes)
    assert first == [round(view.plot.box.width()), round(view.plot.box.height())]
    for width in range(570, 640, 10):
        view.resize(width, 320)
    qtbot.waitUntil(lambda: len(sizes) == 4)
    assert sizes[2:] == [first[0] + 70, first[1]]
