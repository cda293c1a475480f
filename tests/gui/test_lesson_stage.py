"""What a lesson does to the window: where the learner is, what each page prepares, and what comes back after it."""


from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import child
from tinynet_gui.core.lessons.reader import read_lesson
from tinynet_gui.ui.window.main_window import MainWindow

HEAD = '+++\ntitle = "Ours"\nabout = "For tests."\nminutes = 1\n+++\n'
GOAL = """## Reach

```lesson
goal = {text = "Two neurons.", condition = "neurons == 2", hint = "Type 2."}
```

Done.
"""


def _page(title: str, block: str = "") -> str:
    return f"## {title}\n\nRead.\n\n" + (f"```lesson\n{block}\n```\n\nSeen.\n\n" if block else "")


def _begin(window: MainWindow, qtbot: QtBot, *pages: str) -> None:
    window.lesson_player.begin(read_lesson(f"{HEAD}\n{''.join(pages)}"))
    _wait(window, qtbot)


def _wait(window: MainWindow, qtbot: QtBot) -> None:
    """Until the page is there."""
    player = window.lesson_player
    qtbot.waitUntil(lambda: player.progress is not None and player.progress.stage != "enter")


def _press(window: MainWindow, name: str) -> None:
    button = child(window.lesson, QPushButton, name)
    assert button.isVisibleTo(window.lesson)
    assert button.isEnabled()
    button.click()


def _next(window: MainWindow, qtbot: QtBot) -> None:
    _press(window, "lessonNext")
    _wait(window, qtbot)


def _fail(window: MainWindow, qtbot: QtBot) -> None:
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: window.lesson_player.unmet is not None)


def test_a_check_that_failed_leaves_the_learner_in_the_settings(window: MainWindow, qtbot: QtBot) -> None:
    """The first change after it takes back why, for it was said of another run; not the tab."""
    side = child(window, QTabWidget, "sideTabs")
    _begin(window, qtbot, GOAL)
    _fail(window, qtbot)
    side.setCurrentWidget(window.panel)
    window.session.edit({"network.hidden": (3,)})
    assert window.lesson_player.unmet is None
    assert side.currentWidget() is window.panel
    _fail(window, qtbot)
    window.session.edit({"network.hidden": (2,)})
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: window.lesson_player.progress.is_finished)
    assert side.currentWidget() is window.lesson  # there is something to be read


def test_what_was_typed_before_a_check_counts(window: MainWindow, qtbot: QtBot) -> None:
    side, field = child(window, QTabWidget, "sideTabs"), child(window, QLineEdit, "hiddenLayers")
    _begin(window, qtbot, GOAL)
    _fail(window, qtbot)
    side.setCurrentWidget(window.panel)
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "2")
    assert window.session.config.network.hidden != (2,)
    bar = side.tabBar()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(side.indexOf(window.lesson)).center())
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: window.lesson_player.progress.is_finished)


def test_a_hint_comes_with_the_first_check_that_fails_and_stays(window: MainWindow, qtbot: QtBot) -> None:
    hint = child(window.lesson, QLabel, "lessonHint")
    _begin(window, qtbot, GOAL)
    assert not hint.isVisible()
    _fail(window, qtbot)
    assert (hint.isVisible(), hint.text()) == (True, "Hint: Type 2.")
    window.session.edit({"network.hidden": (3,)})
    assert hint.isVisible()
    window.session.edit({"network.hidden": (2,)})
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: window.lesson_player.progress.is_finished)
    assert not hint.isVisible()


def test_next_stays_where_it_is(window: MainWindow, qtbot: QtBot) -> None:
    pages = [
        _page("A title that is so long that it takes two lines in so narrow a pane"),
        _page("Ask", 'ask = "How many?"\nnumber = {answer = "neurons", low = 0, high = 20, near = 0}'),
        _page("Train", "train_to = 20"),
        _page("Last"),
    ]
    _begin(window, qtbot, *pages)
    button, places = child(window.lesson, QPushButton, "lessonNext"), set[tuple[int, int, int]]()

    def note() -> None:
        QApplication.processEvents()
        place = button.mapTo(window.lesson, button.rect().bottomRight())
        places.add((button.width(), place.x(), window.lesson.height() - place.y()))

    note()
    _next(window, qtbot)
    note()
    child(window.lesson, QWidget, "lessonSkip").click()  # type: ignore[attr-defined]
    note()
    _next(window, qtbot)
    _press(window, "lessonAction")
    qtbot.waitUntil(lambda: window.lesson_player.progress.stage == "done")
    note()
    _next(window, qtbot)
    note()
    assert len(places) == 1
