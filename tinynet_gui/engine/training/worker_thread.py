"""A thread with one object living in it."""

from PySide6.QtCore import QObject, QThread

SHUTDOWN_MS = 120_000  # generous: a slow machine may be in the middle of a large network


class OwnThread(QThread):
    """Runs an event loop for one object, whose slots run here when called by queued signals.

    Qt aborts the process if a running thread is destroyed: `shut_down` before that.
    """

    def __init__(self, name: str, inhabitant: QObject, parent: QObject) -> None:
        super().__init__(parent)
        self._is_over = False
        self.setObjectName(name)
        inhabitant.moveToThread(self)
        self.finished.connect(inhabitant.deleteLater)

    def begin(self, priority: QThread.Priority = QThread.Priority.InheritPriority) -> None:
        """Start, if it does not run yet; after `shut_down` nothing starts it again."""
        if not self._is_over and not self.isRunning():
            self.start(priority)

    def shut_down(self) -> None:
        """End the thread and wait for it; harmless if it has ended or never begun.

        `RuntimeError` if it does not end: it is still in a very slow slot.
        """
        self._is_over = True
        self.quit()
        if not self.wait(SHUTDOWN_MS):
            raise RuntimeError(f"the {self.objectName()} thread did not end within {SHUTDOWN_MS / 1000:g} s")
