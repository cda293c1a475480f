"""A thread with one object living in it."""

from PySide6.QtCore import QObject, QThread

SHUTDOWN_MS = 10_000


class OwnThread(QThread):
    """Runs an event loop for one object, whose slots then run here when they are called by queued signals.

    Qt aborts the process if a running thread is destroyed: `shut_down` before that.
    """

    def __init__(self, name: str, inhabitant: QObject, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        inhabitant.moveToThread(self)
        self.finished.connect(inhabitant.deleteLater)

    def shut_down(self) -> None:
        """End the thread and wait for it; harmless if it has ended or never begun.

        Raises
        ------
        RuntimeError
            If it does not end: it is still in a slot that takes very long.
        """
        if self.isRunning():
            self.quit()
            if not self.wait(SHUTDOWN_MS):
                raise RuntimeError(f"the {self.objectName()} thread did not end within {SHUTDOWN_MS / 1000:g} s")
