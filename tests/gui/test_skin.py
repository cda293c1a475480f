"""A change of colours: at once for what is visible, and for the rest when it is shown."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QMenu,
    QProxyStyle,
    QPushButton,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QTableView,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.colors import contrast
from tests.gui.conftest import OFFSCREEN, MakeWindow, child, show_result, train_to
from tests.gui.pixels import color_counts, colors_in
from tinynet_gui.core.export.film import FilmChoice
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.ui.features.film import FilmDialog
from tinynet_gui.ui.features.help import Glossary
from tinynet_gui.ui.style import theme as look
from tinynet_gui.ui.style.colors import DARK, DARK_HIGH, LIGHT, LIGHT_HIGH
from tinynet_gui.ui.style.style_sheets import style_sheet
from tinynet_gui.ui.style.theme import theme
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel
from tinynet_gui.ui.widgets import skin
from tinynet_gui.ui.widgets.dialogs import Dialog, ask, warn
from tinynet_gui.ui.window.main_window import MainWindow


def _ways_to_show(window: MainWindow) -> list[Callable[[], QWidget]]:
    """Each of them shows something that is hidden in a new window."""

    def tab(name: str, place: int) -> QWidget:
        tabs = child(window, QTabWidget, name)
        tabs.setCurrentIndex(place)
        page = tabs.currentWidget()
        assert page is not None
        return page

    def settings() -> QWidget:
        window.views.panel.show_all(True)
        return child(window, ParameterPanel, "parameterPanel")

    def menu() -> QWidget:
        first = window.menuBar().actions()[0].menu()
        assert isinstance(first, QMenu)
        first.popup(window.pos())
        return first

    def choices() -> QWidget:
        box = child(window, QComboBox, "targetFunction")
        box.showPopup()
        return box.view()

    def glossary() -> QWidget:
        window.actions_["actionGlossary"].trigger()
        return child(window, Glossary, "glossary")

    tabs = [
        (lambda name=name, place=place: tab(name, place))
        for name in ("resultTabs", "inspectorTabs")
        for place in range(child(window, QTabWidget, name).count())
    ]
    return [*tabs, settings, menu, choices, glossary]


def _pictures(window: MainWindow) -> list[QImage]:
    """Show each of them, and hide it again."""
    pictures = []
    for show in _ways_to_show(window):
        shown = show()
        QApplication.processEvents()
        pictures.append(shown.grab().toImage())
        if shown.isWindow():
            shown.close()
        if popup := QApplication.activePopupWidget():
            popup.close()
    window.views.panel.show_all(False)
    for name in ("resultTabs", "inspectorTabs"):
        child(window, QTabWidget, name).setCurrentIndex(0)
    return pictures


@OFFSCREEN
def test_widgets_shown_later_have_the_new_themes_colours(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit({"training.stop_step": 50})  # a map of short trainings is soon drawn
    child(window, QTabWidget, "resultTabs").setCurrentWidget(window.views.microscope)
    qtbot.waitUntil(lambda: window.views.microscope.flow() is not None)  # its numbers are there, and stay
    child(window, QTabWidget, "resultTabs").setCurrentWidget(window.views.map)
    qtbot.waitUntil(lambda: window.context.controllers["map"].is_up_to_date)
    _pictures(window)
    for shown, other in ((DARK, LIGHT), (LIGHT, DARK)):
        window.set_scheme("dark" if shown is DARK else "light")
        pictures = _pictures(window)
        window.setStyleSheet(window.styleSheet())  # of every widget
        assert pictures == _pictures(window)
        for picture in pictures:
            colors = colors_in(picture)
            assert {shown.ink, shown.muted} & colors
            assert other.window not in colors


def test_an_open_dialog_changes_with_the_window(window: MainWindow) -> None:
    window.actions_["actionGlossary"].trigger()
    (glossary,) = window.findChildren(Glossary)
    window.set_scheme("dark")
    picture = glossary.grab().toImage()
    window.setStyleSheet(window.styleSheet())
    assert picture == glossary.grab().toImage()
    assert LIGHT.window not in colors_in(picture)
    glossary.close()


class _WithSigns(QProxyStyle):
    """As on desktops whose dialogs have signs on their buttons; the offscreen platform is none."""

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returned: QStyleHintReturn | None = None,
    ) -> int:
        has_signs = hint == QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons
        return 1 if has_signs else super().styleHint(hint, option, widget, returned)


def test_no_button_of_a_dialog_has_a_sign_of_the_systems(qapp: QApplication, qtbot: QtBot) -> None:
    qapp.setStyle(_WithSigns("Fusion"))
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.setStyleSheet(style_sheet())
    film = FilmDialog(FilmChoice(), parent)
    boxes = ask("question", "Question", "Is it so?", "Yes", parent), warn(parent, "Warning", "It is so.")
    buttons = [button for dialog in (film, *boxes) for button in dialog.findChildren(QPushButton)]
    signs = [button.text() for button in buttons if not button.icon().isNull()]
    usual = QDialogButtonBox(QDialogButtonBox.StandardButton.Save)
    qapp.setStyle("Fusion")
    assert len(buttons) == 5
    assert not usual.buttons()[0].icon().isNull()
    assert signs == []


def _least_contrast(view: QAbstractItemView) -> float:
    """Of the columns of a table or a list: of the text that stands out most in each from what is behind it."""
    found, model, root, sight = [], view.model(), view.rootIndex(), view.viewport()
    picture = view.window().grab().toImage()
    for column in range(model.columnCount() if isinstance(view, QTableView) else 1):
        ends = (view.visualRect(model.index(row, column)) for row in (0, model.rowCount(root) - 1))
        rect = (next(ends) | next(ends)) & sight.rect()
        image = picture.copy(rect.translated(sight.mapTo(view.window(), QPoint())))
        if rect.isValid() and any(map(str.isalnum, model.index(0, column).data())):  # no star, no box
            ground, *others = map(QColor, sorted(counts := color_counts(image), key=lambda name: -counts[name]))
            found.append(max(contrast(color, ground) for color in others))
    return min(found)


@OFFSCREEN
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_every_table_and_list_is_legible(window: MainWindow, qtbot: QtBot, scheme: str) -> None:
    for step in (1, 2):  # of two runs, for a list of them
        window.session.new_seed()
        train_to(window, qtbot, step)
    window.set_scheme(scheme)
    show_result(window, window.views.runs)
    window.session.pin(NeuronRef(0, 0))
    tabs = window.views.inspector.tabs
    contrasts: dict[str, float] = {}
    for page in (window.views.inspector.numbers, window.views.data_table, None):
        if page is not None:
            tabs.setCurrentWidget(page)
        else:
            for name in ("actionGlossary", "actionVisible"):
                window.actions_[name].trigger()
            child(window, QComboBox, "targetFunction").showPopup()
        QApplication.processEvents()
        views = [each for each in QApplication.allWidgets() if isinstance(each, QAbstractItemView) and each.isVisible()]
        contrasts |= {
            each.objectName() or type(each).__name__: _least_contrast(each)
            for each in views
            if not isinstance(each, QHeaderView)
        }
    child(window, QComboBox, "targetFunction").hidePopup()
    for dialog in window.findChildren(Dialog):
        dialog.close()
    lists = {"runsTable", "inspectorTable", "dataRows", "glossaryTerms", "visibleTree", "QListView"}
    assert set(contrasts) == lists
    assert min(contrasts.values()) >= 4.5, contrasts


def test_what_is_hidden_waits_until_it_is_shown(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[QWidget] = []
    monkeypatch.setattr(skin, "restyle", styled.append)
    window.set_scheme("dark")
    assert set(styled) == {each for each in (window, *window.findChildren(QWidget)) if each.isVisible()}
    styled.clear()
    for _ in range(2):
        child(window, QTabWidget, "resultTabs").setCurrentWidget(window.views.experiments)
        assert window.views.experiments in styled
        assert all(each.isVisible() for each in styled)


class Hints(QObject):
    """What Qt would tell of a system."""

    contrastPreferenceChanged = Signal(object)  # as Qt names it

    def __init__(self) -> None:
        super().__init__()
        self.wanted = Qt.ContrastPreference.NoPreference

    def contrastPreference(self) -> Qt.ContrastPreference:
        return self.wanted


def test_the_systems_high_contrast_is_followed(
    make_window: MakeWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    system = Hints()
    monkeypatch.setattr(look, "hints", lambda _: system)
    window = make_window()
    assert theme() == LIGHT
    for wanted, light, dark in (("HighContrast", LIGHT_HIGH, DARK_HIGH), ("NoPreference", LIGHT, DARK)):
        system.wanted = Qt.ContrastPreference[wanted]
        system.contrastPreferenceChanged.emit(system.wanted)
        for scheme, shown in (("light", light), ("dark", dark), ("system", light)):
            window.set_scheme(scheme)
            assert theme() == shown
            assert {shown.card, shown.control} <= colors_in(window.grab().toImage())


def test_high_contrast_needs_no_system_and_is_remembered(make_window: MakeWindow) -> None:
    for is_remembered in (False, True):
        window = make_window(remember=True)
        high = window.actions_["actionHighContrast"]
        assert (high.isChecked(), theme() == LIGHT_HIGH) == (is_remembered, is_remembered)
        high.setChecked(True)
        for scheme, wanted in (("dark", DARK_HIGH), ("system", LIGHT_HIGH)):
            window.set_scheme(scheme)
            assert theme() == wanted
            assert {wanted.card, wanted.control} <= colors_in(window.grab().toImage())
        window.close()
    high.setChecked(False)
    assert theme() == LIGHT


@pytest.mark.parametrize(
    ("ground", "text", "is_high"), [("black", "white", True), ("white", "black", True), ("#efefef", "black", False)]
)
def test_where_qt_does_not_tell_a_palette_of_much_contrast_does(ground: str, text: str, is_high: bool) -> None:
    palette = QPalette()
    palette.setColor(QPalette.ColorRole.Window, ground)
    palette.setColor(QPalette.ColorRole.Text, text)
    assert look.is_high(palette) == is_high


def test_with_less_motion_nothing_pulses_and_it_is_remembered(make_window: MakeWindow) -> None:
    for is_remembered in (False, True):
        window = make_window(remember=True)
        less = window.actions_["actionLessMotion"]
        assert less.isChecked() == is_remembered
        if not is_remembered:
            less.trigger()
        pulse = window.frame.pulse
        pulse.start(window.views.panel)
        assert pulse.isVisible()
        assert pulse.strength == 1.0
        assert not child(pulse, QTimer, "pulseTicks").isActive()
        if is_remembered:
            less.trigger()
            assert child(pulse, QTimer, "pulseTicks").isActive()
            assert pulse.strength < 1
        window.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_placeholder_can_be_read(window: MainWindow, scheme: str) -> None:
    window.set_scheme(scheme)
    field = child(window, QLineEdit, "functionInput")
    assert field.placeholderText()
    counts = color_counts(field.grab(field.rect().adjusted(3, 3, -3, -3)).toImage())
    ground = QColor(max(counts, key=lambda name: counts[name]))
    assert max(contrast(QColor(color), ground) for color in counts) >= 4.5
