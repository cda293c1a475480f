"""A run's script: its losses are the run's own, bit for bit, whatever the run went through."""

import ast
import contextlib
import html
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinynet_gui.core as tiny
from tests.exported import CONFIGS, by_pytorch, script_of
from tests.not_none import not_none
from tests.runs import ACTS, PATIENT, Act, Walked, config_of, run_of, tutorial, walk
from tests.sessions import opened
from tinynet_gui.core.config import Config
from tinynet_gui.core.config.targets import TARGETS
from tinynet_gui.core.data.points import STANDARDISE, Points
from tinynet_gui.core.export.data_code import SampleFiles
from tinynet_gui.core.export.literals import in_markdown
from tinynet_gui.core.export.notebook import notebook_text
from tinynet_gui.core.export.script import code_of, script_text
from tinynet_gui.core.export.verification import recorded_losses, unverified
from tinynet_gui.core.network.forward import output_curve
from tinynet_gui.core.network.initializations import INITIALIZATIONS
from tinynet_gui.core.network.refs import LayerRef, NeuronRef, ParameterRef, WeightRef
from tinynet_gui.core.run.events import EngineChanged, FrozenChanged, LiveSettingsChanged, ParameterSet
from tinynet_gui.core.run.replay import Replay, branch, past_moment
from tinynet_gui.core.run.run import Run
from tinynet_gui.core.run.session import new_run
from tinynet_gui.core.training.snapshot import make_snapshot
from tinynet_gui.core.training.start import points_of

FLOATS = st.floats(-5, 5, width=32, allow_subnormal=False)
OWN = st.lists(st.tuples(FLOATS, FLOATS, st.booleans()), min_size=1, max_size=30).filter(
    lambda rows: not all(row[2] for row in rows)
)


@pytest.fixture(autouse=True, scope="module")
def _matplotlib_is_missing() -> Iterator[None]:
    """A script does without it, and sooner; with it, it would wait until its window is closed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "matplotlib", None)
        patch.setitem(sys.modules, "matplotlib.pyplot", None)
        yield


def executed(script: str, file: str = "run.py", pyplot: object = None) -> tuple[dict[str, Any], str]:
    """What a script leaves behind, and what it prints; its plots are this `pyplot`'s, or left out."""
    names: dict[str, Any] = {"__file__": file}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "matplotlib", MagicMock(pyplot=pyplot) if pyplot else None)
        patch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
        exec(script, names)
    return names, printed.getvalue()


def assert_same(run: Run, walked: Walked | None = None) -> str:
    """The script of a run that PyTorch trained, perhaps as it walked, has its losses; return it."""
    script = script_of(run)
    names, printed = executed(script)
    expected = Replay(run).losses(0, run.step) if walked is None else np.array(walked.losses[: run.step], np.float32)
    np.testing.assert_array_equal(np.array(names["losses"], np.float32), expected)
    assert f"Compared with tinynet at {min(10, run.step)} steps: the same to 9 digits." in printed
    assert "in a different order" not in printed
    final = Replay(run).state_at(run.step) if walked is None else walked.after[-1]
    shown = make_snapshot(1, run.wanted.config, run.wanted.dataset, final).train_loss
    said = not_none(re.search(rf"after {run.step} steps: loss = (\S+)", printed))
    assert float(said[1]) == pytest.approx(shown, rel=1e-3, nan_ok=True)
    for parameter, array in zip(names["network"].parameters(), final.parameters, strict=True):
        np.testing.assert_array_equal(parameter.detach().numpy(), array)
    return script


def assert_same_by_pytorch(config: Config, acts: list[Act], kept: int) -> None:
    walked = walk(config, [act for act in acts if act[1] != "engine"] or [(3, "nothing", 0.0)], kept)
    events = tuple(event for event in walked.run.events if not isinstance(event, EngineChanged))  # to PyTorch, all
    assert_same(replace(walked.run, events=events), walked)


@settings(max_examples=35)
@given(changes=CONFIGS, acts=ACTS, kept=st.integers(1, 30))
def test_a_script_has_the_losses_of_its_run(changes: dict[str, Any], acts: list[Act], kept: int) -> None:
    if changes["network.hidden"] in ((), (1,), (4, 4), (3,) * 5):  # places that `walk` sets or freezes
        acts = [(steps, act if act not in ("set", "freeze") else "nothing", value) for steps, act, value in acts]
    assert_same_by_pytorch(Config().with_changes(changes), acts, kept)


@settings(max_examples=15)
@given(changes=CONFIGS, rows=OWN, acts=ACTS)
def test_so_has_one_with_points_of_ones_own(
    changes: dict[str, Any], rows: list[tuple[float, float, bool]], acts: list[Act]
) -> None:
    x, y, held_out = zip(*rows, strict=True)
    own = {"network.hidden": (10,), "data.points": Points(x, y, held_out, "mine")}
    assert_same_by_pytorch(Config().with_changes(changes).with_changes(own), acts, 9)


def run_through(config: Config, events: list[Any], steps: int) -> Run:
    """A run by PyTorch that these events happened to, in order."""
    first = walk(config, [(1, "nothing", 0.0)], 1).before[0]
    return by_pytorch(replace(run_of(config, [first, replace(first, step=steps)], events)))


def rate(step: int, config: Config, value: float) -> LiveSettingsChanged:
    return LiveSettingsChanged(step, config.replace("training.learning_rate", value))


def lines_of_code(script: str) -> list[str]:
    return [line for line in script.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def test_the_tutorials_run_is_the_tutorials_bare_loop() -> None:
    script = assert_same(run_through(tutorial(), [], 40))
    lesson, _, comparison = script.partition("# Compared with tinynet\n")
    assert len(lines_of_code(lesson)) < 42
    assert "recorded" not in lesson
    assert "NOT VERIFIED" not in lesson
    assert "NOT VERIFIED: not yet." in comparison
    assert "tinynet_gui" not in script
    loop = script[script.index("for step in range") : script.index("\n\n# The result")]
    assert loop.splitlines() == [
        "for step in range(training_steps):",
        "    outputs = network(torch.tensor(x_train))",
        "    loss = criterion(outputs, torch.tensor(y_train))",
        "    losses.append(loss.item())",
        "    optimizer.zero_grad()",
        "    loss.backward()",
        "    optimizer.step()",
        "",
        "    if step % print_each_step == 0:",
        '        print(f"step {step}: loss = {loss:.4g}")',
    ]
    for line in (
        "print_each_step = 2",
        'x_train = np.random.uniform(-3, 3, size=(n_samples, 1)).astype("float32")',
        "y_train = x_train ** 2",
        "network = nn.Sequential(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 1))",
        "criterion = nn.MSELoss()",
        "optimizer = torch.optim.SGD(network.parameters(), lr=0.001)",
    ):
        assert line in script.splitlines()


@pytest.mark.parametrize("initialization", INITIALIZATIONS)
def test_the_script_draws_before_and_scales_like_the_run(initialization: str) -> None:
    changes = {"network.drawn_before": 3_028, "network.initialization": initialization, "network.weight_scale": 0.3}
    script = assert_same(run_through(tutorial().with_changes(changes), [], 5))
    scaled = "network.load_state_dict({key: 0.3 * value for key, value in network.state_dict().items()})"
    for line in ("torch.rand(3028)  # numbers drawn before", scaled):
        assert script.splitlines().count(line) == (initialization != "zeros")


def test_fewer_steps_can_be_tried() -> None:
    script = script_of(run_through(Config(), [], 40))
    names, printed = executed(script.replace("training_steps = 40", "training_steps = 10"))
    assert len(names["losses"]) == 10
    assert "Compared with tinynet at 3 steps: the same to 9 digits." in printed


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_it_imports_torch_and_numpy_and_a_plot_if_there_is_one(target: str) -> None:
    tree = ast.parse(script_of(run_through(Config().replace("data.target", target), [], 1)))
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imported for alias in node.names}
    assert names == {"numpy", "torch", "torch.nn", "matplotlib.pyplot"}


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (0, "at 2 steps: the same to 9 digits.\n"),
        (2e-7, "at 2 steps: the same to 6 digits.\ntinynet's compiled loop adds in a different order from PyTorch"),
        (1e-2, "step 26: 2.58558718, recorded 2.55998731: not the same\n"),
    ],
)
def test_the_comparison_counts_shared_digits_and_differences(off: float, said: str) -> None:
    run = walk(Config(), [(20, "nothing", 0.0), (40, "engine", 0.0)], 9).run
    assert run.rule_at(26).engine == "Compiled"
    recorded = {0: 7.5, 26: 2.55998731}
    code, names = code_of(run, recorded), {"losses": [7.5, *[0.0] * 25, 2.55998731 * (1 + off)]}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code.comparison, names)
    assert said in printed.getvalue()


def test_a_compiled_run_counts_shared_digits_and_says_why() -> None:
    run = walk(Config(), [(1, "nothing", 0.0), (300, "engine", 0.0)], 50).run
    names, printed = executed(script_of(run))
    digits, reason = not_none(re.search(r"at 10 steps: the same to (\d) digits\.\n(.*)", printed)).groups()
    assert "not the same" not in printed
    assert 4 <= int(digits) < 9
    assert reason == "tinynet's compiled loop adds in a different order from PyTorch: the last digits differ."
    for step, loss in recorded_losses(run).items():
        assert f"{names['losses'][step]:.{digits}g}" == f"{loss:.{digits}g}"


def test_nine_digits_tell_float32_numbers_apart() -> None:
    losses = np.exp(np.random.default_rng(1).uniform(-40, 40, 5_000)).astype(np.float32)
    following = np.nextafter(losses, np.float32(np.inf))
    assert not any(f"{a:.9g}" == f"{b:.9g}" for a, b in zip(losses.tolist(), following.tolist(), strict=True))


def test_changes_after_the_last_step_count_in_the_final_loss() -> None:
    config = Config().replace("data.standardise", "xy")
    moved = config.replace("data.points", Points([-1, 0, 2], [5, 0, 5]))
    assert_same(
        run_through(config, [LiveSettingsChanged(8, moved), ParameterSet(8, ParameterRef(0, "bias", (2,)), 3)], 8)
    )


MANY = Points(np.linspace(0, 90, 300), 20 + 0.5 * np.sin(np.arange(300)), origin="many")


@pytest.mark.parametrize("standardise", sorted(STANDARDISE))
def test_many_samples_are_read_from_a_table_beside_it(standardise: str, tmp_path: Path) -> None:
    config = Config().with_changes({"data.points": MANY, "data.standardise": standardise})
    fewer = config.replace("data.points", MANY.at(np.arange(250)))
    run = run_through(config, [LiveSettingsChanged(4, fewer)], 8)
    files = SampleFiles("my “own”")
    script = script_text(code_of(run, recorded_losses(run), files), unverified(run, ""))
    assert max(map(len, files.texts.values())) > len(script)
    assert files.texts.keys() == {"my “own”.csv", "my “own”_4.csv"}
    for name, text in files.texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    names, _ = executed(script, str(tmp_path / "run.py"))
    np.testing.assert_array_equal(np.array(names["losses"], np.float32), Replay(run).losses(0, run.step))


@pytest.mark.parametrize("hidden", [(3,), (14, 14)])
def test_opened_weights_are_written_in_the_script_or_a_table(hidden: tuple[int, ...], tmp_path: Path) -> None:
    given = opened(hidden)
    config = config_of(network__hidden=hidden, network__first_weights=given, network__initialization="kaiming")
    run = run_through(config, [ParameterSet(0, ParameterRef(0, "bias", (1,)), 0.25)], 8)
    files = SampleFiles("my_samples")
    script = script_text(code_of(run, recorded_losses(run), files), unverified(run, ""))
    assert files.texts.keys() == ({"my_weights.csv"} if hidden == (14, 14) else set())
    for name, text in files.texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    names, printed = executed(script, str(tmp_path / "run.py"))
    np.testing.assert_array_equal(np.array(names["losses"], np.float32), Replay(run).losses(0, run.step))
    assert "the same to 9 digits" in printed
    assert "manual_seed" not in script
    assert f"in their order in network.parameters(), from {given.origin}" in script
    assert f"Its weights and biases are those of {in_markdown(given.origin)}." in notebook_text(
        run, code_of(run, {}, SampleFiles(is_notebook=True)), unverified(run, "")
    )


@pytest.mark.bits
def test_without_its_float64_the_losses_would_differ() -> None:
    script = script_of(run_through(Config().replace("data.standardise", "xy"), [], 8))
    assert "# The mean, the deviation and the quotient are computed in float64" in script
    assert "float64" not in script_of(run_through(Config(), [], 8))
    assert executed(script)[0]["losses"] != executed(script.replace('.astype("float64")', ""))[0]["losses"]


@pytest.mark.parametrize("standardise", sorted(STANDARDISE))
def test_the_plot_has_the_units_of_the_data(standardise: str) -> None:
    plot = MagicMock()
    at = np.arange(0, 300, 10)
    points = Points(MANY.x[at], MANY.y[at], x_name='t "in {min}"', y_name="$ per $^")  # not to be taken for code
    run = run_through(Config().with_changes({"data.points": points, "data.standardise": standardise}), [], 9)
    names, printed = executed(script_of(run), pyplot=plot)
    (x, y, _), (inputs, outputs) = (call.args for call in plot.plot.call_args_list)
    np.testing.assert_array_equal(np.hstack([x, y]), np.stack([points.x, points.y], axis=1).astype(np.float32))
    snapshot = make_snapshot(1, run.wanted.config, run.wanted.dataset, Replay(run).state_at(9))
    np.testing.assert_allclose(outputs[:, 0], output_curve(snapshot.curve_layers, "relu", inputs[:, 0]), rtol=1e-4)
    plot.show.assert_called_once_with()
    plot.xlabel.assert_called_once_with(points.x_name)
    plot.ylabel.assert_called_once_with(points.y_name, parse_math=False)
    of_y = " of standardised y" * (standardise == "xy")
    plot.title.assert_called_once_with(f"loss = {names['loss']:.4g}{of_y}")
    for axis, values in (("x", points.x), ("y", points.y)):
        said = f"{points.names[f'{axis}_name']}: mean {values.mean():.6g}, standard deviation {values.std():.6g}\n"
        assert (said in printed) == (axis in standardise)
    given = output_curve(snapshot.curve_layers, "relu", points.x.astype(np.float32))
    error = np.sqrt(np.mean((given - points.y) ** 2))
    assert (f"RMS error: {error:.4g} in the unit of $ per $^\n" in printed) == bool(of_y)


def test_what_was_done_stands_at_its_step() -> None:
    config = Config().replace("training.optimizer", "momentum")
    by_hand = ParameterRef(1, "weight", (0, 3))
    events = [
        rate(0, config, 0.002),
        ParameterSet(0, ParameterRef(0, "bias", (2,)), 0.25),
        rate(5, config, 0.01),
        ParameterSet(7, by_hand, -1.5),
        FrozenChanged(9, frozenset({WeightRef(1, 0, 3), NeuronRef(0, 1)})),
        FrozenChanged(14, frozenset({LayerRef(0)})),
        FrozenChanged(20, frozenset()),
        ParameterSet(30, by_hand, 2.0),
    ]
    script = assert_same(run_through(config, events, 30))
    assert "SGD(network.parameters(), lr=0.002, momentum=0.9)" in script
    expected = """
    if step == 5:
        optimizer.param_groups[0]["lr"] = 0.01
    if step == 7:
        with torch.no_grad():
            network[2].weight[0, 3] = -1.5  # set by hand
    if step == 9:
        frozen = [(network[0].weight, 1), (network[0].bias, 1), (network[2].weight, (0, 3))]
    if step == 14:
        frozen = [(network[0].weight, ...), (network[0].bias, ...)]
    if step == 20:
        frozen = []
"""
    assert expected in script
    assert script.index("network[0].bias[2] = 0.25  # set by hand") < script.index("criterion =")
    assert script.index("network[2].weight[0, 3] = 2  # set by hand") > script.index("optimizer.step()")


def test_many_changes_of_a_kind_are_a_table() -> None:
    config = Config().replace("training.batch_size", 6).replace("data.standardise", "xy")
    points, events = points_of(config.data), list[Any]()
    for step in range(1, 12):
        y = points.y.copy()
        y[3] = step
        points = Points(points.x, y)
        config = config.with_changes({"data.points": points, "training.learning_rate": 0.001 * step})
        config = config.replace("training.l1", 0.01 * (step % 3))
        events += [LiveSettingsChanged(step, config), ParameterSet(step, ParameterRef(0, "bias", (step % 3,)), step)]
    run = run_through(replace(Config(), training=config.training).replace("data.standardise", "xy"), events, 15)
    script = assert_same(run)
    assert "if step == " not in script
    for line in (
        "    2: 0.002,",
        "        l1 = new_l1[step]",
        "    7: [(network[0].bias, 1, 7)],",
        f"    7: [(3, {np.float32(points.x[3])!s}, 7)],",
        "        y_train = standardise(y, y_mean, y_deviation)",
    ):
        assert line in script.splitlines()


@pytest.mark.parametrize("standardise", sorted(STANDARDISE))
def test_samples_that_were_changed(standardise: str) -> None:
    config = Config().with_changes({"data.standardise": standardise, "training.batch_size": 6, "data.held_out": 0.3})
    points = points_of(config.data)
    moved = points.y.copy()
    moved[2] = 9.75
    flags = points.held_out.copy()
    flags[:4] = True
    others = [
        Points(points.x, moved, points.held_out),
        Points(points.x, moved, flags),  # held out
        Points([0, 1, 2, 3], [0, 1, 4, 9]),  # all in one batch
        Points(np.linspace(-1, 1, 20), np.ones(20)),
    ]
    configs = [config.replace("data.points", other) for other in others]
    events = list(map(LiveSettingsChanged, (0, 3, 8, 11), configs))
    for shown in ([], events[1:], events):
        script = assert_same(run_through(config, shown, 20))
        assert ("if n_batches > 1 else" in script) == bool(shown)
    assert f"# {int(points.held_out.sum())} more are held out" in script


def test_a_sample_that_was_moved_from_0_to_minus_0() -> None:
    x, y = np.arange(8.0), np.arange(8.0)
    config = Config().replace("data.points", Points(x, y))
    x[0] = -0.0
    moved = LiveSettingsChanged(3, config.replace("data.points", Points(x, y)))
    script = assert_same(run_through(config, [moved], steps=9))
    assert "x_train[0], y_train[0] = -0.0, 0\n" in script


def test_momentum_and_nesterov_come_and_go() -> None:
    config = config_of(training__optimizer="momentum", training__momentum=0, training__nesterov=True)
    events = LiveSettingsChanged(4, config.replace("training.momentum", 0.8)), LiveSettingsChanged(9, config)
    script = assert_same(run_through(config, [*events], 15))
    assert 'optimizer.param_groups[0]["nesterov"] = True' in script


def test_an_l1_penalty_comes_and_goes() -> None:
    config = config_of(training__optimizer="adam", training__weight_decay=0.01)
    events = LiveSettingsChanged(4, config.replace("training.l1", 0.3)), LiveSettingsChanged(9, config)
    script = assert_same(run_through(config, [*events], 15))
    for line in ("l1 = 0  # times the sum of all |w| and |b|: the L1 penalty", "        l1 = 0.3", "        l1 = 0"):
        assert line in script.splitlines()


def test_a_branch_and_a_divergence_are_said() -> None:
    walked = walk(Config(), [(9, "rate", 0.5), (5, "rate", 0.1)], 4)
    run = by_pytorch(walked.run)
    assert "# A branch: up to step 6 its steps" in assert_same(branch(run, past_moment(run, 6), 7))
    diverged = replace(run, diverged_at=run.step + 1)
    assert "# It diverged: the loss after 15 steps would not be a finite number." in assert_same(diverged)


def test_a_run_that_has_taken_no_step_is_said_to_have_taken_none() -> None:
    config = Config().replace("training.stop_step", 7)
    script = script_of(run_of(config, []))
    assert "The run has taken no step yet" in script
    assert "recorded" not in script
    assert len(executed(script)[0]["losses"]) == 7


@settings(max_examples=12)
@given(changes=CONFIGS, acts=ACTS)
def test_of_compiled_steps_the_last_digits_differ(changes: dict[str, Any], acts: list[Act]) -> None:
    fixed = {"network.hidden": (10,), "training.learning_rate": 0.001, "training.optimizer": "sgd"}
    walked = walk(
        Config().with_changes(changes).with_changes(fixed), [(5, "engine", 0.0), (5, "nothing", 0.0), *acts], 4
    )
    names, _ = executed(script_of(walked.run))
    np.testing.assert_allclose(names["losses"], walked.losses, rtol=1e-2, atol=1e-5)


@pytest.mark.parametrize(
    "origin", ["coding: utf-7", "a\nraise SystemExit", "\0", "\u2028import os", "’; -0", '"""\\{0}\'']
)
def test_a_name_from_outside_stays_in_its_comment(origin: str) -> None:
    points = Points([-0.0, 1, 2], [3, 4, -0.0], None, origin, f"x{origin}", f"y{origin}")
    run = run_through(config_of(data__points=points, data__standardise="xy"), [], 3)
    receipt = replace(unverified(run, origin), note=f"{origin}\udcff")  # as in a file's name
    code = code_of(run, recorded_losses(run))
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(script_text(code, receipt).encode("utf-8"), "script.py", "exec"), names)
    np.testing.assert_array_equal(np.signbit(names["x"]), [[True], [False], [False]])
    notebook_text(run, code, receipt).encode("utf-8")


def test_a_name_from_outside_stands_in_a_notebook_as_it_is() -> None:
    hostile = r"<script> ![](file:///a) $\href{d}{e}$ \(f\) *g* `i` &lt; |"
    points = Points([0, 1, 2], [3, 4, 5], None, f"o {hostile}", f"x {hostile}", f"y {hostile}")
    run = run_through(
        config_of(data__points=points, network__first_weights=opened((3,), hostile), network__hidden=(3,)),
        [],
        3,
    )
    receipt = replace(unverified(run, f"t {hostile}"), note=f"n {hostile}")
    cells = json.loads(notebook_text(run, code_of(run, {}), receipt))["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    shown = [html.unescape(re.sub("</?span>", "", text)) for text in texts]
    for part in "oxytn":
        assert any(f"{part} {hostile}" in text for text in shown)
    assert any(f"those of {hostile}." in text for text in shown)
    assert not any(
        part in text for text in texts for part in ("<script", "](", r"\href", r"\(", "*g*", "`i`", "$<", " |")
    )


def test_patience_ends_a_script_as_its_run_at_the_same_best() -> None:
    result = tiny.train(PATIENT, engine="pytorch")
    best = not_none(result.best)
    for run in (result.run, new_run(1, PATIENT, "PyTorch")):  # as it went, and as it would go
        names, printed = executed(script_of(run))
        assert (len(names["losses"]), names["best_step"]) == (result.steps, best.steps)
        assert f"after {best.steps} steps: loss = {best.loss:.4g}" in printed
        for parameter, array in zip(names["network"].parameters(), best.state.parameters, strict=True):
            np.testing.assert_array_equal(parameter.detach().numpy(), array)
    for other in (best, tiny.train(result, 20, patience=90, engine="pytorch")):  # by hand
        assert "patience" not in assert_same(other.run)
