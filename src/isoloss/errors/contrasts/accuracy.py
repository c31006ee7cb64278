"""The difference in accuracy between two models on the same items, in all and by task."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from isoloss.errors.contrasts.estimate import (
    BETTER,
    SAME,
    UNKNOWN,
    WORSE,
    Estimate,
    bounds,
)
from isoloss.errors.items import Grid
from isoloss.errors.statistics import benjamini_hochberg

# a bootstrap of fewer items that the models disagree on cannot see how little is known
SCARCE = 10


@dataclass(frozen=True)
class Difference:
    """Accuracy of the large model minus that of the small one, on one set of items.

    Attributes:
        name: the task, or `all`.
        small, large: accuracies.
        change: the difference and its interval: by cluster where items share one; from the
            adjusted Wald formula where fewer than ten items tell the models apart.
        by_item: the bootstrap interval that takes items as independent.
        lost: items that only the small model got right.
        gained: items that only the large model got right.
        exact, mid: McNemar p values; they take items as independent.
        p: the p value that the verdict uses: `mid`, or one by cluster.
        q: `p` adjusted for the number of tasks (Benjamini and Hochberg); `p` itself for `all`.
        verdict: better, worse, same within margin, or cannot tell.
        within_margin: the difference is smaller than the margin, whatever its sign.
    """

    name: str
    small: float
    large: float
    change: Estimate
    by_item: Estimate
    lost: int
    gained: int
    exact: float
    mid: float
    p: float
    q: float
    verdict: str
    within_margin: bool

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **{key: value for key, value in vars(self).items() if not isinstance(value, Estimate)},
            "change": self.change.to_document(),
            "by_item": self.by_item.to_document(),
        }


def mcnemar(lost: np.ndarray, gained: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Exact and mid-p two-sided p values.

    Under no difference, `lost` of the n = lost + gained items is binomial with one half. The exact
    p doubles the tail; mid-p counts half of the observed point in each tail, p - P(X = lost)
    (Fagerland, Lydersen and Laake 2013), which rejects closer to the nominal rate.

    Args:
        lost, gained: counts of any shape.
    """
    from scipy.stats import binom

    lost, gained = np.asarray(lost, dtype=float), np.asarray(gained, dtype=float)
    n, least = lost + gained, np.minimum(lost, gained)
    exact = np.minimum(1.0, 2.0 * binom.cdf(least, n, 0.5))
    mid = np.where(lost == gained, 1.0, 2.0 * binom.cdf(least, n, 0.5) - binom.pmf(least, n, 0.5))
    return exact, mid


def adjusted_wald(
    lost: np.ndarray, gained: np.ndarray, n: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of a paired difference that stays honest where few items disagree.

    One is added to each kind of disagreement and two to n (Bonett and Price 2012).
    """
    up, down = (np.asarray(gained) + 1.0) / (n + 2.0), (np.asarray(lost) + 1.0) / (n + 2.0)
    spread = np.sqrt(np.maximum(up + down - (up - down) ** 2, 0.0) / (n + 2.0))
    reach = NormalDist().inv_cdf(0.5 + level / 2.0) * spread
    return np.maximum(up - down - reach, -1.0), np.minimum(up - down + reach, 1.0)


def clustered_p(change: np.ndarray, cluster: np.ndarray) -> float:
    """McNemar's test with clusters as the unit: (sum D)^2 / sum D^2 is chi-squared with one
    degree of freedom, D the net gain of a cluster (Durkalski et al. 2003)."""
    net = np.bincount(np.unique(cluster, return_inverse=True)[1], weights=change)
    size = float(np.sqrt((net**2).sum()))
    return 1.0 if size == 0 else 2.0 * NormalDist().cdf(-abs(float(net.sum())) / size)


def differences(
    names: tuple[str, ...],
    grid: Grid,
    starts: np.ndarray,
    draws: np.ndarray,
    item_draws: np.ndarray,
    *,
    margin: float,
    level: float,
    clustered: bool,
) -> tuple[Difference, ...]:
    """The difference on every stretch of items.

    Args:
        names: (T) of the stretches.
        grid: two lines.
        starts: (T,) where each begins.
        draws: (R, T) differences in replicates, by cluster where items share one.
        item_draws: (R, T) differences in replicates by item.
        margin: differences below this do not matter.
        level: of intervals and tests.
        clustered: items share clusters.
    """
    small, large = grid.correct.astype(np.int64)
    count = np.diff([*starts, len(small)])
    lost = np.add.reduceat(small * (1 - large), starts)
    gained = np.add.reduceat(large * (1 - small), starts)
    value = (gained - lost) / count
    exact, mid = mcnemar(lost, gained)
    low, high = _interval(draws, lost, gained, count, level)
    item_low, item_high = bounds(item_draws, level)
    # equivalence is claimed only where the bootstrap and the cautious formula both show it
    tight = _within(draws, lost, gained, count, 2.0 * level - 1.0, margin)
    p = mid
    if clustered:
        ends = [*starts[1:], len(small)]
        p = np.array(
            [
                clustered_p((large - small)[a:b].astype(float), grid.cluster[a:b])
                for a, b in zip(starts, ends, strict=True)
            ]
        )
    q = benjamini_hochberg(p)
    right = np.add.reduceat(small, starts) / count
    return tuple(
        Difference(
            names[t],
            float(right[t]),
            float(right[t] + value[t]),
            Estimate(float(value[t]), float(low[t]), float(high[t]), int(count[t]), level),
            Estimate(
                float(value[t]), float(item_low[t]), float(item_high[t]), int(count[t]), level
            ),
            int(lost[t]),
            int(gained[t]),
            float(exact[t]),
            float(mid[t]),
            float(p[t]),
            float(q[t]),
            _verdict(value[t], low[t], high[t], q[t] < 1.0 - level, bool(tight[t])),
            bool(tight[t]),
        )
        for t in range(len(names))
    )


def _interval(
    draws: np.ndarray, lost: np.ndarray, gained: np.ndarray, n: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    low, high = bounds(draws, level)
    wald = adjusted_wald(lost, gained, n, level)
    scarce = lost + gained < SCARCE
    return np.where(scarce, wald[0], low), np.where(scarce, wald[1], high)


def _within(
    draws: np.ndarray,
    lost: np.ndarray,
    gained: np.ndarray,
    n: np.ndarray,
    level: float,
    margin: float,
) -> np.ndarray:
    low, high = bounds(draws, level)
    least, most = adjusted_wald(lost, gained, n, level)
    return (np.minimum(low, least) > -margin) & (np.maximum(high, most) < margin)


def _verdict(value: float, low: float, high: float, significant: bool, same: bool) -> str:
    if significant and (low > 0 or high < 0):
        return BETTER if value > 0 else WORSE
    return SAME if same else UNKNOWN
