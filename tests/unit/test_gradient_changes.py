"""What is done to a gradient, and every other setting that acts in a step: alike wherever a step is taken."""

from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR

from tests.runs import config_of
from tests.unit.test_export_script import assert_same as assert_same_script, run_through
from tests.unit.test_step_code import assert_same as assert_same_step, script_of
from tinynet_gui.core.choices.gradient_changes import CLIP, GRADIENT_CHANGES, changed_gradients
from tinynet_gui.core.choices.optimizers import OPTIMIZERS
from tinynet_gui.core.choices.schedules import SCHEDULES, rate_at, rates_from
from tinynet_gui.core.config import SETTINGS, Config
from tinynet_gui.core.export.event_code import scheduler_code
from tinynet_gui.core.run.events import LiveSettingsChanged
from tinynet_gui.core.step.dissection import dissect
from tinynet_gui.core.training.compiled.kernel import run
from tinynet_gui.core.training.torch_loop import make_criterion, make_network, make_optimizer
from tinynet_gui.core.training.trainer import Trainer

CLIPPED = "training.max_norm"
FALLING = {"training.schedule": "step", "training.schedule_steps": 2, "training.gamma": 0.25, "training.warm_up": 2}
WAVE = {"training.schedule": "cosine", "training.schedule_steps": 90, "training.warm_up": 5}
ALL = {"training.l1": 0.02, CLIPPED: 4.0, "training.weight_decay": 0.05}
STEPS = 40


def test_they_come_in_pytorchs_order() -> None:
    places = [change.place for change in GRADIENT_CHANGES]
    assert places == sorted(places, key=["loss", "gradient", "optimizer"].index)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("hidden", "max_norm"), [((10,), 13.5), ((6, 5), 3.5)])
def test_all_at_once_are_pytorchs_to_the_bit(hidden: tuple[int, ...], max_norm: float, optimizer: str) -> None:
    """A loop as a reader of PyTorch's pages writes it; the compiled loop takes the same steps up to rounding."""
    changes = ALL | WAVE | {CLIPPED: max_norm}
    config = config_of(network__hidden=hidden, training__optimizer=optimizer).with_changes(changes)
    trainer, dataset = Trainer(config), Trainer(config).dataset
    compiled = run(config, dataset, trainer.state(), STEPS)
    network, criterion = make_network(config.network), make_criterion(config.training)
    torch_optimizer = make_optimizer(config.training, network)
    warm_up, then = LinearLR(torch_optimizer, 0.01, total_iters=5), CosineAnnealingLR(torch_optimizer, 90)
    scheduler = SequentialLR(torch_optimizer, [warm_up, then], milestones=[5])
    x, y = torch.tensor(dataset.x_train), torch.tensor(dataset.y_train)
    norms = []
    for step in range(STEPS):
        before = [p.detach().numpy().copy() for p in network.parameters()]
        loss = criterion(network(x), y)
        torch_optimizer.zero_grad()
        penalty = 0.02 * sum(p.abs().sum() for p in network.parameters())
        bare = [g.numpy() for g in torch.autograd.grad(loss, [*network.parameters()], retain_graph=True)]
        (loss + penalty).backward()
        norms.append(torch.nn.utils.clip_grad_norm_(network.parameters(), max_norm).item())
        *_, clipped, (_, _, decayed) = changed_gradients(config.training, before, bare)
        for ours, more, w, p in zip(clipped[2], decayed, before, network.parameters(), strict=True):
            assert p.grad is not None
            np.testing.assert_allclose(ours, p.grad.numpy(), rtol=1e-5, atol=1e-7)
            np.testing.assert_allclose(more, p.grad.numpy() + 0.05 * w, rtol=1e-5, atol=1e-6)
        torch_optimizer.step()
        scheduler.step()
        assert trainer.run(1)[0] == np.float32(loss.item()), step
    for theirs, ours, other in zip(
        network.parameters(), trainer.state().parameters, compiled.state.parameters, strict=True
    ):
        np.testing.assert_array_equal(ours, theirs.detach().numpy())
        np.testing.assert_allclose(other, ours, rtol=1e-3, atol=1e-5)
    assert max(norms) > max_norm > min(norms) * (len(hidden) == 1)


@pytest.mark.parametrize("seed", range(20))
def test_rates_are_pytorchs_to_the_bit(seed: int) -> None:
    draw = Random(seed)
    length, warm_up = draw.choice([1, 2, draw.randint(3, 40), 10_000]), draw.choice([0, 0, 1, 7])
    kind, rate, gamma = draw.choice([*SCHEDULES]), 10 ** draw.uniform(-5, 1), draw.random()
    changes = {"schedule": kind, "learning_rate": rate, "schedule_steps": length, "gamma": gamma, "warm_up": warm_up}
    training = Config().with_changes(changes).training
    names: dict[str, Any] = {"torch": torch, "optimizer": torch.optim.SGD([torch.zeros(1)], training.learning_rate)}
    exec("\n".join(scheduler_code(training)), names)
    for step, rate in enumerate(rates_from(training, 0, 100)):
        assert names["optimizer"].param_groups[0]["lr"] == rate == rate_at(training, step)
        names["optimizer"].step()
        names["scheduler"].step()


WHEN_IT_ENDS = {"training.stop_step", "training.patience"}
LIVE = [path for path, setting in SETTINGS.items() if path.startswith("training.") and setting.effect == "live"]


def _before_and_after(path: str) -> tuple[Config, Config]:
    """Return settings under which this one acts, and the same with another value of it."""
    name = path.partition(".")[2]
    owner = next((key for key, optimizer in OPTIMIZERS.items() if name in optimizer.fields), "sgd")
    config = config_of(training__optimizer=owner, training__learning_rate=0.01).with_changes(ALL)
    config = config.with_changes(FALLING if path in {*FALLING, "training.learning_rate"} else {})
    others = {"training.epsilon": 0.5, CLIPPED: 1.5, "training.schedule": "cosine"}
    return config, config.replace(path, others.get(path) or config.get(path) / 2)


@pytest.mark.parametrize("path", [path for path in LIVE if path not in WHEN_IT_ENDS])
def test_live_settings_change_the_next_step_alike_everywhere(path: str) -> None:
    config, changed = _before_and_after(path)
    trainer = Trainer(config)
    trainer.run(5)
    state = trainer.state()

    def by_pytorch(settings: Config) -> Any:
        trainer.load(state)
        trainer.apply_live(settings)
        trainer.run(1)
        return trainer.state()

    same, other = by_pytorch(config), by_pytorch(changed)
    size = max(float(np.abs(b - a).max()) for a, b in zip(state.parameters, other.parameters, strict=True))
    moved = max(float(np.abs(b - a).max()) for a, b in zip(same.parameters, other.parameters, strict=True))
    assert moved > 1e-3 * size
    compiled = run(changed, trainer.dataset, state, 1).state
    dissected = dissect(changed, state)
    update = dissected.update
    assert update is not None
    deltas = update.term("delta").values
    for w, theirs, ours, delta in zip(state.parameters, other.parameters, compiled.parameters, deltas, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-3 * moved)
        np.testing.assert_allclose(w + delta, theirs, atol=1e-3 * moved)
    assert_same_step(dissected, script_of(dissected))
    script = assert_same_script(run_through(config, [LiveSettingsChanged(5, changed)], 9))
    assert "if step == 5:" in script


def test_a_script_clips_only_from_where_the_run_does() -> None:
    config = config_of(training__learning_rate=0.01)
    events = [LiveSettingsChanged(4, config.replace(CLIPPED, 1.0)), LiveSettingsChanged(9, config)]
    lines = assert_same_script(run_through(config, events, 15)).splitlines()
    off = 'max_norm = float("inf")'
    assert {f"{off}  # {CLIP.about}", "        max_norm = 1", f"        {off}", f"    {CLIP.code}"} <= {*lines}
    assert not any("max_norm" in line for line in assert_same_script(run_through(config, [], 5)).splitlines())
