"""Keys, words, What's this? and tooltips: all of it is in the window, and says what it should in a few short lines."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QFontMetrics, QHelpEvent, QShortcut, QWhatsThisClickedEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTabBar,
    QTextBrowser,
    QToolTip,
    QTreeWidget,
    QWhatsThis,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow, child, show_result
from tests.not_none import not_none
from tinynet_gui.core.config.setting import FORMAT
from tinynet_gui.core.lessons.reading.reader import bundled_lessons
from tinynet_gui.core.network.refs import LayerRef
from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.wording.glossary import TERMS
from tinynet_gui.ui.features.find_action import NO_EFFECT, NOTHING, Finder, _action_entry, found
from tinynet_gui.ui.features.help import whats_this
from tinynet_gui.ui.views.panel.parameter_rows import SECTIONS
from tinynet_gui.ui.widgets.accessibility import TOOLTIP_LINE, wrapped
from tinynet_gui.ui.widgets.pulse import Pulse
from tinynet_gui.ui.widgets.text import ScrolledText
from tinynet_gui.ui.window.actions import WINDOW_ACTIONS, Action
from tinynet_gui.ui.window.features import FEATURES
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.views import VIEWS

NAMED = {term.name: term for term in TERMS}
WIDEST_PX = 480


def _texts(window: MainWindow) -> Iterator[str]:
    for action in window.findChildren(QAction):
        yield action.text().replace("&", "")
    for widget in window.findChildren(QWidget):
        yield widget.accessibleName()
        if isinstance(widget, QAbstractButton | QLabel):
            yield widget.text()
    for bar in window.findChildren(QTabBar):
        yield from (bar.tabText(place) for place in range(bar.count()))


def _glossary(window: MainWindow) -> QWidget:
    window.actions_["actionGlossary"].trigger()
    dialog = child(window, QWidget, "glossary")
    assert dialog.isVisible()
    return dialog


def test_the_sheet_has_the_key_of_every_action(window: MainWindow) -> None:
    window.actions_["actionKeys"].trigger()
    text = child(window, QTextBrowser, "keysText").toPlainText()
    for menu_action in window.menuBar().actions():
        menu: Any = menu_action.menu()
        for action in menu.actions():
            key = action.shortcut().toString()
            assert not key or re.search(rf"^\s*{re.escape(key)}\s*$", text, re.MULTILINE), key
    assert "Key:" not in text


def test_keys_of_one_character_can_be_switched_off_and_stay_so(make_window: MakeWindow) -> None:
    letters = {"actionStep": "S", "actionToEnd": "E", "actionFaster": "+", "actionMicroscope": "M"}
    for is_remembered in (False, True):
        window = make_window(remember=True)
        actions, switch = window.actions_, window.actions_["actionLetterKeys"]
        assert switch.isChecked() is not is_remembered
        switch.setChecked(True)
        assert {name: actions[name].shortcut().toString() for name in letters} == letters
        assert actions["actionStep"].toolTip().endswith("Key: S")
        switch.setChecked(False)
        assert all(actions[name].shortcut().isEmpty() for name in letters)
        assert not any(shortcut.isEnabled() for shortcut in window.frame.names.findChildren(QShortcut))
        assert "Key:" not in actions["actionStep"].toolTip()
        assert actions["actionStart"].shortcut().toString() == "Space"
        actions["actionKeys"].trigger()
        text = child(window, QTextBrowser, "keysText").toPlainText()
        assert actions["actionUndo"].shortcut().toString() in text
        assert "Take one step" not in text
        window.close()


def test_f6_goes_from_region_to_region_and_says_its_name(window: MainWindow) -> None:
    said = list[str]()
    window.announced.connect(lambda words, *_: said.append(words))
    regions = [region for region in window.frame.regions if region.isVisible()]
    passed = []
    for _ in range(len(regions)):
        window.actions_["actionNextRegion"].trigger()
        focus = not_none(QApplication.focusWidget())
        passed.append(next(at for at, region in enumerate(regions) if focus in (region, *region.findChildren(QWidget))))
    assert passed[:6] == sorted(set(passed[:6]))  # in the order of reading, each once
    assert all(said[:6])
    window.actions_["actionRegionBefore"].trigger()
    focus = not_none(QApplication.focusWidget())
    assert regions[passed[-2]].isAncestorOf(focus) or regions[passed[-2]] is focus


@pytest.mark.parametrize(
    ("action", "name", "heading", "fewest"),
    [
        ("actionGuide", "guide", "Travelling in time", 40),
        ("actionMistakes", "mistakes", "It learns, but badly", 6),
        ("actionChanges", "changes", f"It reads files of the formats 6 to {FORMAT}", 9),
    ],
)
def test_its_pages_speak_of_what_there_is(
    window: MainWindow, action: str, name: str, heading: str, fewest: int
) -> None:
    """What they set in italics is an action, a button, a tab, a field or a word on the screen."""
    window.actions_[action].trigger()
    guide = child(window, QTextBrowser, f"{name}Text")
    assert guide.isVisible()
    assert heading in guide.toPlainText()
    prose = re.sub(r"```.*?```", "", resource_path(f"{name}.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    words = " ".join(prose.split()).replace("**", "")
    named = {name for span in re.findall(r"\*([^*]+)\*", words) for name in span.split(", ")}
    seen = "\n".join([*_texts(window)]).lower()
    assert len(named) > fewest
    assert sorted(name for name in named if name.lower() not in seen) == []


def test_whats_this_has_the_tooltip_and_its_glossary_words(window: MainWindow) -> None:
    for name in ("learningRate", "hiddenLayers", "timeLineBack", "startButton"):
        window.actions_["actionWhatsThis"].trigger()
        assert QWhatsThis.inWhatsThisMode()  # the next click asks
        widget = child(window, QWidget, name)
        query = QHelpEvent(QEvent.Type.QueryWhatsThis, QPoint(1, 1), widget.mapToGlobal(QPoint(1, 1)))
        assert QCoreApplication.sendEvent(widget, query)
        assert query.isAccepted(), name
        assert widget.toolTip().split()[0] in whats_this(widget), name
        QWhatsThis.leaveWhatsThisMode()
    assert NAMED["learning rate"].text in whats_this(child(window, QWidget, "learningRate"))


def test_no_tooltip_of_the_window_is_wide(window: MainWindow) -> None:
    window.views.inspector.show_frozen(frozenset({LayerRef(0)}))
    window.actions_.show_running(True)
    window.frame.menus["lessonsMenu"].aboutToShow.emit()
    metrics = QFontMetrics(QToolTip.font())
    items: list[QWidget | QAction] = [*window.findChildren(QWidget), *window.findChildren(QAction)]
    texts = {text for item in items if (text := item.toolTip()) and not text.startswith("<")}
    assert len(texts) > 40
    for text in texts:
        for line in text.split("\n"):
            assert metrics.horizontalAdvance(line) <= WIDEST_PX, text
    window.actions_.show_running(False)


def test_the_glossary_finds_follows_and_points_at_words(window: MainWindow, qtbot: QtBot) -> None:
    assert [term.name for term in TERMS if window.findChild(QWidget, term.shown_at) is None] == []
    dialog = _glossary(window)
    search, title = child(dialog, QLineEdit, "glossarySearch"), child(dialog, QLabel, "glossaryTitle")
    search.setText("plat")
    assert title.text() == "plateau"
    terms, text = child(dialog, QListWidget, "glossaryTerms"), child(dialog, QLabel, "glossaryText")
    shown = [terms.item(row).text() for row in range(terms.count()) if not terms.item(row).isHidden()]
    assert "plateau" in shown
    assert len(shown) < len(TERMS)
    text.linkActivated.emit("loss")
    assert title.text() == "loss"
    assert search.text() == ""
    frame = child(window, Pulse, "pointerFrame")
    show = child(dialog, QPushButton, "glossaryShow")
    assert show.width() == show.sizeHint().width()  # aligned, and not stretched
    for name in ("autograd", "weight decay"):  # in a tab behind another one; below the end of the panel
        window.features["help"].show_term(name)
        show.click()
        target = child(window, QWidget, NAMED[name].shown_at)
        assert not target.visibleRegion().isEmpty()
        assert frame.isVisible()
        center = target.mapTo(window, target.rect().center())
        assert frame.geometry().contains(center)
    child(window, QTimer, "pointerEnds").start(0)
    qtbot.waitUntil(lambda: not frame.isVisible())


def _link(rich_text: str) -> str:
    """Where the first link of a text leads."""
    found = not_none(re.search(r'href="([^"]+)"', rich_text))
    return found[1]


def test_a_word_is_explained_from_where_it_stands(window: MainWindow, qtbot: QtBot) -> None:
    window.views.runs.answer.show_question("Setting or luck?", "The seeds are being trained.")
    window.views.experiments.show_hindrance("No seed can be trained.")
    for view, name in ((window.views.experiments, "experimentAnswer"), (window.views.runs, "runAnswerText")):
        label = child(child(view, ScrolledText, name), QLabel)
        label.linkActivated.emit(_link(label.text()))
        title = child(window, QLabel, "glossaryTitle")
        assert title.text() == "seed"
    show_result(window, window.views.microscope)
    page = child(window.views.microscope, QTextBrowser, "microscopePage")
    qtbot.waitUntil(lambda: "href" in page.toHtml())
    page.anchorClicked.emit(QUrl(_link(page.toHtml())))
    assert title.text() == "neuron"
    page.anchorClicked.emit(QUrl("learning rate"))
    assert title.text() == "learning rate"
    window.features["why"].banner.card.term_wanted.emit("plateau")
    assert title.text() == "plateau"
    window.actions_["actionWhatsThis"].trigger()
    QCoreApplication.sendEvent(child(window, QWidget, "learningRate"), QWhatsThisClickedEvent("gradient"))
    QWhatsThis.leaveWhatsThisMode()
    assert title.text() == "gradient"
    assert child(window, QWidget, "glossary").isVisible()


def test_lines_of_its_own_stay_and_nothing_is_lost() -> None:
    text = f"A first line.\n{'word ' * 40}\n{'x' * 90}"
    lines = wrapped(text).split("\n")
    assert lines[0] == "A first line."
    assert lines[-1] == "x" * 90
    assert all(len(line) <= TOOLTIP_LINE for line in lines[:-1])
    assert " ".join(lines).split() == text.split()
    assert wrapped(wrapped(text)) == wrapped(text)


def _find(window: MainWindow, typed: str = "") -> tuple[Finder, list[str]]:
    """Open the list by its action, type, and return it with the names that it shows."""
    window.actions_["actionFind"].trigger()
    finder = child(window, Finder)
    field, found = child(finder, QLineEdit, "findField"), child(finder, QTreeWidget)
    QTest.keyClicks(field, typed)
    return finder, [not_none(found.topLevelItem(row)).text(0) for row in range(found.topLevelItemCount())]


def _press(finder: Finder, *keys: Qt.Key) -> None:
    field = child(finder, QLineEdit, "findField")
    for key in keys:
        QTest.keyClick(field, key)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_all_that_records_have_is_found_by_its_name(window: MainWindow) -> None:
    features = [entry for feature in FEATURES for entry in feature.entries if isinstance(entry, Action)]
    actions = [window.actions_[record.name].text() for record in (*features, *WINDOW_ACTIONS)]
    fields = [row.title for _, rows in SECTIONS for row in rows]
    known = {*(text.replace("&", "") for text in actions), *(view.title for view in VIEWS), *fields, *NAMED}
    finder, names = _find(window)
    assert sorted(known - {*names}) == []
    assert sum(name[0].isdigit() for name in names) == len(bundled_lessons())
    _press(finder, Qt.Key.Key_Escape)
    for typed, first in (
        ("step as code", "This step as code …"),
        ("CODE ste", "This step as code …"),  # the beginnings of words, in any order
        ("exp script", "PyTorch script …"),  # with the menu's title
        ("whats", "What's this?"),
        ("batch_size", "Batch"),  # as scripts call it
        ("autograd tutorial's", "PyTorch"),  # in the sentence, if no name has it
        ("early stopping", "Patience"),
        ("tep", ""),  # not within a word
        ("noise zero_grad", ""),
    ):
        finder, names = _find(window, typed)
        assert [*names, ""][0] == first, typed
        assert (child(finder, QLabel, "findWords").text() == NOTHING) == (not names)
        _press(finder, Qt.Key.Key_Escape)


def test_a_translated_action_is_found_by_its_english_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinynet_gui.ui.features.find_action.process_language", lambda: "de")
    action = QAction("Zum &besten Schritt")
    action.setObjectName("actionGoToBest")
    entry = _action_entry(action, "Training")
    assert entry.name == "Zum besten Schritt"
    for typed in ("best schritt", "go best", "to b"):
        assert found([entry], typed) == [entry]
    assert found([entry], "worst") == []


def test_what_is_hidden_from_students_is_not_found(window: MainWindow) -> None:
    hidden = {"view.microscope", "view.map", "training.learning_rate", "action.new_seed", "switch.edit"}
    gone = {"Microscope", "Map", "Learning rate", "New seed", "Edit data"}
    finder, names = _find(window)
    assert gone <= {*names}
    _press(finder, Qt.Key.Key_Escape)
    window.session.set_view(hidden=frozenset(hidden))
    finder, names = _find(window)
    assert not gone & {*names}
    _press(finder, Qt.Key.Key_Escape)
    window.session.set_view(hidden=frozenset())
    assert all(window.actions_[name].isEnabled() for name in ("actionMicroscope", "actionNewSeed", "actionEditData"))


def test_enter_does_it_and_escape_gives_the_focus_back(window: MainWindow, qtbot: QtBot) -> None:
    said = list[str]()
    window.announced.connect(lambda words, *_: said.append(words))
    before = child(window, QWidget, "noise")
    before.setFocus()
    finder, _ = _find(window, "step")
    assert said[-1] == "Step, Training, S, Take one step: forward, loss, backward, update."
    _press(finder, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Down)
    assert said[-1].startswith("step, Glossary, ")
    _press(finder, Qt.Key.Key_Escape)
    assert window.focusWidget() is before
    assert window.findChild(Finder) is None
    for typed, name in (("learning ra", "learningRate"), ("batch", "batchSize"), ("data seed", "dataSeed")):
        finder, _ = _find(window, typed)
        _press(finder, Qt.Key.Key_Return)
        field = child(window, QWidget, name)
        assert window.focusWidget() is field
        assert not field.visibleRegion().isEmpty()
    finder, _ = _find(window, "momentum")
    _press(finder, Qt.Key.Key_Return)
    assert finder.isVisible()  # SGD has none
    assert said[-1].startswith(NO_EFFECT)
    _press(finder, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert child(window, QLabel, "glossaryTitle").text() == "momentum"
    child(window, QWidget, "glossary").close()
    finder, _ = _find(window, "map")
    found = child(finder, QTreeWidget)
    place = found.visualItemRect(not_none(found.topLevelItem(0))).center()
    QTest.mouseClick(found.viewport(), Qt.MouseButton.LeftButton, pos=place)
    _press(finder)
    assert window.views["map"].isVisible()
    finder, _ = _find(window, "logarithmic")
    _press(finder, Qt.Key.Key_Enter)
    assert not window.session.state.session.view.log_loss
    finder, _ = _find(window, "lesson noise")
    _press(finder, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not_none(window.context.lesson_player.progress).lesson.title == "Noise")
    window.actions_["actionLessonLeave"].trigger()
