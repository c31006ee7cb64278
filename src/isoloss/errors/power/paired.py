"""What a paired comparison of two models can show.

A difference of accuracies on the same n items has variance d / n, d the share of items that only
one of the two gets right (Miller 2024, arXiv 2411.00640; less the squared difference, which is left
out so that the number errs on the safe side). Items that share an image add less than one item
each: the design effect is the variance of cluster sums over that of items.
"""

from __future__ import annotations

import math

import numpy as np

from isoloss.errors.trends.robust import by_cluster


def paired_mde(
    n: float, discordant: float, *, level: float = 0.95, chance: float = 0.8, design: float = 1.0
) -> float:
    """Least difference in accuracy that is found with a given chance.

    (z_(1 - alpha / 2) + z_chance) sqrt(d design / n).

    Args:
        n: items.
        discordant: share of items that only one of the two models gets right.
        level: of the two-sided test.
        chance: of finding it.
        design: design effect of clusters.
    """
    return quantiles(level, chance) * math.sqrt(discordant * design / n)


def paired_items(
    difference: float,
    discordant: float,
    *,
    level: float = 0.95,
    chance: float = 0.8,
    design: float = 1.0,
) -> int:
    """Items that are needed to find a difference in accuracy with a given chance."""
    return math.ceil(discordant * design * (quantiles(level, chance) / difference) ** 2)


def quantiles(level: float, chance: float) -> float:
    """z_(1 - alpha / 2) + z_chance."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2.0) + ndtri(chance))


def design_effect(values: np.ndarray, cluster: np.ndarray) -> float:
    """Variance of the sum of values (I,) by cluster over that by item; at least 1.

    NaN where the values do not vary.
    """
    middle = np.asarray(values, dtype=float) - np.mean(values)
    alone = float(middle @ middle)
    if alone <= 0:
        return math.nan
    together = by_cluster(middle[None], cluster)[0]
    return max(1.0, float(together @ together) / alone)
