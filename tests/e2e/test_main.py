"""End to end, through the real main(), with a user's hands; as a process of its own in `test_wheel`."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

import tinynet_gui.core as tiny
from tests.e2e.play import PATIENCE_S, button, is_loaded, label, run_main, run_python
from tests.not_none import not_none
from tests.places import rectangle_of
from tests.spreadsheets import workbook
from tests.unit.test_display import on_linux
from tinynet_gui import __version__
from tinynet_gui.app import application
from tinynet_gui.app.application import DESKTOP_ID, main
from tinynet_gui.app.command_line import InitialState
from tinynet_gui.app.display import display_trouble
from tinynet_gui.core.config import Config, config as config_module
from tinynet_gui.core.data.points import Points
from tinynet_gui.core.network.refs import NeuronRef
from tinynet_gui.core.storage import results
from tinynet_gui.core.system.processes import PROGRAM, python_command
from tinynet_gui.core.text.numbers import signed
from tinynet_gui.core.wording.setting_line import LINE_NAMES, write_settings
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.settings_file import chosen_language


def nowhere(folder: Path, platform: str = "", display: str = "") -> dict[str, str]:
    """The environment of a machine without a display."""
    (folder / "wayland-0").touch()  # left over: nobody listens
    names = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR")
    return dict(zip(names, (platform, display, "wayland-0", str(folder)), strict=True))


def test_the_tutorial_from_start_to_end(qtbot: QtBot) -> None:
    def user(window: MainWindow) -> Iterator[Callable[[], bool]]:
        session = window.session
        yield lambda: is_loaded(window)
        assert QGuiApplication.desktopFileName() == DESKTOP_ID  # by which a desktop knows its icon
        assert session.state.snapshot is not None
        first = session.state.snapshot
        QTest.mouseClick(button(window, "startButton"), Qt.MouseButton.LeftButton)
        yield lambda: session.state.snapshot is not None and session.state.snapshot.step >= 500
        QTest.keyClick(window.views.diagram, Qt.Key.Key_Space)
        assert not session.state.is_running
        session.set_pace(session.state.session.pace + 3)
        QTest.keyClick(window.views.diagram, Qt.Key.Key_Space)
        yield lambda: session.state.status.phase == "finished"
        assert label(window, "stepLabel") == "step 10,000 / 10,000"
        assert label(window, "lossLabel") == "loss 0.06468"

        center = rectangle_of(window.views.diagram, NeuronRef(0, 4)).center()
        QTest.mouseMove(window.views.diagram, center + QPoint(1, 1))
        QTest.mouseMove(window.views.diagram, center)
        yield window.views.diagram.card.isVisible
        hidden, output = session.state.snapshot.layers
        for weight in (hidden.weight[4, 0], output.weight[0, 4]):
            assert signed(float(weight)) in window.views.diagram.accessibleDescription()

        QTest.mouseClick(button(window, "actionResetButton"), Qt.MouseButton.LeftButton)
        yield lambda: session.state.snapshot is not None and session.state.snapshot.step == 0
        assert (session.state.snapshot.layers[0].weight == first.layers[0].weight).all()
        QTest.mouseClick(button(window, "actionStepButton"), Qt.MouseButton.LeftButton)
        yield lambda: session.state.snapshot is not None and session.state.snapshot.step == 1
        session.edit({"training.stop_step": 100_000_000})
        window.actions_["actionStart"].trigger()
        yield lambda: session.state.snapshot is not None and session.state.snapshot.step > 100
        assert session.state.is_running  # when the window is closed

    assert run_main(user) == 0


def test_an_unhandled_exception_is_shown_and_the_program_lives(
    qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    def user(window: MainWindow) -> Iterator[Callable[[], bool]]:
        yield lambda: is_loaded(window)
        try:
            raise ZeroDivisionError("on purpose")
        except ZeroDivisionError as error:
            sys.excepthook(type(error), error, error.__traceback__)
        yield lambda: window.findChild(QPlainTextEdit, "errorText") is not None
        text = not_none(window.findChild(QPlainTextEdit, "errorText"))
        assert "on purpose" in text.toPlainText()
        text.window().close()
        window.actions_["actionStep"].trigger()
        yield lambda: window.session.state.snapshot is not None and window.session.state.snapshot.step == 1

    assert run_main(user) == 0
    assert "on purpose" in capsys.readouterr().err


def test_begin_with_data_of_ones_own(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_module, "rounding_here", lambda: "once")  # as the file has it
    data, settings = tmp_path / "some.csv", tmp_path / "run.json"
    data.write_text("no;x;y;test\n1;0,5;1;0\n2;1;2;1\n3;2;4;0\n", encoding="utf-8")
    config, hidden = Config().replace("network.hidden", (3, 3)), frozenset({"view.map", "data.noise"})
    found = list[frozenset[str]]()
    settings.write_text(write_settings(config, hidden), encoding="utf-8")
    points = Points([1, 2, 3], [0.5, 1, 2], [False, True, False], "some.csv", "no", "x")

    def user(window: MainWindow) -> Iterator[Callable[[], bool]]:
        assert window.session.config == config.replace("data.points", points)
        found.append(window.session.state.session.view.hidden)
        yield lambda: is_loaded(window)

    for arguments in (("--config", str(settings), "--data", str(data)), (), ("--data", str(data))):  # restored, later
        assert run_main(user, arguments) == 0
    assert found == [hidden, hidden, frozenset()]  # a new session shows everything


def test_a_window_is_shown_from_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the session out of a file that nobody else can read, and its window outlives the call."""
    monkeypatch.setattr(results, "OPENS_WITHIN_S", PATIENCE_S)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(
        *(results, "PROGRAM"),
        f"""
import pathlib
from tinynet_gui.app import application
file = pathlib.Path(sys.argv[2])
assert sys.platform == 'win32' or file.stat().st_mode & 0o777 == 0o600
from tinynet_gui.ui.window.main_window import MainWindow
from tinynet_gui.ui.window.settings_file import chosen_language
show = MainWindow.show
def showing(window):
    show(window)
    pathlib.Path({str(tmp_path / "told")!r}).write_text(repr((window.session.state.run.step, file.exists())))
MainWindow.show = showing
sys.exit(application.main())
""",
    )
    tiny.show(tiny.train(steps=123))
    assert (tmp_path / "told").read_text() == "(123, True)"
    assert [file.name for file in tmp_path.glob("tinynet-*.tinynet")] == []
    window = results.open_windows.pop()
    assert window.poll() is None
    window.terminate()
    window.wait(PATIENCE_S)


@pytest.mark.parametrize(
    ("window", "within", "words"),
    [
        ("print('first', file=sys.stderr); sys.exit('there is no display')", PATIENCE_S, "there is no display"),
        ("sys.exit(3)", PATIENCE_S, "it ended with 3"),
        ("import time; time.sleep(1000)", 0.2, "it takes more than 0.2 s"),
    ],
)
def test_a_window_that_does_not_open_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: str, within: float, words: str
) -> None:
    monkeypatch.setattr(results, "OPENS_WITHIN_S", within)
    monkeypatch.setattr(results, "PROGRAM", window)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(RuntimeError, match=rf"^the window did not open: {words}$"):
        tiny.show(tiny.Config())
    assert results.open_windows.pop().poll() is not None
    assert list(tmp_path.iterdir()) == []


def test_closing_before_the_event_loop_begins(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is on screen for a moment before the loop; who closes it then ends the program."""
    shown: list[MainWindow] = []
    show = MainWindow.show

    def show_and_close(window: MainWindow) -> None:
        show(window)
        shown.append(window)
        QTimer.singleShot(0, window.close)

    monkeypatch.setattr(MainWindow, "show", show_and_close)
    watchdog = QTimer(singleShot=True)
    watchdog.timeout.connect(lambda: QApplication.exit(99))
    watchdog.start(1_000 * PATIENCE_S)
    assert main([]) == 0
    assert len(shown) == 1
    assert not shiboken6.isValid(shown[0])  # it is gone, whoever still knows it


A_DEVICE = "nul" if sys.platform == "win32" else "/dev/zero"
LONG = "x" * 30_000  # Windows' command lines are no longer than 32,767
TOO_LONG = "there is no such file" if sys.platform == "win32" else "File name too long"
FOR_THE_SCREENSHOT = {"--size": "1280x800", "--steps": "0", "--theme": "dark"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--config", ""), "--config: the name of a file is missing"),
        (("--screenshot", ""), "--screenshot: the name of a file is missing"),
        (("--screenshot", "a.png", "--size", "99999999999x99999999999"), "at most 10000x10000"),
        (("--screenshot", "a.png", "--size", f"{'9' * 5_000}x1"), "at most 10000x10000"),
        (("--screenshot", "a.png", "--size", "0x10"), "at most 10000x10000"),
        (("--screenshot", "a.png", "--steps", "9" * 5_000), "a whole number from 0 to 1,000,000,000,000"),
        (("--screenshot", "a.png", "--steps", "-1"), "a whole number from 0"),
        ((LONG,), TOO_LONG),
        (("a.tinynet", LONG), "unrecognized arguments"),
        (("--session", ""), "--session: the name of a file is missing"),
        (("",), "argument FILE: the name of a file is missing"),
        (("--session", "/nowhere/a.tinynet"), "there is no such file"),
        (("/nowhere/a.tinynet",), "there is no such file"),
        ((A_DEVICE,), f"{A_DEVICE} is not a file"),
        (("--session", "a.tinynet", "--config", "a.json"), "argument --config: not allowed with argument --session"),
        (("a.tinynet", "--config", "a.json"), "not allowed with argument"),
        (("a.tinynet", "--session", "b.tinynet"), "not allowed with argument"),
        (("--config", LONG), TOO_LONG),
        (("--data", ""), "--data: the name of a file is missing"),
        (("--data", LONG), TOO_LONG),
        (("--data", A_DEVICE), "it is not a plain file"),
        (("--config", A_DEVICE), "it is not a plain file"),
        *(((option, value), "are for --screenshot") for option, value in FOR_THE_SCREENSHOT.items()),
        (("--setting", "lr=2000"), "--setting: lr: 2,000 is not allowed: 0 to 1,000"),
        (("--setting", "lr=1&colour=red"), f"“colour=red” is not a setting; known are {', '.join(LINE_NAMES)}\n"),
        (("--setting", ""), "argument --setting: the text is missing"),
        (("--setting", "lr=1", "--config", "some.json"), "not allowed with argument"),
        (("--setting", "lr=1", "--session", "some.tinynet"), "not allowed with argument"),
    ],
    ids=range(30),
)
def test_what_the_command_line_does_not_take(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status: object = main(arguments)
    except SystemExit as end:
        status = end.code
    text = capsys.readouterr().err
    assert (status, said in text) == (2, True)
    assert len(text) < 1_500


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([option])
    said = capsys.readouterr().out
    options = ("--session", "--config", "--data", "--screenshot", "--steps", "--version")
    assert end.value.code == 0
    assert said == f"tinynet-gui {__version__}\n" or (option == "--help" and all(name in said for name in options))


@pytest.mark.skipif(sys.platform == "win32", reason="it would also be told of errors that Windows' own parts catch")
def test_a_crash_says_where_it_was() -> None:
    code = """
import faulthandler
from tinynet_gui.app import application as app
try:
    app.main(["--version"])
except SystemExit:
    faulthandler._sigsegv()
"""
    crashed = run_python(code)
    assert crashed.returncode != 0
    assert "Segmentation fault" in crashed.stderr
    assert 'File "<string>", line 7' in crashed.stderr


def test_a_screenshot_that_cannot_be_written(qtbot: QtBot, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--screenshot", "/nowhere/window.png"]) == 1
    assert "/nowhere/window.png" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"network": {"hidden": [0]}}', "network.hidden"),
        ('{"training": {"learning_rate": "fast"}}', "training.learning_rate"),
        ("{", "not valid JSON"),
        ('{"hidden": ["view.mikroscope"]}', "hidden: “view.mikroscope” cannot be hidden; is view.microscope meant?"),
        ('{"hidden": "view.map"}', "hidden: “view.map” is not a list of names"),
        ('{"hidden": [[1], {}]}', "hidden: [1] cannot be hidden; what can is"),
        (None, "there is no such file or folder"),
        ('{"training": {"learning_rate": -Infinity}}', "−∞ is not allowed: 0 to 1,000"),
        ("\udcff", "not a text in UTF-8"),
    ],
)
def test_a_configuration_that_is_none(
    tmp_path: Path, content: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "run.json"
    if content is not None:
        file.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert main(["--config", str(file)]) == 2
    assert said in capsys.readouterr().err


WORD = "“two” is not a number; allowed are finite numbers such as 1.5"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x,y\n1,2\n2,two\n3,4\n4,5\n", f": line 3, column 2: {WORD}"),
        ("x;y\n;2\n3;\n", ": line 2: no row has both x and y"),
        ("2e9 1\n2 3\n", ": line 1, column 1: “2e9” is not allowed as x: -1,000,000 to 1,000,000; subtract"),
        ("1 2e39\n2 3\n", ": line 1, column 2: “2e39” is not allowed: -3.402823e+38 to 3.402823e+38"),
        ("a,b\n", ": there are no numbers"),
        (None, "there is no such file or folder"),
    ],
    ids=range(6),
)
def test_data_that_are_none(
    tmp_path: Path, content: str | None, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(application, "_run", lambda *_: pytest.fail("taken for data"))  # it would wait for a user
    file = tmp_path / "some.csv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    for more in ((), ("--screenshot", str(tmp_path / "window.png"))):
        assert main(("--data", str(file), *more)) == 2
        text = capsys.readouterr().err
        assert text.startswith(f"tinynet-gui: --data {file}: ")
        assert said in text


def test_data_that_can_be_read_in_two_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun: list[InitialState] = []

    def run(start: InitialState, *_: object) -> int:
        begun.append(start)
        return 0

    monkeypatch.setattr(application, "_run", run)
    file = tmp_path / "some.csv"

    def said(text: str, *options: str) -> str:
        file.write_text(text, encoding="utf-8")
        assert main(("--data", str(file), *options)) == (0 if options else 2)
        return capsys.readouterr().err

    text = 'A survey\nrooms,price\n"842","3,280"\n"1,000","5,000"\n,"7,000"\n'
    refusal = said(text)
    assert "line 3: “3,280” can be read in two ways: 3.28 (--decimal ,) or 3280 (--thousands ,)" in refusal
    told = said(text, "--thousands", ",")
    assert "left out 1 of 3 rows without a value, the first in line 5" in told
    assert "left out: line 1 above the table" in told
    assert ": x: rooms, y: price; 2 rows\n" in told
    told = said("a,b,c\n1,2,3\n1,3,-999\n1,4,5\n1,5,5\n", "--x", "a", "--y", "c")
    assert "x is 1 throughout: choose another column with --x" in told
    assert "used are 1 of 4 rows with −999, perhaps no value, the first in line 3" in told
    begun.pop()
    said(text, "--decimal", ",")
    assert "--dates day-first" in said("03/04/2021,5\n05/04/2021,6\n")
    said("03/04/2021,5\n05/04/2021,6\n", "--dates", "day-first")
    for options in (
        ("--dates", "day-first"),
        ("--skip", "3"),
        ("--data", "a", "--skip", "x"),
        ("--data", "a", "--decimal", ",", "--thousands", ","),
    ):
        with pytest.raises(SystemExit, match="2"):
            main(options)
    points = [not_none(start.points) for start in begun]
    assert [one.y.tolist() for one in points] == [[3280, 5000], [3.28, 5], [5, 6]]
    assert [one.x.tolist() for one in points] == [[842, 1000], [842, 1], [0, 2]]


def test_what_is_left_out_or_turned_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    x: list[list[float]] = []
    monkeypatch.setattr(application, "_run", lambda start, *_: x.append(start.points.x.tolist()))
    file = tmp_path / "some.csv"

    def said(content: str | bytes, *options: str) -> str:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        main(("--data", str(file), *options))
        return capsys.readouterr().err

    persons = "wer;kg;cm\nA;50;150\nB;60;160\nC;x;180\n"
    assert said(persons).endswith("; --skip 4 leaves out what has no number\n")
    assert ": left out: lines 4 to 5, as asked\n" in said(persons + "Mittelwert;55;155\n", "--skip", "4-5")
    assert ": left out: line 4 with a summary (“Mittel”)\n" in said("kg;cm\n50;150\n60;160\nMittel;155\n")
    told = said("kg;50;60;70\ncm;1;2;3\n")
    assert ": read as on its side, each line a quantity and each column a sample\n" in told
    told = said("kg;50;60\ncm;150;160\n")
    assert "each line is a sample (--samples down) or each column is a sample (--samples across)" in told
    sheets = workbook(Deckblatt=[["Klasse", "8b"]], Werte=[["kg", "cm"], [50, 150], [60, 160]])
    assert ": sheet “Werte” of 2, the first with a table of numbers; --sheet takes another\n" in said(sheets)
    assert "the other sheets are “Werte”; --sheet takes another" in said(sheets, "--sheet", "Deckblatt")
    assert x == [[50, 60], [50, 60], [50, 60, 70], [50, 60]]


@on_linux
@pytest.mark.parametrize(
    ("platform", "display"),
    [("", ""), ("", ":4711"), ("xcb", "localhost:4711"), ("", "nonsense"), ("wayland;xcb", ""), ("xcb:opt", "")],
)
def test_no_display(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, display: str) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name, value in nowhere(tmp_path, platform, display).items():
        monkeypatch.setenv(name, value)
    assert "no display" in display_trouble()
    monkeypatch.setattr(sys, "platform", "darwin")
    assert display_trouble() == ""


def test_another_language_begins_with_a_restart(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    started = list[object]()
    monkeypatch.setattr("tinynet_gui.app.application.subprocess.Popen", started.append)

    def choose(language: str, answer: str) -> Callable[[MainWindow], Iterator[Callable[[], bool]]]:
        def user(window: MainWindow) -> Iterator[Callable[[], bool]]:
            yield lambda: is_loaded(window)
            not_none(window.findChild(QAction, f"windowLanguage:{language}")).trigger()
            box = not_none(window.findChild(QMessageBox, "restart"))
            not_none(next((each for each in box.buttons() if each.text() == answer), None)).click()
            assert window.isVisible() == (answer == "Later")
            window.close()

        return user

    assert run_main(choose("de", "Later")) == 0
    assert (started, chosen_language()) == ([], "de")
    assert run_main(choose("de", "Restart now"), ("--language", "en")) == 0
    assert started == [python_command(PROGRAM)]


def test_no_text_is_made_before_its_language_is_known() -> None:
    """Neither as modules are imported."""
    code = """
import sys
from tinynet_gui.core.text import language
made = []
language.gettext = language.pgettext = language.ngettext = lambda *message: made.append(message) or message[0]
def use(code):
    print(code, made)
    sys.exit()
language.use = use
from tinynet_gui.app.application import main
main(["--screenshot", "x.png", "--config", "missing.json", "--language", "de"])
"""
    assert run_python(code).stdout == "de []\n"


@on_linux
def test_without_a_display_the_program_says_so_and_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for name, value in nowhere(tmp_path).items():
        monkeypatch.setenv(name, value)
    assert main([]) == 2
    [said] = capsys.readouterr().err.strip().splitlines()
    assert all(words in said for words in ("no display", "--screenshot"))


def test_a_setting_as_text_and_held_out_samples_of_a_file(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "ten.csv").write_text("".join(f"{n},{n}\n" for n in range(10)), encoding="utf-8")
    changes = {"data.target": "sin", "network.hidden": (8, 8), "training.learning_rate": 0.01}

    def user(window: MainWindow) -> Iterator[Callable[[], bool]]:
        config = window.session.config
        points = not_none(config.data.points)
        assert config == Config().with_changes({**changes, "data.held_out": 0.3, "data.points": points})
        assert (len(points), points.held_out.sum()) == (10, 3)
        yield lambda: True

    setting = "target=sin&hidden=8,8&lr=0.01&held_out=0.3"
    assert run_main(user, ("--setting", setting, "--data", str(tmp_path / "ten.csv"))) == 0
