"""The style sheets of the window, in roles of its palette, and of exported web pages, in a theme's colours."""

import re
from math import ceil
from types import SimpleNamespace

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from tinynet_gui.core.system.machine import resource_path
from tinynet_gui.ui.style.colors import ROLES, ColorRole, Theme
from tinynet_gui.ui.style.theme import target_px, whole_px, zoom

BRIGHT = 0.65  # a lighter box has a black check mark
PAGE_RAMP = 64  # the number of neurons' colours in a web page


def style_sheet() -> str:
    """Return the window's style sheet: its colours are palette roles, so that it changes with the zoom only."""
    t = SimpleNamespace(**{name: f"palette({_css_name(role)})" for name, role in ROLES.items()})
    up, down = (resource_path(f"icons/chevron-{way}.svg").as_posix() for way in ("up", "down"))
    ground = "-dark" if QApplication.palette().highlight().color().lightnessF() > BRIGHT else ""
    check, part = (resource_path(f"icons/{sign}{ground}.svg").as_posix() for sign in ("check", "part"))
    least = ceil(target_px() / zoom().scale)  # px at a zoom of 1
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
    QTableView, QTreeView, QListView {{ outline: 2px solid {t.accent}; }}
    QTableView[bare="true"] QHeaderView, QTableView[bare="true"] QHeaderView::section {{
        background: transparent; border: none; color: {t.muted}; padding: 0 4px; }}
    #answersTable QHeaderView {{ padding: 0; }}
    #dataRows QHeaderView, #dataRows QHeaderView::section {{ padding: 0 1px; }}
    #runsTable QHeaderView, #runsTable QHeaderView::section {{ padding: 0 3px; }}
    QTableView#dataFirstRows {{ background: {t.field}; border: 1px solid {t.border}; }}
    #dataFirstRows QHeaderView, #dataFirstRows QTableCornerButton::section {{ background: {t.field}; border: none; }}
    #dataFirstRows QHeaderView::section {{
        background: {t.field}; color: {t.muted}; border: none; padding: 2px 6px; }}
    QLabel[role="section"] {{ font-weight: 600; padding: 6px 0 0 0; }}
    QLabel[role="caption"] {{ color: {t.muted}; }}
    QLabel[role="error"] {{ color: {t.error}; }}
    QLabel[role="refusal"] {{
        color: {t.error}; background: {t.card}; border: 1px solid {t.error}; border-radius: 4px; padding: 2px 5px; }}
    QLabel[role="past"] {{ color: {t.accent}; }}
    QFrame[role="banner"] {{ background: {t.card}; border: 1px solid {t.error}; border-radius: 6px; }}
    QFrame[role="note"] {{ background: {t.card}; border: 1px solid {t.border}; border-radius: 6px; }}
    QLabel[role="title"] {{ font-weight: 600; }}
    QLineEdit, QAbstractSpinBox, QComboBox {{
        background: {t.field}; color: {t.ink}; border: 1px solid {t.control}; border-radius: 5px;
        padding: 2px 5px; min-height: {max(19, least - 6)}px; selection-background-color: {t.accent};
        selection-color: {t.on_accent}; placeholder-text-color: {t.muted}; }}
    #dataSource {{ min-height: {max(31, least - 6)}px; }}
    QAbstractSpinBox QLineEdit {{ border: none; background: transparent; padding: 0; min-height: 0; }}
    QTableView QLineEdit {{ padding: 0; min-height: 0; border-radius: 2px; }}
    QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"] {{ border: 1px solid {t.error}; }}
    QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {{
        color: {t.faint}; border-color: {t.border}; }}
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
    QMenu {{ background: {t.card}; color: {t.ink}; border: 1px solid {t.border}; padding: 4px; menu-scrollable: 1; }}
    QMenu::item {{ padding: {(least - 14) // 2}px 22px; border-radius: 4px; }}
    QListView::item, QTreeView::item {{ min-height: {least}px; }}
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
    QRadioButton {{ padding: 3px; spacing: 0; }}
    #lessonChoices QRadioButton {{ min-height: {least - 6}px; }}
    #lessonChoices QLabel {{ padding: 4px 0 4px 6px; }}
    QRadioButton::indicator {{
        width: 14px; height: 14px; border: 1px solid {t.muted}; border-radius: 8px; background: {t.field}; }}
    QRadioButton::indicator:checked {{
        border-color: {t.accent}; background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
            stop: 0 {t.accent}, stop: 0.55 {t.accent}, stop: 0.65 {t.field}, stop: 1 {t.field}); }}
    QPushButton, QToolButton {{
        background: {t.field}; color: {t.ink}; border: 1px solid {t.control}; border-radius: 6px; }}
    {_button("QPushButton, QToolButton", 5, 11)}
    QPushButton:hover, QToolButton:hover {{ border-color: {t.ink}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {t.border}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {t.faint}; border-color: {t.border}; }}
    {_button("QFileDialog QToolButton", 2, 2)}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    {_button('QToolButton[compact="true"]', 1, 8)}
    {_button("#timeLine QToolButton", 2, 5, icon=16)}
    QToolButton[bare="true"] {{ background: transparent; border-color: transparent; }}
    {_button('QToolButton[bare="true"]', 3, 3, icon=12)}
    QToolButton[bare="true"]:hover {{ border-color: {t.muted}; }}
    QToolButton:checked, QPushButton:checked {{
        background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; }}
    QToolButton#startButton {{ font-weight: 600; }}
    {_button("QToolButton#startButton", 5, 14)}
    QToolButton#startButton:enabled, QPushButton[primary="true"]:enabled {{
        background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600; }}
    QTabWidget::pane {{ border: none; }}
    QTabBar {{ background: transparent; }}
    QTabBar::tab {{
        color: {t.muted}; background: transparent; border: none; border-bottom: 2px solid transparent;
        padding: 3px 10px; margin-right: 4px; min-height: {least - 7}px; min-width: {least - 20}px; }}
    #inspectorTabs QTabBar::tab, QTabBar#presentedViews::tab {{
        padding: 3px 5px; margin-right: 1px; min-width: {least - 10}px; }}
    QTabBar::tab:selected {{ color: {t.ink}; border-bottom: 2px solid {t.accent}; }}
    #resultTabs::tab-bar {{ alignment: right; }}
    #resultTabs::pane {{ bottom: -1px; }}
    #resultTabs[names="false"]::pane {{ bottom: 0; }}
    QTabBar::tab:bottom {{
        border: 1px solid transparent; border-bottom-width: 2px; padding: 2px 8px 3px; margin-right: 1px; }}
    QTabBar::tab:bottom:selected {{ background: {t.card}; border-color: {t.card} {t.border} {t.accent}; }}
    QSlider {{ min-height: {least}px; }}
    QSlider::groove:horizontal {{ height: 4px; background: {t.border}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
    QSlider::handle:horizontal {{
        width: 12px; margin: -5px 0; background: {t.card}; border: 1px solid {t.muted}; border-radius: 5px; }}
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
    if zoom().least_target:  # else Qt's height: there is little room
        sheet += f"""
        QMenuBar {{ min-height: {least}px; }}
        QMenuBar::item {{ background: transparent; padding: 0 14px; }}
        QMenuBar::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
        """
    if zoom().scale != 1:
        sheet = re.sub(r"(\d+)px", lambda found: f"{whole_px(int(found[1]))}px", sheet)
    return sheet + _button('QToolButton[compact="more"]', 1, 4, scale=1)  # four of them fit at any zoom


def _button(selector: str, down: int, across: int, *, icon: int = 0, scale: float = 0.0) -> str:
    """Return the rule of a kind of button with this minimum padding.

    `icon` is the side of the icons of those without a text.
    """
    scale = scale or zoom().scale
    line = QFontMetrics(QApplication.font()).height() + 2 * ("QPushButton" not in selector)  # Qt's own height
    least = target_px() / scale - 2  # within the frame
    down = max(down, ceil((least - (icon or line / scale)) / 2))
    across = max(across, ceil((least - icon) / 2) if icon else 0)
    return f"{selector} {{ padding: {down}px {across}px; }}"


def css_variables(theme: Theme) -> str:
    """Return a theme's colours as the variables of a web page's style sheet; `--ramp` is the neurons' ramp."""
    colors = {name.replace("_", "-"): code for name, code in vars(theme).items() if isinstance(code, str)}
    ramp = [color.name() for color in theme.neuron_colors(PAGE_RAMP)]
    colors |= {"ramp": " ".join(ramp), "ramp-ends": f"{ramp[0]}, {ramp[-1]}"}
    return " ".join(f"--{name}: {code};" for name, code in colors.items())


def _css_name(role: ColorRole) -> str:
    return re.sub("(?<!^)(?=[A-Z])", "-", role.name).lower()
