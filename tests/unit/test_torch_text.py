"""The network in print, against torch's own print of the same network."""

import pytest
import torch
from torch import nn

from tests.not_none import not_none
from tests.unit.random_networks import random_layers
from tinynet_gui.core.config import Config
from tinynet_gui.core.network.activations import ACTIVATIONS
from tinynet_gui.core.training.torch_network import make_network
from tinynet_gui.core.training.trainer import Trainer
from tinynet_gui.core.wording.torch_text import bias_shape, entry_span, module_texts, weight_shape


@pytest.mark.parametrize("hidden", [(), (1,), (5,), (4, 3), (40, 50)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_it_is_what_torch_prints(hidden: tuple[int, ...], activation: str) -> None:
    config = Config().replace("network.hidden", hidden).replace("network.activation", activation)
    network = make_network(config.network)
    texts = module_texts(Trainer(config).snapshot(0).layers, activation)
    assert len(texts) == len(network)
    for text, module in zip(texts, network, strict=True):
        assert text.title == str(module)
        assert text.printed == str(list(module.parameters()))
        assert list(text.parameters) == [str(parameter) for parameter in module.parameters()]
    assert [text.layer for text in texts] == [index // 2 for index in range(len(texts))]


def test_the_tutorials_first_layer() -> None:
    layers = Trainer(Config().replace("network.hidden", (5,))).snapshot(0).layers
    first, relu, last = module_texts(layers, "relu")
    assert first.parameters[0] == (
        "Parameter containing:\n"
        "tensor([[ 0.2294],\n        [-0.2380],\n        [ 0.2742],\n        [-0.0511],\n        [ 0.4272]], "
        "requires_grad=True)"
    )
    assert (relu.printed, relu.parameters) == ("[]", ())
    assert "nothing to learn" in relu.shapes[0]
    assert last.parameters[1] == "Parameter containing:\ntensor([0.1854], requires_grad=True)"


def test_the_shapes_are_explained() -> None:
    layers = random_layers((5, 1, 3), 0)
    assert weight_shape(layers, 0) == (
        "weight has the shape (5, 1): a row for each of the 5 neurons of hidden layer 1, a column for the input x. "
        "Each neuron takes in a single number, so the matrix is one column, 5 high."
    )
    assert weight_shape(layers, 1).endswith("A single number comes out of 5, so the matrix is one row, 5 long.")
    assert "a column for the one neuron of hidden layer 2" in weight_shape(layers, 2)
    assert "(1, 3): a row for the output ŷ, a column for each of the 3 neurons" in weight_shape(layers, 3)
    assert "its weights are one row" in weight_shape(random_layers((5, 4), 0), 1)
    assert "single number." in weight_shape(random_layers((), 0), 0)
    assert "the 5 neurons of the hidden layer" in bias_shape(random_layers((5,), 0), 0)
    assert "one number comes out" in bias_shape(layers, 3)


@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (10, 3), (3, 40), (1, 1000), (40, 25), (1,), (5,), (1000,)])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5])
def test_every_entry_is_found_in_the_print(shape: tuple[int, ...], scale: float) -> None:
    tensor = torch.randn(shape, generator=torch.Generator().manual_seed(1)) * scale
    printed = str(nn.Parameter(tensor))
    last = tuple(size - 1 for size in shape)
    for index in ((0,) * len(shape), last):
        span = not_none(entry_span(printed, index))
        assert float(printed[slice(*span)]) == pytest.approx(tensor[index].item(), rel=1e-3, abs=1e-4 * scale)
    row = not_none(entry_span(printed, last[:1]))
    numbers = [float(text) for text in printed[slice(*row)].strip("[]").split(",")]
    assert numbers == pytest.approx(tensor[last[0]].reshape(-1).tolist(), rel=1e-3, abs=1e-4 * scale)


def test_in_an_abbreviated_print_nothing_is_found() -> None:
    assert entry_span(str(nn.Parameter(torch.zeros(40, 40))), (3,)) is None


def test_the_global_generator_is_not_touched() -> None:
    before = torch.get_rng_state()
    module_texts(random_layers((5,), 0), "relu")
    assert torch.equal(before, torch.get_rng_state())
