"""What the system asks for, and the user chooses: high contrast, and whether anything moves."""

from functools import cache
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication

FULL = 20.0  # the contrast, of at most 21, of a palette made for it; the usual ones have 18 or less


class SystemContrast(QObject):
    """Follows the system where Qt tells of it, from 6.10 on; else what the first palette was counts.

    Signals
    -------
    changed
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._of_style = QGuiApplication.styleHints()  # PySide ends the next with it
        self._hints = hints(self._of_style)
        if self._hints is not None:
            self._hints.contrastPreferenceChanged.connect(self.changed)

    @property
    def is_high(self) -> bool:
        """Whether high contrast is asked for."""
        if self._hints is None:
            return _is_first_palette_high()
        return bool(self._hints.contrastPreference() == Qt.ContrastPreference.HighContrast)


def hints(of_style: QStyleHints) -> Any:
    """Return what Qt tells of the system's accessibility; None if it is older than 6.10."""
    return of_style.accessibility() if hasattr(of_style, "accessibility") else None


@cache
def _is_first_palette_high() -> bool:
    """Remember it: later palettes are the program's own."""
    return is_high(QGuiApplication.palette())


def is_high(palette: QPalette) -> bool:
    """Whether a palette was made for high contrast (WCAG's measure)."""
    dark, light = sorted(_luminance(palette.color(role)) for role in (palette.ColorRole.Window, palette.ColorRole.Text))
    return (light + 0.05) / (dark + 0.05) >= FULL


def _luminance(color: QColor) -> float:
    parts = ((0.2126, color.redF()), (0.7152, color.greenF()), (0.0722, color.blueF()))
    return sum(weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for weight, c in parts)


EFFECTS = (Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_FadeMenu, Qt.UIEffect.UI_AnimateCombo)


class _Application:
    moves = True


def moves() -> bool:
    """Whether what draws the eye may pulse."""
    return _Application.moves


def put_in_force(is_wanted: bool) -> None:
    """Allow motion or not from now on; `ThemeSource.set_motion` updates everything that exists."""
    _Application.moves = is_wanted
    for effect in EFFECTS:
        QApplication.setEffectEnabled(effect, is_wanted)
