"""Tables of scores against size: how monotone is each benchmark?

For tables without items, such as a leaderboard: scores of some models of one family, a column for
every benchmark. Without items there is no interval; what can be said is the order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from isoloss.errors.statistics import benjamini_hochberg
from isoloss.exceptions import ItemsError

# up to here every order of the models is counted
EXACT = 8


@dataclass(frozen=True)
class RankTrend:
    """One benchmark against size.

    Attributes:
        name: the benchmark.
        n: models with a score.
        rho: Spearman's rank correlation of score and size.
        p: share of all orders of the models whose |rho| is at least as large (from t above 8
            models); models of one family are not independent, so it is indicative.
        q: `p` adjusted for the number of benchmarks.
        change: score of the largest model minus that of the smallest.
        monotone: every larger model scores higher.
        best: the model with the highest score.
        largest_best: that is the largest.
    """

    name: str
    n: int
    rho: float
    p: float
    q: float
    change: float
    monotone: bool
    best: str
    largest_best: bool

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))


def rank_trends(
    size: Sequence[float] | np.ndarray,
    scores: Mapping[str, Sequence[float]],
    *,
    names: Sequence[str] | None = None,
) -> tuple[RankTrend, ...]:
    """Spearman's rho, the change and monotony of every benchmark; missing scores are left out.

    Args:
        size: (M,) parameters (or compute).
        scores: benchmark -> (M) scores, more is better; NaN where there is none.
        names: (M) of the models.

    Raises:
        ItemsError: columns of another length, or sizes that are no numbers.
    """
    sizes = np.asarray(size, dtype=float)
    if not np.isfinite(sizes).all() or len(np.unique(sizes)) < 2:
        raise ItemsError("ranks need two sizes or more, each a number")
    labels = [f"{one:g}" for one in sizes] if names is None else list(names)
    found = []
    for name, column in scores.items():
        values = np.asarray(column, dtype=float)
        if values.shape != sizes.shape:
            raise ItemsError(f"'{name}' has {values.size} scores for {len(sizes)} sizes")
        found.append(_one(name, sizes, values, labels))
    q = benjamini_hochberg([one[2] for one in found])
    return tuple(
        RankTrend(name, n, rho, p, float(adjusted), *rest)
        for (name, rho, p, n, *rest), adjusted in zip(found, q, strict=True)
    )


def _one(name: str, size: np.ndarray, values: np.ndarray, labels: list[str]) -> tuple[Any, ...]:
    known = np.isfinite(values)
    order = np.flatnonzero(known)[np.argsort(size[known], kind="stable")]
    s, v = size[order], values[order]
    if len(v) < 2:
        return name, math.nan, math.nan, len(v), math.nan, False, "", False
    x, y = _ranks(s), _ranks(v)
    rho = _correlation(x, y)
    best = int(v.argmax())
    rising = bool((np.diff(v) > 0).all())
    largest = bool(s[best] == s[-1])
    p = _p(x, y, rho)
    return name, rho, p, len(v), float(v[-1] - v[0]), rising, labels[order[best]], largest


def _ranks(values: np.ndarray) -> np.ndarray:
    """Mean ranks."""
    different, place, count = np.unique(values, return_inverse=True, return_counts=True)
    del different
    return (np.cumsum(count) - (count - 1) / 2.0)[place]


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(), y - y.mean()
    below = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / below if below > 0 else math.nan


def _p(x: np.ndarray, y: np.ndarray, rho: float) -> float:
    if math.isnan(rho) or len(x) < 3:
        return math.nan
    if len(x) > EXACT:
        from scipy.special import stdtr

        t = abs(rho) * math.sqrt((len(x) - 2) / max(1.0 - rho**2, 1e-300))
        return float(2.0 * stdtr(len(x) - 2, -t))
    x, y = x - x.mean(), y - y.mean()
    every = np.array(list(permutations(y.tolist()))) @ x
    return float((np.abs(every) >= abs(x @ y) - 1e-9).mean())
