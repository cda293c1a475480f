"""A setting's value is told as the panel shows it, wherever it is told: a label, and all digits of a number."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import heard
from tests.gui.test_parameter_panel import NAMES
from tests.runs import run_of
from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.config.config import NOTEBOOK_DRAWN
from tinynet_gui.core.config.setting_text import setting_in_short, setting_value
from tinynet_gui.core.export.tables import runs_table
from tinynet_gui.core.run.comparison import find_first_divergence
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.run.history import settings_label
from tinynet_gui.core.run.marks import marks
from tinynet_gui.core.text.numbers import count_text
from tinynet_gui.core.text.typed_numbers import in_ascii
from tinynet_gui.core.training.start import initial_state
from tinynet_gui.core.wording.runs import differences, run_names
from tinynet_gui.core.wording.two_runs import first_divergence_text
from tinynet_gui.ui.views.experiments.results import setting_note
from tinynet_gui.ui.views.panel.fields import DrawnBeforeBox
from tinynet_gui.ui.views.panel.parameter_panel import ParameterPanel

TEXTS: dict[str, tuple[Any, ...]] = {
    "data.formula": ("sin(3*x) + 0.3*x + 0.001234567*x**3", "x"),
    "network.hidden": ((), (7,), (8, 1_000, 8)),
    "network.drawn_before": NOTEBOOK_DRAWN,  # the panel names these, and all else writes the number
}
ODD = 0.12345678912345  # more digits than any number in the window has
CHOICES = {path: tuple(setting.choices) for path, setting in SETTINGS.items() if setting.choices}


def values_of(path: str) -> tuple[Any, ...]:
    """Return all choices of a setting, or numbers from one end to the other and one with many digits."""
    setting, usual = SETTINGS[path], Config().get(path)
    if path in CHOICES:
        return CHOICES[path]
    if path in TEXTS:
        return TEXTS[path]
    low, high = setting.bounds
    if isinstance(usual, int):
        return low, high, min(1_234_567, high)
    of_x = {"data.x_min": (-3.5, -ODD), "data.x_max": (2.5, ODD)}
    return of_x.get(path, (low, high, ODD, 1.5e-8 + low))


FROM_ELSEWHERE = ("data.points", "network.first_weights", "network.rounding")  # nobody types them


@pytest.mark.parametrize("path", [path for path in SETTINGS if path not in FROM_ELSEWHERE])
def test_values_are_written_as_in_the_panel_and_read_back(qtbot: QtBot, path: str) -> None:
    panel = ParameterPanel()
    qtbot.addWidget(panel)
    editor: Any = panel.findChild(QWidget, NAMES[path])
    for value in values_of(path):
        config = Config().with_changes({"data.target": "formula", path: value})
        panel.show_config(config)
        told = setting_value(config, path)
        if isinstance(editor, QCheckBox):
            assert told == ("yes" if editor.isChecked() else "no")
        elif isinstance(editor, DrawnBeforeBox):
            assert told == count_text(editor.currentData())
        elif isinstance(editor, QComboBox):
            assert told == editor.currentText()
        else:
            typed = told.replace(",", "") if isinstance(value, int) else told  # a field has no comma in a number
            assert in_ascii(typed) == in_ascii(editor.text() or editor.placeholderText())
            if isinstance(value, float) or path.endswith("seed"):
                assert told in setting_in_short(config, path)
        if value == Config().get(path):
            continue
        text = editor.currentText() if isinstance(editor, QComboBox) else editor.text()
        edits = heard(panel.edited)
        panel.show_config(Config())
        assert edits == []  # what is shown is not an edit
        if isinstance(editor, QComboBox):
            editor.setCurrentText(text)
        elif isinstance(editor, QCheckBox):
            editor.click()
        else:
            editor.clear()
            QTest.keyClicks(editor, text)
            QTest.keyClick(editor, Qt.Key.Key_Return)
        assert edits[-1][path] == value


def places(one: Config, other: Config) -> Iterator[tuple[str, str]]:
    """Yield all places that tell in words how two settings differ, and what they say."""
    runs = [
        replace(run_of(config, [initial_state(config), replace(initial_state(config), step=1)]), id=number)
        for number, config in ((1, one), (2, other))
    ]
    for name in run_names(runs).values():
        yield "the names of runs", name
    for row in differences(runs, {}):
        yield "runs side by side", f"{row.label}: {', '.join(row.texts)}"
    yield "what undo takes back", settings_label(one, other)
    changed = [path for path in SETTINGS if one.get(path) != other.get(path)]
    for before, now in ((one, other), (other, one)):
        yield "an experiment's note", setting_note(before, changed, now)
    if any(SETTINGS[path].effect == "live" for path in changed):
        run = run_of(one, [initial_state(one)], [LiveSettingsChanged(1, other)])
        yield "the marks on the time line", "; ".join(mark.text for mark in marks(run))
    pair = runs[0], runs[1]
    yield "where they part", first_divergence_text(find_first_divergence(*pair), pair, ("A", "B"))
    for line in csv.DictReader(io.StringIO(runs_table(runs, {}))):
        yield "the table of runs", "; ".join(text for name, text in line.items() if name != "setting")


@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in CHOICES.items() for name in names])
def test_no_name_from_the_code_is_told_for_a_choice(path: str, name: Any) -> None:
    base = Config().replace("training.optimizer", "momentum")  # to which all of these matter
    config = base.replace(path, name)
    others = [other for other in CHOICES[path] if other != name]
    label = setting_value(config, path)
    said = dict[str, str]()
    for place, text in places(config, base.replace(path, others[0])):
        said[place] = f"{said.get(place, '')} {text}"
    named = {
        place: text for place, text in said.items() if re.search(rf"(?<![\w·]){re.escape(str(name))}(?!\w| \d)", text)
    }
    assert named == {} or re.search(rf"\b{re.escape(str(name))}\b", f"{label} {SETTINGS[path].label}"), named
    assert label in said["runs side by side"]
    assert label in said["an experiment's note"]


@pytest.mark.parametrize(
    "path", [p for p in SETTINGS if SETTINGS[p].effect == "live" and p not in ("data.points", *CHOICES)]
)
def test_a_number_is_never_cut(path: str) -> None:
    low, high = (0.12345678, 0.12345679) if isinstance(Config().get(path), float) else (1_234_567, 1_234_568)
    plain = Config().replace("training.optimizer", "adam")
    one, other = plain.replace(path, low), plain.replace(path, high)
    said = dict(places(one, other))
    assert said["an experiment's note"].endswith(f"{SETTINGS[path].label} {high:,}.")
    if path not in ("training.stop_step", "training.patience"):  # a mark says what acts on the numbers
        assert said["the marks on the time line"] == f"{SETTINGS[path].label} {low:,} → {high:,}"


def test_formulas_that_end_otherwise_are_told_apart_side_by_side() -> None:
    plain = Config().replace("data.target", "formula")
    one, other = (plain.replace("data.formula", f"sin(3*x) + 0.3*x + 0.001*{end}") for end in ("x", "x**2"))
    assert dict(places(one, other))["runs side by side"] == f"Formula: {one.data.formula}, {other.data.formula}"
