"""The panel of data, network and training settings, with every field's tooltip and error."""

from collections.abc import Mapping
from typing import Any

from PySide6 import QtWidgets
from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent

from tinynet_gui.core.config import SETTINGS, Config, ConfigError, DataConfig
from tinynet_gui.core.config.setting_text import OF_CHOICES, SEED, paths_in_effect, setting_label, used_of_choices
from tinynet_gui.core.config.targets import FORMULA
from tinynet_gui.core.data.real_data import REAL_DATA, load
from tinynet_gui.core.text.language import gettext as _
from tinynet_gui.ui.style.theme import small_font
from tinynet_gui.ui.views.panel.lines_in_sight import LINES, LinesInSight, shown_values
from tinynet_gui.ui.views.panel.parameter_rows import ACTIVATION, SECTIONS, WIDTHS, Row, make_editor, make_label
from tinynet_gui.ui.widgets.accessibility import ENTER, caption, in_role, retain_size, small, worded, wrap_tooltips
from tinynet_gui.ui.widgets.cards import CardFrame, filled, make_grid
from tinynet_gui.ui.widgets.fields.editors import CheckBox, ChoiceBox, WheelOnlyWithFocus
from tinynet_gui.ui.widgets.fields.refusals import FieldError
from tinynet_gui.ui.widgets.text import scrolled
from tinynet_gui.ui.widgets.touch import zoom_new

HELD_OUT_SEED = 2  # the tutorial's, for choosing the held-out points
# A seed and the origin of given samples or weights share a line: one is shown, and no row moves.
IN_ONE_LINE = {"data.seed": "data.points", "network.seed": "network.first_weights"}
ALL_TOOLTIP = _("Show every setting, or only the few and those that are not at the tutorial's value.")
TUTORIAL_TOOLTIP = _(
    "Go back to the settings of the first start: x², 20 samples, 10 ReLU neurons, MSE, SGD with\n"
    "learning rate 0.001. Undo brings yours back."
)
RANGE = ("data.x_min", "data.x_max")  # two numbers in one row: either may be refused because of the other

TUTORIAL = shown_values(Config())


class ParameterPanel(CardFrame):
    """Shows a configuration and emits the user's edits.

    If it `begins_with_few`, rows that the tutorial does not show are built lazily: once needed, or by `build_rest`.

    `edited` has changes by dotted path, not validated; the answer is `show_config` or `show_error`. `source_wanted` has
    other samples or initial weights, in the same form, which begin a new run.
    """

    edited = Signal(object)
    source_wanted = Signal(object)

    def __init__(self, *, begins_with_few: bool = False) -> None:
        super().__init__("parameterPanel", _("Parameters of data, network and training"))
        self._config: Config | None = None
        self._values: dict[str, Any] = {}  # the fields' values in the configuration, by path
        self._is_retrying = False
        self._editors: dict[str, Any] = {}
        self._labels: dict[str, QtWidgets.QLabel] = {}
        self._line_of: dict[str, int] = {}  # the row in the grid, by path
        self._lines = LinesInSight(self._editors)
        self._errors: dict[str, FieldError] = {}
        self._wheel_filter = WheelOnlyWithFocus(self)

        self._body = body = QtWidgets.QWidget()
        self._area = scrolled(body, "parameters", "", takes_focus=False)  # while it is empty: Qt lays it out here
        self._grid = make_grid(body, (14, 4, 14, 8), across=8, down=3)
        self._areas: dict[str, QtWidgets.QWidget] = {}  # by the path of their first field
        self._lacks_rows = begins_with_few
        line = 1
        for title, rows in SECTIONS:
            heading = in_role(QtWidgets.QLabel(title, indent=0), "section")
            self._lines.headings[title] = heading
            self._grid.addWidget(heading, line, 0, 1, 2)
            for row in rows:
                line += row.path not in IN_ONE_LINE
                self._line_of[row.path] = line
                line += row.path == ACTIVATION  # reserves a second one, for choices by layer
                if row.is_first or not begins_with_few:
                    self._add_row(row)
            line += 1
        self._grid.setRowStretch(line, 1)

        tutorial = worded(QtWidgets.QPushButton(), "tutorialButton", _("Default settings"), TUTORIAL_TOOLTIP)
        self._tutorial = retain_size(tutorial)
        self._all = worded(QtWidgets.QPushButton(), "allSettings", _("All settings"), ALL_TOOLTIP)
        self._all.setCheckable(True)
        self._buttons = filled(QtWidgets.QHBoxLayout(), self._all, tutorial, margins=(14, 0, 14, 0))
        about = small(caption(_("● acts while training; others restart it"), wraps=True), 0.85)
        about.setContentsMargins(14, 0, 14, 0)
        filled(QtWidgets.QVBoxLayout(self), self._area, about, self._buttons, margins=(1, 8, 1, 10))

        self._all.toggled.connect(self._on_all_toggled)
        self.all_toggled, self.show_all = self._all.toggled, self._all.setChecked
        self.tutorial_wanted = self._tutorial.clicked
        self.show_hidden, self.reveal = self._lines.show_hidden, self._lines.reveal

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the two buttons below each other where a language has long words for them."""
        super().resizeEvent(event)
        width = sum(button.sizeHint().width() for button in (self._all, self._tutorial)) + self._buttons.spacing()
        fits, ways = width + 28 <= self.width(), QtWidgets.QBoxLayout.Direction
        self._buttons.setDirection(ways.LeftToRight if fits else ways.TopToBottom)

    def build_rest(self) -> None:
        if not self._lacks_rows:
            return
        self._lacks_rows = False
        for row in (row for _title, rows in SECTIONS for row in rows):
            if row.path not in self._areas:
                self._add_row(row)
                for field in row.fields if self._config is not None else ():
                    self._editors[field.path].set_value(self._values[field.path])
            elif row.path in IN_ONE_LINE:
                self._place(row.path)
        if self._config is not None:
            self._show_use(self._config, self._config)
        wrap_tooltips(self)
        zoom_new(self)

    def is_used(self, path: str) -> bool:
        """Whether a setting has an effect, so that its field can be shown and edited."""
        return self._editors[path].isEnabled() and self._lines.is_used(path)

    def show_config(self, config: Config) -> None:
        """Show a configuration. A field with an error keeps its text until its value changes."""
        before, self._config = self._config, config
        values, self._values = self._values, shown_values(config)
        if any(self._values[path] != TUTORIAL[path] for path in LINES.keys() - self._editors.keys()):
            self.build_rest()
        for path, editor in self._editors.items():
            if path not in values or values[path] != self._values[path]:
                editor.set_value(self._values[path])
                self._clear_error(path)
        self._show_use(config, before)

    def _show_use(self, config: Config, before: Config | None) -> None:
        is_own = config.data.points is not None
        for path, is_shown in (("data.points", is_own), ("data.seed", not is_own)):
            self._lines.show_used(path, is_shown)
        for path in (*RANGE, "data.sample_count", "data.noise"):
            self._enable(path, not is_own)
        self._enable("data.formula", config.data.true_formula is not None)
        neurons = setting_label(WIDTHS, config)
        self._labels[WIDTHS].setText(neurons.replace(" ", "\n", 1))
        self._editors[WIDTHS].setAccessibleName(neurons)
        if ACTIVATION in self._editors:
            self._editors[ACTIVATION].show_layers(len(config.network.hidden))
        is_given = config.network.first_weights is not None
        for path in ("network.first_weights", *SEED):
            self._lines.show_used(path, is_given == (path not in SEED))
        in_effect = paths_in_effect(config)
        for path in (*SEED, "network.weight_scale"):
            self._enable(path, path in in_effect)
        self._enable("network.initialization", not is_given)
        self._retry(before)
        shown = used_of_choices(config.training)
        for path in OF_CHOICES:
            self._lines.show_used(path, path in shown)
            if path not in shown:
                self._clear_error(path)
        self._lines.show_changed(self._changed(config))
        self._tutorial.setVisible(config != Config())

    def _changed(self, config: Config) -> set[str]:
        """The fields in effect that differ from the tutorial, and the optimiser's; the formula only as the target."""
        paths = {path for path, editor in self._editors.items() if editor.isEnabled() or self._is_refused(path)}
        paths -= set() if config.data.target == FORMULA else {"data.formula"}
        changed = {path for path in paths if self._is_refused(path) or self._values[path] != TUTORIAL[path]}
        return changed | used_of_choices(config.training)

    def _on_all_toggled(self, is_wanted: bool) -> None:
        if is_wanted:
            self.build_rest()
        self._lines.show_all(is_wanted)

    @property
    def shows_all(self) -> bool:
        return self._all.isChecked()

    def _enable(self, path: str, is_used: bool) -> None:
        for part in (self._editors.get(path), self._labels.get(path)):
            if part is not None:
                part.setEnabled(is_used)

    def show_error(self, error: ConfigError, changes: Mapping[str, Any] | None = None) -> None:
        """Mark the edited field, and show beside it why its value is invalid.

        The error may name another field, such as a range that the formula does not allow. A choice is reset.
        """
        self.build_rest()
        paths = list(changes or {error.field: None})
        path = error.field if error.field in paths or error.field not in self._editors else paths[0]
        if error.field == "data.formula" and "data.formula" in paths:
            path = "data.formula"
        for other in paths:
            if isinstance(self._editors[other], ChoiceBox | CheckBox) and self._config is not None:
                self._editors[other].set_value(self._values[other])
        label, editor = self._errors[path], self._editors[path]
        reason = (editor.refusal() if path == WIDTHS else "") or error.reason
        self.reveal(editor)
        self._grid.activate()
        label.say(f"{setting_label(path, *filter(None, [self._config]))}: {reason}")
        both = label.geometry().united(QRect(editor.mapTo(self._body, QPoint()), editor.size()))
        self._area.ensureVisible(both.center().x(), both.center().y(), 0, both.height() // 2 + 1)

    def commit_typing(self) -> None:
        for editor in self._editors.values():
            if editor.hasFocus():
                editor.commit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return the focus to the window and its shortcuts: by Enter, unless refused, and by Escape."""
        paths, is_escape = self._typed_into(), event.key() == Qt.Key.Key_Escape
        if not paths or not (is_escape or event.key() in ENTER):
            super().keyPressEvent(event)
            return
        for path in paths if is_escape else ():
            self._editors[path].set_value(self._values[path])
            self._clear_error(path)
        if not self._is_refused(paths[0]):
            self.window().setFocus()

    def _typed_into(self) -> tuple[str, ...]:
        """Return the paths of the focused field; a refused range has two."""
        kinds = QtWidgets.QLineEdit | QtWidgets.QAbstractSpinBox
        fields = (path for path, each in self._editors.items() if each.hasFocus() and isinstance(each, kinds))
        path = next(fields, "")
        return RANGE if path in RANGE and self._is_refused(path) else tuple(filter(None, [path]))

    def _retry(self, before: Config | None) -> None:
        """Retry a refused formula after a change elsewhere, which may have made it valid."""
        is_refused = self._is_refused("data.formula")
        moved = before is not None and self._config is not None and before.data != self._config.data
        if is_refused and moved and not self._is_retrying:
            self._is_retrying = True
            self._on_edited("data.formula", self._editors["data.formula"].text())
            self._is_retrying = False

    def discard_errors(self) -> None:
        for path in self._errors:
            self._clear_error(path)
        self._values = {}
        if self._config is not None:
            self.show_config(self._config)

    def _add_row(self, row: Row) -> None:
        self._areas[row.path] = area = self._make_fields(row)
        label = make_label(row, self._editors[row.path], may_be_dragged=row.path not in RANGE)
        self._labels[row.path] = label
        below = [self._editors[row.path].by_layer] if row.path == ACTIVATION else []
        self._lines.add_line(row, label, area, self._editors[row.path], *below)
        self._place(row.path)
        for part in below:
            self._grid.addWidget(part, self._line_of[row.path] + 1, 1)
        for field in row.fields:
            editor = self._editors[field.path]
            self._errors[field.path] = FieldError(f"{field.object_name}Error", editor, self._body)

    def _place(self, path: str) -> None:
        """Move a row's label and field into its line of the grid."""
        for column, part in enumerate((self._labels[path], self._areas[path])):
            self._grid.removeWidget(part)
            self._grid.addWidget(part, self._line_of[path], column)

    def _make_editor(self, row: Row) -> Any:
        self._editors[row.path] = editor = make_editor(row, self._wheel_filter)
        editor.value_edited.connect(lambda value: self._on_edited(row.path, value))
        return editor

    def _make_fields(self, row: Row) -> QtWidgets.QWidget:
        if row.beside is None:
            field: QtWidgets.QWidget = self._make_editor(row)
            return field
        area, between = QtWidgets.QWidget(), caption(row.between)
        between.setFont(small_font(0.85))
        fields = (self._make_editor(row), 1), between, (self._make_editor(row.beside), 1)
        filled(QtWidgets.QHBoxLayout(area), *fields, margins=(0, 0, 0, 0), spacing=4)
        return area

    def _on_edited(self, path: str, value: Any) -> None:
        self._clear_error(path)
        points = None if self._config is None else self._config.data.points
        match path:
            case "data.formula" if self._config is not None and value == self._config.data.target_formula:
                return
            case "data.formula":
                changes = {"data.target": FORMULA, path: value}
            case "data.points" | "network.first_weights":
                self.source_wanted.emit({path: None})
                return
            case "data.target" if value in REAL_DATA:
                self.source_wanted.emit({"data.points": load(value)})
                return
            case "data.held_out" if points is not None and _is_allowed(path, value):
                changes = {"data.points": points.with_share_held_out(value, HELD_OUT_SEED)}
            case "data.target" if value == FORMULA:
                self.build_rest()
                typed = self._editors["data.formula"].text()  # empty if there is no true function
                changes = {path: value, "data.formula": typed or DataConfig().formula}
            case "data.x_min" | "data.x_max":
                changes = {path: value, **self._other_end(path)}
                for end in changes:
                    self._clear_error(end)
            case _:
                changes = {path: value}
        if points is not None and path in ("data.target", "data.formula"):
            changes["data.points"] = None  # draw samples from it
        self.edited.emit(changes)

    def _other_end(self, path: str) -> dict[str, Any]:
        """Return the typed other end of the range, if that is valid; else it keeps its error."""
        other = RANGE[1 - RANGE.index(path)]
        value = self._editors[other].value()
        return {other: value} if _is_allowed(other, value) else {}

    def _is_refused(self, path: str) -> bool:
        """Whether a field's text is not in the configuration; the ends of a range count as one."""
        paths = RANGE if path in RANGE else (path,)
        return any(p in self._errors and not self._errors[p].isHidden() for p in paths)

    def _clear_error(self, path: str) -> None:
        if path in self._errors:
            self._errors[path].say("")


def _is_allowed(path: str, value: object) -> bool:
    """Whether a value is within the limits of a setting, whatever the others say."""
    try:
        SETTINGS[path].check(path, value)
    except ConfigError:
        return False
    return True
