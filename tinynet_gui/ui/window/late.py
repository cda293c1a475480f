"""What the first sight of the window does not need: loaded and made when it is first asked for, or while idle."""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from PySide6.QtCore import QObject, Qt, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from tinynet_gui.core.values import dataclass
from tinynet_gui.single_shot import single_shot
from tinynet_gui.ui.widgets.guard import guard_package

REST_MS = 20  # between two turns, for frames of a training and the user's input


@dataclass(frozen=True)
class Late:
    """A function, by its module and its name: the module is loaded when it is first called."""

    module: str
    name: str

    def __call__(self, *arguments: Any) -> Any:
        return self.load()(*arguments)

    def load(self) -> Callable[..., Any]:
        """Load its module, and return it."""
        function: Callable[..., Any] = getattr(import_module(self.module), self.name)
        guard_package("tinynet_gui.ui")
        return function


class MadeLate(dict[str, Any]):
    """Things by name: asked for by its name, one that is not there yet is made; `get`, `in` and loops make none.

    Attributes
    ----------
    make
        Makes one; KeyError if there is none of that name.
    """

    make: Callable[[str], Any]

    def __missing__(self, name: str) -> Any:
        self[name] = made = self.make(name)
        return made


class Alarm(QObject):
    """Has something made when a signal comes, unless it is there, and lets it hear that signal too."""

    def __init__(self, signal: SignalInstance, things: MadeLate, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._signal, self._things, self._name = signal, things, name
        signal.connect(self._on_signal)

    def _on_signal(self, *arguments: Any) -> None:
        if self._name not in self._things:
            self._things[self._name]
            sender = self.sender()
            if not isinstance(sender, QAction) or sender.isEnabled():  # it may have nothing to do yet
                self._signal.emit(*arguments)


class Ahead(QObject):
    """Takes steps, each short, one in each turn of the event loop, while nobody holds a mouse button."""

    def __init__(self, steps: Iterable[Callable[[], object]], parent: QObject) -> None:
        super().__init__(parent)
        self._steps = iter(steps)
        self._rest = single_shot(self, REST_MS, self._take_step, "ahead")
        self._is_over = False

    def begin(self) -> None:
        """Begin, unless that has been done."""
        if not self._is_over and not self._rest.isActive():
            self._rest.start()

    def stop(self) -> None:
        """Take no more of them."""
        self._is_over = True
        self._rest.stop()

    def finish(self) -> None:
        """Take all of them now."""
        self.stop()
        for step in self._steps:
            step()

    def _take_step(self) -> None:
        if QApplication.mouseButtons() == Qt.MouseButton.NoButton:
            step = next(self._steps, self.stop)
            step()
        self.begin()
