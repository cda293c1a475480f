"""By keys alone: Tab goes round all that can be used, in the order in which it is read; the focus is seen."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QLabel,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QStyle,
    QStyleOptionButton,
    QTabBar,
    QTextBrowser,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, seen, show_result, train_to
from tests.not_none import not_none
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.values import Floats
from tinynet_gui.ui.style.colors import DARK, DARK_HIGH, LIGHT, LIGHT_HIGH, Theme
from tinynet_gui.ui.style.theme import make_palette
from tinynet_gui.ui.views.lesson.lesson_text import LessonText
from tinynet_gui.ui.widgets.accessibility import WIDTH, FocusRing, scroll_to
from tinynet_gui.ui.widgets.text import ScrolledText
from tinynet_gui.ui.window.main_window import MainWindow

TAB_MOST = 200
Prepare = Callable[[MainWindow, QtBot], QWidget | None]


def _begin_lesson(window: MainWindow, qtbot: QtBot) -> None:
    window.features.lessons.open_file(str(resource_path("lessons/01-the-tutorial.md")))
    qtbot.waitUntil(lambda: window.views.lesson.page is not None)


def _leave_lesson(window: MainWindow, qtbot: QtBot) -> None:
    _begin_lesson(window, qtbot)
    child(window.views.lesson, QToolButton, "lessonLeave").click()


def _open(action: str) -> Prepare:
    def prepare(window: MainWindow, qtbot: QtBot) -> QWidget:
        window.actions_[action].trigger()
        return next(dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())

    return prepare


def _show(name: str) -> Prepare:
    def prepare(window: MainWindow, qtbot: QtBot) -> None:
        train_to(window, qtbot, 20)
        show_result(window, window.views[name])

    return prepare


STATES: dict[str, Prepare] = {
    "first sight": lambda window, qtbot: None,
    "trained": lambda window, qtbot: train_to(window, qtbot, 300),
    "lesson": _begin_lesson,
    "left lesson": _leave_lesson,
    "experiments": _show("experiments"),
    "map": _show("map"),
    "microscope": _show("microscope"),
    "whole stage": lambda window, qtbot: window.frame.arranger.maximize(window.views.function_plot),
    "presentation": lambda window, qtbot: window.frame.presentation.set_on(True),
    "all settings": lambda window, qtbot: window.views.panel.show_all(True),
    "glossary": _open("actionGlossary"),
    "what is visible": _open("actionVisible"),
}


def _can_be_used(widget: QWidget) -> bool:
    scrolls = widget.verticalScrollBar().maximum() > 0 if isinstance(widget, QScrollArea) else True
    takes_keys = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    return bool(takes_keys) and scrolls and widget.isVisible() and widget.isEnabled()


def _place(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint()), widget.size())


def _in_sight(widget: QWidget) -> QRect:
    """What is not scrolled or cut away of a widget."""
    seen, around = _place(widget), widget.parentWidget()
    while around is not None:
        seen &= _place(around)
        around = None if around.isWindow() else around.parentWidget()
    return seen


def _walk(window: QWidget, key: Qt.Key) -> dict[QWidget, tuple[QRect, QRect]]:
    """Press a key until the focus is where it began; what has links has it several times in a row.

    Returns
    -------
    dict
        Where each one stood when it had the focus, and when the next one had it: to show that, all may be scrolled.
    """
    QTest.keyClick(QApplication.focusWidget() or window, key)
    begun = last = not_none(QApplication.focusWidget())
    met = {begun: (_place(begun), _place(begun))}
    for _ in range(TAB_MOST):
        QTest.keyClick(last, key)
        focus = not_none(QApplication.focusWidget())
        assert focus.isVisible(), focus.objectName()
        assert not _in_sight(focus).isEmpty(), focus.objectName()
        met[last] = met[last][0], _place(last)
        if focus is begun:
            return met
        if focus is not last:
            assert focus not in met, focus.objectName()
            met[focus], last = (_place(focus), _place(focus)), focus
        else:
            assert isinstance(focus, QLabel | QTextBrowser), focus.objectName()  # from link to link
    pytest.fail(f"never came back: {[each.objectName() for each in met]}")


def _goes_back(first: QRect, then: QRect) -> bool:
    """Whether what follows stands above, or in the same row to the left."""
    beside = first.top() <= then.bottom() and then.top() <= first.bottom()
    above = first.left() <= then.right() and then.left() <= first.right()
    return (above and then.bottom() < first.top()) or (beside and then.right() < first.left())


@pytest.mark.parametrize("state", STATES)
def test_tab_goes_round_all_that_can_be_used_as_it_is_read(state: str, window: MainWindow, qtbot: QtBot) -> None:
    shown = STATES[state](window, qtbot) or window
    QApplication.processEvents()
    shown.setFocus()
    met = _walk(shown, Qt.Key.Key_Tab)
    assert {each.objectName() for each in met} == {
        each.objectName() for each in shown.findChildren(QWidget) if _can_be_used(each)
    }
    steps = pairwise(met.items())
    back_ones = [(one.objectName(), other.objectName()) for (one, (_, a)), (other, (b, _)) in steps if _goes_back(a, b)]
    assert back_ones == []
    order, back = list(met), list(_walk(shown, Qt.Key.Key_Backtab))
    turn = back.index(order[0])
    assert [*back[turn:], *back[:turn]] == [order[0], *reversed(order[1:])]


def test_start_is_first_and_the_time_line_last(window: MainWindow, qtbot: QtBot) -> None:
    names = [each.objectName() for each in _walk(window, Qt.Key.Key_Tab)]
    assert names[0] == "startButton"
    train_to(window, qtbot, 20)
    window.setFocus()
    names = [each.objectName() for each in _walk(window, Qt.Key.Key_Tab)]
    order = ["startButton", "learningRate", "networkDiagram", "functionInput", "timeLineTrack", "timeLineStep"]
    assert [name for name in names if name in order] == order


def test_what_is_hidden_keeps_no_focus(window: MainWindow, qtbot: QtBot) -> None:
    _begin_lesson(window, qtbot)
    bar = window.frame.layout.side.tabBar()
    bar.setFocus()
    child(window.views.lesson, QToolButton, "lessonLeave").click()
    assert not bar.isVisible()
    assert not_none(QApplication.focusWidget()).isVisible()
    elsewhere = child(window, QLineEdit, "functionInput")
    elsewhere.setFocus()
    elsewhere.hide()
    assert not_none(QApplication.focusWidget()).objectName() == "seedBand"  # what follows


def _click(widget: QWidget) -> None:
    """Click near a corner of a widget in which nothing else is, by way of its window, as the system does."""
    there = widget.mapTo(widget.window(), widget.rect().bottomLeft() + QPoint(4, -4))
    QTest.mouseClick(widget.window().windowHandle(), Qt.MouseButton.LeftButton, pos=there)


def test_no_focus_frame_shows_until_a_key_is_pressed(window: MainWindow, qtbot: QtBot) -> None:
    diagram, field = window.views.diagram, child(window, QLineEdit, "hiddenLayers")
    _click(diagram)
    assert diagram.hasFocus()
    assert not child(diagram, FocusRing).isVisible()
    QTest.keyClick(diagram, Qt.Key.Key_Down)
    assert child(diagram, FocusRing).isVisible()
    _click(field)
    assert child(field, FocusRing).isVisible()  # where a key will go, that is typed


def test_the_frame_of_a_circle_is_a_circle_round_it(qtbot: QtBot) -> None:
    radio: QRadioButton = seen(qtbot, QRadioButton(), 60, 40, LIGHT)
    radio.setFixedSize(radio.sizeHint())
    FocusRing(radio, False)
    frame = child(radio, FocusRing).geometry()
    assert frame.width() == frame.height()
    option = QStyleOptionButton()
    radio.initStyleOption(option)
    circle = radio.style().subElementRect(QStyle.SubElement.SE_RadioButtonIndicator, option, radio)
    assert frame.adjusted(WIDTH, WIDTH, -WIDTH, -WIDTH).contains(circle)


def test_the_frame_of_a_text_leaves_its_first_line_alone(qtbot: QtBot) -> None:
    lesson, scrolled = LessonText(), ScrolledText("title")
    lesson.show_text("flÅÉ")
    scrolled.setText("flÅÉ")
    for text, framed in ((lesson, lesson), (scrolled, child(scrolled, QLabel))):
        seen(qtbot, text, 200, 40, LIGHT)
        top = framed.grab(QRect(0, 0, framed.width(), WIDTH)).toImage()
        assert len(np.unique(_luminance(top))) == 1, text


def _luminance(image: QImage) -> Floats:
    """The relative luminance of each pixel, as WCAG has it."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    shape = image.height(), image.bytesPerLine() // 4, 4
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(shape)[:, : image.width(), 2::-1]
    values = np.arange(256) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    luminance: Floats = linear[pixels] @ np.array([0.2126, 0.7152, 0.0722])
    return luminance


def _framed(widget: QWidget) -> QRect:
    """What the focus should be seen round: of tabs the one in front, of a box its words."""
    if isinstance(widget, QTabBar):
        return widget.tabRect(widget.currentIndex())
    if isinstance(widget, QCheckBox | QRadioButton):
        return QRect(QPoint(), widget.sizeHint().boundedTo(widget.size()))
    return widget.rect()


def _seen_share(window: MainWindow, widget: QWidget) -> float:
    """How much of a line round a widget changes 3:1 or more as it gets the focus, at the same pixels."""
    window.setFocus()
    scroll_to(widget)
    QApplication.processEvents()
    place = _place(widget)
    before = _luminance(window.grab(place).toImage()) + 0.05
    widget.setFocus(Qt.FocusReason.OtherFocusReason)
    after = _luminance(window.grab(place).toImage()) + 0.05
    changed = np.maximum(before, after) >= 3 * np.minimum(before, after)
    framed = _framed(widget)
    return float(changed.sum()) / (2 * (framed.width() + framed.height()))


def _in_all_states(window: MainWindow, qtbot: QtBot) -> Iterator[QWidget]:
    """Yield once each of what can be used, in the states in which most can."""
    met = set[QWidget]()

    def new() -> Iterator[QWidget]:
        QApplication.processEvents()
        there = [each for each in window.findChildren(QWidget) if _can_be_used(each) and each not in met]
        met.update(there)
        yield from there

    window.resize(1280, 1000)
    train_to(window, qtbot, 20)
    window.views.panel.show_all(True)
    window.views.inspector.numbers.show_all(True)
    yield from new()
    for button in window.findChildren(QToolButton):  # on, too
        if button.isCheckable() and button.isVisible() and not button.isChecked():
            button.setChecked(True)
            yield button
            button.setChecked(False)
    for tabs in (window.frame.layout.tabs, window.views.inspector.tabs):
        for place in range(tabs.count()):
            tabs.setCurrentIndex(place)
            yield from new()
    window.frame.layout.tabs.setCurrentIndex(0)
    _begin_lesson(window, qtbot)
    yield from new()


@pytest.mark.parametrize("theme", [LIGHT, DARK, LIGHT_HIGH, DARK_HIGH])
def test_the_focus_is_seen(theme: Theme, window: MainWindow, qtbot: QtBot) -> None:
    window.set_scheme("dark" if theme.is_dark else "light")
    if theme.is_high:
        QApplication.setPalette(make_palette(theme))
    QTest.keyClick(window, Qt.Key.Key_Shift)  # no mouse is used
    shares = {}
    for widget in _in_all_states(window, qtbot):
        is_on = isinstance(widget, QToolButton) and widget.isChecked()
        shares[widget.objectName() or type(widget).__name__, is_on] = _seen_share(window, widget)
    assert {name: share for name, share in shares.items() if share < 0.8} == {}
    assert len(shares) > 60
