"""What is learnt: handwritten digits, or a random teacher without end.

| task | inputs | outputs | data | loss |
|---|---|---|---|---|
| `digits` | 64 pixels | 10 classes | 1,200 to train on, 597 held out, cut anew each seed | nats |
| `teacher` | 16 normal numbers | 1 number | fresh samples for ever | mean squared error |

A client's stream of batches depends on seed, K, client and step alone, so that any engine sees the
same batches.
"""

from __future__ import annotations

import lzma
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from isoloss.exceptions import InputError
from isoloss.federated.sweep.mlp import DTYPE
from isoloss.federated.sweep.split import alike, by_class

TASKS = ("digits", "teacher")
_EPOCHS = 64  # shuffled together, so that short shards do not cost a generator an epoch


class Feed(Protocol):
    """Batches of some clients, in one order for ever."""

    def take(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (T, G, batch, inputs + 1) and targets of the steps from start to stop."""
        ...


class Task(Protocol):
    """A learning problem.

    Attributes:
        inputs: numbers a sample.
        outputs: classes, or numbers to foretell.
        classes: whether targets are classes.
        chance: loss of the best constant answer.
        unit: of the loss.
    """

    inputs: int
    outputs: int
    classes: bool
    chance: float
    unit: str

    def validation(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Held-out inputs (S, samples, inputs + 1) and targets, for each seed."""
        ...

    def feed(
        self, members: Sequence[tuple[int, int]], clients: int, alpha: float | None, batch: int
    ) -> Feed:
        """Batches of (seed, client) pairs among K clients."""
        ...


def find_task(name: str) -> Task:
    """The task of this name.

    Raises:
        InputError: there is none.
    """
    if name not in TASKS:
        raise InputError(f"task must be one of {', '.join(TASKS)}, got {name!r}")
    return Digits() if name == "digits" else Teacher()


def check_split(name: str, clients: int, alpha: float | None) -> None:
    """Refuse a task that does not exist or cannot be split so.

    Raises:
        InputError: saying why.
    """
    find_task(name)
    if name == "teacher" and alpha is not None:
        raise InputError(
            "dirichlet_alpha splits by class, and the task 'teacher' has none; leave it out or "
            "take the task 'digits'"
        )
    if name == "digits" and clients > Digits.TRAINING:
        raise InputError(
            f"clients must be at most {Digits.TRAINING}, the training samples of 'digits', got "
            f"{clients}"
        )


@lru_cache(maxsize=1)
def digits_table() -> tuple[np.ndarray, np.ndarray]:
    """Pixels from -0.6 to 1.4 with a last column of ones (1797, 65), and labels (1797,)."""
    packed = (Path(__file__).parent / "data" / "digits.xz").read_bytes()
    table = np.frombuffer(lzma.decompress(packed), np.uint8).reshape(-1, 65)
    inputs = np.ones((len(table), 65), DTYPE)
    # about centred: with all inputs above zero, SGD needs smaller rates and more steps
    inputs[:, :64] = table[:, :64] / DTYPE(8) - DTYPE(0.6)
    return inputs, table[:, 64].astype(np.int64)


class Digits:
    """The 1,797 digits of `data/digits.md`."""

    TRAINING = 1200
    inputs, outputs, classes = 64, 10, True
    chance = float(np.log(10))
    unit = "nats"

    def validation(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Held-out inputs (S, 597, 65) and classes (S, 597)."""
        inputs, labels = digits_table()
        rows = np.stack([self._cut(seed)[self.TRAINING :] for seed in seeds])
        return inputs[rows], labels[rows]

    def feed(
        self, members: Sequence[tuple[int, int]], clients: int, alpha: float | None, batch: int
    ) -> Feed:
        """Each client passes through its own shard, shuffled anew each time."""
        shards = {seed: self.shards(seed, clients, alpha) for seed in {s for s, _ in members}}
        orders = [_Order(shards[seed][client], (seed, clients, client)) for seed, client in members]
        return _DigitsFeed(orders, batch)

    def shards(self, seed: int, clients: int, alpha: float | None) -> np.ndarray:
        """Rows of the table that each client holds (clients, TRAINING // clients)."""
        return _digits_shards(seed, clients, alpha)

    @staticmethod
    def _cut(seed: int) -> np.ndarray:
        return np.random.default_rng([seed, 3]).permutation(len(digits_table()[0]))


@lru_cache(maxsize=256)
def _digits_shards(seed: int, clients: int, alpha: float | None) -> np.ndarray:
    rows = Digits._cut(seed)[: Digits.TRAINING]
    random = np.random.default_rng([seed, clients, 2])
    if alpha is None or clients == 1:
        return rows[alike(len(rows), clients, random)]
    return rows[by_class(digits_table()[1][rows], clients, alpha, random)]


class _Order:
    """The order in which one client visits its samples, as if drawn for ever."""

    def __init__(self, shard: np.ndarray, key: tuple[int, ...]) -> None:
        self.shard, self.key = shard, key
        self._block, self._rows = -1, np.empty(0, int)

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Samples at the places from start to stop."""
        span = _EPOCHS * len(self.shard)
        parts = []
        while start < stop:
            block, place = divmod(start, span)
            end = min(span, place + stop - start)
            parts.append(self._shuffled(block)[place:end])
            start += end - place
        return np.concatenate(parts)

    def _shuffled(self, block: int) -> np.ndarray:
        if block != self._block:
            random = np.random.default_rng([*self.key, block, 4])
            epochs = np.tile(self.shard, (_EPOCHS, 1))
            self._block, self._rows = block, random.permuted(epochs, axis=1).ravel()
        return self._rows


class _DigitsFeed:
    def __init__(self, orders: Sequence[_Order], batch: int) -> None:
        self.orders, self.batch = orders, batch
        self.inputs, self.labels = digits_table()

    def take(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        rows = np.stack([o.rows(start * self.batch, stop * self.batch) for o in self.orders])
        rows = rows.reshape(len(self.orders), stop - start, self.batch).swapaxes(0, 1)
        return self.inputs[rows], self.labels[rows]


class Teacher:
    """A perceptron with 64 hidden units, drawn once; its output has variance 1."""

    inputs, outputs, classes = 16, 1, False
    chance = 1.0
    unit = "mean squared error"
    HELD_OUT = 4096
    _HIDDEN = 64

    def __init__(self) -> None:
        random = np.random.default_rng([0, 5])
        first = random.standard_normal((self.inputs + 1, self._HIDDEN))
        self._first = (first / np.sqrt(self.inputs)).astype(DTYPE)
        self._second = random.standard_normal(self._HIDDEN).astype(DTYPE)
        self._mean, self._scale = DTYPE(0), DTYPE(1)
        answers = self._answers(self._draw(random, (1 << 15,)))
        self._mean, self._scale = answers.mean(), answers.std()

    def validation(self, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        """Held-out inputs (S, 4096, 17) and answers (S, 4096, 1)."""
        inputs = np.stack(
            [self._draw(np.random.default_rng([seed, 6]), (self.HELD_OUT,)) for seed in seeds]
        )
        return inputs, self._answers(inputs)

    def feed(
        self,
        members: Sequence[tuple[int, int]],
        clients: int,
        alpha: float | None,  # noqa: ARG002
        batch: int,
    ) -> Feed:
        """Every client draws samples of its own, none twice; `alpha` must be None."""
        return _TeacherFeed(self, members, clients, batch)

    def draw(self, key: Sequence[int], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """Inputs (*shape, 17) and answers (*shape, 1)."""
        inputs = self._draw(np.random.default_rng([*key, 7]), shape)
        return inputs, self._answers(inputs)

    def _draw(self, random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        inputs = np.ones((*shape, self.inputs + 1), DTYPE)
        inputs[..., :-1] = random.standard_normal((*shape, self.inputs), dtype=DTYPE)
        return inputs

    def _answers(self, inputs: np.ndarray) -> np.ndarray:
        hidden = np.maximum(inputs.reshape(-1, self.inputs + 1) @ self._first, 0)
        answers = (hidden @ self._second - self._mean) / self._scale
        return answers.reshape(*inputs.shape[:-1], 1)


class _TeacherFeed:
    def __init__(
        self, teacher: Teacher, members: Sequence[tuple[int, int]], clients: int, batch: int
    ) -> None:
        self.teacher, self.members, self.clients, self.batch = teacher, members, clients, batch

    def take(self, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
        drawn = [
            self.teacher.draw([seed, self.clients, client, start], (stop - start, self.batch))
            for seed, client in self.members
        ]
        return (
            np.stack([inputs for inputs, _ in drawn], axis=1),
            np.stack([answers for _, answers in drawn], axis=1),
        )
