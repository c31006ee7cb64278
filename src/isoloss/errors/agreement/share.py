"""Intervals without a bootstrap, for many small numbers: shares and means by cluster."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from isoloss.errors.contrasts.estimate import Estimate


def mean(values: np.ndarray, cluster: np.ndarray, level: float) -> Estimate:
    """Mean of a number per question, with a normal interval whose unit is the cluster.

    se^2 = C / (C - 1) sum_c (sum_{i in c} (x_i - mean))^2 / n^2 (Liang and Zeger 1986). NaN bounds
    for fewer than two clusters.
    """
    n = len(values)
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, level)
    middle = float(values.mean())
    se = spread(values - middle, cluster) / n
    reach = NormalDist().inv_cdf(0.5 + level / 2.0) * se
    return Estimate(middle, middle - reach, middle + reach, n, level)


def spread(parts: np.ndarray, cluster: np.ndarray) -> float:
    """Standard error of a sum of centred parts (I,), cluster by cluster; NaN below two clusters."""
    sums = np.bincount(np.unique(cluster, return_inverse=True)[1], weights=parts)
    count = len(sums)
    return float(np.sqrt((sums**2).sum() * count / (count - 1.0))) if count > 1 else np.nan


def share(hits: np.ndarray, cluster: np.ndarray, level: float) -> Estimate:
    """Share of questions with a Wilson interval; n is divided by the design effect of clusters.

    The design effect is the variance by cluster over that of independent questions, at least 1.
    Wilson's interval does not vanish at counts of zero.
    """
    n = len(hits)
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, level)
    p = float(hits.mean())
    effect = 1.0
    if 0 < p < 1:
        by_cluster = spread(hits - p, cluster) ** 2
        effect = max(1.0, by_cluster / (n * p * (1.0 - p))) if np.isfinite(by_cluster) else 1.0
    size, z = n / effect, NormalDist().inv_cdf(0.5 + level / 2.0)
    middle = (p + z * z / (2 * size)) / (1 + z * z / size)
    reach = z * np.sqrt(p * (1 - p) / size + (z / (2 * size)) ** 2) / (1 + z * z / size)
    return Estimate(p, float(max(0.0, middle - reach)), float(min(1.0, middle + reach)), n, level)
