"""What lessons may name is what the window has."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QTreeWidget

from tests.gui.conftest import child
from tinynet_gui.core.experiments.table import EXPERIMENTS, measured_experiments
from tinynet_gui.core.lessons.bundled_lessons import own_lessons
from tinynet_gui.core.lessons.measured_names import hideable
from tinynet_gui.ui.views.experiments.table import SHOWN
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.views import VIEWS


def test_a_lesson_can_hide_all_that_the_window_can_hide(window: MainWindow) -> None:
    window.actions_["actionVisible"].trigger()
    tree = child(child(window, QDialog, "visibleDialog"), QTreeWidget, "visibleTree")
    for k in range(tree.topLevelItemCount()):
        item = tree.topLevelItem(k)
        assert item is not None
        item.setCheckState(0, Qt.CheckState.Unchecked)
    views = {record.hidden_as for record in VIEWS if record.hidden_as}
    assert window.session.state.session.view.hidden == hideable() | views
    said = (own_lessons()[0].parent / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in said for name in views)


def test_the_experiments_of_lessons_are_those_of_the_window() -> None:
    assert list(SHOWN) == list(EXPERIMENTS) == [*measured_experiments(), "claim"]  # a lesson's claim is a goal
