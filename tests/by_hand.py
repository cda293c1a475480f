"""Networks and trainings as one writes them by hand in PyTorch, with nothing of the program's own."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import torch
from torch import nn


def network_by_hand(hidden: Iterable[int], activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Draw a network by torch's generator."""
    modules: list[nn.Module] = []
    for n_in, n_out in pairwise((1, *hidden, 1)):
        modules += [nn.Linear(n_in, n_out), activation()]
    return nn.Sequential(*modules[:-1])


def train_by_hand(
    network: nn.Module, x: torch.Tensor, y: torch.Tensor, steps: int, optimizer: Any = None, loss: Any = None
) -> list[float]:
    """Train by the tutorial's loop, its optimiser and loss unless there are others; return each step's loss."""
    optimizer, criterion = optimizer or torch.optim.SGD(network.parameters(), lr=0.001), loss or nn.MSELoss()
    losses = []
    for _ in range(steps):
        error = criterion(network(x), y)
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        losses.append(error.item())
    return losses
