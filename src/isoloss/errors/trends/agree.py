"""Do two families improve on the same tasks?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.trends.accuracy_values import AccuracyTrends
from isoloss.exceptions import ItemsError


@dataclass(frozen=True)
class SlopeAgreement:
    """Correlation of the slopes of tasks between two families.

    Attributes:
        families: the two.
        tasks: that both have a slope of.
        r, low, high: Pearson's correlation and its interval (Fisher's z). Slopes are estimates: the
            correlation of the true ones is larger.
        p: of r, t with tasks - 2 degrees.
        rho: Spearman's.
    """

    families: tuple[str, str]
    tasks: tuple[str, ...]
    r: float
    low: float
    high: float
    p: float
    rho: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {**vars(self), "families": list(self.families), "tasks": list(self.tasks)}


def slope_agreement(
    first: AccuracyTrends, second: AccuracyTrends, *, level: float = 0.95
) -> SlopeAgreement:
    """Whether two families that were asked the same tasks have slopes that go together.

    Args:
        first, second: trends by task.
        level: of the interval.

    Raises:
        ItemsError: fewer than four common tasks.
    """
    from scipy.special import ndtri, stdtr
    from scipy.stats import rankdata

    mine = {task.name: task.slope.value for task in first.tasks}
    other = {task.name: task.slope.value for task in second.tasks}
    names = [
        name
        for name in mine
        if name in other and math.isfinite(mine[name]) and math.isfinite(other[name])
    ]
    if len(names) < 4:
        raise ItemsError(
            f"{first.family} and {second.family} have {len(names)} tasks in common; four are needed"
        )
    x, y = np.array([mine[n] for n in names]), np.array([other[n] for n in names])
    r = _correlation(x, y)
    t = r * math.sqrt((len(names) - 2) / max(1.0 - r**2, 1e-12))
    z, half = math.atanh(min(max(r, -0.999999), 0.999999)), ndtri(0.5 + level / 2.0)
    half /= math.sqrt(len(names) - 3)
    return SlopeAgreement(
        (first.family, second.family),
        tuple(names),
        r,
        math.tanh(z - half),
        math.tanh(z + half),
        float(2.0 * stdtr(len(names) - 2, -abs(t))),
        _correlation(rankdata(x), rankdata(y)),
    )


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    x, y = x - x.mean(), y - y.mean()
    below = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / below if below > 0 else 0.0
