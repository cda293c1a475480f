"""What is remembered from one start to the next: nothing in the file stops the program, and nothing is lost unsaid."""

import json
import random
import sys
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PySide6.QtCore import QByteArray, QTimer
from PySide6.QtWidgets import QMessageBox, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow, child
from tinynet_gui.core.config import Config, config
from tinynet_gui.core.config.setting import FORMAT
from tinynet_gui.core.system.machine import HOME
from tinynet_gui.engine.autosave_folders import sessions_folder
from tinynet_gui.ui.window import preferences as preferences_module
from tinynet_gui.ui.window.preferences import (
    RECENT_FILES,
    Preferences,
    SettingsStore,
    restore_open_tabs,
    save_open_tabs,
)
from tinynet_gui.ui.window.settings_file import MAX_BYTES, chosen_language, settings_path

DATA = Path(__file__).parents[1] / "data"
OTHER = Config().replace("network.hidden", (3,))
GOOD = json.dumps({"version": FORMAT, "config": OTHER.to_dict(), "preferences": {"pace": 0}})


def backups() -> list[Path]:
    return sorted(settings_path().parent.glob("*.backup*"))


def write_session(text: str | bytes) -> bytes:
    content = text if isinstance(text, bytes) else text.encode()
    settings_path().parent.mkdir(parents=True, exist_ok=True)
    settings_path().write_bytes(content)
    return content


def test_on_macos_they_stand_beside_the_sessions(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.delenv(HOME)
    assert settings_path() == sessions_folder().parents[1] / "tinynet_gui.json"


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


def test_an_open_tab_is_remembered_in_any_language(qtbot: QtBot) -> None:
    store = SettingsStore(in_memory=True)
    for titles, restores in (("Loss", "Map"), False), (("Loss", "Karte"), True):
        tabs, pages = QTabWidget(), {"loss_plot": QWidget(), "map": QWidget()}
        tabs.setObjectName("resultTabs")
        qtbot.addWidget(tabs)
        for page, title in zip(pages.values(), titles, strict=True):
            tabs.addTab(page, title)
        if restores:
            restore_open_tabs([tabs], pages, store)
            assert tabs.currentWidget() is pages["map"]
        else:
            tabs.setCurrentWidget(pages["map"])
            save_open_tabs([tabs], pages, store)


@pytest.mark.parametrize(
    ("content", "of_system", "language"),
    [
        (GOOD, ["en-GB", "en"], "en"),
        (GOOD, ["fr-CH", "de-CH"], "de"),
        (GOOD, ["tlh", "C"], "en"),
        ('{"language": "de"}', ["en"], "de"),
        ('{"language": "en"}', ["de-DE"], "en"),
        ('{"language": [3]}', ["de"], "en"),
        ("[]", ["de"], "de"),
        ("[" * 9_999, ["de"], "de"),
        ("{", ["en"], "en"),
    ],
)
def test_the_language_is_the_chosen_one_or_that_of_the_system(
    qapp: object, monkeypatch: pytest.MonkeyPatch, content: str, of_system: list[str], language: str
) -> None:
    system = SimpleNamespace(system=lambda: SimpleNamespace(uiLanguages=lambda: of_system))
    monkeypatch.setattr("tinynet_gui.ui.window.settings_file.QLocale", system)
    write_session(content)
    assert chosen_language() == language


def test_the_first_run_is_drawn_as_pytorch_draws_here(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the settings were saved."""
    monkeypatch.setattr(config, "rounding_here", lambda: "twice")
    assert SettingsStore().load()[0] == Config() == Config().replace("network.rounding", "twice")
    store = SettingsStore()
    store.save(OTHER.replace("network.rounding", "twice"), Preferences())
    assert SettingsStore().load()[0] == OTHER.replace("network.rounding", "twice")
    monkeypatch.undo()
    assert SettingsStore().load()[0] == OTHER


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace('"learning_rate": 0.001', '"learning_rate": -Infinity'),
        GOOD.replace('"learning_rate": 0.001', '"learning_rate": NaN'),
        GOOD.replace('"hidden": [3]', f'"hidden": {"[" * 985}{"]" * 985}'),
        GOOD.replace('"pace": 0', f'"pace": {"[" * 985}{"]" * 985}'),
        GOOD.replace(f'"version": {FORMAT}', f'"version": {"[" * 985}{"]" * 985}'),
        GOOD.replace(f'"version": {FORMAT}', '"version": 5'),
        "[" * 100_000,
        f"{'[' * 985}{']' * 985}",
        f'{{"version": {FORMAT}, "config": {{"data": {{"seed": {"9" * 5_000}}}}}}}',
        GOOD.replace('"pace": 0', f'"pace": {[1] * 2_000_000}'),
        GOOD.replace('"pace": 0', '"engine": ["auto"]'),
        "null",
        "{",
        *(random.Random(seed).randbytes(2_000) for seed in range(5)),
    ],
    ids=range(18),
)
def test_settings_that_cannot_be_used_are_said_and_kept(
    qapp: object, capsys: pytest.CaptureFixture[str], text: str | bytes
) -> None:
    written = write_session(text)
    store = SettingsStore()
    assert store.load() == (Config(), Preferences())
    said = capsys.readouterr().err
    assert "the saved settings are not used" in said
    assert len(said) < 700
    assert settings_path().read_bytes() == written
    store.save_layout("geometry", QByteArray(b"12"))
    trouble = store.save(OTHER, Preferences())
    assert [backup.read_bytes() for backup in backups()] == [written]
    assert str(backups()[0]) in trouble
    assert "the saved settings are not used" in trouble
    assert store.save(OTHER, Preferences()) == ""  # said once
    again = SettingsStore()
    assert again.load()[0] == OTHER
    assert again.load_layout("geometry") == QByteArray(b"12")


def test_two_windows_keep_what_each_of_them_has_to_say(qapp: object, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = SettingsStore(), SettingsStore()
    second.remember_recent(RECENT_FILES, "/a")
    assert (SettingsStore().load(), capsys.readouterr().err) == ((Config(), Preferences()), "")
    first.save(OTHER, Preferences())
    second.remember_lesson("a", {"page": 1})
    first.remember_lesson("b", {"page": 2})
    first.remember_recent(RECENT_FILES, "/b")
    again = SettingsStore()
    assert again.load()[0] == OTHER
    assert (again.lesson("a"), again.lesson("b"), again.recent(RECENT_FILES)) == (
        {"page": 1},
        {"page": 2},
        [str(Path("/b")), str(Path("/a"))],
    )


def test_on_windows_a_file_is_recent_once_for_any_spelling(monkeypatch: pytest.MonkeyPatch) -> None:
    store = SettingsStore()
    monkeypatch.setattr(preferences_module, "Path", PureWindowsPath)
    for name in ("C:/a/b.tinynet", "D:/b.tinynet", r"c:\a\B.tinynet"):
        store.remember_recent(RECENT_FILES, name)
    assert store.recent(RECENT_FILES) == [r"c:\a\B.tinynet", r"D:\b.tinynet"]


def test_settings_of_format_6_are_read(qapp: object) -> None:
    write_session((DATA / "format_6" / "settings.json").read_bytes())
    store = SettingsStore()
    config, preferences = store.load()
    assert preferences == Preferences(pace=1, sharpness=True, high_contrast=True)
    assert config == OTHER.replace("network.weight_scale", 0.5)
    assert (store.recent(RECENT_FILES), backups()) == ([str(Path("/a"))], [])
    store.save(config, preferences)
    assert json.loads(settings_path().read_text())["version"] == 6


def test_settings_of_a_newer_version_are_left_unchanged(qapp: object, capsys: pytest.CaptureFixture[str]) -> None:
    written = write_session(GOOD.replace(f'"version": {FORMAT}', f'"version": {FORMAT + 1}, "colour": "red"'))
    store = SettingsStore()
    assert store.load() == (Config(), Preferences())
    trouble = store.save(OTHER, Preferences())
    assert "a newer version of tinynet made it" in trouble
    assert "those of the newer version are left unchanged" in trouble
    assert (settings_path().read_bytes(), backups(), store.offers_tour) == (written, [], False)
    assert "newer version" in capsys.readouterr().err


def test_settings_that_would_not_be_read_are_not_written(qapp: object, capsys: pytest.CaptureFixture[str]) -> None:
    SettingsStore().save(OTHER, Preferences())
    store = SettingsStore()
    store.save_layout("geometry", QByteArray(bytes(MAX_BYTES // 2)))
    assert "more than 4,000,000 bytes" in store.save(OTHER, Preferences())
    assert SettingsStore().load()[0] == OTHER
    assert "more than 4,000,000 bytes" in capsys.readouterr().err


def test_only_the_latest_that_were_put_aside_stay(qapp: object) -> None:
    for number in range(12):
        write_session(f"{{{number}")
        store = SettingsStore()
        store.load()
        store.save(OTHER, Preferences())
    assert [file.read_text() for file in backups()] == ["{10", "{11", "{9"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda values: (
        st.lists(values, max_size=3) | st.dictionaries(st.sampled_from(list(Preferences.__annotations__)), values)
    ),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(config=JSON, preferences=JSON)
def test_the_program_starts_whatever_is_saved(qapp: object, config: object, preferences: object) -> None:
    write_session(json.dumps({"version": FORMAT, "config": config, "preferences": preferences}))
    loaded = SettingsStore().load()
    assert isinstance(loaded[0], Config)
    assert isinstance(loaded[1], Preferences)


@pytest.fixture
def nowhere_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which there can be no file, for the system's administrator neither."""
    (tmp_path / "file").touch()
    monkeypatch.setenv(HOME, str(tmp_path / "file"))


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

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        store.save_layout("geometry", QByteArray(b"12"))
        assert "read-only file system" in store.save(OTHER, Preferences())
    assert settings_path().read_bytes() == written
    for text in ("{", "["):  # of two broken ones both are kept
        write_session(text)
        store = SettingsStore()
        store.load()
        store.save(OTHER, Preferences())
    assert [name.name for name in backups()] == ["tinynet_gui.backup.json", "tinynet_gui.backup1.json"]


@pytest.mark.usefixtures("nowhere_to_write")
def test_the_window_says_that_settings_are_not_kept(make_window: MakeWindow, qtbot: QtBot) -> None:
    window = make_window(remember=True)
    qtbot.waitUntil(lambda: window.findChild(QMessageBox, "settingsTrouble") is not None)
    box = child(window, QMessageBox, "settingsTrouble")
    assert "cannot be written" in box.text()
    assert not box.isModal()
    box.close()
    window.session.edit({"network.hidden": (4,)})
    delay = child(window, QTimer, "saveDelay")
    assert delay.isActive()
    delay.timeout.emit()
    assert window.findChild(QMessageBox, "settingsTrouble") in (None, box)


def test_closing_at_once_says_it_on_stderr(make_window: MakeWindow, capsys: pytest.CaptureFixture[str]) -> None:
    written = write_session("{")
    window = make_window(remember=True)
    window.close()
    assert str(backups()[0]) in capsys.readouterr().err
    assert backups()[0].read_bytes() == written
