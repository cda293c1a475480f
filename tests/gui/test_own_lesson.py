"""A teacher's own lesson in the window: its data in view, pictures, formulas, links that ask, mistakes listed."""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QGuiApplication, QImage, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from tests.e2e.play import run_python
from tests.gui.conftest import apply_theme, child, heard, seen, warning
from tests.gui.pixels import colors_in
from tests.lessons import OWN_LESSON
from tests.not_none import not_none
from tinynet_gui.core.lessons.playing.predictions import Skipped
from tinynet_gui.ui.features.lessons.library import LessonMistakes
from tinynet_gui.ui.style.colors import DARK, LIGHT, Theme
from tinynet_gui.ui.style.theme import Zoom, zoom_application
from tinynet_gui.ui.views.function_plot.function_plot import FunctionPlot
from tinynet_gui.ui.views.lesson import lesson_text
from tinynet_gui.ui.views.lesson.lesson_text import LessonText
from tinynet_gui.ui.widgets.plots.plot_menu import Range
from tinynet_gui.ui.window.main_window import MainWindow

CUP, BROWN = OWN_LESSON.with_name("cup.png"), "#7b4f2c"
ELSEWHERE = """
## Elsewhere

```lesson
setting = "x=-300,-200,-100&y=1,2,3"
train_to = 10
```
"""


def _text(qtbot: QtBot, markdown: str, theme: Theme = LIGHT, width: int = 400) -> LessonText:
    text = seen(qtbot, LessonText(), width, 300, theme)
    text.show_text(markdown, {"cup.png": CUP.read_bytes()})
    return text


def _rows_of(image: QImage, color: str, columns: range) -> list[int]:
    """The rows of a picture that have a colour in some columns, first and last."""
    rows = [y for y in range(image.height()) if any(image.pixelColor(x, y) == QColor(color) for x in columns)]
    return [rows[0], rows[-1]]


def _has_all_in_view(plot: FunctionPlot) -> bool:
    points, ranges = plot.scene.points, plot.plot.getViewBox().viewRange()
    return all(
        low < values.min() and values.max() < high and values.max() - values.min() > 0.3 * (high - low)
        for values, (low, high) in zip((points.x, points.y), ranges, strict=True)
    )


def test_the_view_fits_each_page_and_the_users_zoom_returns(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for file in OWN_LESSON.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    own = tmp_path / "own.md"
    own.write_text(OWN_LESSON.read_text(encoding="utf-8").replace("\n## The law", f"{ELSEWHERE}\n## The law"), "utf-8")
    player, plot = window.context.lesson_player, child(window, FunctionPlot, "functionPlot")
    zoom = [[-1.0, 1.5], [0.0, 2.0]]

    def zoomed() -> None:
        for set_range, ends in zip((plot.plot.setXRange, plot.plot.setYRange), zoom, strict=True):
            set_range(*ends, padding=0)

    def stands(at: int, stage: str, samples: int) -> None:
        qtbot.waitUntil(lambda: not_none(player.progress).status == stage and not_none(player.progress).at == at)
        assert len(plot.scene.points) == samples
        assert _has_all_in_view(plot)

    zoomed()
    window.views.loss_plot.view.show_range(Range(0, 50), Range(-1, 0))
    window.features.lessons.open_file(str(own))
    stands(0, "ask", 12)
    assert not_none(plot.scene.points).origin == "coffee.csv"
    zoomed()
    player.answer(Skipped())
    player.act()
    qtbot.waitUntil(lambda: not_none(player.progress).status == "done")
    assert plot.plot.getViewBox().viewRange() == zoom  # within the page it is the user's
    player.go_next()
    stands(1, "act", 3)
    zoomed()
    player.go_back()
    qtbot.waitUntil(lambda: window.session.state.snapshot is not None)
    stands(0, "act", 12)
    assert window.session.state.run.step == 3000
    assert window.views.loss_plot.view.typed is None
    player.leave()
    assert plot.plot.getViewBox().viewRange() == zoom
    assert window.views.loss_plot.view.typed == (Range(0, 50), Range(-1, 0))
    np.testing.assert_array_less(plot.scene.points.x, 5)  # it is the tutorial


def test_in_a_presentation_only_the_lesson_is_at_the_side(window: MainWindow, qtbot: QtBot) -> None:
    window.frame.arranger.begin_presentation()
    assert not window.views.panel.isVisible()
    window.features.lessons.open_file(str(OWN_LESSON))
    qtbot.waitUntil(window.views.lesson.isVisible)
    assert not window.views.inspector.isVisible()
    window.context.lesson_player.leave()
    assert not window.views.panel.isVisible()
    window.frame.arranger.end_presentation()
    assert window.views.panel.isVisible()


def test_mistakes_are_listed_to_read_and_to_copy(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    wrong = tmp_path / (
        "wrong &amp;.md" if sys.platform == "win32" else "wrong <b>.md"
    )  # which no file there is called
    wrong.write_text(OWN_LESSON.read_text(encoding="utf-8").replace("{samples}", "{sample}"), encoding="utf-8")
    window.features.lessons.open_file(str(wrong))
    dialog = child(window, LessonMistakes, "lessonMistakes")
    assert dialog.windowTitle() == wrong.name
    lines = child(dialog, QPlainTextEdit, "lessonMistakesList").toPlainText().split("\n")
    assert [line.partition(":")[0] for line in lines] == ["line 11", "line 14", "line 29", "line 38"]
    assert "is “samples” meant?" in lines[2]
    buttons = child(dialog, QDialogButtonBox, "").buttons()
    next(button for button in buttons if button.text() == "Copy").click()
    assert QGuiApplication.clipboard().text().split("\n") == lines
    QTest.keyClick(child(dialog, QPlainTextEdit, "lessonMistakesList"), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(LessonMistakes) is None)
    assert window.context.lesson_player.progress is None


def test_a_link_opens_in_the_browser_once_the_user_agrees(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = list[QUrl]()

    def open_url(url: QUrl) -> bool:
        opened.append(url)
        return len(opened) == 1  # then there is no browser

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    address = "https://example.org/a%27b?c=1&d=%C3%BC#e"
    for key, count in ((Qt.Key.Key_Escape, 0), (Qt.Key.Key_Return, 1)):
        window.views.lesson.address_wanted.emit(address)
        box = child(window, QMessageBox, "openAddress")
        assert box.text() == address  # all of it, as plain text
        assert box.textFormat() == Qt.TextFormat.PlainText
        QTest.keyClick(box, key)
        qtbot.waitUntil(lambda: window.findChild(QMessageBox) is None)
        assert len(opened) == count
    assert opened[0].toString(QUrl.ComponentFormattingOption.FullyEncoded) == address
    window.views.lesson.address_wanted.emit(address)
    QTest.keyClick(child(window, QMessageBox, "openAddress"), Qt.Key.Key_Return)
    assert address in warning(window, qtbot)


def test_links_work_by_mouse_and_key_and_others_are_dropped(qtbot: QtBot) -> None:
    text = _text(
        qtbot, "[The bias](http://ex%C3%A4mple.org/a_(b)) [x](file:///etc) <mailto:a@b.org> [y](javascript:a) loss"
    )
    wanted, terms = heard(text.address_wanted), heard(text.term_wanted)
    text.activateWindow()
    text.setFocus()
    qtbot.waitUntil(text.hasFocus)
    for _ in range(2):
        QTest.keyClick(text, Qt.Key.Key_Tab)
        QTest.keyClick(text, Qt.Key.Key_Return)
    assert wanted == ["http://xn--exmple-cua.org/a_(b)"]  # as the browser is given it
    assert terms == ["loss"]
    cursor = QTextCursor(text.document())
    cursor.setPosition(6)
    QTest.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=text.cursorRect(cursor).center())
    assert wanted == 2 * ["http://xn--exmple-cua.org/a_(b)"]
    assert text.document().toHtml().count("<a ") == 2


def test_a_picture_is_as_wide_as_there_is_room(qtbot: QtBot) -> None:
    for scale, width in ((1.0, 700), (1.0, 200), (2.0, 400)):
        zoom_application(Zoom(scale))
        text = _text(qtbot, "![a cup](cup.png)\n\n![another](none.png)", width=width)
        shown, natural = min(480 * scale, width), (480, 270)
        height = shown * natural[1] / natural[0]
        assert text.heightForWidth(width) >= height
        text.resize(width, text.heightForWidth(width))
        image = text.grab().toImage()
        assert BROWN in colors_in(image)
        at = QPoint(round(shown * 0.35), round(height * 0.6))  # on the cup
        assert image.pixelColor(at) == QColor(BROWN)
        assert text.plain_text() == "a cup\nanother"
        assert text.accessibleDescription() == text.plain_text()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_formulas_stand_on_the_line_in_the_colour_of_the_text(qtbot: QtBot, theme: Theme) -> None:
    zoom_application(Zoom(3.0))
    text = _text(qtbot, "H $\\mathrm{H}$ $\\mathrm{H}_{i_j}$ $\\mathrm{H}\\frac{a}{b}$", theme, 800)
    image = text.grab().toImage()
    feet = []
    at = 0
    for letter in range(4):  # the leftmost column of ink of each H reaches down to its base line
        while not any(image.pixelColor(at, y) == theme.color("ink") for y in range(image.height())):
            at += 1
        feet.append(_rows_of(image, theme.ink, range(at, at + 12))[1])
        while any(
            image.pixelColor(x, y) == theme.color("ink") for x in range(at, at + 14) for y in range(image.height())
        ):
            at += 1
        assert letter == len(feet) - 1
    assert max(feet) - min(feet) <= 2
    other = DARK if theme is LIGHT else LIGHT
    apply_theme(text, other)
    assert theme.ink not in colors_in(text.grab().toImage())


def test_repeated_pictures_and_formulas_are_made_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Counter[str]()
    for name in ("read_picture", "FormulaObject"):
        make = getattr(lesson_text, name)
        monkeypatch.setattr(lesson_text, name, lambda *a, name=name, make=make: made.update([name]) or make(*a))
    text = _text(qtbot, "$x$ ![one](cup.png) $y$ $$x$$ $x$\n\n- ![two](cup.png) $y$")
    assert made == {"read_picture": 1, "FormulaObject": 3}
    assert text.plain_text() == "$x$ one $y$ $x$ $x$\ntwo $y$"


def test_formulas_and_pictures_are_copied_as_their_source(qtbot: QtBot) -> None:
    text = _text(qtbot, "is $x^2\u00a0=\u00a0\\frac{1}{2}$ and \\$5 ![a cup](cup.png), `$y$`")
    text.selectAll()
    text.copy()
    assert QApplication.clipboard().text() == "is $x^2 = \\frac{1}{2}$ and $5 a cup, $y$"
    cursor = text.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(4, QTextCursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)
    text.copy()
    assert QApplication.clipboard().text() == "is $x^2 = \\frac{1}{2}$"
    assert text.accessibleDescription().startswith("is $x^2")
    assert _text(qtbot, "no table").accessibleDescription() == ""
    table = _text(qtbot, "before\n\n| rate | loss |\n|---|---|\n| 0.1 | 2 |").accessibleDescription()
    assert table.split() == ["before", "rate", "loss", "0.1", "2"]  # where Qt's own text has signs of its own


def test_what_was_copied_may_outlive_the_program() -> None:
    code = """from PySide6.QtWidgets import QApplication
from tinynet_gui.ui.views.lesson.lesson_text import LessonText
application, text = QApplication([]), LessonText()
text.show_text("is $x^2$")
text.selectAll()
text.copy()"""
    assert run_python(code).returncode == 0


def test_nothing_is_loaded_that_a_text_names(qtbot: QtBot) -> None:
    markdown = f"![other]({CUP.as_uri()}) ![web](https://example.org/cup.png) ![plain]({CUP.as_posix()})"
    text = _text(qtbot, markdown)
    assert text.toPlainText() == "other web plain"
    assert text.loadResource(2, QUrl(CUP.as_uri())) is None
    assert BROWN not in colors_in(text.grab().toImage())
