"""The model of this app. Replace it by your own: the five methods are all that the app asks for.

This one is a small perceptron in NumPy, trained by SGD with momentum on made-up data.
"""

from __future__ import annotations

import numpy as np

INPUTS, WIDTH, OUTPUTS = 8, 16, 3
BATCH = 16
SAMPLES = 256
MOMENTUM = 0.9


class NumpyModel:
    """A perceptron with one hidden layer of ReLUs."""

    def init(self, seed: int) -> list[np.ndarray]:
        """Fresh weights."""
        random = np.random.default_rng(seed)
        first = random.standard_normal((INPUTS, WIDTH)) * np.sqrt(2 / INPUTS)
        second = random.standard_normal((WIDTH, OUTPUTS)) * np.sqrt(1 / WIDTH)
        return [first, np.zeros(WIDTH), second, np.zeros(OUTPUTS)]

    def data(self, client: int, clients: int) -> tuple[np.ndarray, np.ndarray]:
        """Put the reading of a client's own data here; it never leaves the client."""
        return _samples(np.random.default_rng([client, clients, 1]), SAMPLES)

    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        """What the server measures the loss on; return None where it has no data."""
        return _samples(np.random.default_rng(2), SAMPLES)

    def train(
        self,
        params: list[np.ndarray],
        data: tuple[np.ndarray, np.ndarray],
        steps: int,
        rate: np.ndarray,
        *,
        first_step: int,
        state: dict[str, np.ndarray],
    ) -> list[np.ndarray]:
        """Steps of SGD with momentum; the momentum is what the state keeps."""
        inputs, labels = data
        params = [array.copy() for array in params]
        for step in range(steps):
            rows = np.random.default_rng([first_step + step, 3]).integers(len(labels), size=BATCH)
            gradients = _gradients(params, inputs[rows], labels[rows])
            for i, gradient in enumerate(gradients):
                old = state.get(f"momentum-{i}", np.zeros_like(gradient))
                state[f"momentum-{i}"] = MOMENTUM * old + gradient
                params[i] -= rate[step] * state[f"momentum-{i}"]
        return params

    def loss(self, params: list[np.ndarray], data: tuple[np.ndarray, np.ndarray]) -> float:
        """Mean cross-entropy in nats."""
        inputs, labels = data
        return float(-np.log(_shares(params, inputs)[1][np.arange(len(labels)), labels]).mean())


MODEL = NumpyModel()


def _shares(params: list[np.ndarray], inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, bias, second, last = params
    hidden = np.maximum(inputs @ first + bias, 0)
    scores = hidden @ second + last
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, powers / powers.sum(axis=1, keepdims=True)


def _gradients(
    params: list[np.ndarray], inputs: np.ndarray, labels: np.ndarray
) -> list[np.ndarray]:
    hidden, slope = _shares(params, inputs)
    slope[np.arange(len(labels)), labels] -= 1
    slope /= len(labels)
    back = (slope @ params[2].T) * (hidden > 0)
    return [inputs.T @ back, back.sum(axis=0), hidden.T @ slope, slope.sum(axis=0)]


def _samples(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Three clouds that a line cannot part."""
    labels = random.integers(OUTPUTS, size=count)
    inputs = random.standard_normal((count, INPUTS))
    inputs[:, 0] += 2 * np.cos(2 * np.pi * labels / OUTPUTS)
    inputs[:, 1] += 2 * np.sin(2 * np.pi * labels / OUTPUTS)
    return inputs, labels
