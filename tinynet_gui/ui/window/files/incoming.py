"""Input from outside, opened, dropped or pasted: a session, a lesson, answers, a setting, a network, or data."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage, QImageReader
from PySide6.QtWidgets import QMainWindow

from tinynet_gui.core.config import ConfigError
from tinynet_gui.core.lessons.answers.answers_file import SUFFIX as ANSWERS
from tinynet_gui.core.maps.axes import MapError
from tinynet_gui.core.network_files.reading import is_network_file, is_network_text
from tinynet_gui.core.storage.session_file import SUFFIX
from tinynet_gui.core.text.file_trouble import file_trouble
from tinynet_gui.core.text.plain_file import read_at_most
from tinynet_gui.core.text.shortened import shortened
from tinynet_gui.core.wording.map_line import read_map
from tinynet_gui.core.wording.setting_line import is_setting, left_out_words, read_any_setting
from tinynet_gui.core.wording.settings_file import SettingRead, read_settings_file
from tinynet_gui.ui.widgets.pictures.picture import SETTING_KEY
from tinynet_gui.ui.window.actions import Actions
from tinynet_gui.ui.window.files.file_dialogs import ask_to_open
from tinynet_gui.ui.window.files.files import WITH_SETTINGS_FILTER, warn
from tinynet_gui.ui.window.files.open_data import OpenData, local_file
from tinynet_gui.ui.window.files.open_network import OpenNetwork
from tinynet_gui.ui.window.files.session_files import SessionFiles
from tinynet_gui.ui.window.lesson_menu import SUFFIX as LESSON
from tinynet_gui.ui.window.lesson_menu import LessonMenu
from tinynet_gui.ui.window.of_window import OfWindow

OPEN, PASTE, DROP = "Open settings", "Paste setting", "Drop setting"
PICTURE, MOST_BYTES = ".png", 50_000_000  # what is behind them is not looked at
NO_SETTING = "There is no setting in the clipboard. Copy setting makes one, such as target=sin&hidden=8,8&lr=0.01."


class Incoming(OfWindow):
    """Passes each kind of input on to its place.

    Signals
    -------
    setting_chosen : SettingRead
        Use this setting.
    answers_chosen : list of str
        Show the answers in these files and folders.
    told : str
        A short message for the user.
    """

    setting_chosen = Signal(object)
    answers_chosen = Signal(object)
    told = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        actions: Actions,
        data: OpenData,
        networks: OpenNetwork,
        sessions: SessionFiles,
        lessons: LessonMenu,
    ) -> None:
        super().__init__(window)
        actions.connect(
            actionOpen=self.ask_for_settings, actionPasteData=self.paste, actionPasteSetting=self.paste_setting
        )
        self._data, self._networks, self._sessions, self._lessons = data, networks, sessions, lessons

    def takes(self, content: QMimeData) -> bool:
        """Return whether dragged content can be dropped: a file, a class's answers, text of a setting or network."""
        is_text = is_setting(content.text()) or is_network_text(content.text())
        return bool(local_file(content) or _answers(content)) or is_text

    def take(self, content: QMimeData) -> None:
        """Take dropped content."""
        if names := _answers(content):
            self.answers_chosen.emit(names)
        elif name := local_file(content):
            self.open_file(name)
        elif is_network_text(content.text()):
            self._networks.open_text(content.text())
        else:
            self._read(DROP, "The dropped text", lambda: read_any_setting(content.text()))

    def open_file(self, name: str) -> None:
        """Open a file by its name or content: a session, a lesson, settings or their picture, a network, or data."""
        kind = Path(name).suffix.lower()
        if kind == SUFFIX:
            self._sessions.file_chosen.emit(name)
        elif kind == LESSON:
            self._lessons.file_chosen.emit(name)
        elif kind == ANSWERS:
            self.answers_chosen.emit([name])
        elif kind in (".json", PICTURE):
            self._open_settings(name)
        elif is_network_file(name):
            self._networks.open_file(name)
        else:
            self._data.open_file(name)

    @Slot()
    def ask_for_settings(self) -> None:
        """Ask for a file of settings."""
        if name := ask_to_open(self._window, OPEN, WITH_SETTINGS_FILTER):
            self._open_settings(name)

    @Slot()
    def paste(self) -> None:
        """Take the content of the clipboard, by its kind."""
        content = QGuiApplication.clipboard().mimeData()
        if name := local_file(content):
            self.open_file(name)
        elif not self._paste_text(content):
            self._data.paste()

    @Slot()
    def paste_setting(self) -> None:
        """Take a setting or a network from the clipboard."""
        if not self._paste_text(QGuiApplication.clipboard().mimeData()):
            warn(self._window, PASTE, NO_SETTING)

    def _paste_text(self, content: QMimeData | None) -> bool:
        text = "" if content is None else content.text()
        if content is not None and content.hasImage():
            text = QImage(content.imageData()).text(SETTING_KEY) or text
        if is_network_text(text):
            self._networks.open_text(text)
            return True
        if not is_setting(text):
            return False
        self._read(PASTE, "The pasted text", lambda: read_any_setting(text))
        return True

    def _open_settings(self, name: str) -> None:
        is_picture = Path(name).suffix.lower() == PICTURE
        self._read(OPEN, shortened(name), lambda: (_read_picture if is_picture else read_settings_file)(name))

    def _read(self, title: str, subject: str, reader: Callable[[], SettingRead]) -> None:
        try:
            read = reader()
            if read.map:
                read_map(read.map)
        except (OSError, ConfigError, MapError) as error:
            warn(self._window, title, f"{subject} is not used; nothing has changed.\n\n{file_trouble(error)}")
            return
        self.setting_chosen.emit(read)
        if read.left_out:
            self.told.emit(left_out_words(read))


def _answers(content: QMimeData) -> list[str]:
    """Return the names of several local files of answers, or of folders, that were dragged; else none."""
    names = [url.toLocalFile() for url in content.urls()]
    is_of_class = all(names) and any(Path(name).suffix.lower() == ANSWERS or Path(name).is_dir() for name in names)
    return names if is_of_class else []


def _read_picture(name: str) -> SettingRead:
    buffer = QBuffer()
    buffer.setData(read_at_most(name, MOST_BYTES))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    text = QImageReader(buffer).text(SETTING_KEY)
    if not text:
        raise ConfigError("picture", "there is no setting in it: only pictures that were saved here carry one")
    return read_any_setting(text)
