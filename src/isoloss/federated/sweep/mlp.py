"""Stacks of small perceptrons, and SGD steps for a whole stack at once.

A model has one hidden layer of ReLUs: `inputs -> width -> outputs`, N = (inputs + 1) width +
(width + 1) outputs parameters. A stack holds G groups of L models. The models of a group see the
same batches and differ in their learning rate, so that the first layer of all of them is one
matrix product: (batch, inputs + 1) @ (inputs + 1, L width). The last input is 1 and carries the
bias.

Losses are cross-entropy in nats for classes, and mean squared error for numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DTYPE = np.float32
# OpenBLAS shares a product of more multiplications than this among threads, which costs far more
# than it brings for matrices so small; so wide layers are multiplied in blocks of columns
_PRODUCT = 1 << 18
_NARROW = 24  # narrower blocks than this cost more than threads do
_SAMPLES = 32  # held-out samples at a time, for the same reason


def parameters(inputs: int, width: int, outputs: int) -> int:
    """N of one model."""
    return (inputs + 1) * width + (width + 1) * outputs


@dataclass(frozen=True, eq=False)
class Stack:
    """Weights of G groups of L models, float32, changed in place by `descend`.

    Attributes:
        first: (G, inputs + 1, L, width), the bias in the last row.
        second: (G, L, outputs, width).
        bias: (G, L, outputs, 1).
    """

    first: np.ndarray
    second: np.ndarray
    bias: np.ndarray

    def arrays(self) -> list[np.ndarray]:
        """The three arrays."""
        return [self.first, self.second, self.bias]

    def repeated(self, times: int) -> Stack:
        """Every group `times` over, its copies side by side: what a server sends out."""
        return Stack(*(np.repeat(array, times, axis=0) for array in self.arrays()))

    def averaged(self, times: int) -> Stack:
        """The mean of every `times` groups side by side: what a server makes of the replies."""
        groups = [a.reshape(-1, times, *a.shape[1:]) for a in self.arrays()]
        with np.errstate(all="ignore"):  # clients may have diverged
            return Stack(*(group.mean(axis=1, dtype=DTYPE) for group in groups))


def initial(inputs: int, width: int, outputs: int, seeds: tuple[int, ...], rates: int) -> Stack:
    """Fresh models: a group for each seed, its `rates` models alike.

    Weights are normal with variance 2 / inputs in the first layer (He et al. 2015,
    arXiv:1502.01852) and 1 / width in the second; biases are 0.
    """
    first = np.zeros((len(seeds), inputs + 1, rates, width), DTYPE)
    second = np.empty((len(seeds), rates, outputs, width), DTYPE)
    for row, seed in enumerate(seeds):
        random = np.random.default_rng([seed, width, 1])
        one = random.standard_normal((inputs, 1, width)) * np.sqrt(2 / inputs)
        two = random.standard_normal((1, outputs, width)) * np.sqrt(1 / width)
        first[row, :-1], second[row] = one, two
    return Stack(first, second, np.zeros((len(seeds), rates, outputs, 1), DTYPE))


def descend(
    stack: Stack, inputs: np.ndarray, targets: np.ndarray, rates: np.ndarray, classes: bool
) -> None:
    """SGD steps in place.

    Args:
        stack: G groups of L models.
        inputs: (T, G, batch, inputs + 1), the last input 1.
        targets: (T, G, batch) of classes, or (T, G, batch, outputs) of numbers.
        rates: (T, L), the learning rate of every step and model.
        classes: which of the two targets are.
    """
    work = _Work(stack, inputs.shape[2])
    goals = _goals(targets, stack.bias.shape[2], classes)
    for x, goal, rate in zip(inputs, goals, rates.astype(DTYPE), strict=True):
        work.step(x, goal, rate / DTYPE(x.shape[1]), classes)


def losses(stack: Stack, inputs: np.ndarray, targets: np.ndarray, classes: bool) -> np.ndarray:
    """Mean loss (G, L) of every model on inputs (G, samples, inputs + 1) of its group."""
    total = np.zeros(stack.bias.shape[:2])
    for start in range(0, inputs.shape[1], _SAMPLES):
        part = slice(start, start + _SAMPLES)
        x, goal = inputs[:, part], _goals(targets[None, :, part], stack.bias.shape[2], classes)[0]
        with np.errstate(all="ignore"):  # a model that diverged has a loss that is not finite
            work = _Work(stack, x.shape[1])
            work.forward(x)
            total += _errors(work.scores.astype(np.float64), goal, classes).sum(axis=-1)
    return total / inputs.shape[1]


def _errors(scores: np.ndarray, goal: np.ndarray, classes: bool) -> np.ndarray:
    """Loss (G, L, samples) of scores (G, L, outputs, samples)."""
    if not classes:
        return ((scores - goal) ** 2).mean(axis=-2)
    scores = scores - scores.max(axis=-2, keepdims=True)
    return np.log(np.exp(scores).sum(axis=-2)) - (scores * goal).sum(axis=-2)


def _goals(targets: np.ndarray, outputs: int, classes: bool) -> np.ndarray:
    """Targets as (T, G, 1, outputs, batch): one-hot for classes."""
    rows = np.eye(outputs, dtype=DTYPE)[targets] if classes else targets
    return rows.swapaxes(-1, -2)[:, :, None]


class _Work:
    """A stack with the room that its steps need.

    Classes come before samples in `scores`: sums over ten classes of whole rows of samples are
    several times quicker than sums of ten neighbours.
    """

    def __init__(self, stack: Stack, batch: int) -> None:
        groups, inputs, models, width = stack.first.shape
        outputs = stack.bias.shape[2]
        self.stack = stack
        self.flat = stack.first.reshape(groups, inputs, models * width)
        self.hidden = np.empty((groups, batch, models * width), DTYPE)
        self.back = np.empty_like(self.hidden)
        by_model = (groups, batch, models, width)
        self.gradient = np.empty_like(self.flat)
        columns = _columns(models * width, inputs * batch)
        self.first_of, self.hidden_by, self.back_by, self.first_step = (
            array.reshape(groups, -1, models * width // columns, columns).swapaxes(1, 2)
            for array in (self.flat, self.hidden, self.back, self.gradient)
        )
        self.hidden_of = self.hidden.reshape(by_model).swapaxes(1, 2)
        self.back_of = self.back.reshape(by_model).swapaxes(1, 2)
        self.scores = np.empty((groups, models, outputs, batch), DTYPE)
        self.row = np.empty((groups, models, 1, batch), DTYPE)
        self.second_step = np.empty_like(stack.second)

    def forward(self, x: np.ndarray) -> None:
        """Hidden activations and scores."""
        np.matmul(x[:, None], self.first_of, out=self.hidden_by)
        np.maximum(self.hidden, 0, out=self.hidden)
        np.matmul(self.stack.second, self.hidden_of.swapaxes(-1, -2), out=self.scores)
        self.scores += self.stack.bias

    def step(self, x: np.ndarray, goal: np.ndarray, rate: np.ndarray, classes: bool) -> None:
        """One step of SGD; `rate` (L,) is divided by the batch already."""
        with np.errstate(all="ignore"):  # a run that diverges is data, see `run`
            self.forward(x)
            self._slope(goal, rate[:, None, None], classes)
            np.matmul(self.scores.swapaxes(-1, -2), self.stack.second, out=self.back_of)
            self.back *= self.hidden > 0
            np.matmul(self.scores, self.hidden_of, out=self.second_step)
            np.matmul(x[:, None].swapaxes(-1, -2), self.back_by, out=self.first_step)
            self.flat -= self.gradient
            self.stack.second[...] -= self.second_step
            self.stack.bias[...] -= self.scores.sum(axis=-1, keepdims=True)

    def _slope(self, goal: np.ndarray, rate: np.ndarray, classes: bool) -> None:
        """Scores become rate times d loss / d scores."""
        if not classes:
            self.scores -= goal
            self.scores *= 2 * rate
            return
        np.max(self.scores, axis=-2, keepdims=True, out=self.row)
        self.scores -= self.row
        np.exp(self.scores, out=self.scores)
        np.sum(self.scores, axis=-2, keepdims=True, out=self.row)
        np.divide(rate, self.row, out=self.row)
        self.scores *= self.row
        self.scores -= goal * rate


def _columns(total: int, rows: int) -> int:
    """Columns of a block: the most that divide the total and keep a product small."""
    fitting = [c for c in range(_NARROW, total + 1) if total % c == 0 and c * rows <= _PRODUCT]
    return max(fitting, default=total)
