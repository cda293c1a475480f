"""A thin progress bar, and one with a cancel button that appears only for work of more than half a second."""

from functools import partial
from time import perf_counter

from PySide6 import QtCore, QtGui, QtWidgets

from tinynet_gui.core.text.language import gettext as _, process_language, speaking
from tinynet_gui.qt import single_shot
from tinynet_gui.ui.widgets.accessibility import caption, named, worded
from tinynet_gui.ui.widgets.cards import compact_button, filled

APPEARS_MS = 500  # shorter work shows no progress
SHOW_TIME_S = 3.0  # longer work shows the remaining time
MEASURED_S = 0.1  # minimum time to estimate the speed


class ThinBar(QtWidgets.QProgressBar):
    def __init__(self, name: str) -> None:
        super().__init__(textVisible=False, maximum=1_000)
        named(self, name, _("Progress"))
        self.setMaximumHeight(8)

    def setValue(self, value: int) -> None:
        """Schedule the repaint: QProgressBar repaints at once, and with it all pending updates of the window."""
        if value != self.value():
            self.setUpdatesEnabled(False)
            super().setValue(value)
            self.setUpdatesEnabled(True)

    def set_share(self, share: float) -> None:
        self.setValue(round(1_000 * share))


class Progress(QtWidgets.QWidget):
    """Hidden until the work has taken half a second."""

    cancelled = QtCore.Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(f"{name}Progress")
        self._bar = ThinBar(f"{name}ProgressBar")
        self._bar.setMinimumWidth(60)
        self._cancel = compact_button("", f"{name}Cancel", "", "")
        self._left = named(caption(), f"{name}TimeLeft", "")
        self._shows_time = False
        self._measured_from: tuple[float, float] | None = None  # a time, and the share done by then
        self._row = filled(QtWidgets.QHBoxLayout(self), (self._bar, 1), self._left, self._cancel, margins=(0, 0, 0, 0))
        self._appears = single_shot(self, APPEARS_MS, partial(self.setVisible, True))
        self._cancel.clicked.connect(self.cancelled)
        self.setVisible(False)
        self.set_language(process_language())

    def set_language(self, language: str) -> None:
        self._language = language
        self._bar.setAccessibleName(_("Progress"))
        tooltip = _("Stop here; the results so far are kept.")
        worded(self._cancel, self._cancel.objectName(), _("Cancel"), tooltip)

    def begin(self, shows_time_left: bool = False) -> None:
        """Begin; with `shows_time_left` show the remaining time if that is long and the share grows evenly."""
        self._shows_time, self._measured_from = shows_time_left, None
        self._left.setVisible(shows_time_left)
        self._left.setText("")
        self._fit()
        if self.isHidden() and not self._appears.isActive():
            self._bar.setValue(0)
            self._appears.start()

    def set_share(self, share: float) -> None:
        self._bar.set_share(share)
        if self._shows_time and share > 0:
            self._show_time(perf_counter(), share)

    def end(self) -> None:
        self._appears.stop()
        self.setVisible(False)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        """In a narrow place show the button only."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self.sizePolicy().horizontalPolicy() != QtWidgets.QSizePolicy.Policy.Ignored:
            return
        gap = self._row.spacing()
        room = self.width() - self._cancel.sizeHint().width() - gap - self._bar.minimumWidth()
        self._bar.setVisible(room >= 0)
        self._left.setVisible(self._shows_time and room >= gap + self._left.sizeHint().width())

    def _show_time(self, now: float, share: float) -> None:
        if self._measured_from is None:
            self._measured_from = now, share
            return
        since, before = self._measured_from
        if share > before and now - since >= MEASURED_S:
            seconds = (now - since) / (share - before)  # in total
            if self._left.text() or seconds > SHOW_TIME_S:  # once shown, it stays
                with speaking(self._language):
                    left = _("{time} left").format(time=time_text((1 - share) * seconds))
                self._left.setText(left)
                self._fit()


def time_text(seconds: float) -> str:
    """Format an estimated time: about 40 s, about 3 min."""
    for about, size in ((_("about {count} h"), 3_600), (_("about {count} min"), 60)):
        if seconds >= 2 * size:
            return about.format(count=f"{seconds / size:.0f}")
    return _("about {count} s").format(count=f"{seconds:.0f}" if seconds < 10 else round(seconds / 5) * 5)
