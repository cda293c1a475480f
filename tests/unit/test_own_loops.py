"""Which rule made the steps of a loop in plain PyTorch, from its weights alone."""

import io
import zipfile
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import tinynet_gui.core as tiny
from tests.not_none import not_none
from tests.own_loops import OwnLoop, names, run
from tinynet_gui.core.loops.explanation import explain
from tinynet_gui.core.loops.losses import LossesError, is_losses, likely_loops, read_losses
from tinynet_gui.core.loops.recording import FIRST_STEPS, MAX_FILE_BYTES, Recorder, TrainingFileError
from tinynet_gui.core.loops.retracing import retraced
from tinynet_gui.core.run.comparison import find_first_divergence
from tinynet_gui.core.run.replay import state_at
from tinynet_gui.core.run.session import Session
from tinynet_gui.core.run.train import TrainingResult
from tinynet_gui.core.storage.session_file import read_session
from tinynet_gui.core.system.background import StoppedError

LOOPS = [
    OwnLoop(2, options={"lr": 0.001}),
    OwnLoop(2, options={"lr": 0.001}, habits=("never_reset",)),
    OwnLoop(3, options={"lr": 0.001}, habits=("broadcast",)),
    OwnLoop(4, options={"lr": 0.01}, habits=("late",), kind=nn.Tanh, hidden=(4, 4)),
    OwnLoop(5, options={"lr": 0.001}, habits=("ascent",)),
    OwnLoop(6, "momentum", {"lr": 0.001, "momentum": 0.8}, steps=30),
    OwnLoop(7, "adam", {"lr": 0.01}, habits=("twice",)),
    OwnLoop(9, "rmsprop", {"lr": 0.01}, dtype=torch.float64),
    OwnLoop(10, "adam", {"lr": 0.01}, loss="huber", habits=("never_reset",)),
    OwnLoop(11, options={"lr": 0.01, "weight_decay": 0.1}, hidden=()),
    OwnLoop(13, options={"lr": 0.001}, batch=4, samples=18),
    OwnLoop(14, options={"lr": 0.001}, habits=("never_reset", "broadcast")),
    OwnLoop(15, "adamw", {"lr": 0.01}, habits=("never_reset",)),
    OwnLoop(16, "adamw", {"lr": 0.003, "betas": (0.8, 0.99), "weight_decay": 0.1}, steps=30),
    OwnLoop(17, "adagrad", {"lr": 0.01}, habits=("broadcast",)),
]


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: f"{loop.optimizer} {loop.habits} {loop.loss}")
def test_the_rule_of_a_loop_is_named(loop: OwnLoop) -> None:
    said = explain(run(loop))
    assert names(said, loop), said.text
    assert set(said.mistakes) == set(loop.habits)
    assert f"{said.told} recorded steps between 1 and {loop.steps}" in said.text.partition(":")[0]
    assert abs(said.rules[0].rate) == pytest.approx(loop.options["lr"], rel=1e-4)


RIGHT = [
    OwnLoop(2, "other", {"lr": 0.01}, make=torch.optim.NAdam),
    OwnLoop(3, "adam", {"lr": 0.01}, schedule="cosine"),
    OwnLoop(5, options={"lr": 0.001}, frozen=(2, 3)),
    OwnLoop(6, options={"lr": 0.001}, batch=4, habits=("shuffled",)),
    OwnLoop(7, "momentum", {"lr": 0.001, "momentum": 0.9, "dampening": 0.5}, steps=30),
    OwnLoop(6003, habits=("signs",)).drawn(),
    OwnLoop(37011, "other", make=torch.optim.Adamax).drawn(),
]


@pytest.mark.parametrize("loop", RIGHT, ids=lambda loop: str(loop.seed))
def test_no_loop_without_a_mistake_is_accused(loop: OwnLoop) -> None:
    said = explain(run(loop))
    assert said.mistakes == (), said.text
    assert (said.left_out == ("2.weight", "2.bias")) == bool(loop.frozen)


def test_a_step_that_no_rule_makes_is_named() -> None:
    said = explain(run(OwnLoop(2, options={"lr": 0.001}, habits=("jump",), steps=12)))
    assert said.unexplained == (7,)
    assert "Steps 1 to 6: gradient descent at 0.001" in said.text
    assert "No rule that I know makes step 7." in said.text


def test_what_does_not_move_cannot_be_told() -> None:
    loop = run(OwnLoop(2, options={"lr": 0.0}, steps=12))
    said = explain(loop)
    assert "cannot be told" in said.text
    assert not said.rules


def test_steps_below_rounding_cannot_be_told() -> None:
    said = explain(run(OwnLoop(2, options={"lr": 1e-9}, steps=12)))
    assert "cannot be told" in said.text
    assert said.mistakes == ()


def test_a_sum_is_told_from_a_mean_by_the_rate() -> None:
    loop = run(OwnLoop(2, options={"lr": 0.0005}, habits=("sum",)))
    assert "sum of the losses in place of their mean, at 0.0005" in explain(loop).text
    assert explain(loop).mistakes == ()
    assert explain(loop, 0.0005).mistakes == ("sum",)


def _tutorial() -> tuple[torch.Tensor, nn.Module, torch.optim.SGD]:
    """Return the tutorial's x, network and optimiser."""
    x = torch.tensor(np.random.RandomState(2).uniform(-3, 3, size=(20, 1)).astype("float32"))
    torch.manual_seed(2)
    net = nn.Sequential(nn.Linear(1, 10), nn.ReLU(), nn.Linear(10, 1))
    return x, net, torch.optim.SGD(net.parameters(), lr=0.001)


def _own_loop(watch: Callable[[nn.Module, torch.Tensor, torch.Tensor], Any], steps: int = 700) -> tuple[Any, ...]:
    """The tutorial's loop with `zero_grad` forgotten; returns what a recorder must not change."""
    x, net, optimizer = _tutorial()
    seen, losses = watch(net, x, x**2), []
    for _ in range(steps):
        loss = nn.functional.mse_loss(net(x), x**2)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if seen is not None:
            seen.step(loss)
    state = [parameter.detach().numpy().tobytes() for parameter in net.parameters()]
    return seen, (losses, state, torch.get_rng_state().tolist(), str(optimizer.state_dict()))


@pytest.mark.bits
def test_a_recorder_changes_nothing() -> None:
    seen, watched = _own_loop(Recorder)
    _, alone = _own_loop(lambda *_: None)
    assert watched == alone
    said = seen.explain()
    assert said.mistakes == ("never_reset",)
    right = tiny.train(tiny.Config(), 700).loss
    assert said.right_loss == pytest.approx(right, rel=0.01)
    assert f"the loss would be {said.right_loss:.4g}" in said.text


def test_a_recorders_memory_is_bounded_and_steps_stay_paired() -> None:
    x, net, _ = _tutorial()
    seen, (*_, bias) = Recorder(net, x, x**2), net.parameters()
    for _ in range(4_000):
        bias.data += 0.001
        seen.step(0.5)
    recording = seen.recording()
    later = recording.steps[recording.steps > FIRST_STEPS]
    assert recording.steps[: FIRST_STEPS + 1].tolist() == [*range(FIRST_STEPS + 1)]
    assert 300 < len(later) < 520
    assert recording.steps[-1] == 4_000
    assert (np.diff(later) == 1).mean() > 0.7


def test_a_training_is_read_as_it_was_saved(tmp_path: Path) -> None:
    seen, _ = _own_loop(Recorder, 30)
    seen.save(tmp_path / "loop.npz")
    read, kept = tiny.open_training(tmp_path / "loop.npz"), seen.recording()
    for name in ("steps", "weights", "x", "y", "loss_steps", "losses"):
        np.testing.assert_array_equal(getattr(read, name), getattr(kept, name))
    assert (read.widths, read.activation) == ((1, 10, 1), "relu")


def _spoilt(content: bytes, name: str, part: bytes, compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", compression) as new:
        for member in old.namelist():
            new.writestr(member, part if member == name else old.read(member))
    return out.getvalue()


def _array(array: Any) -> bytes:
    content = io.BytesIO()
    np.save(content, array, allow_pickle=True)
    return content.getvalue()


def test_a_hostile_file_runs_no_code_and_takes_no_memory(tmp_path: Path) -> None:
    seen, _ = _own_loop(Recorder, 5)
    path = tmp_path / "loop.npz"
    seen.save(path)
    good = path.read_bytes()
    huge = _array(np.zeros(3)).replace(b"(3,), }" + b" " * 12, b"(3000000000000,), }")
    for content in (
        b"",
        good[:-300],
        _spoilt(good, "x.npy", _array(np.array([print], dtype=object))),
        _spoilt(good, "x.npy", huge),
        _spoilt(good, "x.npy", _array(np.full(20, np.nan))),
        _spoilt(good, "weights.npy", _array(np.zeros((6, 30), np.float32))),
        _spoilt(good, "widths.npy", _array(np.array([1, 2**40, 1]))),
        _spoilt(good, "steps.npy", _array(np.array([0, 2, 1, 3, 4, 5]))),
        _spoilt(good, "activation.npy", _array(np.array(["os.system"]))),
        _spoilt(good, "y.npy", _array(np.zeros(19))),
        _spoilt(good, "", b"", zipfile.ZIP_DEFLATED),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"damaged|not of a training|finite numbers|network|neuron|outputs"):
            tiny.open_training(path)
    with open(path, "wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(TrainingFileError, match="larger than 200 MB"):
        tiny.open_training(path)


@pytest.mark.parametrize("name", ["tutorial", "never_reset", "broadcast", "sum", "twice", "ascent"])
def test_a_pasted_list_of_losses_may_be_those_of_its_loop(name: str) -> None:
    x, net, optimizer = _tutorial()
    lines = []
    for step in range(301):
        errors = net(x) - (x**2).T if name == "broadcast" else net(x) - x**2
        loss = (errors**2).sum() if name == "sum" else (errors**2).mean() * (-1 if name == "ascent" else 1)
        if step % 100 == 0:
            lines.append(f"Step {step}, loss: {loss.item():.4g}")
        if name != "never_reset":
            optimizer.zero_grad()
        loss.backward()
        for _ in range(2 if name == "twice" else 1):
            optimizer.step()
    found = likely_loops(read_losses("\n".join(lines)), tiny.Config())
    assert name in found.names
    assert ("tutorial" in found.names) == (name == "tutorial")
    assert found.text.endswith("Losses alone accuse nobody.")


def test_of_losses_alone_it_finds_how_often_they_were_printed() -> None:
    bare = "\n".join(map(str, tiny.train(steps=301).losses[::100]))
    found = likely_loops(read_losses(bare), tiny.Config())
    assert (found.every, "tutorial" in found.names) == (100, True)


def test_searches_end_once_nobody_waits_for_them() -> None:
    """At a report of progress, which the window's jobs make before they look at `stop`."""

    class EnoughError(Exception):
        pass

    def enough(share: float) -> None:
        shares.append(share)
        if share > 0.01:
            raise EnoughError

    pasted, record = read_losses("1\n2"), run(OwnLoop(6, options={"lr": 0.001}, batch=4, habits=("shuffled",)))
    for search in (partial(likely_loops, pasted, tiny.Config()), partial(explain, record, None, None)):
        shares: list[float] = []
        with pytest.raises(EnoughError):
            search(enough)
        assert shares == sorted(shares)
    with pytest.raises(StoppedError):
        explain(record, stop=np.ones(1, np.uint8))


def test_losses_of_large_networks_are_compared_for_a_minute() -> None:
    config = tiny.Config(hidden=100, sample_count=1_000)
    said = likely_loops(read_losses("300 1\n400 0.5"), config).text
    assert said == "Losses after more than 199 steps of this network are not compared."


@pytest.mark.parametrize(
    ("text", "steps", "losses"),
    [
        ("7.65\n0.12\n", [0, 1], [7.65, 0.12]),
        ("0 tensor(7.65, grad_fn=<MseLossBackward0>)\n\n100 nan", [0, 100], [7.65, float("nan")]),
        ("Epoch 1: 1e-3\nEpoch 1_000: .5", [1, 1000], [0.001, 0.5]),
    ],
)
def test_losses_are_read_as_they_are_printed(text: str, steps: list[int], losses: list[float]) -> None:
    read = read_losses(text)
    assert read.steps.tolist() == steps
    np.testing.assert_array_equal(read.losses, losses)


@pytest.mark.parametrize("text", ["", "nothing", "3 0.1\n2 0.2", "1 0.1\n0.2", "0.5 0.1\n1 0.1", "0\n" * 100_001])
def test_what_is_no_list_of_losses_is_refused(text: str) -> None:
    with pytest.raises(LossesError, match=r"1 to 100,000 are needed|steps that ascend"):
        read_losses(text)


def test_what_cannot_be_recorded_is_refused() -> None:
    net = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1))
    with pytest.raises(ValueError, match="20 x and 19 y"):
        Recorder(net, np.zeros(20), np.zeros(19))
    with pytest.raises(ValueError, match="takes 2 inputs"):
        Recorder(nn.Linear(2, 1), [1.0], [1.0])
    with pytest.raises(ValueError, match="float16"):
        Recorder(net.half(), [1.0], [1.0])


@pytest.mark.parametrize("loop", [*LOOPS[:3], LOOPS[5], LOOPS[7]], ids=lambda loop: f"{loop.optimizer} {loop.habits}")
def test_a_loop_is_retraced_from_its_start_and_its_rule(loop: OwnLoop) -> None:
    record = run(loop)
    opened = retraced(record, explain(record), "mine.npz", np.zeros(1, np.uint8))
    assert (opened.run.name, opened.run.step) == ("mine.npz, retraced", loop.steps)
    assert (opened.right is None) == (loop.habits == ())
    for step in (1, loop.steps // 2, loop.steps):
        made = np.concatenate([part.ravel() for part in state_at(opened.run, step).parameters])
        np.testing.assert_allclose(made, record.weights[record.steps == step][0], rtol=0, atol=1e-5)


def test_where_rounding_matters_pytorch_retraces_to_the_bit() -> None:
    record = run(OwnLoop(6, options={"lr": 0.005}, habits=("never_reset",), steps=300))
    opened = retraced(record, explain(record), "mine.npz", np.zeros(1, np.uint8))
    assert "its weights are yours to the bit" in opened.words
    made = np.concatenate([part.ravel() for part in state_at(opened.run, 300).parameters])
    assert made.tobytes() == record.weights[-1].tobytes()
    parted = find_first_divergence(opened.run, not_none(opened.right))
    assert (not_none(parted).step, not_none(parted).kind) == (1, "update")  # the second sees the gradient of the first


def test_a_training_is_shown_beside_the_correct_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = list[Session]()
    window = "tinynet_gui.core.storage.results._open_window"
    monkeypatch.setattr(window, lambda file: shown.append(read_session(file)))
    run(LOOPS[1]).show()
    assert "`optimizer.zero_grad()` is missing" in capsys.readouterr().out
    assert [each.name for each in shown[0].runs] == ["as it should have been", "your loop, retraced"]
    assert shown[0].run.name == "your loop, retraced"


def test_a_loop_that_none_here_retraces_is_its_recorded_moments() -> None:
    record = run(OwnLoop(14, options={"lr": 0.001}, habits=("never_reset", "broadcast"), steps=700))
    opened = retraced(record, said := explain(record), "mine.npz", np.zeros(1, np.uint8))
    marked = [line for line in opened.loop.splitlines() if "# ← yours differs here" in line]
    assert [line.split()[0] for line in marked] == ["y", "optimizer.zero_grad()"]
    assert TrainingResult(not_none(opened.right)).loss == said.right_loss
    states = opened.run.checkpoints
    for state, after in pairwise(states):
        row = record.weights[record.steps == state.step][0]
        for step in (state.step, after.step - 1):  # it stands still between two of them
            held = np.concatenate([part.ravel() for part in state_at(opened.run, step).parameters])
            assert held.tobytes() == row.tobytes()


@pytest.mark.parametrize(
    ("text", "are_losses"),
    [
        ("7.65\n7.1\n\n6.2\n", True),
        ("epoch 0, loss 7.65\nepoch 10, loss 7.1", True),
        ("0 7.65\n10 7.1", False),  # two columns are samples
        ("a loss", False),
        ("loss 1", False),
        ("loss\n" * 9_000, False),
        ("0.5\n" * 9_000, True),
    ],
)
def test_a_text_is_taken_for_losses_only_if_it_says_so(text: str, are_losses: bool) -> None:
    assert is_losses(text) == are_losses
