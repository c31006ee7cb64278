"""What a way of asking gains, against size: reasoning step by step, a picture, a longer prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.sweep import check_options, sums, sweep
from isoloss.errors.items import Grid
from isoloss.errors.trends.ladder import ladder
from isoloss.errors.trends.measure import MeasureTrend
from isoloss.errors.trends.measures import measure_trends
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice


@dataclass(frozen=True)
class Gain:
    """Accuracy asked one way minus accuracy asked another, on the same questions.

    Attributes:
        family: of the models.
        models: from the smallest.
        n: questions that every model answered both ways.
        left_out: questions that were asked one way only.
        gain: the difference by model, and its line over size: `grows`, `shrinks`, `flat` or
            `cannot tell`.
        notices: what cannot be said.
    """

    family: str
    models: tuple[str, ...]
    n: int
    left_out: int
    gain: MeasureTrend
    notices: tuple[Notice, ...]

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "models": list(self.models),
            "gain": self.gain.to_document(),
            "notices": [notice.to_document() for notice in self.notices],
        }


def gain_trend(
    changed: Grid, plain: Grid, *, level: float = 0.95, replicates: int = 1000, seed: int = 0
) -> Gain:
    """How the gain from asking differently changes with size.

    Args:
        changed: answers to the questions asked differently, such as with step-by-step reasoning.
        plain: answers of the same models to the same questions.
        level: of intervals and tests.
        replicates: bootstrap draws.
        seed: of the draws.

    Raises:
        ItemsError: other models, no common question, several families, or one size.
    """
    check_options(level, replicates)
    first, second = ladder(changed), ladder(plain)
    if first.grid.names != second.grid.names:
        raise ItemsError(
            f"the two ways were put to other models: {', '.join(first.grid.names)} and "
            f"{', '.join(second.grid.names)}"
        )
    here, there = _common(first.grid, second.grid)
    if not len(here):
        raise ItemsError("no question was asked both ways; questions are paired by task and key")
    one, two = first.grid.columns(here), second.grid.columns(there)
    change = one.correct.astype(np.float32) - two.correct
    n = change.shape[1]
    columns = np.vstack([np.ones((1, n), np.float32), change]).T
    (draws,) = sweep(one.cluster, replicates, seed, sums(columns))
    trends = measure_trends(
        first,
        {"gain": change.mean(axis=1, dtype=float)},
        {"gain": draws[:, 1:] / draws[:, :1]},
        units=len(np.unique(one.cluster)),
        n=n,
        level=level,
    )
    left = first.grid.shape[1] + second.grid.shape[1] - 2 * n
    return Gain(first.family, one.names, n, left, trends["gain"], first.notices)


def _common(one: Grid, two: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Places of the questions that both have."""
    keys = {key: i for i, key in enumerate(zip(two.task.texts(), two.item.texts(), strict=True))}
    pairs = [
        (i, keys[key])
        for i, key in enumerate(zip(one.task.texts(), one.item.texts(), strict=True))
        if key in keys
    ]
    found = np.array(pairs, dtype=int).reshape(-1, 2)
    return found[:, 0], found[:, 1]
