"""What must not be overlooked: it covers nothing, moves nothing, and no second click hits what it brings."""

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child, heard
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.ui.window.main_window import MainWindow

SIZES = [(600, 330), (960, 500), (1_024, 700), (1_280, 800), (1_920, 1_080)]


def _place(widget: QWidget) -> QRect:
    """On the screen, as far as it is to be seen."""
    visible = widget.visibleRegion().boundingRect()
    return QRect(widget.mapToGlobal(visible.topLeft()), visible.size())


def _stay(window: MainWindow) -> list[QRect]:
    views = (window.diagram, window.function_plot, window.loss_plot)
    buttons = window.transport.findChildren(QToolButton)
    return [_place(w) for w in (window.panel, window.transport, *views, *buttons)]


def _diverge(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.learning_rate": 10.0})
    window.session.fast_forward()
    qtbot.waitUntil(window.banner.isVisible)
    QApplication.processEvents()  # what has to be laid out anew is


def _ask(window: MainWindow, qtbot: QtBot) -> None:
    QTest.mouseClick(child(window, QToolButton, "whyButton"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(child(window, QLabel, "whyText").isVisible)
    QApplication.processEvents()


def test_a_message_and_its_reasons_cover_and_move_nothing(window: MainWindow, qtbot: QtBot) -> None:
    views = (window.panel, window.diagram, window.function_plot, window.loss_plot)
    for size in SIZES:
        window.resize(*size)
        window.session.take_step()  # with the first one the time line comes, and stays
        qtbot.waitUntil(window.time_line.isVisible)
        for _ in range(3):  # a layout asks for another one where it has become narrow or wide
            QApplication.processEvents()
        before = _stay(window)
        _diverge(window, qtbot)
        assert _stay(window) == before, size
        _ask(window, qtbot)
        assert _stay(window) == before, size
        for place in (_place(window.banner), _place(window.banner.card)):
            assert not any(_place(view).intersects(place) for view in views), size
        window.session.reset()
        window.session.edit({"training.learning_rate": 0.001})
        qtbot.waitUntil(lambda: not window.banner.isVisible())
        QApplication.processEvents()
        assert _stay(window) == before, size
        qtbot.waitUntil(window.inspector.isVisible)


def test_the_whole_message_can_be_read(window: MainWindow) -> None:
    words = child(window, QLabel, "messageLabel")
    window.session.blockSignals(True)  # which would take the word back
    for size in SIZES:
        window.resize(*size)
        for message in (
            "Diverged at step 123,456: loss not finite. Shown: step 123,455.",
            "Learning rate 4.567·10⁻⁵ is too large for these data, as a trial shows.",
        ):
            window.banner.say(message)
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
    qtbot.waitUntil(child(window, QLabel, "whyText").isVisible)
    assert why.isVisible()
    assert _place(why) == before
    assert not _place(window.banner.card).intersects(before)
    QTest.mouseDClick(why, Qt.MouseButton.LeftButton)  # a second press that comes after the answer
    assert window.banner.card.isVisible()
    assert window.session.config == config


def test_why_folds_its_answer_with_another_click(window: MainWindow, qtbot: QtBot) -> None:
    _diverge(window, qtbot)
    _ask(window, qtbot)
    QTest.mouseClick(child(window, QToolButton, "whyButton"), Qt.MouseButton.LeftButton)
    assert not window.banner.card.isVisible()
    assert window.banner.isVisible()
    _ask(window, qtbot)
    QTest.mouseClick(child(window, QToolButton, "whyClose"), Qt.MouseButton.LeftButton)
    assert window.inspector.isVisible()
    _ask(window, qtbot)
    window.selection.pin(NeuronRef(0, 3))
    assert window.inspector.isVisible()


def test_applying_says_that_the_run_restarts_and_happens_once(window: MainWindow, qtbot: QtBot) -> None:
    _diverge(window, qtbot)
    _ask(window, qtbot)
    apply = child(window, QPushButton, "adviceButton")
    note = child(window, QLabel, "adviceNote")
    assert note.isVisible()
    assert "from step 0" in note.text()
    assert "restart" in apply.text()
    followed = heard(window.banner.advice_wanted)
    card = window.banner.card
    card.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)  # as with a real mouse
    QTest.mouseClick(apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.banner.isVisible())
    assert card.isVisible()  # nothing else comes under the pointer
    for click in (QTest.mouseDClick, QTest.mouseClick):
        click(apply, Qt.MouseButton.LeftButton, pos=QPoint(9, 9))
    assert len(followed) == 1
    card.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    QApplication.sendEvent(card, QEvent(QEvent.Type.Leave))
    assert window.inspector.isVisible()


def test_the_window_can_be_narrow(window: MainWindow) -> None:
    assert window.minimumSizeHint().width() <= 640
    assert window.minimumSizeHint().height() <= 360
    assert window.transport.height() < 70
