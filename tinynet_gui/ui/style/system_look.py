"""High contrast and reduced motion, as the system asks for or the user chooses."""

from functools import cache
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

FULL = 20.0  # of at most 21; usual palettes have 18 or less


class SystemContrast(QtCore.QObject):
    """Whether the system asks for high contrast: Qt reports it from 6.10 on; before, the first palette decides."""

    changed = QtCore.Signal()

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._of_style = QtGui.QGuiApplication.styleHints()  # keeps the accessibility hints alive in PySide
        self._hints = hints(self._of_style)
        if self._hints is not None:
            self._hints.contrastPreferenceChanged.connect(self.changed)

    @property
    def is_high(self) -> bool:
        if self._hints is None:
            return _is_first_palette_high()
        return bool(self._hints.contrastPreference() == QtCore.Qt.ContrastPreference.HighContrast)


def hints(of_style: QtGui.QStyleHints) -> Any:
    """Return Qt's accessibility hints; None before Qt 6.10."""
    return of_style.accessibility() if hasattr(of_style, "accessibility") else None


@cache
def _is_first_palette_high() -> bool:
    """Whether the system's palette had high contrast; cached, as later palettes are the program's own."""
    return is_high(QtGui.QGuiApplication.palette())


def is_high(palette: QtGui.QPalette) -> bool:
    """Whether a palette was made for high contrast (WCAG's measure)."""
    dark, light = sorted(_luminance(palette.color(role)) for role in (palette.ColorRole.Window, palette.ColorRole.Text))
    return (light + 0.05) / (dark + 0.05) >= FULL


def _luminance(color: QtGui.QColor) -> float:
    parts = ((0.2126, color.redF()), (0.7152, color.greenF()), (0.0722, color.blueF()))
    return sum(weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for weight, c in parts)


EFFECTS = (QtCore.Qt.UIEffect.UI_AnimateMenu, QtCore.Qt.UIEffect.UI_FadeMenu, QtCore.Qt.UIEffect.UI_AnimateCombo)


class _Application:
    moves = True


def moves() -> bool:
    """Whether animations may run."""
    return _Application.moves


def set_motion(is_wanted: bool) -> None:
    """Allow motion or not from now on; `ThemeSource.set_motion` updates everything that exists."""
    _Application.moves = is_wanted
    for effect in EFFECTS:
        QtWidgets.QApplication.setEffectEnabled(effect, is_wanted)
