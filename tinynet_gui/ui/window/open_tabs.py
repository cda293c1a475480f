"""The tabs that were open when the window was closed."""

from collections.abc import Iterable

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QTabWidget

from tinynet_gui.ui.window.preferences import SettingsStore


def save_open_tabs(tabs: Iterable[QTabWidget], store: SettingsStore) -> None:
    """Remember the open page of each, by its title: that of a page is never another's."""
    for each in tabs:
        store.save_layout(each.objectName(), QByteArray(each.tabText(each.currentIndex()).encode()))


def restore_open_tabs(tabs: Iterable[QTabWidget], store: SettingsStore) -> None:
    """Open the pages that were open, as far as they are there to be seen."""
    for each in tabs:
        saved = store.load_layout(each.objectName())
        for at in range(each.count()):
            if saved is not None and saved.data() == each.tabText(at).encode() and each.isTabVisible(at):
                each.setCurrentIndex(at)
