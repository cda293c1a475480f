"""Whether anything moves by itself; the user can choose that nothing does: Qt does not tell what the system wants.

It is global, like the zoom. What the user starts (training, playing the time line, a film) moves in any case.
"""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

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
