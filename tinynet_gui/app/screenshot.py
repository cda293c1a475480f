"""A screenshot of the real window after some steps of real training."""

import sys
from importlib.util import find_spec

from PySide6.QtCore import QEventLoop, Qt, QTimer

from tinynet_gui.engine.session.app_state import AppState
from tinynet_gui.ui.window.main_window import MainWindow

SETTLE_MS = 250  # for texts that refresh more slowly than the curves


def take_screenshot(window: MainWindow, name: str, steps: int, size: tuple[int, int], theme: str | None) -> int:
    """Train to a step through the worker, save the window as PNG and close it; return the exit status."""
    if theme:
        window.set_scheme(theme)
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)  # Windows makes none larger than its screens
    window.resize(*size)
    window.show()
    loop = QEventLoop()
    failures: list[str] = []
    is_without_pytorch = _is_without("torch")  # the status line reports it

    def quit_on_signal() -> None:
        if is_without_pytorch and window.session.state.status.pytorch == "absent":
            QTimer.singleShot(SETTLE_MS, quit_on_signal)
        else:
            loop.quit()

    def is_there(state: AppState) -> bool:
        snapshot = state.snapshot
        return snapshot is not None and (snapshot.step >= steps or snapshot.diverged_at is not None)

    def on_changed(old: AppState, new: AppState) -> None:
        if new.status.phase == "unusable":
            on_failed(f"tinynet-gui: {new.status.trouble}\n")
        if new.snapshot is not old.snapshot and is_there(new):
            QTimer.singleShot(SETTLE_MS, quit_on_signal)

    def on_failed(text: str) -> None:
        failures.append(text)
        loop.quit()

    window.session.changed.connect(on_changed)
    window.program.failed.connect(on_failed)
    if steps:
        window.session.fast_forward(steps)
    loop.exec()
    is_reached = is_there(window.session.state)
    saved = is_reached and not failures and window.grab().save(name, "PNG")
    window.close()
    if failures:
        print(failures[0], end="", file=sys.stderr)
    elif not saved:
        trouble = "there is no picture: the program ended before it was taken"
        trouble = "the picture could not be written" if is_reached else trouble
        print(f"tinynet-gui: --screenshot {name}: {trouble}", file=sys.stderr)
    return 0 if saved else 1


def _is_without(package: str) -> bool:
    try:
        return find_spec(package) is None
    except (ImportError, OSError):
        return True
