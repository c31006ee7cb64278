"""What a model gets right by giving one answer to everything.

A task whose right answers are nearly all the same measures how readily a model says it: accuracy
can go from .02 to 1 with size and say nothing of what the model can do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.accuracy import adjusted_wald
from isoloss.errors.items import MISSING, Grid
from isoloss.errors.trends.ladder import slices

# more right answers than these are no classes but answers
MOST_CLASSES = 30
# entropy of right answers below this share of its greatest is lopsided: 9 to 1 of two classes
LOPSIDED = 0.5
LEAST_ITEMS = 20


@dataclass(frozen=True)
class BaseRate:
    """Right answers of one task, and the models beside the best constant answer.

    Attributes:
        task: its name.
        n: items.
        classes: how many different right answers there are.
        constant: the most frequent one.
        accuracy: of giving it always.
        entropy: of right answers, in bits.
        single: there is one right answer throughout.
        lopsided: entropy is below half of what equal classes would have.
        above: models that are right more often than the constant answer beyond the draw of items.
        below: models that are right less often, likewise.
    """

    task: str
    n: int
    classes: int
    constant: str
    accuracy: float
    entropy: float
    single: bool
    lopsided: bool
    above: tuple[str, ...]
    below: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "above": list(self.above), "below": list(self.below)}


def base_rates(grid: Grid, *, level: float = 0.95) -> tuple[BaseRate, ...]:
    """The guard for every task whose right answers are classes: at most 30 different ones, each on
    three items on average, and at least 20 items.

    Args:
        grid: answers of any models.
        level: of the comparison with the constant answer; paired by item.
    """
    order = np.argsort(grid.task.codes, kind="stable")
    grid = grid.columns(order)
    found = []
    for part in slices(grid.task.codes):
        codes = grid.gold.codes[part]
        name = grid.task.values[grid.task.codes[part.start]]
        known = codes != MISSING
        values, count = np.unique(codes[known], return_counts=True)
        n = int(known.sum())
        # a right answer that no question was given a choice of is text, not a class
        if n < LEAST_ITEMS or len(values) > MOST_CLASSES or n < 3 * len(values):
            continue
        found.append(_one(grid, part, name, values, count, level))
    return tuple(found)


def _one(
    grid: Grid, part: slice, name: str, values: np.ndarray, count: np.ndarray, level: float
) -> BaseRate:
    share = count / count.sum()
    entropy = float(-(share * np.log2(share)).sum())
    best = int(count.argmax())
    known = grid.gold.codes[part] != MISSING
    constant = (grid.gold.codes[part] == values[best])[known]
    right = grid.correct[:, part][:, known]
    n = int(known.sum())
    above, below = [], []
    for model, row in zip(grid.names, right, strict=True):
        more, less = int((row > constant).sum()), int((row < constant).sum())
        low, high = adjusted_wald(np.array(less), np.array(more), np.array(n), level)
        if low > 0:
            above.append(model)
        elif high < 0:
            below.append(model)
    options = int(grid.n_options[part].max())
    classes = max(len(values), options if options <= MOST_CLASSES else 0)
    return BaseRate(
        name,
        n,
        len(values),
        grid.gold.values[values[best]],
        float(share[best]),
        entropy,
        len(values) == 1,
        entropy < LOPSIDED * math.log2(max(classes, 2)),
        tuple(above),
        tuple(below),
    )
