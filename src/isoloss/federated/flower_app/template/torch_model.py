"""The model of this app. Replace `network`, `data` and `validation` by your own.

This one is a small perceptron in PyTorch, trained by AdamW on made-up data.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from torch import nn  # pyright: ignore[reportMissingImports]

INPUTS, OUTPUTS = 8, 3
BATCH = 16
SAMPLES = 256


def network() -> Any:
    """Put your own module here."""
    return nn.Sequential(nn.Linear(INPUTS, 16), nn.ReLU(), nn.Linear(16, OUTPUTS))


def objective(module: Any, inputs: Any, labels: Any) -> Any:
    """Mean cross-entropy in nats."""
    return nn.functional.cross_entropy(module(inputs), labels)


class TorchModel:
    """A PyTorch module behind the five methods that the app asks for."""

    def init(self, seed: int) -> list[np.ndarray]:
        """Fresh weights."""
        torch.manual_seed(seed)
        return _arrays(network())

    def data(self, client: int, clients: int) -> tuple[Any, Any]:
        """Put the reading of a client's own data here; it never leaves the client."""
        return _samples(client + 1, clients)

    def validation(self) -> tuple[Any, Any]:
        """What the server measures the loss on; return None where it has no data."""
        return _samples(0, 1)

    def train(
        self,
        params: list[np.ndarray],
        data: tuple[Any, Any],
        steps: int,
        rate: np.ndarray,
        *,
        first_step: int,
        state: dict[str, np.ndarray],
    ) -> list[np.ndarray]:
        """Steps of AdamW; its moments are what the state keeps."""
        inputs, labels = data
        module = _module(params)
        optimiser = torch.optim.AdamW(module.parameters(), lr=float(rate[0]))
        _restore(optimiser, state)
        for step in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = float(rate[step])
            rows = np.random.default_rng([first_step + step, 3]).integers(len(labels), size=BATCH)
            optimiser.zero_grad()
            objective(module, inputs[rows], labels[rows]).backward()
            optimiser.step()
        _keep(optimiser, state)
        return _arrays(module)

    def loss(self, params: list[np.ndarray], data: tuple[Any, Any]) -> float:
        """Mean loss of these weights on data."""
        with torch.no_grad():
            return float(objective(_module(params), *data))


MODEL = TorchModel()


def _arrays(module: Any) -> list[np.ndarray]:
    return [tensor.detach().numpy().copy() for tensor in module.state_dict().values()]


def _module(params: list[np.ndarray]) -> Any:
    module = network()
    names = module.state_dict().keys()
    tensors = [torch.from_numpy(np.array(array)) for array in params]
    module.load_state_dict(dict(zip(names, tensors, strict=True)))
    return module


def _keep(optimiser: Any, state: dict[str, np.ndarray]) -> None:
    for place, values in optimiser.state_dict()["state"].items():
        for name, value in values.items():
            state[f"{place}/{name}"] = value.numpy().copy()


def _restore(optimiser: Any, state: dict[str, np.ndarray]) -> None:
    saved: dict[int, dict[str, Any]] = {}
    for key, array in state.items():
        place, name = key.split("/")
        saved.setdefault(int(place), {})[name] = torch.from_numpy(np.array(array))
    if saved:
        groups = optimiser.state_dict()["param_groups"]
        optimiser.load_state_dict({"state": saved, "param_groups": groups})


def _samples(*seed: int) -> tuple[Any, Any]:
    """Three clouds that a line cannot part."""
    random = np.random.default_rng([*seed, 1])
    labels = random.integers(OUTPUTS, size=SAMPLES)
    inputs = random.standard_normal((SAMPLES, INPUTS)).astype(np.float32)
    inputs[:, 0] += 2 * np.cos(2 * np.pi * labels / OUTPUTS)
    inputs[:, 1] += 2 * np.sin(2 * np.pi * labels / OUTPUTS)
    return torch.from_numpy(inputs), torch.from_numpy(labels)
