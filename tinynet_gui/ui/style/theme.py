"""The global look: the theme, contrast, motion and zoom, and the fonts and icons made for them.

Qt takes a scale factor only at its start. So every length in pixels goes through `px` or `line_px`, fonts come from
`small_font` and `fixed_font`, and `widgets/touch.py` does the same for the sizes set on widgets. A picture drawn
through a scaled painter needs none of this: only its fonts and pens already follow the zoom, so `drawn_font` and
`drawn_width` undo that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, lru_cache
from math import ceil
from typing import Any, Protocol, runtime_checkable

from PySide6 import QtCore, QtGui, QtSvg, QtWidgets

from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.core.values import frozen_dataclass
from tinynet_gui.ui.style.colors import LIGHT, ROLES, THEMES, ColorRole, Theme

MIN_TEXT = 11  # px: the size of the smallest text
TARGET, FINGER = 24, 44  # px: the least side of a control, for the mouse and for a finger
PERCENTS = (80, 90, 100, 110, 125, 150, 175, 200, 250, 300)


@frozen_dataclass
class Zoom:
    """A factor and minimum sizes: of text in points; of lines, controls and rows in pixels."""

    scale: float = 1.0
    least_points: float = 0.0
    least_line: float = 0.0
    least_target: float = 0.0
    least_row: float = 0.0


class _Application:
    theme = LIGHT
    zoom = Zoom()
    animations_enabled = True


def zoom() -> Zoom:
    return _Application.zoom


def set_zoom(wanted: Zoom) -> None:
    """Use another zoom from now on; `ThemeSource.set_zoom` updates everything that exists."""
    _Application.zoom = wanted


def target_px() -> int:
    return ceil(max(px(TARGET), zoom().least_target))


def is_touched() -> bool:
    """Whether a touch was seen: since then rows are as high as a finger."""
    return zoom().least_row > 0


def for_finger(words: str) -> str:
    """Return words about the mouse, reworded for a finger once a touch was seen."""
    # Translators: the parts of "Double-click" and "double-click", and of their translations, that do not vary.
    return words.replace(_("ouble-click"), _("ouble-tap")) if is_touched() else words


def px(length: float) -> float:
    """Convert a length at a zoom of 1 to the window's pixels."""
    return length * zoom().scale


def reach_px(length: float) -> float:
    """Return the tolerance of hit tests, in the window's pixels: larger for a finger."""
    return max(px(length), zoom().least_target / 2)


def whole_px(length: float) -> int:
    """Like `px`, rounded to the integer that Qt's widgets and layouts take."""
    return round(px(length))


def unzoomed_px(length: float) -> int:
    """Convert a length measured in the window's fonts back to a zoom of 1, for a widget that the zoom will scale."""
    return ceil(length / zoom().scale)


def line_px(width: float) -> float:
    return max(px(width), zoom().least_line)


def readable(font: QtGui.QFont) -> QtGui.QFont:
    points = px(MIN_TEXT) * 72 / QtGui.QGuiApplication.primaryScreen().logicalDotsPerInchY()
    font.setPointSizeF(max(font.pointSizeF(), points, zoom().least_points))
    return font


def drawn_font(font: QtGui.QFont) -> QtGui.QFont:
    """Return a font of the window for a picture drawn at a zoom of 1 and then magnified."""
    drawn = QtGui.QFont(font)
    drawn.setPointSizeF(font.pointSizeF() / zoom().scale)
    return drawn


def drawn_width(width: float) -> float:
    return line_px(width) / zoom().scale


def drawn_at(point: QtCore.QPointF) -> QtCore.QPointF:
    return point / zoom().scale


def theme() -> Theme:
    """Return the current theme, to be read whenever something is painted; global, like the zoom."""
    return _Application.theme


def set_theme(wanted: Theme) -> None:
    """Use another theme from now on; `ThemeSource` updates everything that exists."""
    _Application.theme = wanted


@contextmanager
def in_theme(wanted: Theme) -> Iterator[None]:
    """Paint in another theme within the context; what keeps pens is updated by `show_theme_in`."""
    before = theme()
    set_theme(wanted)
    try:
        yield
    finally:
        set_theme(before)


@runtime_checkable
class Themed(Protocol):
    """A widget that keeps pens, icons, texts or sizes, which depend on the theme or the zoom."""

    def show_theme(self) -> None: ...


def show_theme_in(*roots: QtWidgets.QWidget) -> None:
    """Update widgets, and all within them, to the current theme and zoom: children first."""
    for root in roots:
        widgets: list[Any] = [*reversed(root.findChildren(QtWidgets.QWidget)), root]
        for widget in widgets:
            if issubclass(type(widget), Themed):  # `isinstance` with a protocol is 100 times slower
                widget.show_theme()
            widget.update()


FULL = 20.0  # a contrast of at least this is high; usual palettes have 18 at most, 21 is the limit


def hints(of_style: QtGui.QStyleHints) -> Any:
    """Return Qt's accessibility hints; None before Qt 6.10."""
    return of_style.accessibility() if hasattr(of_style, "accessibility") else None


@cache
def _is_first_palette_high() -> bool:
    """Whether the system's first palette had high contrast; cached, as later palettes are the program's own."""
    return is_high(QtGui.QGuiApplication.palette())


def is_high(palette: QtGui.QPalette) -> bool:
    """Whether a palette was made for high contrast (WCAG's measure)."""
    dark, light = sorted(_luminance(palette.color(role)) for role in (palette.ColorRole.Window, palette.ColorRole.Text))
    return (light + 0.05) / (dark + 0.05) >= FULL


def _luminance(color: QtGui.QColor) -> float:
    parts = ((0.2126, color.redF()), (0.7152, color.greenF()), (0.0722, color.blueF()))
    return sum(weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for weight, c in parts)


EFFECTS = (QtCore.Qt.UIEffect.UI_AnimateMenu, QtCore.Qt.UIEffect.UI_FadeMenu, QtCore.Qt.UIEffect.UI_AnimateCombo)


def animations_enabled() -> bool:
    return _Application.animations_enabled


class ThemeSource(QtCore.QObject):
    """Sets the theme, the system's or the user's; and the zoom, the minimum size of controls, and motion.

    `theme_changed` is emitted also when one of the others changes.
    """

    theme_changed = QtCore.Signal()

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._of_style = QtGui.QGuiApplication.styleHints()  # keeps the accessibility hints alive in PySide
        self._of_style.colorSchemeChanged.connect(self._on_scheme_changed)
        self._hints = hints(self._of_style)
        if self._hints is not None:
            self._hints.contrastPreferenceChanged.connect(self._on_scheme_changed)
        self._scheme, self._is_touched, self._wants_contrast = QtCore.Qt.ColorScheme.Unknown, False, False
        set_theme(self._current())
        if QtWidgets.QApplication.style().name() != "fusion":
            QtWidgets.QApplication.setStyle("Fusion")  # with many widgets it takes a third of a second
        QtWidgets.QApplication.setPalette(make_palette(theme()))

    def set_scheme(self, scheme: QtCore.Qt.ColorScheme) -> None:
        """Follow the system (`Unknown`) or keep to light or dark."""
        if scheme != self._scheme:
            self._scheme = scheme
            self._of_style.setColorScheme(scheme)  # for the title bar and native dialogs
        self._on_scheme_changed()

    def set_high_contrast(self, is_wanted: bool) -> None:
        self._wants_contrast = is_wanted
        self._on_scheme_changed()

    def set_zoom(self, wanted: Zoom) -> None:
        if self._is_touched:
            wanted = replace(wanted, least_target=FINGER, least_row=FINGER)
        if wanted != zoom():
            zoom_application(wanted)
            self.theme_changed.emit()

    def set_touch(self, is_seen: bool = True) -> None:
        """Make all controls large enough for a finger, from the first touch on."""
        self._is_touched = is_seen
        self.set_zoom(replace(zoom(), least_target=0.0, least_row=0.0))

    def set_motion(self, is_wanted: bool) -> None:
        """Allow animations or not; Qt's own ones, too."""
        if is_wanted != animations_enabled():
            _Application.animations_enabled = is_wanted
            for effect in EFFECTS:
                QtWidgets.QApplication.setEffectEnabled(effect, is_wanted)
            self.theme_changed.emit()

    def _on_scheme_changed(self) -> None:
        if self._current() != theme():
            set_theme(self._current())
            QtWidgets.QApplication.setPalette(make_palette(theme()))
            self.theme_changed.emit()

    def _current(self) -> Theme:
        scheme = self._scheme  # not every platform plugin adopts it
        if scheme == QtCore.Qt.ColorScheme.Unknown:
            scheme = self._of_style.colorScheme()
        return THEMES[scheme == QtCore.Qt.ColorScheme.Dark, self._wants_contrast or self._is_systems_high()]

    def _is_systems_high(self) -> bool:
        """Whether the system asks for high contrast: Qt reports it from 6.10 on; before, the first palette decides."""
        if self._hints is None:
            return _is_first_palette_high()
        return bool(self._hints.contrastPreference() == QtCore.Qt.ContrastPreference.HighContrast)


def zoom_application(wanted: Zoom) -> None:
    """Set the zoom, and scale the application's font; the caller updates the screen."""
    font, before = QtWidgets.QApplication.font(), zoom()
    set_zoom(wanted)
    if wanted.scale != before.scale:
        font.setPointSizeF(font.pointSizeF() * wanted.scale / before.scale)
        QtWidgets.QApplication.setFont(font)


def make_palette(theme: Theme) -> QtGui.QPalette:
    """Return the palette: for the style sheet, and for widgets that it does not reach."""
    palette = QtGui.QPalette()
    for name, role in ROLES.items():
        palette.setColor(role, theme.color(name))
    for role, name in (
        (ColorRole.AlternateBase, "card"),
        (ColorRole.Text, "ink"),
        (ColorRole.ButtonText, "ink"),
        (ColorRole.ToolTipBase, "card"),
        (ColorRole.ToolTipText, "ink"),
        (ColorRole.Link, "accent"),
    ):
        palette.setColor(role, theme.color(name))
    for role in (ColorRole.WindowText, ColorRole.Text, ColorRole.ButtonText):
        palette.setColor(QtGui.QPalette.ColorGroup.Disabled, role, theme.color("faint"))
    return palette


def fixed_font(points: float | None = None) -> QtGui.QFont:
    """Return the system's fixed-width font, for numbers that must not jump."""
    font = QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(points or QtWidgets.QApplication.font().pointSizeF())
    return readable(font)


def small_font(factor: float = 0.88) -> QtGui.QFont:
    font = QtGui.QFont(QtWidgets.QApplication.font())
    font.setPointSizeF(font.pointSizeF() * factor)
    return readable(font)


SIZES = (16, 32, 64)  # for screens of scale 1, 2 and 4


class _LazyIcon(QtGui.QIconEngine):
    """Renders an SVG lazily, for each mode (normal, disabled) when that is first shown."""

    def __init__(self, svg: str, colors: dict[QtGui.QIcon.Mode, str]) -> None:
        super().__init__()
        self._svg, self._colors, self._icon = svg, colors, QtGui.QIcon()

    def _drawn(self, mode: QtGui.QIcon.Mode) -> QtGui.QIcon:
        for due in {mode, QtGui.QIcon.Mode.Normal} & self._colors.keys():
            code = self._colors.pop(due)
            renderer = QtSvg.QSvgRenderer(QtCore.QByteArray(self._svg.replace("currentColor", code).encode()))
            for size in SIZES:
                pixmap = QtGui.QPixmap(QtCore.QSize(size, size))
                pixmap.fill(QtCore.Qt.GlobalColor.transparent)
                with QtGui.QPainter(pixmap) as painter:
                    renderer.render(painter)
                self._icon.addPixmap(pixmap, due)
        return self._icon

    def paint(
        self, painter: QtGui.QPainter, rect: QtCore.QRect, mode: QtGui.QIcon.Mode, state: QtGui.QIcon.State
    ) -> None:
        self._drawn(mode).paint(painter, rect, mode=mode, state=state)

    def pixmap(self, size: QtCore.QSize, mode: QtGui.QIcon.Mode, state: QtGui.QIcon.State) -> QtGui.QPixmap:
        return self._drawn(mode).pixmap(size, 1.0, mode, state)

    def scaledPixmap(
        self, size: QtCore.QSize, mode: QtGui.QIcon.Mode, state: QtGui.QIcon.State, scale: float
    ) -> QtGui.QPixmap:
        return self._drawn(mode).pixmap(size, scale, mode, state)

    def actualSize(self, size: QtCore.QSize, mode: QtGui.QIcon.Mode, state: QtGui.QIcon.State) -> QtCore.QSize:
        return self._drawn(mode).actualSize(size, mode, state)

    def availableSizes(
        self, mode: QtGui.QIcon.Mode = QtGui.QIcon.Mode.Normal, state: QtGui.QIcon.State = QtGui.QIcon.State.Off
    ) -> list[QtCore.QSize]:
        return self._drawn(mode).availableSizes(mode, state)


@lru_cache(maxsize=64)
def make_icon(name: str, color: str, disabled: str | None = None) -> QtGui.QIcon:
    """Draw ``resources/icons/<name>.svg`` with currentColor replaced, as #rrggbb; another colour if disabled.

    Without that second colour Qt derives one that can hardly be told from the first in the dark theme.
    """
    modes = {QtGui.QIcon.Mode.Normal: color} | ({QtGui.QIcon.Mode.Disabled: disabled} if disabled else {})
    return QtGui.QIcon(_LazyIcon(resource_path(f"icons/{name}.svg").read_text(encoding="utf-8"), modes))
