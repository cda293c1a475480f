"""What comes up under the mouse is a few short lines, not one long one."""

from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QToolTip, QWidget

from tinynet_gui.core.network.refs import LayerRef
from tinynet_gui.ui.widgets.naming import TOOLTIP_LINE, wrapped
from tinynet_gui.ui.window.main_window import MainWindow

WIDEST_PX = 480


def test_no_tooltip_of_the_window_is_wide(window: MainWindow) -> None:
    window.inspector.show_frozen(frozenset({LayerRef(0)}))
    window.actions_.show_running(True)
    metrics = QFontMetrics(QToolTip.font())
    items: list[QWidget | QAction] = [*window.findChildren(QWidget), *window.findChildren(QAction)]
    texts = {text for item in items if (text := item.toolTip()) and not text.startswith("<")}
    assert len(texts) > 40
    for text in texts:
        for line in text.split("\n"):
            assert metrics.horizontalAdvance(line) <= WIDEST_PX, text


def test_lines_of_its_own_stay_and_nothing_is_lost() -> None:
    text = f"A first line.\n{'word ' * 40}\n{'x' * 90}"
    lines = wrapped(text).split("\n")
    assert lines[0] == "A first line."
    assert lines[-1] == "x" * 90
    assert all(len(line) <= TOOLTIP_LINE for line in lines[:-1])
    assert " ".join(lines).split() == text.split()
    assert wrapped(wrapped(text)) == wrapped(text)
