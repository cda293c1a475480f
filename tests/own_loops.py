"""Training loops as people write them, in plain PyTorch, right and wrong, and what the program says of their weights.

``python -m tests.own_loops [COUNT [GROUP ...]]`` draws COUNT loops of each kind and prints a table; the program
sees the weights alone.
"""

import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Any

import numpy as np
import torch
from torch import nn

from tinynet_gui.core.loops.explanation import LoopExplanation, explain
from tinynet_gui.core.loops.recording import Recording

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "momentum": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
    "adamw": torch.optim.AdamW,
    "adagrad": torch.optim.Adagrad,
}
ACTIVATIONS = (nn.ReLU, nn.ReLU, nn.ReLU, nn.Tanh, nn.LeakyReLU, nn.GELU, nn.Sigmoid, nn.SiLU, nn.ELU, nn.Softplus)
WIDTHS = ((3,), (10,), (10,), (30,), (100,), (), (8, 8), (4, 4, 4))
LOSSES: dict[str, Callable[..., nn.Module]] = {"mse": nn.MSELoss, "l1": nn.L1Loss, "huber": nn.HuberLoss}


@dataclass
class OwnLoop:
    """A loop; `habits` are what is wrong with it, by any names that `run` knows."""

    seed: int
    optimizer: str = "sgd"
    options: dict[str, Any] = field(default_factory=dict)
    loss: str = "mse"
    habits: tuple[str, ...] = ()
    frozen: tuple[int, ...] = ()
    batch: int = 0
    schedule: str = ""
    l1: float = 0.0
    make: Callable[..., torch.optim.Optimizer] | None = None
    hidden: tuple[int, ...] = (10,)
    kind: type[nn.Module] = nn.ReLU
    samples: int = 20
    steps: int = 60
    dtype: torch.dtype = torch.float32

    def drawn(self) -> "OwnLoop":
        """Draw the network, its samples and the numbers of steps from the seed."""
        random = np.random.default_rng(self.seed)
        self.hidden = WIDTHS[random.integers(len(WIDTHS))]
        self.kind = ACTIVATIONS[random.integers(len(ACTIVATIONS))]
        self.samples = int(random.choice([5, 20, 20, 50]))
        self.steps = int(random.integers(30, 120))
        self.dtype = torch.float64 if random.random() < 0.25 else torch.float32
        is_scaled = self.optimizer not in ("sgd", "momentum") or self.make is not None
        rates = (0.001, 0.003, 0.01) if is_scaled else (0.0005, 0.001, 0.003)
        self.options = {"lr": float(random.choice(rates)), **self.options}
        return self


def run(loop: OwnLoop) -> Recording:
    """Train and return the weights as they were."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Using a target size")  # what PyTorch says of some mistakes
        return _run(loop)


def _run(loop: OwnLoop) -> Recording:
    torch.manual_seed(loop.seed)
    random = np.random.default_rng(loop.seed + 1)
    x = torch.tensor(random.uniform(-3, 3, (loop.samples, 1)), dtype=loop.dtype)
    y = [x**2, torch.sin(x) + 0.1 * torch.randn_like(x), x.abs() - 1][loop.seed % 3]
    widths, modules = (1, *loop.hidden, 1), list[nn.Module]()
    for place, (inputs, outputs) in enumerate(pairwise(widths)):
        modules += [nn.Linear(inputs, outputs), *([loop.kind()] if place < len(loop.hidden) else [])]
    network = nn.Sequential(*modules).to(loop.dtype)
    parameters = list(network.parameters())
    for place in loop.frozen[: len(parameters) - 1]:
        parameters[place % len(parameters)].requires_grad = False
    trained = [parameter for parameter in parameters if parameter.requires_grad]
    make = loop.make or OPTIMIZERS[loop.optimizer]
    optimizer = make(trained, **loop.options)
    criterion = LOSSES[loop.loss](reduction="sum" if "sum" in loop.habits else "mean")
    rows, losses, late = [_row(parameters)], list[float](), list[torch.Tensor]()
    targets = y[:, 0] if "broadcast" in loop.habits else y
    for step in range(loop.steps):
        for group in optimizer.param_groups:
            group["lr"] = loop.options["lr"] * rate_at(loop.schedule, step, loop.steps)
        chosen = _batch(loop, step)
        if "shuffled targets" in loop.habits:
            targets = y[torch.randperm(loop.samples)]
        loss = criterion(network(x[chosen]), targets[chosen])
        if loop.l1:
            loss = loss + loop.l1 * sum(parameter.abs().sum() for parameter in parameters)
        loss = _other_loss(loop, loss, network, x, y)
        if "never_reset" not in loop.habits and not ("every third" in loop.habits and step % 3):
            optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        _spoil(loop, trained, late)
        if "new optimiser" in loop.habits:
            optimizer = make(trained, **loop.options)
        before = [parameter.detach().clone() for parameter in trained]
        optimizer.step()
        if "twice" in loop.habits:
            optimizer.step()
        _after(loop, trained, before, step)
        rows.append(_row(parameters))
    samples, given = (values.double().numpy().ravel() for values in (x, y))
    name = None if loop.seed % 4 == 0 else _name(loop.kind)  # a function is not always a module
    said = np.arange(len(losses)), np.array(losses)
    return Recording(widths, np.arange(len(rows)), np.stack(rows), samples, given, *said, activation=name)


def rate_at(schedule: str, step: int, steps: int) -> float:
    rates: dict[str, float] = {
        "": 1.0,
        "step": 0.1 ** (step // 20),
        "exponential": 0.97**step,
        "cosine": 0.5 + 0.5 * np.cos(np.pi * step / steps),
        "warm-up": min(1.0, (step + 1) / 10),
    }
    return rates[schedule]


def _row(parameters: list[torch.nn.Parameter]) -> Any:
    return np.concatenate([parameter.detach().numpy().ravel() for parameter in parameters]).copy()


def _name(kind: type[nn.Module]) -> str:
    names = {"LeakyReLU": "leaky_relu", "ReLU": "relu", "ELU": "elu", "GELU": "gelu", "SiLU": "silu"}
    return names.get(kind.__name__, kind.__name__.lower())


def _batch(loop: OwnLoop, step: int) -> Any:
    if loop.batch == 0:
        return slice(None)
    if "shuffled" in loop.habits:
        return torch.randperm(loop.samples)[: loop.batch]
    start = step % -(-loop.samples // loop.batch) * loop.batch
    return slice(start, start + loop.batch)


def _other_loss(
    loop: OwnLoop, loss: torch.Tensor, network: nn.Module, x: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    output: torch.Tensor = network(x)
    losses: dict[str, torch.Tensor] = {
        "ascent": -loss,
        "cubed": ((output - y).abs() ** 3).mean(),
        "other targets": ((output - y - x) ** 2).mean(),
        "squared output": ((output**2 - y) ** 2).mean(),
    }
    return next((losses[habit] for habit in loop.habits if habit in losses), loss)


def _spoil(loop: OwnLoop, trained: list[torch.nn.Parameter], late: list[torch.Tensor]) -> None:
    gradients = [parameter.grad for parameter in trained]
    kept = [gradient.clone() for gradient in gradients if gradient is not None]
    for place, gradient in enumerate(gradients):
        assert gradient is not None
        if "late" in loop.habits and late:
            gradient.copy_(late[place])
        if "signs" in loop.habits:
            gradient.sign_()
        if "clipped" in loop.habits:
            gradient.clamp_(-0.05, 0.05)
        if "noise" in loop.habits:
            gradient.add_(torch.randn_like(gradient), alpha=0.3)
        if "first layer weak" in loop.habits and place < 2:
            gradient.mul_(0.3)
    if "norm clipped" in loop.habits:
        nn.utils.clip_grad_norm_(trained, 0.5)
    late[:] = kept


def _after(loop: OwnLoop, trained: list[torch.nn.Parameter], before: list[torch.Tensor], step: int) -> None:
    with torch.no_grad():
        for parameter, old in zip(trained, before, strict=True):
            if "averaged" in loop.habits:
                parameter.lerp_(old, 0.1 + 0.2 * torch.rand(()).item())
            if "rounded" in loop.habits:
                parameter.mul_(1024).round_().div_(1024)
            if "jump" in loop.habits and step == 6:
                parameter.add_(0.01)


def names(explanation: LoopExplanation, loop: OwnLoop) -> bool:
    """Whether the true rule is among those named, and its mistakes are those that are."""
    if loop.optimizer == "sgd" and loop.habits == ("twice",) and not loop.options.get("weight_decay"):
        return "`optimizer.step()` twice in each step" in explanation.text and not explanation.mistakes
    wrong = tuple(sorted(set(loop.habits) & {"never_reset", "broadcast", "late", "twice", "ascent"}))
    for rule in explanation.rules:
        is_true = (rule.optimizer, rule.objective.loss, rule.objective.batch) == (loop.optimizer, loop.loss, loop.batch)
        if is_true and tuple(sorted(rule.mistakes)) == wrong and not explanation.unexplained:
            return True
    return False


MOMENTA, BETAS = (0.5, 0.8, 0.9, 0.95), ((0.9, 0.999), (0.8, 0.99), (0.9, 0.95), (0.5, 0.999))


def options_of(optimizer: str, seed: int) -> dict[str, Any]:
    if optimizer == "momentum":
        return {"momentum": MOMENTA[seed % 4], "nesterov": seed % 3 == 0}
    if optimizer in ("adam", "adamw"):
        return {"betas": BETAS[seed % 4]}
    return {"alpha": (0.99, 0.9)[seed % 2]} if optimizer == "rmsprop" else {}


def named(s: int) -> dict[str, OwnLoop]:
    """Return a loop of each hypothesis, from a seed."""
    loops = {
        f"{optimizer} {' '.join(habits)}".strip(): OwnLoop(
            s, optimizer, options_of(optimizer, 2 if habits else s), habits=habits
        )
        for optimizer in OPTIMIZERS
        for habits in ((), ("never_reset",), ("broadcast",), ("late",), ("ascent",))
    }
    batch = (2, 4, 3)[s % 3]
    return loops | {
        "sgd twice": OwnLoop(s, habits=("twice",)),
        "momentum twice": OwnLoop(s, "momentum", {"momentum": 0.9}, habits=("twice",)),
        "adam twice": OwnLoop(s, "adam", habits=("twice",)),
        "rmsprop twice": OwnLoop(s, "rmsprop", habits=("twice",)),
        "sgd sum": OwnLoop(s, habits=("sum",)),
        "never_reset broadcast": OwnLoop(s, habits=("never_reset", "broadcast")),
        "never_reset ascent": OwnLoop(s, habits=("never_reset", "ascent")),
        "adam never_reset broadcast": OwnLoop(s, "adam", habits=("never_reset", "broadcast")),
        "never_reset l1 loss": OwnLoop(s, loss="l1", habits=("never_reset",)),
        "l1 loss": OwnLoop(s, loss="l1"),
        "huber loss": OwnLoop(s, loss="huber"),
        "weight decay": OwnLoop(s, options={"weight_decay": (0.01, 0.1, 0.5)[s % 3]}),
        "momentum, decay": OwnLoop(s, "momentum", {"momentum": MOMENTA[s % 4], "weight_decay": 0.1}),
        "adam, decay": OwnLoop(s, "adam", {"weight_decay": 0.1}),
        "never_reset decay": OwnLoop(s, options={"weight_decay": 0.1}, habits=("never_reset",)),
        "L1 penalty": OwnLoop(s, l1=0.05),
        "left out": OwnLoop(s, frozen=(s,)),
        "batches in order": OwnLoop(s, batch=batch),
        "never_reset batches": OwnLoop(s, batch=batch, habits=("never_reset",)),
        "changing rate": OwnLoop(s, schedule=("step", "exponential", "cosine", "warm-up")[s % 4]),
        "never_reset rate": OwnLoop(s, schedule="exponential", habits=("never_reset",)),
    }


UNKNOWN = (
    "shuffled targets", "every third", "cubed", "other targets", "squared output", "signs", "clipped", "noise",
    "first layer weak", "averaged", "rounded",
)  # fmt: skip


def unknown(s: int) -> dict[str, OwnLoop]:
    """Return a loop of each mistake that is no hypothesis, from a seed."""
    return {name: OwnLoop(s, habits=(name,)) for name in UNKNOWN}


def right(s: int) -> dict[str, OwnLoop]:
    """Return loops in which nothing is wrong, from a seed; also with what the program does not know."""
    loops: dict[str, OwnLoop] = {}
    schedule = ("step", "exponential", "cosine", "warm-up")[s % 4]
    for o in OPTIMIZERS:
        options = options_of(o, s)
        loops |= {
            o: OwnLoop(s, o, options, loss=("mse", "l1", "huber")[s % 3]),
            f"{o}, shuffled batches": OwnLoop(s, o, options, batch=4, habits=("shuffled",)),
            f"{o}, batches": OwnLoop(s, o, options, batch=(1, 4, 7)[s % 3]),
            f"{o}, schedule": OwnLoop(s, o, options, schedule=schedule),
            f"{o}, frozen": OwnLoop(s, o, options, frozen=(s, s + 1)),
            f"{o}, decay": OwnLoop(s, o, {**options, "weight_decay": 0.03}),
            f"{o}, norm clipped": OwnLoop(s, o, options, habits=("norm clipped",)),
            f"{o}, L1 penalty": OwnLoop(s, o, options, l1=0.02),
        }
    for name in ("NAdam", "RAdam", "Adamax", "Rprop", "ASGD", "Adadelta"):
        loops[name] = OwnLoop(s, "other", make=getattr(torch.optim, name))
    return loops | {
        "dampening": OwnLoop(s, "momentum", {"momentum": 0.9, "dampening": 0.5}),
        "amsgrad": OwnLoop(s, "adam", {"amsgrad": True}),
        "centered": OwnLoop(s, "rmsprop", {"centered": True}),
    }


def verdict_on(group: str, loop: OwnLoop) -> tuple[str, LoopExplanation]:
    said = explain(run(loop), loop.options["lr"] if "sum" in loop.habits else None)
    if group == "right":
        return "ACCUSED" if said.mistakes else "named" if said.rules else "unknown", said
    return "right" if names(said, loop) else "wrong" if said.rules and not said.unexplained else "unknown", said


def main(count: int, *wanted: str) -> None:
    """Print how many loops of each kind are named right, wrong or not at all, and how many right ones are accused."""
    torch.set_num_threads(1)
    for group, loops in {"hypotheses": named, "none of them": unknown, "right": right}.items():
        found = {kind: Counter[str]() for kind in (loops(0) if not wanted or group in wanted else ())}
        for seed, (place, kind) in product(range(count), enumerate(found)):
            loop = loops(1_000 * (1 + place) + seed)[kind].drawn()
            verdict, said = verdict_on(group, loop)
            found[kind][verdict] += 1
            if verdict in ("ACCUSED", "wrong") or (group == "hypotheses" and verdict != "right"):
                print(f"  {verdict}: {kind} {loop.seed} {loop.hidden} {str(said)[:200]}", flush=True)
            if place == len(found) - 1:
                total = sum(found.values(), Counter[str]())
                print(group, dict(total), sum(total.values()), f"{time.process_time():.0f} s", flush=True)
        for kind, verdicts in found.items():
            print(f"{group:14} {kind:32} {dict(verdicts)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, *sys.argv[2:])
