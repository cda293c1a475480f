"""What tooltips and other words claim, against computations of their own."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

import tinynet_gui.core
from tests.lessons import LESSON_FILES
from tests.not_none import not_none
from tests.runs import compiled
from tinynet_gui.core.choices.optimizers import OPTIMIZERS, optimizer_options
from tinynet_gui.core.config import Config
from tinynet_gui.core.experiments.table import EXPERIMENTS
from tinynet_gui.core.function.linear_regions import find_linear_regions
from tinynet_gui.core.lessons.measured_names import RUN
from tinynet_gui.core.step.curvature import at_the_limit, curvature_limit
from tinynet_gui.core.step.dissection import UPDATE, dissect, explanation
from tinynet_gui.core.step.sharpness import sharpness_at
from tinynet_gui.core.training.start import initial_state, make_dataset
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.glossary import TERMS
from tinynet_gui.ui.views.function_plot import header, layers
from tinynet_gui.ui.views.panel.parameter_rows import SECTIONS

CORE = Path(tinynet_gui.core.__file__).parent
CLIPPED = "training.max_norm"
TOOLTIPS = {field.path: field.tooltip for _, rows in SECTIONS for row in rows for field in row.fields}


def test_huber_is_half_the_mse_up_to_1_then_l1_minus_a_half() -> None:
    assert "Huber is half the MSE for errors up to 1, and beyond that L1 less ½." in TOOLTIPS["training.loss"]
    for error in (-3.0, -1.0, -0.6, 0.2, 1.0, 1.5):
        one, other = torch.tensor([error]), torch.zeros(1)
        mse, l1, huber = (
            loss(one, other).item() for loss in (torch.nn.MSELoss(), torch.nn.L1Loss(), torch.nn.HuberLoss())
        )
        assert huber == pytest.approx(mse / 2 if abs(error) <= 1 else l1 - 0.5)


def test_weight_decay_also_shrinks_biases_by_rate_times_value() -> None:
    assert "weight and bias" in TOOLTIPS["training.weight_decay"]
    assert "learning rate × this × its value" in TOOLTIPS["training.weight_decay"]
    layer = torch.nn.Linear(3, 2)
    before = [p.detach().clone() for p in layer.parameters()]
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.25, weight_decay=0.5)
    for p in layer.parameters():
        p.grad = torch.zeros_like(p)
    optimizer.step()
    for old, new in zip(before, layer.parameters(), strict=True):
        np.testing.assert_allclose(new.detach(), old - 0.25 * 0.5 * old, rtol=1e-6)


def test_l1_moves_weights_by_rate_times_penalty_not_the_loss() -> None:
    assert "learning rate × this" in TOOLTIPS["training.l1"]
    assert "loss shown is without the penalty" in TOOLTIPS["training.l1"]
    config = Config().replace("training.learning_rate", 0.25)
    plain, pulled = Trainer(config), Trainer(config.replace("training.l1", 0.5))
    before = plain.state().parameters
    assert plain.run(1) == pulled.run(1)
    for old, one, other in zip(before, plain.state().parameters, pulled.state().parameters, strict=True):
        np.testing.assert_allclose(other - one, -0.25 * 0.5 * np.sign(old), atol=1e-6)


def test_the_truths_loss_is_about_the_noise_squared() -> None:
    assert "about σ²" in TOOLTIPS["data.noise"]
    losses = (np.random.default_rng(0).normal(0, 2, (20_000, 20)) ** 2).mean(axis=1)
    assert losses.mean() == pytest.approx(2**2, rel=0.02)
    assert 0.5 < (losses < 2**2).mean() < 0.6  # so no network had to learn noise to be below


def test_in_deeper_layers_a_neuron_can_add_several_kinks() -> None:
    assert "In a single hidden layer each ReLU neuron can add one kink" in TOOLTIPS["network.hidden"]
    config = Config().with_changes({"network.hidden": (8, 8, 8), "training.learning_rate": 0.01})
    config = config.with_changes({"network.initialization": "kaiming", "data.target": "sin3"})
    most = 0
    for seed in range(8):
        seeded = config.replace("network.seed", seed)
        trainer = Trainer(seeded)
        trainer.load(compiled(seeded, 5_000).state)
        most = max(most, len(find_linear_regions(trainer.snapshot(1).layers, "relu", -3, 3).breakpoints) - 2)
    assert most > 24


def test_the_band_of_seeds_is_of_each_x_by_itself() -> None:
    """Of the curves themselves far fewer than eight in ten lie wholly within it."""
    assert "at each x" in layers.TOOLTIP
    assert "at each x the band" in Path(header.__file__).read_text(encoding="utf-8")
    x, curves = np.linspace(-3, 3, 101), list[np.ndarray]()
    for seed in range(48):
        w, b, v, c = compiled(Config().replace("network.seed", seed), 3_000).state.parameters
        curves.append(np.maximum(x[:, None] * w[:, 0] + b, 0) @ v[0] + c[0])
    low, high = np.quantile(curves, [0.1, 0.9], axis=0)
    inside = (np.array(curves) >= low) & (np.array(curves) <= high)
    assert inside.mean() == pytest.approx(0.8, abs=0.03)
    assert inside.all(axis=1).mean() < 0.4


@pytest.mark.parametrize(
    ("optimizer", "pull"), [*((name, "") for name in OPTIMIZERS), ("sgd", "weight_decay"), ("sgd", "l1")]
)
def test_only_plain_gradient_descent_is_said_to_go_down(optimizer: str, pull: str) -> None:
    """Torch's own steps in a bowl, (w − 0.2)², short enough for it: the others go up in some."""
    config = Config().with_changes({"training.optimizer": optimizer, "training.learning_rate": 0.1})
    config = config.replace(f"training.{pull}", 1.0) if pull else config
    said = explanation(dissect(config, initial_state(config)), UPDATE)
    weight = torch.full((1,), 0.3, requires_grad=True)
    steps = getattr(torch.optim, OPTIMIZERS[optimizer].torch_class)([weight], **optimizer_options(config.training))
    losses = []
    for _ in range(200):
        losses.append((weight.item() - 0.2) ** 2)
        weight.grad = 2 * (weight.detach() - 0.2) + config.training.l1 * weight.detach().sign()
        steps.step()
    falls = bool((np.diff(losses) <= 0).all())
    assert falls == (optimizer == "sgd" and not pull)
    assert ("the loss falls" in said) == falls
    assert ("the loss need not fall" in said) == (not falls)


def test_the_rate_goes_against_the_gradient_without_promises() -> None:
    for text in (TOOLTIPS["training.learning_rate"], next(term.text for term in TERMS if term.name == "learning rate")):
        assert "against the gradient" in text
        assert "may diverge" in text


def test_a_clipped_sgd_step_is_at_most_rate_times_norm() -> None:
    assert "a step of plain SGD, without weight decay, goes no farther than learning rate × this" in TOOLTIPS[CLIPPED]
    for max_norm in (0.5, 5.0, 50.0):
        trainer = Trainer(Config().with_changes({CLIPPED: max_norm, "training.l1": 0.1}))
        before = trainer.state().parameters
        trainer.run(1)
        moved = sum(float(np.sum((b - a) ** 2)) for a, b in zip(before, trainer.state().parameters, strict=True))
        assert (np.sqrt(moved) == pytest.approx(0.001 * max_norm, rel=1e-3)) == (max_norm < 50)


@pytest.mark.parametrize("max_norm", [0.0, 0.1])
def test_only_clipped_training_stays_above_its_limit(max_norm: float) -> None:
    config = Config().with_changes({"training.learning_rate": 0.3, CLIPPED: max_norm})
    after = compiled(config, 3_000)
    stays = "may stay above it without diverging" in at_the_limit(config.training)
    assert stays == (after.diverged_at is None) == bool(max_norm)
    if stays:
        sharp = sharpness_at(config, make_dataset(config.data), after.state)
        assert min(sharp.here, sharp.after) > 4 * not_none(curvature_limit(config.training))


def test_a_median_is_called_so_and_a_root_mean_square_no_average() -> None:
    """ "Typical" was a median in swarms, a geometric mean in duels, and a standard deviation of noise."""
    texts = [name.about for name in RUN.values()]
    texts += [number.about for experiment in EXPERIMENTS.values() for number in experiment.numbers.values()]
    for file in LESSON_FILES:
        text = re.sub(r"\{[^{}\n]*\}|\[(else )?if [^\]]*\]", "", file.read_text(encoding="utf-8"))
        texts += text.split("\n\n")
    assert not [text for text in texts if "typical" in text.lower()]
    assert not [text for text in texts if "on average" in text and "as high as" not in text]


def test_a_class_or_type_shares_its_name_with_no_other() -> None:
    """There were four `Frame`, four `Stage`, four `Place`, and `Floats` twenty-four times."""
    texts = [path.read_text(encoding="utf-8") for path in Path(tinynet_gui.__file__).parent.rglob("*.py")]
    named = r"^(?:class |(?=\w+ = (?!TypeVar)))([A-Z]\w*[a-z]\w*)"
    names = Counter(name for text in texts for name in re.findall(named, text, re.MULTILINE))
    assert names["Frame"] == names["Floats"] == 1
    assert [name for name, count in names.items() if count > 1] == []


def test_core_functions_share_names_only_with_compiled_twins() -> None:
    """`plain` wrote numbers, read JSON and unwrapped NumPy's numbers; there were three `read_table`."""
    files = [path for path in CORE.rglob("*.py") if path != CORE / "training" / "compiled" / "math.py"]
    texts = [path.read_text(encoding="utf-8") for path in files]
    names = Counter(name for text in texts for name in re.findall(r"(?<!@overload\n)^def ([a-z]\w*)", text, re.M))
    assert [name for name, count in names.items() if count > 1] == ["main"]


def test_core_says_what_its_words_for_a_moment_mean() -> None:
    words = re.findall(r"^    ([A-Z]\w+)  ", tinynet_gui.core.__doc__ or "", re.MULTILINE)
    classes = {
        name for path in CORE.rglob("*.py") for name in re.findall(r"^class (\w+)", path.read_text("utf-8"), re.M)
    }
    assert len(words) == 10
    assert set(words) <= classes
