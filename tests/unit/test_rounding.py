"""First weights are PyTorch's to the bit here, and those of a run from another system are that system's."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest
import torch

from tests.by_hand import network_by_hand, train_by_hand
from tests.exported import by_pytorch
from tests.runs import config_of, run_of, tutorial, walk
from tests.sessions import OPENED, session_of, there_and_back
from tests.unit.test_export_script import assert_same
from tinynet_gui.core.config import IN_FILES, Config, config as module
from tinynet_gui.core.config.setting_text import differing_paths
from tinynet_gui.core.lessons.lesson import LessonStep
from tinynet_gui.core.lessons.playing.premises import setting_of_page
from tinynet_gui.core.maps.axes import Axis
from tinynet_gui.core.maps.outcome_map import outcome_map
from tinynet_gui.core.network import initializations
from tinynet_gui.core.network.initializations import (
    ROUNDINGS,
    TRIED,
    Rounding,
    TwisterDraws,
    rounding_here,
    try_rounding,
)
from tinynet_gui.core.run.replay import Replay
from tinynet_gui.core.training.start import initial_parameters, initial_state, make_dataset
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.runs import differences, run_names
from tinynet_gui.core.wording.setting_line import read_setting, write_setting


@contextmanager
def system(name: str, processor: str = "amd64") -> Iterator[None]:
    """As if the program ran on another system, and PyTorch were not loaded yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(initializations, "SYSTEM", name)
        patch.setattr(initializations, "PROCESSOR", processor)
        patch.setattr(initializations, "_tried", [])
        patch.setattr(module, "rounding_here", rounding_here)
        yield


def other_rounding() -> Rounding:
    """That of no PyTorch here."""
    return "twice" if rounding_here() == "once" else "once"


@pytest.mark.parametrize("rounding", ROUNDINGS)
@pytest.mark.parametrize("bound", [1.0, 0.1, 10**-0.5, 3.0**0.5])
def test_numbers_are_rounded_so_often(bound: float, rounding: Rounding) -> None:
    shares = torch.randint(2**24, (500,), generator=torch.Generator().manual_seed(7))
    low, high = np.float32(-bound), np.float32(bound)
    expected = list[np.float32]()
    for share in shares.tolist():
        product = Fraction(share, 2**24) * Fraction(float(high - low))
        if rounding == "twice":
            product = Fraction(float(np.float32(float(product))))
        total = product + Fraction(float(low))
        assert Fraction(float(total)) == total  # so that it is rounded to float32 alone
        expected.append(np.float32(float(total)))
    np.testing.assert_array_equal(TwisterDraws(7, rounding).uniform((500,), bound), expected)


@pytest.mark.parametrize(
    ("name", "processor", "instructions", "capability", "rounding"),
    [
        ("win32", "amd64", ("AVX2", "FMA3"), "", "twice"),
        ("win32", "arm64", ("NEON",), "", "twice"),
        ("linux", "x86_64", ("AVX2", "FMA3"), "", "once"),
        ("linux", "x86_64", ("X86_V3",), "avx2", "once"),
        ("linux", "x86_64", ("X86_V3",), "default", "twice"),
        ("linux", "x86_64", ("SSE42",), "", "twice"),
        ("linux", "aarch64", ("NEON",), "", "once"),
        ("darwin", "arm64", ("NEON",), "", "once"),
    ],
)
def test_each_system_rounds_in_its_way(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    processor: str,
    instructions: tuple[str, ...],
    capability: str,
    rounding: Rounding,
) -> None:
    monkeypatch.setattr(initializations, "instruction_sets", lambda: instructions)
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", capability)
    with system(name, processor):
        assert (Config().network.rounding, IN_FILES.network.rounding) == (rounding, "once")


@pytest.mark.bits
def test_the_known_rounding_is_pytorchs_and_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(initializations, "_tried", [])
    known = rounding_here()
    assert try_rounding() == known
    theirs = torch.empty(TRIED).uniform_(-0.3, 0.3, generator=torch.Generator().manual_seed(5)).numpy()
    np.testing.assert_array_equal(TwisterDraws(5, known).uniform((TRIED,), 0.3), theirs)
    assert np.mean(TwisterDraws(5, other_rounding()).uniform((TRIED,), 0.3) != theirs) > 0.1
    with system("linux" if known == "twice" else "win32", "arm64"):
        assert rounding_here() != known
        assert try_rounding() == rounding_here() == known
        assert setting_of_page(LessonStep("", "", setting=Config()), (3, 4)) == config_of(
            network__rounding=known, network__seed=3, data__seed=4
        )


@pytest.mark.bits
def test_the_tutorial_begins_as_in_pytorch_and_goes_on_so() -> None:
    config = tutorial()
    torch.manual_seed(config.network.seed)
    network = network_by_hand(config.network.hidden)
    for ours, theirs in zip(initial_parameters(config.network), network.parameters(), strict=True):
        np.testing.assert_array_equal(ours, theirs.detach().numpy())
    data = make_dataset(config.data)
    x, y = torch.tensor(data.x_train), torch.tensor(data.y_train)
    losses = train_by_hand(network, x, y, 40)
    np.testing.assert_array_equal(Trainer(config).run(40), np.asarray(losses, np.float32))


def test_a_run_from_another_system_is_replayed_to_the_bit() -> None:
    """With its session, its line and its maps, which are what they are there."""
    rate, scale = Axis("training.learning_rate", 1e-3, 0.1), Axis("network.weight_scale", 0.5, 2)
    with system("win32"):
        config = Config().with_changes({"network.seed": 5, "training.stop_step": 20})
        run = walk(config, [(20, "nothing", 0.0)], 20).run
        there = Replay(run).state_at(20), outcome_map(config, rate, scale, "end", (6, 6)).pixels()
        parts, line = there_and_back(session_of(run)), write_setting(config)
    assert line == "seed=5&rounding=twice&stop=20"
    kept, read = parts.run, read_setting(line).config
    assert kept.start.config == read == config
    assert "rounding" not in write_setting(IN_FILES)
    again = outcome_map(read, rate, scale, "end", (6, 6)).pixels()
    assert again.tobytes() == there[1].tobytes()
    anew = run_of(read, [initial_state(read), there[0]])  # from the first weights
    for ours, theirs in zip(Replay(anew).state_at(19).parameters, Replay(run).state_at(19).parameters, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    once = initial_parameters(config.replace("network.rounding", "once").network)
    assert not np.array_equal(once[2], initial_parameters(read.network)[2])


@pytest.mark.bits
@pytest.mark.parametrize("name", ["pytorch", "xavier"])
def test_its_script_has_its_first_weights(name: str) -> None:
    changes = {"network.rounding": other_rounding(), "network.initialization": name, "network.weight_scale": 0.7}
    run = by_pytorch(walk(Config().with_changes(changes), [(20, "nothing", 0.0)], 20).run)
    said = f"from seed 2, rounded {other_rounding()} (PyTorch rounds {rounding_here()} here)"
    assert f"# its weights and biases, in their order in network.parameters(), {said}" in assert_same(run)


def _flat(config: Config) -> np.ndarray:
    return np.hstack([array.ravel() for array in initial_parameters(config.network)])


def test_where_nothing_is_rounded_it_makes_no_difference() -> None:
    for changes in (
        {"network.initialization": "zeros"},
        {"network.initialization": "kaiming"},
        {"network.weight_scale": 0.0},
        {"network.first_weights": OPENED},
    ):
        config = Config().with_changes(changes)
        drawn = config.with_changes({"network.rounding": "twice", **changes})
        assert not [*differing_paths(config, drawn)]
        assert np.array_equal(_flat(config), _flat(drawn))


def test_two_runs_say_so_but_are_not_called_so() -> None:
    runs = [run_of(config, [initial_state(config)]) for config in (IN_FILES, config_of(network__rounding="twice"))]
    object.__setattr__(runs[1], "id", 2)
    assert {row.label: row.texts for row in differences(runs, {})} == {"First weights rounded": ("once", "twice")}
    assert run_names(runs) == {1: "10 neurons", 2: "10 neurons (2)"}
    assert OPENED is config_of(network__first_weights=OPENED).drawn_here().network.first_weights
