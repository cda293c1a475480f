"""What is remembered from one start to the next: nothing in the file stops the program, and nothing is lost unsaid."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QSettings, QTimer
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow
from tinynet_gui.core.config import Config
from tinynet_gui.ui.window.preferences import Preferences, SettingsStore

OTHER = Config().replace("network.hidden", (3,))
GOOD = json.dumps({"version": 1, "config": OTHER.to_dict(), "preferences": {"pace": 0}})


def path() -> Path:
    return Path(QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "tinynet", "tinynet_gui").fileName())


def backups() -> list[Path]:
    return sorted(path().parent.glob("*.backup*"))


def write_session(text: str) -> bytes:
    stored = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "tinynet", "tinynet_gui")
    stored.setValue("session", text)
    stored.sync()
    return path().read_bytes()


def test_what_is_saved_is_loaded(qapp: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert SettingsStore().load() == (Config(), Preferences())
    preferences = Preferences(pace=1, log_loss=False)
    store = SettingsStore()
    store.save_layout("geometry", QByteArray(b"12"))
    assert store.save(OTHER, preferences) == ""
    again = SettingsStore()
    assert again.load() == (OTHER, preferences)
    assert again.load_layout("geometry") == QByteArray(b"12")
    assert (backups(), capsys.readouterr().err) == ([], "")


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace('"learning_rate": 0.001', '"learning_rate": -Infinity'),
        GOOD.replace('"learning_rate": 0.001', '"learning_rate": NaN'),
        GOOD.replace('"hidden": [3]', f'"hidden": {"[" * 985}{"]" * 985}'),
        GOOD.replace('"pace": 0', f'"pace": {"[" * 985}{"]" * 985}'),
        GOOD.replace('"version": 1', f'"version": {"[" * 985}{"]" * 985}'),
        GOOD.replace('"version": 1', '"version": 2'),
        "[" * 100_000,
        f"{'[' * 985}{']' * 985}",
        f'{{"version": 1, "config": {{"data": {{"seed": {"9" * 5_000}}}}}}}',
        GOOD.replace('"pace": 0', f'"pace": {[1] * 2_000_000}'),
        GOOD.replace('"pace": 0', '"engine": ["auto"]'),
        "null",
        "{",
    ],
    ids=range(13),
)
def test_settings_that_cannot_be_used_are_said_and_kept(
    qapp: object, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    written = write_session(text)
    store = SettingsStore()
    assert store.load() == (Config(), Preferences())
    said = capsys.readouterr().err
    assert "the saved settings are not used" in said
    assert len(said) < 700
    assert path().read_bytes() == written
    trouble = store.save(OTHER, Preferences())
    assert [backup.read_bytes() for backup in backups()] == [written]
    assert str(backups()[0]) in trouble
    assert "the saved settings are not used" in trouble
    assert store.save(OTHER, Preferences()) == ""  # said once
    assert SettingsStore().load()[0] == OTHER


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(st.sampled_from(list(Preferences.__annotations__)), values)
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(config=JSON, preferences=JSON)
def test_the_program_starts_whatever_is_saved(qapp: object, config: object, preferences: object) -> None:
    write_session(json.dumps({"version": 1, "config": config, "preferences": preferences}))
    loaded = SettingsStore().load()
    assert isinstance(loaded[0], Config)
    assert isinstance(loaded[1], Preferences)


def test_two_broken_files_are_both_kept(qapp: object) -> None:
    for text in ("{", "["):
        write_session(text)
        store = SettingsStore()
        store.load()
        store.save(OTHER, Preferences())
    assert [name.name for name in backups()] == ["tinynet_gui.backup.ini", "tinynet_gui.backup1.ini"]


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_are_said_and_kept(qapp: object, capsys: pytest.CaptureFixture[str], seed: int) -> None:
    content = random.Random(seed).randbytes(2_000)
    path().parent.mkdir(parents=True, exist_ok=True)
    path().write_bytes(content)
    store = SettingsStore()
    assert store.load() == (Config(), Preferences())
    assert "the saved settings are not used" in capsys.readouterr().err
    store.save_layout("geometry", QByteArray(b"12"))
    store.save(OTHER, Preferences())
    assert [backup.read_bytes() for backup in backups()] == [content]
    again = SettingsStore()
    assert again.load()[0] == OTHER
    assert again.load_layout("geometry") == QByteArray(b"12")


@pytest.fixture
def nowhere_to_write(tmp_path: Path) -> None:
    """A folder in which there can be no file, for the system's administrator neither."""
    (tmp_path / "file").touch()
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "file"))


@pytest.mark.usefixtures("nowhere_to_write")
def test_settings_that_cannot_be_written_are_said_once(qapp: object, capsys: pytest.CaptureFixture[str]) -> None:
    store = SettingsStore()
    assert store.load() == (Config(), Preferences())
    assert "cannot be written" in store.save(OTHER, Preferences())
    assert store.save(Config(), Preferences()) == ""
    assert capsys.readouterr().err.count("cannot be written") == 1


def test_what_cannot_be_put_aside_is_not_overwritten(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    written = write_session("{")
    store = SettingsStore()
    store.load()

    def refuse(self: Path, target: Path) -> None:
        raise OSError("read-only file system")

    monkeypatch.setattr(Path, "rename", refuse)
    store.save_layout("geometry", QByteArray(b"12"))
    assert "read-only file system" in store.save(OTHER, Preferences())
    assert path().read_bytes() == written


@pytest.mark.usefixtures("nowhere_to_write")
def test_the_window_says_that_settings_are_not_kept(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(remember=True)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "settingsTrouble") is not None)
    box = window.findChild(QMessageBox, "settingsTrouble")
    assert isinstance(box, QMessageBox)
    assert "cannot be written" in box.text()
    assert not box.isModal()
    box.close()
    window.session.edit({"network.hidden": (4,)})
    delay = window.findChild(QTimer, "saveDelay")
    assert isinstance(delay, QTimer)
    assert delay.isActive()
    delay.timeout.emit()
    assert window.findChild(QMessageBox, "settingsTrouble") in (None, box)


def test_closing_at_once_says_it_on_stderr(make_window: MakeWindow, capsys: pytest.CaptureFixture[str]) -> None:
    written = write_session("{")
    window = make_window(remember=True)
    window.close()
    assert str(backups()[0]) in capsys.readouterr().err
    assert backups()[0].read_bytes() == written
