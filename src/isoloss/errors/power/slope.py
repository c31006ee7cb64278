"""What a trend over sizes can show."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from isoloss.errors.power.paired import quantiles


def slope_se(
    n: float,
    sizes: Sequence[float] | np.ndarray,
    *,
    accuracy: float = 0.5,
    discordant: float = 0.3,
    design: float = 1.0,
) -> float:
    """Standard error of the slope of log odds over log10 of parameters.

    Two models with accuracy p that disagree on a share d of items have answers correlated by
    1 - d / (2 p (1 - p)). The information of n items on a slope is n p (1 - p) S with
    S = sum (s - mean s)^2, and correlation leaves 1 - rho of its variance:
    se^2 = d / (2 n p^2 (1 - p)^2 S).

    Args:
        n: items, the same for every model.
        sizes: (M) parameters.
        accuracy: p in the middle of the sizes.
        discordant: d, no more than 2 p (1 - p).
        design: design effect of clusters.
    """
    s = np.log10(np.asarray(sizes, dtype=float))
    total = float(((s - s.mean()) ** 2).sum())
    spread = accuracy * (1.0 - accuracy)
    return math.sqrt(min(discordant, 2.0 * spread) * design / (2.0 * n * spread**2 * total))


def slope_mde(
    n: float,
    sizes: Sequence[float] | np.ndarray,
    *,
    accuracy: float = 0.5,
    discordant: float = 0.3,
    design: float = 1.0,
    level: float = 0.95,
    chance: float = 0.8,
) -> float:
    """Least slope, in logits per decade, that is found with a given chance; see `slope_se`."""
    se = slope_se(n, sizes, accuracy=accuracy, discordant=discordant, design=design)
    return quantiles(level, chance) * se
