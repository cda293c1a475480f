"""What README names is there: files, folders, modules, markers of tests; and so are the commands that others read."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tinynet_gui import __version__
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config.setting import MAX_HIDDEN_LAYERS
from tinynet_gui.core.lessons.reading.reader import bundled_lessons, translations

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PATH = re.compile(r"(?<![\w/:.-])(?!\.venv)[\w.-]+/[\w./-]*|\b\w+\.(?:py|md|html)\b")


def test_each_file_and_folder_is_there() -> None:
    """From the checkout or from the package; a name without a folder may be anywhere in them."""
    package, named = ROOT / "tinynet_gui", {name.rstrip("/.") for name in PATH.findall(README)}
    assert len(named) > 20
    missing = {name for name in named if not any((root / name).exists() for root in (ROOT, package))}
    assert {
        name for name in missing if "/" in name or not any((*package.rglob(name), *ROOT.glob(f"*/*/{name}")))
    } == set()


def test_each_module_and_marker_is_there() -> None:
    modules = re.findall(r"python -m ((?:tests|tinynet_gui)[\w.]*)|`(tinynet_gui\.[\w.]+)", README)
    assert len(modules) >= 3
    assert [name for name in map("".join, modules) if find_spec(name) is None] == []
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    markers = re.findall(r"pytest -m (\w+)", README)
    assert len(markers) >= 2
    assert [marker for marker in markers if f'"{marker}: ' not in settings] == []


TRIED = {  # each row of *To add*, and who adds one, or finds what was forgotten
    "a view": "gui/test_records.py::test_a_view_has_a_tab_a_menu_action_a_key_and_words",
    "a number in the inspector": "gui/test_inspector.py::test_a_line_is_in_the_inspector_and_the_diagrams_description",
    "an experiment": "gui/test_made_up_experiment.py::test_what_there_is_of_it_is_shown_on_its_way",
    "a layer of a plot": "gui/test_records.py::test_a_layer_is_in_the_loss_plot",
    "a setting": "unit/test_formats.py::test_every_name_is_listed_with_the_format_that_brought_it",
    "something that can be done": "gui/test_features.py::test_each_feature_is_a_line_and_each_line_a_feature",
    "an action": "gui/test_features.py::test_a_feature_has_menu_key_sheet_line_and_files",
    "something done to a gradient": "unit/test_gradient_changes.py::test_they_come_in_pytorchs_order",
    "an activation, loss or optimiser": "unit/test_records.py::test_made_up_ones_train_with_both_engines",
    "a schedule of the learning rate": "unit/test_gradient_changes.py::test_rates_are_pytorchs_to_the_bit",
    "an initialisation": "unit/test_records.py::test_made_up_weights_and_samples_match_their_script",
    "a colour of the map": "gui/test_records.py::test_map_and_lessons_describe_a_colour_as_its_record",
    "a target function": "unit/test_records.py::test_made_up_weights_and_samples_match_their_script",
    "a lesson": "gui/test_own_lesson.py::test_the_view_fits_each_page_and_the_users_zoom_returns",
    "a language": "unit/test_catalogue.py::test_a_translation_has_exactly_the_messages_of_the_source",
}


def test_each_row_of_what_can_be_added_is_tried() -> None:
    table = README.partition("| To add | write |\n|---|---|\n")[2].partition("\n\n")[0]
    rows = [row.split(" | ")[0].removeprefix("| ") for row in table.splitlines()]
    assert sorted(rows) == sorted(TRIED)
    for file, name in (test.split("::") for test in TRIED.values()):
        assert f"\ndef {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


def test_the_two_commands_bring_all_that_they_need() -> None:
    """One runs the program; `.ci/run` takes the other one from here."""
    fresh = "python3 -m venv .venv && .venv/bin/pip install -q"
    test = README.partition("<!-- test -->\n```sh\n")[2].partition("\n```")[0]
    assert re.fullmatch(rf"{fresh} -e '\.\[test\]' && .*-m pytest .*", test)
    assert f"{fresh} . && .venv/bin/tinynet-gui\n" in README


def test_as_a_library_it_does_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    names = dict[str, Any]()
    exec(example, names)
    assert names["run"].loss == pytest.approx(0.06468, abs=1e-5)  # as in the film, and with PyTorch's own loop
    assert capsys.readouterr().out.startswith(f"{names['run'].loss} [4.")


def test_a_release_has_notes_and_runs_what_cannot_be_moved() -> None:
    changes = (ROOT / "resources" / "changes.md").read_text(encoding="utf-8")
    assert f"\n## {__version__}\n\n" in changes
    assert len(bundled_lessons()) == len(translations()["de"])
    assert f"- {len(bundled_lessons())} lessons, in English and German" in changes
    assert f"{MAX_HIDDEN_LAYERS} layers, {len(ACTIVATIONS)} activations, {len(OPTIMIZERS)} optimisers" in changes
    workflows = "".join(file.read_text(encoding="utf-8") for file in (ROOT / ".github" / "workflows").iterdir())
    used = re.findall(r"uses: (.*)", workflows)
    assert len(used) >= 6
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", action)] == []
