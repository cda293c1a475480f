"""An activation, a loss and an optimiser stand in one place each, an experiment in one of core and one of ui."""

import ast
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import tinynet_gui
import tinynet_gui.core as tiny
from tests import made_up
from tests.runs import trained, tutorial
from tinynet_gui.core.choices.activations import ACTIVATIONS
from tinynet_gui.core.choices.losses import LOSSES
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.config import Config
from tinynet_gui.core.config.setting import FIRST_FORMAT
from tinynet_gui.core.config.targets import TARGETS
from tinynet_gui.core.data.real_data import REAL_DATA
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.maps.axes import NAMED_MAPS
from tinynet_gui.core.maps.colors import COLORS
from tinynet_gui.core.network.forward import forward
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.step.curvature import stable_learning_rate
from tinynet_gui.core.step.dissection import dissect
from tinynet_gui.core.text.formula import as_latex, as_plain
from tinynet_gui.core.training.compiled.cache import CACHE_VARIABLE, sources_digest
from tinynet_gui.core.training.start import initial_state, make_dataset
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.network_formula import whole_network
from tinynet_gui.core.wording.setting_line import read_setting, write_setting
from tinynet_gui.engine.jobs.garbage_collection import no_collection

PACKAGE = Path(tinynet_gui.__file__).parent
REGISTRIES: dict[str, tuple[Mapping[str, Any], str]] = {  # where the records are, and what holds one of their names
    "choices/activations": (ACTIVATIONS, "activation"),
    "network/initializations": (INITIALIZATIONS, "initialization"),
    "choices/losses": (LOSSES, r"(?<!_)loss(?!_plot)"),
    "choices/optimizers": (OPTIMIZERS, "optimizer"),
    "maps/colors": (COLORS, "colou?r"),
    "maps/axes": (NAMED_MAPS, "named|name"),
    "config/targets": (TARGETS, "target"),
    "data/real_data": (REAL_DATA, "real|file|name"),
}


def test_made_up_ones_train_with_both_engines() -> None:
    kept = str(Path(os.environ[CACHE_VARIABLE]) / "made_up")  # for the next time: only other sources are compiled
    environment = os.environ | {CACHE_VARIABLE: kept, "NUMBA_OPT": "0"}  # to compile takes half the time
    environment["PYTHONIOENCODING"] = "utf-8"  # a pipe's on Windows has no −
    command = [sys.executable, "-m", "tests.made_up"]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    runs, refused = done.stdout.splitlines()
    assert runs == "6"
    assert refused.startswith("network.activation: by_numpy cannot be compiled, as _by_numpy: operand")
    assert refused.endswith("; a function of u is made of + − · /, numbers and core.choices.elementary")


@pytest.mark.usefixtures("made_up_records")
def test_a_made_up_step_is_taken_apart() -> None:
    trainer = trained(made_up.config(weight_decay=0.01), 5)
    d = dissect(trainer.config, trainer.state())
    assert d.update is not None
    lines = [d.update.in_symbols(term) for term in d.update.terms]
    assert lines == ["g = ∂L/∂w", "d = g + λ·w", "s ← s + d²", "Δ = −η·d / (√s + ε)", "w ← w + Δ"]
    for before, delta, after in zip(
        d.before.parameters, d.update.term("delta").values, d.update.term("w").values, strict=True
    ):
        np.testing.assert_allclose(before + delta, after, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(made_up.LOSS.function(d.errors), d.sample_losses, rtol=1e-5, atol=1e-6)
    slopes = made_up.LOSS.derivative(d.errors) / len(d.errors)
    np.testing.assert_allclose(slopes, d.output_gradients, rtol=1e-5, atol=1e-7)
    for u, slope in zip(d.values.pre_activations, d.activation_slopes, strict=True):
        x = torch.tensor(u, requires_grad=True)
        (expected,) = torch.autograd.grad(torch.nn.functional.softsign(x).sum(), x)
        np.testing.assert_allclose(slope, expected.numpy(), rtol=1e-5)
    assert stable_learning_rate(trainer.config, trainer.dataset, trainer.state()).rate is None


@pytest.mark.usefixtures("made_up_records")
def test_a_made_up_activation_is_written_as_a_formula() -> None:
    snapshot = Trainer(made_up.config().replace("network.hidden", (3,))).snapshot(1)
    formula = whole_network(snapshot.layers, "made_up", digits=None)
    assert as_latex(formula).count(r"\operatorname{softsign}") == 3
    text = as_plain(formula).removeprefix("ŷ(x) = ").replace("−", "-").replace("·", "*")
    value = eval(text, {"x": 1.25, "softsign": lambda u: u / (1 + abs(u))})
    output = forward(snapshot.layers, "made_up", np.array([1.25], np.float32)).output[0]
    assert value == pytest.approx(output, rel=1e-5)


@pytest.mark.usefixtures("made_up_records")
def test_made_up_weights_and_samples_match_their_script() -> None:
    changes = {"network.initialization": "made_up", "data.target": "made_up", "data.noise": 0.0}
    config = tutorial().with_changes(changes)
    dataset, layer = make_dataset(config.data), torch.nn.Linear(1, 10)
    np.testing.assert_allclose(dataset.y_train, dataset.x_train**4, rtol=1e-5)
    code = tiny.script(tiny.train(config))
    for line in made_up.CODE:
        assert line in code
    torch.manual_seed(config.network.seed)
    exec("\n".join(made_up.CODE), {"nn": torch.nn, "layer": layer})
    np.testing.assert_array_equal(initial_state(config).parameters[0], layer.weight.detach().numpy())
    assert read_setting(write_setting(config)).config == config


@pytest.mark.usefixtures("made_up_records")
def test_a_file_bears_the_format_of_its_newest_choice() -> None:
    """Earlier versions then say that a newer one made it, and do not call it damaged."""
    changes = {"network.activation": "made_up"}
    assert [Config().format, Config().with_changes(changes).format] == [FIRST_FORMAT, made_up.ACTIVATION.since]


@pytest.mark.usefixtures("made_up_records")
def test_compiled_code_is_kept_apart_for_other_records(monkeypatch: pytest.MonkeyPatch) -> None:
    sources_digest.cache_clear()
    with_made_up = sources_digest()
    monkeypatch.delitem(ACTIVATIONS, "made_up")
    sources_digest.cache_clear()
    assert sources_digest() != with_made_up
    sources_digest.cache_clear()


def test_a_configuration_refuses_what_has_no_record() -> None:
    for wrong in ("made_up", 1, None, ["made_up"], [["relu"]]):
        with pytest.raises(ValueError, match="is not one of relu"):
            Config().replace("network.activation", wrong)


@cache
@no_collection()  # else all that is parsed is looked through as garbage again and again
def _modules() -> dict[Path, list[ast.AST]]:
    """All that the package's modules are made of."""
    return {path: [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))] for path in PACKAGE.rglob("*.py")}


def _names_told_apart(nodes: Iterable[ast.AST], place: str = "") -> list[str]:
    """Find where code compares what holds a name with one, matches it, or looks it up in a table of its own."""
    found = []
    for node in nodes:
        match node:
            case ast.Compare():
                parts: Sequence[ast.AST | None] = (node.left, *node.comparators)
            case ast.Match():
                parts = [case.pattern for case in node.cases]
            case ast.Dict():
                parts = node.keys
            case _:
                continue
        names = {n.value for part in parts if part for n in ast.walk(part) if isinstance(n, ast.Constant)}
        for own, (registry, holder) in REGISTRIES.items():
            if own == place or not names & set(registry):
                continue
            text = ast.unparse(node.subject if isinstance(node, ast.Match) else node)
            is_table = isinstance(node, ast.Dict) and len(names) > 1 and names <= set(registry)
            if is_table or (not isinstance(node, ast.Dict) and re.search(holder, text)):
                found.append(text)
    return found


def test_no_name_is_compared_with_elsewhere() -> None:
    """What is special about a choice is asked of its record, never of its name."""
    found = {}
    for path, nodes in _modules().items():
        place = path.relative_to(PACKAGE).with_suffix("").as_posix().removeprefix("core/")
        found[place] = _names_told_apart(nodes, place)
    assert {place: texts for place, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "line",
    [
        'x = choice.color == "dead"',
        'x = "dead" in (choice.color,)',
        'match choice.color:\n    case "dead" | "end":\n        pass',
        'x = {"dead": "is dead", "end": "ends"}.get(choice.color, "")',
    ],
)
def test_a_name_that_is_compared_with_is_found(line: str) -> None:
    assert _names_told_apart(ast.walk(ast.parse(line)))


def test_no_experiment_is_spoken_of_by_name_elsewhere() -> None:
    """Nor is the class of its result: what is special about it is asked of its two records."""
    own = {f"tinynet_gui.{place}.experiments.{name}" for place in ("core", "ui.views") for name in EXPERIMENTS}
    modules = {importlib.import_module(name) for name in own}
    results = {n for module in modules for n, c in vars(module).items() if hasattr(c, "experiment") and n[0].isupper()}
    assert len(results) == len(EXPERIMENTS)
    found = []
    for path, nodes in _modules().items():
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        if module in own or module.endswith((".experiments.table", "tinynet_gui.core.__init__")):  # core's face
            continue
        for node in nodes:
            if isinstance(node, ast.Name) and node.id in results:
                found.append(f"{module}: {node.id}")
            if isinstance(node, ast.Constant) and node.value in EXPERIMENTS:
                found.append(f"{module}: {node.value}")
    assert found == []
