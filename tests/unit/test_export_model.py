"""A network's numbers as files, read back."""

import csv
from io import BytesIO, StringIO

import numpy as np
import pytest
import torch

from tinynet_gui.core.config import NetworkConfig
from tinynet_gui.core.data.scaling import Scaling
from tinynet_gui.core.export.model_files import numbers_csv, state_dict_bytes
from tinynet_gui.core.network.initial_parameters import initial_parameters
from tinynet_gui.core.training.torch_network import make_network

WIDTHS = [(10,), (), (3, 4), (1, 1, 1)]


@pytest.mark.parametrize("hidden", WIDTHS)
def test_a_state_dict_loads_into_the_network_of_the_script(hidden: tuple[int, ...]) -> None:
    config = NetworkConfig(hidden=hidden, seed=5)
    parameters = initial_parameters(config)
    read = torch.load(BytesIO(state_dict_bytes(parameters)), weights_only=True)
    network = make_network(NetworkConfig(hidden=hidden))
    network.load_state_dict(read)
    for parameter, array in zip(network.parameters(), parameters, strict=True):
        np.testing.assert_array_equal(parameter.detach().numpy(), array)


@pytest.mark.parametrize("hidden", WIDTHS)
def test_the_table_has_each_number_to_the_bit(hidden: tuple[int, ...]) -> None:
    parameters = initial_parameters(NetworkConfig(hidden=hidden))
    network = make_network(NetworkConfig(hidden=hidden, seed=9))
    state = {name: np.full(tensor.shape, np.nan, np.float32) for name, tensor in network.state_dict().items()}
    for row in csv.DictReader(StringIO(numbers_csv(parameters))):
        index = [int(row[name]) for name in ("neuron", "input") if row[name]]
        state[row["parameter"]][tuple(index)] = np.float32(row["value"])
    np.testing.assert_equal([*state.values()], [*parameters])


@pytest.mark.parametrize("scaling", [Scaling(5.5, 2.25), Scaling(5.5, 2.25, -3.1, 0.3)])
def test_of_a_network_as_trained_the_files_carry_the_mean_and_the_deviation(scaling: Scaling) -> None:
    parameters = initial_parameters(NetworkConfig())
    read = torch.load(BytesIO(state_dict_bytes(parameters, scaling)), weights_only=True)
    network = make_network(NetworkConfig(seed=5))
    network.load_state_dict(read, strict=False)
    np.testing.assert_array_equal(next(network.parameters()).detach().numpy(), parameters[0])
    names = ["x_mean", "x_deviation", "y_mean", "y_deviation"][: 4 if scaling.has_y else 2]
    rows = list(csv.DictReader(StringIO(numbers_csv(parameters, scaling))))[-len(names) :]
    assert [row["parameter"] for row in rows] == names == list(read)[4:]
    for name, row in zip(names, rows, strict=True):
        assert float(row["value"]) == getattr(scaling, name) == read[name].item()
