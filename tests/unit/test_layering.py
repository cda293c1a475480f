"""The three floors: each knows only the floors below it."""

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import tinynet_gui

PACKAGE = Path(tinynet_gui.__file__).parent
FORBIDDEN = {
    "core": ("PySide6", "pyqtgraph", "tinynet_gui.engine", "tinynet_gui.ui"),
    "engine": ("PySide6.QtWidgets", "PySide6.QtGui", "pyqtgraph", "tinynet_gui.ui"),
    "ui": ("torch", "numba", "tinynet_gui.core.training.trainer", "tinynet_gui.core.training.torch_loop"),
}
# Which parts of the package a folder of ui/ may import besides itself and core/.
ALLOWED = {
    "ui/style": ("tinynet_gui.core.system.machine",),
    "ui/widgets": ("tinynet_gui.ui.style",),
    "ui/views": ("tinynet_gui.ui.style", "tinynet_gui.ui.widgets"),
    "ui/window": ("tinynet_gui.core.system.machine", "tinynet_gui.ui.style", "tinynet_gui.ui.widgets"),
    "ui/features": (
        "tinynet_gui.engine",
        "tinynet_gui.core.system.machine",
        "tinynet_gui.ui.style",
        "tinynet_gui.ui.views",
        "tinynet_gui.ui.widgets",
        "tinynet_gui.ui.window",
    ),
}
TOGETHER = {f"ui/window/{name}.py" for name in ("main_window", "views", "features", "context")}  # put together
CONTROLLER = "controller.py"  # of one view, in its folder: the only file there that knows other views and the engine


@cache
def _imports(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += names if all(map(_is_module, names)) else [node.module or "", *names]
    return found


def _is_module(name: str) -> bool:
    place = PACKAGE.parent.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def broken_rules(folder: str, path: Path) -> list[str]:
    """Name what a file of a folder of the package imports and may not."""
    floor = folder.partition("/")[0]
    broken = [name for name in _imports(path) if any(_is_in(name, other) for other in FORBIDDEN[floor])]
    if folder in ALLOWED:
        own = f"tinynet_gui.{folder.replace('/', '.')}"
        if folder in ("ui/views", "ui/features"):  # a view knows no other one, and a feature neither
            own += f".{path.parent.name}"
        like = "ui/features" if folder == "ui/views" and path.name == CONTROLLER else folder
        allowed = ("tinynet_gui.core", "tinynet_gui.qt", own, *ALLOWED[like])
        ours = [name for name in _imports(path) if _is_in(name, "tinynet_gui") and name.count(".") >= 2]
        broken += [name for name in ours if not any(_is_in(name, part) for part in allowed)]
    return broken


def _is_in(name: str, package: str) -> bool:
    return f"{name}.".startswith(f"{package}.")


@pytest.mark.parametrize("folder", [*FORBIDDEN, *ALLOWED])
def test_a_folder_imports_only_what_it_may(folder: str) -> None:
    files = {path.relative_to(PACKAGE).as_posix(): path for path in (PACKAGE / folder).glob("**/*.py")}
    broken = {name: broken_rules(folder, path) for name, path in files.items() if name not in TOGETHER}
    assert broken
    assert {name: rules for name, rules in broken.items() if rules} == {}


def test_every_folder_of_the_ui_has_its_rule() -> None:
    folders = {f"ui/{path.parent.name}" for path in (PACKAGE / "ui").glob("*/__init__.py")}
    assert folders == set(ALLOWED)
    assert list(ALLOWED) == [f"ui/{name}" for name in order_of("ui")]
    for at, folder in enumerate(ALLOWED):  # knows none that comes later
        assert not {f"tinynet_gui.{later.replace('/', '.')}" for later in [*ALLOWED][at:]} & {*ALLOWED[folder]}


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("core", "from PySide6.QtCore import QObject"),
        ("engine", "from tinynet_gui.ui.style.theme import Theme"),
        ("ui/views", "from tinynet_gui.ui.views.diagram.layout import Column"),
        ("ui/views", "from tinynet_gui.engine.jobs.jobs import Jobs"),
        ("ui/widgets", "from tinynet_gui.ui.views.function_plot.curves import NoData"),
        ("ui/style", "from tinynet_gui.ui.widgets.cards import Card"),
        ("ui/window", "from tinynet_gui.engine.jobs.jobs import Jobs"),
        ("ui/window", "from tinynet_gui.ui.features.run import RunController"),
        ("ui/features", "from tinynet_gui.ui.features.film import FilmStage"),
        ("ui/features", "import torch"),
    ],
)
def test_a_broken_rule_is_found(tmp_path: Path, folder: str, line: str) -> None:
    broken = tmp_path / "plots" / "made_up.py"
    broken.parent.mkdir()
    broken.write_text(line, encoding="utf-8")
    assert broken_rules(folder, broken)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even within functions, or for types alone."""
    files = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}
    modules = {name.removesuffix(".__init__"): path for name, path in files.items()}
    graph = {name: {other for other in _imports(path) if other in modules} for name, path in modules.items()}
    assert sum(map(len, graph.values())) > 1_000
    TopologicalSorter(graph).prepare()  # CycleError names one


def order_of(floor: str) -> list[str]:
    """Return the folders and modules of a floor in the order of reading, as its docstring lists them."""
    docstring = ast.get_docstring(ast.parse((PACKAGE / floor / "__init__.py").read_text(encoding="utf-8"))) or ""
    listed = docstring.partition("in the order of reading")[2].split("\n\n")[1]
    return [line.split()[0] for line in listed.splitlines()]


def backward_imports(floor: str, part: str, path: Path) -> list[str]:
    """Name what a file of a part of a floor imports, at its top, in a function or for types, that is not above it."""
    known = (part, *order_of(floor)[: order_of(floor).index(part)])
    ours = [name for name in _imports(path) if name.startswith(f"tinynet_gui.{floor}.")]
    return [name for name in ours if name.split(".")[2] not in known]


@pytest.mark.parametrize("floor", ["core", "engine"])
def test_no_import_runs_against_the_order_of_reading(floor: str) -> None:
    names = {
        path: path.relative_to(PACKAGE / floor).parts[0].removesuffix(".py") for path in (PACKAGE / floor).rglob("*.py")
    }
    files = {path: name for path, name in names.items() if name != "__init__"}
    assert sorted(order_of(floor)) == sorted(set(files.values()))
    broken = {str(path): backward_imports(floor, name, path) for path, name in files.items()}
    assert broken
    assert {name: found for name, found in broken.items() if found} == {}


def test_an_import_against_the_order_is_found(tmp_path: Path) -> None:
    path = tmp_path / "made_up.py"
    path.write_text("def f():\n    from tinynet_gui.core.wording.runs import x", encoding="utf-8")
    assert backward_imports("core", "run", path)
    assert not backward_imports("core", "export", path)


def test_core_trains_where_there_is_no_qt() -> None:
    code = """
import sys
sys.modules.update(dict.fromkeys(("PySide6", "shiboken6", "pyqtgraph")))  # an import of None fails
from tinynet_gui.core.config import Config
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.training.compiled.kernel import run
from tinynet_gui.core.training.trainer import Trainer
trainer = Trainer(Config())
trainer.snapshot(1)
assert stable_learning_rate(trainer.config, trainer.dataset, trainer.state()).rate
print(len(run(trainer.config, trainer.dataset, trainer.state(), 3).losses))
assert "torch" not in sys.modules
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "3"


LATE = """
    core.data.best_reading core.data.data_file core.data.extent core.data.table core.data.workbook
    core.experiments core.export core.failures.answers core.failures.diagnosis core.failures.plateau_explained
    core.lessons.answers core.lessons.lesson core.lessons.measurements core.lessons.reading core.maps
    core.loops core.network_files core.step.dissection core.training.compiled core.training.torch
    core.wording.maps core.wording.two_runs engine.lesson_player engine.lesson_session
    ui.features.answers. ui.features.export ui.features.film ui.features.lessons. ui.features.nudge
    ui.features.open_network ui.features.open_training ui.features.two_runs ui.views.experiments ui.views.lesson
    ui.views.map ui.views.microscope ui.views.runs
"""  # how the names of our modules begin that the first sight does without
LATE_OF_OTHERS = """
    concurrent csv ctypes.util difflib email gettext importlib.metadata numba numpy.ma platformdirs python_calamine
    tomllib torch unicodedata xml zipfile
"""


def test_the_window_imports_nothing_late_or_slow() -> None:
    late = (*(f"tinynet_gui.{name}" for name in LATE.split()), *LATE_OF_OTHERS.split())
    for name in LATE.split():
        assert list(PACKAGE.glob(f"{name.replace('.', '/')}*")), f"{name} is no more"
    named = [path.name for path in PACKAGE.rglob("*.py") if r"\N{" in path.read_text(encoding="utf-8")]
    assert named == []  # to compile it imports unicodedata: only the first start would
    code = f"""
import sys, numpy, PySide6.QtSvg, PySide6.QtWidgets, pyqtgraph
before = set(sys.modules)
import tinynet_gui.ui.window.main_window
print([name for name in set(sys.modules) - before if name.startswith({late})])
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_each_module_that_a_docstring_names_is_there() -> None:
    name = re.compile(r"`((?:app|core|engine|ui)(?:\.\w+)+)`")
    named = {found for path in PACKAGE.rglob("*.py") for found in name.findall(path.read_text(encoding="utf-8"))}
    assert len(named) > 20
    missing = []
    for parts in (found.split(".") for found in named):
        places = [PACKAGE.joinpath(*parts[:length]) for length in range(len(parts), 0, -1)]
        place = next(place for place in places if place.is_dir() or place.with_suffix(".py").is_file())
        left = parts[len(place.relative_to(PACKAGE).parts) :]
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if not all(re.search(rf"\b{part}\b", file.read_text(encoding="utf-8")) for part in left):
            missing.append(".".join(parts))
    assert missing == []
