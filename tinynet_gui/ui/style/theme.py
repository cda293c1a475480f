"""All colours and fonts, in light and in dark.

Each colour has one meaning: blue is a positive weight, orange a negative one, green is data, ink is the network's
result, violet its future, indigo the user's guess. Blue and orange (after Okabe & Ito, "Color universal design", 2008)
are distinct for every common kind of colour blindness.

In addition, one ramp shows which neuron of a layer something belongs to, from the first to the last. It is ordered by
lightness, so that it can be read without any sense of colour, and it avoids blue, orange and green; no ramp avoids
everything: some of its colours are close to the violet. A map has a ramp of its own, and a dark red outside of it for
what diverged.

Eight colours distinguish overlaid runs. They were chosen as far as possible from each other and from the colours that
have a meaning, for every kind of colour blindness: `tests/unit/test_colors.py` measures how far. The first few are
the farthest apart. After the eighth they repeat, with a dashed line.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from tinynet_gui.resources import resource_path
from tinynet_gui.ui.style.zoom import Zoom, put_zoom_in_force, readable, whole_px, zoom

RUN_COLORS = 8
NEURON_RAMP = "magma"  # of the maps in pyqtgraph; van der Walt & Smith, 2015
MAP_RAMP = "viridis"  # likewise; evenly spaced to the eye, also to a colour-blind one
PAGE_RAMP = 64  # neurons' colours in a web page
Role = QPalette.ColorRole
ROLES = {  # in the palette, of each colour in the style sheet
    "window": Role.Window,
    "card": Role.Button,
    "field": Role.Base,
    "border": Role.Mid,
    "grid": Role.Midlight,
    "ink": Role.WindowText,
    "muted": Role.PlaceholderText,
    "faint": Role.Shadow,
    "accent": Role.Highlight,
    "on_accent": Role.HighlightedText,
    "error": Role.BrightText,
}
NEURON_RAMP_LIGHT, NEURON_RAMP_DARK = (0.2, 0.75), (0.43, 0.92)  # the parts that stand out from the card


@dataclass(frozen=True)
class Theme:
    """The colours of one scheme, as #rrggbb."""

    is_dark: bool
    window: str
    card: str
    field: str
    border: str
    grid: str
    ink: str
    muted: str
    faint: str
    positive: str
    negative: str
    data: str
    accent: str
    on_accent: str
    no_data: str
    error: str
    ghost: str
    guess: str
    diverged: str
    runs: tuple[str, ...]

    def color(self, name: str, alpha: float = 1.0) -> QColor:
        """Return a colour by name, with an opacity from 0 to 1."""
        return QColor(_color(getattr(self, name), alpha))

    def run_color(self, number: int) -> QColor:
        """Return the colour of a run by its number, from 0; from the ninth on they repeat."""
        return QColor(self.runs[number % RUN_COLORS])

    def neuron_colors(self, count: int) -> tuple[QColor, ...]:
        """Return a colour for each neuron of a layer, in the layer's order."""
        return _neuron_colors(self.is_dark, count)


def map_ramp() -> npt.NDArray[np.uint8]:
    """Return the colours of a map, from its lowest number to its highest, RGBA of shape (256, 4)."""
    ramp: npt.NDArray[np.uint8] = pg.colormap.get(MAP_RAMP).getLookupTable(nPts=256, alpha=True)
    return ramp


@lru_cache(maxsize=512)
def _color(code: str, alpha: float) -> QColor:
    color = QColor(code)
    color.setAlphaF(alpha)
    return color


@lru_cache(maxsize=64)
def _neuron_colors(is_dark: bool, count: int) -> tuple[QColor, ...]:
    first, last = NEURON_RAMP_DARK if is_dark else NEURON_RAMP_LIGHT
    share = np.linspace(first, last, count) if count > 1 else np.array([(first + last) / 2])
    return tuple(pg.colormap.get(NEURON_RAMP).map(share, mode="qcolor"))


LIGHT = Theme(
    is_dark=False,
    window="#f5f5f2",
    card="#ffffff",
    field="#fafaf8",
    border="#dededa",
    grid="#e9e9e6",
    ink="#1c1f24",
    muted="#686c75",
    faint="#b9bbc0",
    positive="#1f6fb2",
    negative="#cf6a12",
    data="#0a8463",
    accent="#1f6fb2",
    on_accent="#ffffff",
    no_data="#f0efeb",
    error="#b3261e",
    ghost="#8a4f9e",
    guess="#875fff",
    diverged="#780000",
    runs=("#80282d", "#98a35d", "#f561f2", "#fd017a", "#d28aaa", "#6103d3", "#3c144a", "#0e027a"),
)
DARK = Theme(
    is_dark=True,
    window="#191b1f",
    card="#24272c",
    field="#1d1f24",
    border="#3a3e46",
    grid="#33373e",
    ink="#f1f2f4",
    muted="#a0a5ae",
    faint="#5c616b",
    positive="#5aa9e6",
    negative="#f0963c",
    data="#3fc79d",
    accent="#3b8dd0",
    on_accent="#ffffff",
    no_data="#1e2025",
    error="#ff8a80",
    ghost="#c99adb",
    guess="#9187ff",
    diverged="#901800",
    runs=("#affe03", "#846b2f", "#3368b2", "#f9dd89", "#9d11fd", "#b15a65", "#6d50d6", "#c3117b"),
)


class ThemeSource(QObject):
    """The theme in force, of the system or chosen by the user; and the zoom, common to all colour schemes.

    Signals
    -------
    theme_changed : Theme
    """

    theme_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self._scheme = Qt.ColorScheme.Unknown
        self._theme = self._current()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setStyle("Fusion")  # once: with many widgets it takes a third of a second
        self._apply()

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return self._theme

    def set_scheme(self, scheme: Qt.ColorScheme) -> None:
        """Follow the system (`Unknown`) or keep to light or dark."""
        if scheme != self._scheme:
            self._scheme = scheme
            QGuiApplication.styleHints().setColorScheme(scheme)  # for the title bar and native dialogs
        self._on_scheme_changed()

    def set_zoom(self, wanted: Zoom) -> None:
        """Draw everything larger or smaller; emitted as a change of the theme."""
        if wanted != zoom():
            zoom_application(wanted)
            self.theme_changed.emit(self._theme)

    @Slot()
    def _on_scheme_changed(self) -> None:
        theme = self._current()
        if theme != self._theme:
            self._theme = theme
            self._apply()
            self.theme_changed.emit(theme)

    def _current(self) -> Theme:
        scheme = self._scheme  # not every platform plugin adopts it
        if scheme == Qt.ColorScheme.Unknown:
            scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT

    def _apply(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(make_palette(self._theme))


def zoom_application(wanted: Zoom) -> None:
    """Put a zoom in force, and scale the application's font; the caller updates the screen."""
    font, before = QApplication.font(), zoom()
    put_zoom_in_force(wanted)
    if wanted.scale != before.scale:
        font.setPointSizeF(font.pointSizeF() * wanted.scale / before.scale)
        QApplication.setFont(font)


def make_palette(theme: Theme) -> QPalette:
    """Return the palette: for the style sheet, and for widgets that it does not reach."""
    palette = QPalette()
    for name, role in ROLES.items():
        palette.setColor(role, theme.color(name))
    for role, name in (
        (Role.AlternateBase, "card"),
        (Role.Text, "ink"),
        (Role.ButtonText, "ink"),
        (Role.ToolTipBase, "card"),
        (Role.ToolTipText, "ink"),
        (Role.Link, "accent"),
    ):
        palette.setColor(role, theme.color(name))
    for role in (Role.WindowText, Role.Text, Role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, theme.color("faint"))
    return palette


def style_sheet() -> str:
    """Return the window's style sheet: in the colours of the palette, so that it changes with the zoom only."""
    t = SimpleNamespace(**{name: f"palette({_css_name(role)})" for name, role in ROLES.items()})
    up, down = (resource_path(f"icons/chevron-{way}.svg").as_posix() for way in ("up", "down"))
    check = resource_path("icons/check.svg").as_posix()
    part = resource_path("icons/part.svg").as_posix()
    sheet = f"""
    QMainWindow, QStatusBar, QMenuBar {{ background: {t.window}; }}
    QStatusBar {{ border-top: 1px solid {t.border}; }}
    QStatusBar::item {{ border: none; }}
    QStatusBar QLabel {{ color: {t.muted}; padding: 1px 8px; }}
    QSplitter::handle {{ background: {t.window}; }}
    QFrame[card="true"] {{
        background: {t.card}; border: 1px solid {t.border}; border-radius: 8px; }}
    QFrame#topBar {{ background: {t.card}; border: none; border-bottom: 1px solid {t.border}; }}
    QFrame#transportBar {{ background: {t.card}; border: none; }}
    QScrollArea {{ background: transparent; border: none; }}
    QAbstractScrollArea::corner, QTableCornerButton::section {{ background: transparent; border: none; }}
    QTextBrowser[bare="true"] {{ background: transparent; border: none; }}
    QTableView[bare="true"] {{
        background: transparent; gridline-color: {t.grid}; selection-background-color: {t.grid};
        selection-color: {t.ink}; }}
    QTableView[bare="true"] QHeaderView, QTableView[bare="true"] QHeaderView::section {{
        background: transparent; border: none; color: {t.muted}; padding: 0 4px; }}
    #dataRows QHeaderView, #dataRows QHeaderView::section {{ padding: 0 1px; }}
    #runsTable QHeaderView, #runsTable QHeaderView::section {{ padding: 0 3px; }}
    QTableView#dataFirstRows {{ background: {t.field}; border: 1px solid {t.border}; }}
    #dataFirstRows QHeaderView, #dataFirstRows QTableCornerButton::section {{ background: {t.field}; border: none; }}
    #dataFirstRows QHeaderView::section {{
        background: {t.field}; color: {t.muted}; border: none; padding: 2px 6px; }}
    QLabel[role="section"] {{ font-weight: 600; padding: 6px 0 0 0; }}
    QLabel[role="caption"] {{ color: {t.muted}; }}
    QLabel[role="error"] {{ color: {t.error}; }}
    QLabel[role="past"] {{ color: {t.accent}; }}
    QFrame[role="banner"] {{ background: {t.card}; border: 1px solid {t.error}; border-radius: 6px; }}
    QFrame[role="note"] {{ background: {t.card}; border: 1px solid {t.border}; border-radius: 6px; }}
    QLabel[role="title"] {{ font-weight: 600; }}
    QLineEdit, QAbstractSpinBox, QComboBox {{
        background: {t.field}; color: {t.ink}; border: 1px solid {t.border}; border-radius: 5px;
        padding: 2px 5px; min-height: 19px; selection-background-color: {t.accent}; }}
    #dataSource {{ min-height: 31px; }}
    QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0; min-height: 0; }}
    QTableView QLineEdit {{
        padding: 0; min-height: 0; border-radius: 2px; selection-color: {t.on_accent}; }}
    QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {{ border: 1px solid {t.accent}; }}
    QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"] {{ border: 1px solid {t.error}; }}
    QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {{ color: {t.faint}; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
        subcontrol-origin: border; width: 17px; border: none; background: transparent; }}
    QAbstractSpinBox::up-button {{ subcontrol-position: top right; margin: 2px 2px 0 0; }}
    QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; margin: 0 2px 2px 0; }}
    QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {{
        background: {t.border}; border-radius: 3px; }}
    QAbstractSpinBox[hasButtons="false"]::up-button, QAbstractSpinBox[hasButtons="false"]::down-button,
    #parameterPanel QAbstractSpinBox::up-button:disabled,
    #parameterPanel QAbstractSpinBox::down-button:disabled {{ width: 0; margin: 0; }}
    QAbstractSpinBox[hasButtons="false"]::up-arrow, QAbstractSpinBox[hasButtons="false"]::down-arrow,
    #parameterPanel QAbstractSpinBox::up-arrow:disabled,
    #parameterPanel QAbstractSpinBox::down-arrow:disabled {{ image: none; width: 0; }}
    QAbstractSpinBox::up-arrow {{ image: url("{up}"); width: 9px; height: 9px; }}
    QAbstractSpinBox::down-arrow, QComboBox::down-arrow {{ image: url("{down}"); width: 9px; height: 9px; }}
    QComboBox {{ combobox-popup: 0; }}
    QComboBox::drop-down {{ subcontrol-position: center right; width: 19px; border: none; }}
    QComboBox QAbstractItemView {{
        background: {t.card}; color: {t.ink}; border: 1px solid {t.border};
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; outline: none; }}
    QMenu {{ background: {t.card}; color: {t.ink}; border: 1px solid {t.border}; padding: 4px; }}
    QMenu::item {{ padding: 4px 22px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QMenu::item:disabled {{ color: {t.faint}; }}
    QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 8px; }}
    QCheckBox::indicator, QTableView::indicator, QTreeView::indicator {{
        width: 13px; height: 13px; border: 1px solid {t.muted}; border-radius: 3px; background: {t.field}; }}
    QCheckBox::indicator:checked, QTableView::indicator:checked, QTreeView::indicator:checked {{
        background: {t.accent}; border-color: {t.accent}; image: url("{check}"); }}
    QTableView#dataRows::indicator {{ width: 10px; height: 10px; border-radius: 2px; margin-left: 5px; }}
    QCheckBox::indicator:indeterminate, QTreeView::indicator:indeterminate {{
        border-color: {t.accent}; background: {t.accent}; image: url("{part}"); }}
    QCheckBox::indicator:checked:disabled {{ background: {t.muted}; border-color: {t.muted}; }}
    QCheckBox:disabled {{ color: {t.muted}; }}
    QCheckBox::indicator:focus {{ border-color: {t.accent}; }}
    QRadioButton::indicator {{
        width: 14px; height: 14px; border: 1px solid {t.muted}; border-radius: 8px; background: {t.field}; }}
    QRadioButton::indicator:checked {{
        border-color: {t.accent}; background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
            stop: 0 {t.accent}, stop: 0.55 {t.accent}, stop: 0.65 {t.field}, stop: 1 {t.field}); }}
    QRadioButton::indicator:focus {{ border: 2px solid {t.accent}; width: 12px; height: 12px; }}
    QPushButton, QToolButton {{
        background: {t.field}; color: {t.ink}; border: 1px solid {t.border}; border-radius: 6px;
        padding: 5px 11px; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {t.muted}; }}
    QPushButton:focus, QToolButton:focus {{ border-color: {t.accent}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {t.border}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {t.faint}; }}
    QFileDialog QToolButton {{ padding: 2px; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QToolButton[compact="true"] {{ padding: 1px 8px; }}
    #timeLine QToolButton {{ padding: 2px 5px; }}
    QToolButton[bare="true"] {{ padding: 3px; background: transparent; border-color: transparent; }}
    QToolButton[bare="true"]:hover, QToolButton[bare="true"]:focus {{ border-color: {t.muted}; }}
    QToolButton:checked, QPushButton:checked {{
        background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; }}
    QToolButton#startButton {{ padding: 5px 14px; font-weight: 600; }}
    QToolButton#startButton:enabled, QPushButton[primary="true"]:enabled {{
        background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600; }}
    QToolButton#startButton:enabled:focus, QPushButton[primary="true"]:enabled:focus {{ border-color: {t.ink}; }}
    QTabWidget::pane {{ border: none; }}
    QTabBar {{ background: transparent; }}
    QTabBar::tab {{
        color: {t.muted}; background: transparent; border: none; border-bottom: 2px solid transparent;
        padding: 3px 10px; margin-right: 4px; }}
    #inspectorTabs QTabBar::tab {{ padding: 3px 5px; margin-right: 1px; }}
    QTabBar::tab:selected {{ color: {t.ink}; border-bottom: 2px solid {t.accent}; }}
    QTabBar::tab:focus {{ color: {t.accent}; }}
    QSlider {{ min-height: 18px; }}
    QSlider::groove:horizontal {{ height: 4px; background: {t.border}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
    QSlider::handle:horizontal {{
        width: 12px; margin: -5px 0; background: {t.card}; border: 1px solid {t.muted}; border-radius: 5px; }}
    QSlider::handle:horizontal:focus {{ border-color: {t.ink}; }}
    QProgressBar {{ background: {t.border}; border: none; border-radius: 4px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 4px; }}
    QScrollBar:vertical {{ background: transparent; width: 9px; margin: 2px 1px; border: none; }}
    QScrollBar::handle:vertical {{ background: {t.border}; border-radius: 3px; min-height: 30px; }}
    QScrollBar::handle:vertical:hover {{ background: {t.faint}; }}
    QScrollBar:horizontal {{ background: transparent; height: 9px; margin: 1px 2px; border: none; }}
    QScrollBar::handle:horizontal {{ background: {t.border}; border-radius: 3px; min-width: 30px; }}
    QScrollBar::handle:horizontal:hover {{ background: {t.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: transparent; border: none; height: 0; width: 0; }}
    QToolTip {{ background: {t.card}; color: {t.ink}; border: 1px solid {t.border}; padding: 3px; }}
    """
    zoomed = re.sub(r"(\d+)px", lambda found: f"{whole_px(int(found[1]))}px", sheet)
    return zoomed + 'QToolButton[compact="more"] { padding: 1px 4px; }'  # four of them fit at any zoom


def css_variables(theme: Theme) -> str:
    """Return a theme's colours as the variables of a web page's style sheet; `--ramp` is the neurons' ramp."""
    colors = {name.replace("_", "-"): code for name, code in vars(theme).items() if isinstance(code, str)}
    ramp = [color.name() for color in theme.neuron_colors(PAGE_RAMP)]
    colors |= {"ramp": " ".join(ramp), "ramp-ends": f"{ramp[0]}, {ramp[-1]}"}
    return " ".join(f"--{name}: {code};" for name, code in colors.items())


def _css_name(role: Role) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "-", role.name).lower()


def fixed_font(points: float | None = None) -> QFont:
    """Return the system's fixed-width font, for numbers that must not jump."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(points or QApplication.font().pointSizeF())
    return readable(font)


def small_font(factor: float = 0.88) -> QFont:
    """Return the window's font in the size of captions."""
    font = QFont(QApplication.font())
    font.setPointSizeF(font.pointSizeF() * factor)
    return readable(font)
