"""What the larger model loses and what it gains, question by question.

Even two runs of one model differ where answers are drawn at random: if it answers question i right
with probability p_i, a second run is wrong on a share E[p (1 - p)] / E[p] of what the first got
right. Without that floor the flips between two models are upper bounds of what size does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.estimate import (
    BETTER,
    UNKNOWN,
    WORSE,
    Estimate,
    estimate,
    inside,
    word,
)
from isoloss.errors.contrasts.split import LEAST
from isoloss.errors.items import Grid
from isoloss.exceptions import ItemsError


@dataclass(frozen=True)
class Flips:
    """Questions that change sides between two models.

    Attributes:
        regression: P(large wrong | small right).
        fix: P(large right | small wrong).
        nesting: 1 - P(small right, large wrong) / (P(small right) P(large wrong)): 1 where the
            large model's errors lie within the small one's, 0 where they are independent.
        source: where the floors come from: `reruns`, `beta`, or `upper bound` where there is none.
        regression_floor, fix_floor: the same rates between two runs of one model; None without a
            source.
        regression_excess, fix_excess: what is left above the floor.
        verdict: on right answers lost, beyond the floor: worse, better, same within margin, or
            cannot tell, as always without a floor.
        lost, gained: keys of the questions, as `(task, key)`.
        n: questions.
    """

    regression: Estimate
    fix: Estimate
    nesting: Estimate
    source: str
    regression_floor: Estimate | None
    fix_floor: Estimate | None
    regression_excess: Estimate | None
    fix_excess: Estimate | None
    verdict: str
    lost: tuple[tuple[str, str], ...]
    gained: tuple[tuple[str, str], ...]
    n: int

    def to_document(self, limit: int = 200) -> dict[str, Any]:
        """Plain data; at most `limit` keys of each list, with how many there are."""
        found: dict[str, Any] = {
            key: value.to_document() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }
        for key in ("lost", "gained"):
            keys = getattr(self, key)
            found[key] = {"count": len(keys), "items": [list(pair) for pair in keys[:limit]]}
        return found


def beta_floor(a: float, b: float) -> tuple[float, float]:
    """Flip rates between two runs of one model whose p_i is Beta(a, b) over questions.

    E[p (1 - p)] / E[p] = b / (a + b + 1) of the right answers turn wrong, a / (a + b + 1) of the
    wrong ones turn right.

    Raises:
        ItemsError: a or b is not above zero.
    """
    if not (a > 0 and b > 0 and math.isfinite(a + b)):
        raise ItemsError(f"noise=({a}, {b}); expected the two shapes of a Beta, both above zero")
    return b / (a + b + 1.0), a / (a + b + 1.0)


def flip_columns(grid: Grid, reruns: np.ndarray | None) -> np.ndarray:
    """(I, 4 or 7): items, small right, large right, both; then the last three of two reruns."""
    ones = np.ones(grid.shape[1])
    small, large = grid.correct.astype(float)
    columns = [ones, small, large, small * large]
    if reruns is not None:
        first, second = reruns.astype(float)
        columns += [first, second, first * second]
    return np.column_stack(columns).astype(np.float32)


def read_flips(
    grid: Grid,
    columns: np.ndarray,
    draws: np.ndarray,
    *,
    noise: tuple[float, float] | None,
    margin: float,
    level: float,
) -> Flips:
    """Rates, nesting and floors, from sums of `flip_columns` in replicates."""
    point = _rates(columns.sum(axis=0, dtype=float)[None], noise)
    found = _rates(draws, noise)
    small, large = grid.correct == 1
    right, n = int(small.sum()), grid.shape[1]
    counts = {"regression": right, "fix": n - right}

    def one(key: str) -> Estimate:
        return estimate(point[key][0], found[key], counts.get(key.split("_")[0], n), level)

    def floor(key: str) -> Estimate | None:
        return one(key) if key in point else None

    return Flips(
        one("regression"),
        one("fix"),
        one("nesting"),
        "reruns" if columns.shape[1] > 4 else "upper bound" if noise is None else "beta",
        floor("regression_floor"),
        floor("fix_floor"),
        floor("regression_excess"),
        floor("fix_excess"),
        _verdict(point, found, one, margin, level),
        keys(grid, small & ~large),
        keys(grid, large & ~small),
        n,
    )


def _verdict(
    point: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
    one: Callable[[str], Estimate],
    margin: float,
    level: float,
) -> str:
    key = "regression_excess"
    if key not in point or one(key).n < LEAST:
        return UNKNOWN
    verdict = word(one(key), inside(found[key], margin, level))
    # more lost is worse
    return {BETTER: WORSE, WORSE: BETTER}.get(verdict, verdict)


def _rates(sums: np.ndarray, noise: tuple[float, float] | None) -> dict[str, np.ndarray]:
    n, small, large, both = sums[:, :4].T
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "regression": (small - both) / small,
            "fix": (large - both) / (n - small),
            "nesting": 1.0 - (small - both) * n / (small * (n - large)),
        }
        if sums.shape[1] > 4:
            first, second, twice = sums[:, 4:7].T
            flipped, right = (first + second) / 2.0 - twice, (first + second) / 2.0
            found["regression_floor"] = flipped / right
            found["fix_floor"] = flipped / (n - right)
        elif noise is not None:
            down, up = beta_floor(*noise)
            found["regression_floor"] = np.full(len(n), down)
            found["fix_floor"] = np.full(len(n), up)
    for key in ("regression", "fix"):
        if f"{key}_floor" in found:
            found[f"{key}_excess"] = found[key] - found[f"{key}_floor"]
    return {key: np.where(np.isfinite(value), value, np.nan) for key, value in found.items()}


def keys(grid: Grid, kept: np.ndarray) -> tuple[tuple[str, str], ...]:
    """Task and key of some questions (a mask), for reading them."""
    return tuple((grid.task[int(i)] or "", grid.item[int(i)] or "") for i in np.flatnonzero(kept))
