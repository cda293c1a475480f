"""The tutorial's bare training loop, as it stands there: what everything is measured against."""

from time import perf_counter

import numpy as np
import torch
from torch import nn


class TutorialLoop:
    """The tutorial's job with n hidden neurons, ready to take steps."""

    def __init__(self, n_hidden: int) -> None:
        torch.set_num_threads(1)
        random = np.random.RandomState(2)
        self.x_train = random.uniform(-3, 3, size=(20, 1)).astype("float32")
        self.y_train = self.x_train**2
        self.network = nn.Sequential(nn.Linear(1, n_hidden), nn.ReLU(), nn.Linear(n_hidden, 1))
        self.criterion = nn.MSELoss()
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.001)

    def step(self) -> None:
        """Take one step, tensors made anew as in the tutorial."""
        outputs = self.network(torch.tensor(self.x_train))
        loss = self.criterion(outputs, torch.tensor(self.y_train))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def steps_per_second(self, seconds: float) -> float:
        """Measure over some time."""
        started, steps = perf_counter(), 0
        while perf_counter() - started < seconds:
            for _ in range(50):
                self.step()
            steps += 50
        return steps / (perf_counter() - started)
