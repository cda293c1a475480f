"""What is pressed, typed or refused does not push what is beside or below it away, and is not cut."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFont, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QTextBrowser,
    QTextEdit,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import OFFSCREEN, child, shown_snapshot, train_to
from tests.gui.pixels import colors_in
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.run.run import Phase
from tinynet_gui.core.text.numbers import loss_text
from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.style.colors import LIGHT
from tinynet_gui.ui.widgets.text import ElidedLabel
from tinynet_gui.ui.window.main_window import MainWindow

IS_PAINTED = False  # what is where, and what is said, is looked at


def _place(window: MainWindow, kind: type[QWidget], name: str) -> tuple[QPoint, int]:
    widget = child(window, kind, name)
    return widget.mapTo(window, QPoint(0, 0)), widget.width()


def _settled(look: Callable[[], object]) -> object:
    QApplication.processEvents()
    return look()


def test_running_switches_and_errors_move_nothing(window: MainWindow) -> None:
    window.views.panel.show_all(True)

    def places() -> list[tuple[QPoint, int]]:
        QApplication.processEvents()
        buttons = ("actionStepButton", "editData", "curveParts", "probe")
        found = [_place(window, QToolButton, name) for name in buttons]
        return found + [_place(window, QAbstractSpinBox, name) for name in ("noise", "networkSeed", "stopStep")]

    before = places()
    for running in (True, False):
        window.actions_.show_running(running)
        assert places() == before
    child(window.views.function_plot, QToolButton, "curveParts").click()
    assert places() == before
    count = child(window.views.panel, QAbstractSpinBox, "sampleCount")
    count.lineEdit().setText("5000")
    count.editingFinished.emit()
    error = child(window, QLabel, "sampleCountError")
    assert error.isVisible()
    assert error.text().startswith("Samples: ")
    assert places() == before


def test_a_refused_number_moves_nothing_in_the_inspector(window: MainWindow) -> None:
    table = window.views.inspector.numbers.table
    before = _place(window, QLabel, "inspectorFacts"), _place(window, QWidget, "inspectorMovement")
    table.edit(table.model().index(1, 1))
    editor = child(table, QLineEdit)
    assert editor.palette().highlight().color() == LIGHT.color("accent")
    assert editor.palette().highlightedText().color() == LIGHT.color("on_accent")
    QTest.keyClicks(editor, "often")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert child(window, QLabel, "inspectorError").isVisible()
    after = _settled(lambda: (_place(window, QLabel, "inspectorFacts"), _place(window, QWidget, "inspectorMovement")))
    assert after == before


def test_play_moves_nothing(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_["actionMicroscope"].trigger()
    qtbot.waitUntil(lambda: window.views.microscope.dissection is not None)
    names = ((QComboBox, "microscopeSample"), (QWidget, "microscopePage"), (QToolButton, "microscopePlay"))
    before = _settled(lambda: [_place(window, *name) for name in names])
    window.views.microscope.phases.play_button.click()
    assert _settled(lambda: [_place(window, *name) for name in names]) == before
    window.views.microscope.phases.stop()


def test_the_status_bars_words_are_not_cut(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"data.held_out": 0.3, "training.stop_step": 20})
    train_to(window, qtbot, 20)
    phases: tuple[Phase, ...] = ("finished", "running")
    for width, phase in itertools.product((1024, 1280), phases):
        window.resize(width, 700)
        window.frame.status.show_status(replace(window.session.state.status, phase=phase))
        QApplication.processEvents()
        for label in window.frame.status.findChildren(QLabel):
            if label.isVisible():
                needed = label.fontMetrics().horizontalAdvance(label.text())
                assert needed <= label.contentsRect().width(), label.text()
        assert child(window, QLabel, "phaseLabel").text().startswith(("finished; Start continues", "training"))


def test_title_time_line_and_status_bar_show_one_moment(window: MainWindow, qtbot: QtBot) -> None:
    label, step = child(window, QLabel, "lossLabel"), child(window, QLabel, "stepLabel")
    differing: list[tuple[str, str]] = []

    def compare(old: AppState, new: AppState) -> None:
        if label.text() != window.views.function_plot.value.text().replace(" = ", " "):
            differing.append((label.text(), window.views.function_plot.value.text()))
        if step.text().partition(" /")[0] != window.views.time_line.steps.text():
            differing.append((step.text(), window.views.time_line.steps.text()))

    window.session.changed.connect(compare)
    window.session.start()
    qtbot.waitUntil(lambda: shown_snapshot(window).step > 1_000)
    window.session.pause()
    qtbot.waitUntil(lambda: window.session.state.status.phase == "paused")
    window.session.changed.disconnect(compare)
    assert not differing
    snapshot = shown_snapshot(window)
    qtbot.waitUntil(lambda: loss_text(snapshot.train_loss) in label.text())


@OFFSCREEN
def test_what_is_chosen_in_a_pop_up_can_be_read(window: MainWindow, qtbot: QtBot) -> None:
    box = child(window.views.panel, QComboBox, "activation")
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    row = view.visualRect(view.model().index(box.currentIndex(), 0))
    lights = [QColor(name).lightness() for name in colors_in(view.viewport().grab(row).toImage())]
    box.hidePopup()
    brightest, darkest = max(lights), min(lights)
    assert brightest > LIGHT.color("on_accent").lightness() - 25
    assert darkest > LIGHT.color("ink").lightness() + 40


def test_the_file_dialogs_buttons_have_icons(window: MainWindow, qtbot: QtBot) -> None:
    dialog = QFileDialog(window)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    buttons = [
        button for button in dialog.findChildren(QToolButton) if button.isVisible() and not button.icon().isNull()
    ]
    assert len(buttons) >= 6
    for button in buttons:
        middle = button.rect().adjusted(*(part * button.width() // 4 for part in (1, 1, -1, -1)))
        tones = {QColor(name).lightness() // 16 for name in colors_in(button.grab(middle).toImage())}
        assert len(tones) > 2, button.objectName()
    dialog.close()
    dialog.deleteLater()


def _broken_numbers(document: QTextDocument) -> list[str]:
    """Where a line ends within a number, with what is around it."""
    found = []
    block = document.begin()
    while block.isValid():
        layout, text = block.layout(), block.text()
        for number in range(layout.lineCount() - 1):
            end = layout.lineAt(number).textStart() + layout.lineAt(number).textLength()
            if re.fullmatch(r"[\d.,⁻⁰¹²³⁴⁵⁶⁷⁸⁹][\d.,·⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", text[end - 1 : end + 1]):
                found.append(text[max(0, end - 12) : end] + "|" + text[end : end + 12])
        block = block.next()
    return found


def test_no_number_is_broken_in_a_small_window(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1024, 700)
    window.actions_["actionMicroscope"].trigger()
    qtbot.waitUntil(lambda: window.views.microscope.dissection is not None)
    window.context.selection.pin(NeuronRef(0, 3))
    digits, page = child(window, QToolButton, "microscopeDigits"), child(window, QTextBrowser, "microscopePage")
    for all_digits, move in itertools.product((False, True), range(4)):
        digits.setChecked(all_digits)
        window.views.microscope.set_phase(move)
        assert not _broken_numbers(page.document()), move
        assert page.document().idealWidth() <= page.viewport().width() or page.horizontalScrollBar().maximum()
    window.views.inspector.tabs.setCurrentIndex(1)
    print_out = child(window, QTextEdit, "inspectorTorchText")
    QApplication.processEvents()
    assert not _broken_numbers(print_out.document())


def test_a_line_is_equally_high_whatever_letters_it_has(qtbot: QtBot) -> None:
    line, heights = ElidedLabel(), set()
    qtbot.addWidget(line)
    line.setFont(QFont(line.font().family(), 10))
    for text in ("", "Ada: 30 %", "李: ✓"):  # the last ones come from another font
        line.show_text(text)
        heights.add((line.sizeHint().height(), line.minimumSizeHint().height()))
    assert len(heights) == 1
