"""Slopes of best sizes on the number of clients, for every row of replicates at once.

Everything is in logarithms: k (n,) ln K, y (rows, n) ln N_opt or ln loss, group (n,) labels of the
points that share an intercept.
"""

from __future__ import annotations

import numpy as np

from isoloss.federated.cells import grouped


def labels(values: np.ndarray, condition: np.ndarray) -> np.ndarray:
    """Labels (n,) of points with nearly equal values and the same condition."""
    table = np.stack([grouped(values), condition])
    return np.unique(table, axis=1, return_inverse=True)[1].ravel()


def paired(k: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Which points have another K in their group."""
    return np.array([len(np.unique(k[group == g])) > 1 for g in group])


def within(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Values (..., n) less the mean of their group."""
    out = np.array(values, dtype=float)
    for g in np.unique(group):
        at = group == g
        out[..., at] -= out[..., at].mean(axis=-1, keepdims=True)
    return out


def common_slope(k: np.ndarray, y: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Slope (rows,) of y (rows, n) on k with an intercept for every group; NaN where none."""
    x = within(k, group)
    square = float(x @ x)
    if square <= 0:
        return np.full(len(y), np.nan)
    return within(y, group) @ x / square


def per_client(
    k: np.ndarray,
    y: np.ndarray,
    log_budget: np.ndarray,
    condition: np.ndarray,
    group: np.ndarray,
    good: np.ndarray,
) -> np.ndarray | None:
    """Slope (rows,) on ln K at fixed C / K, from runs that have it or else by a plane in ln C."""
    partnered = paired(k, group)
    if partnered.any():
        return common_slope(k, y, group) if good[partnered].all() else None
    table = np.stack([within(log_budget, condition), within(k, condition)], axis=1)
    if np.linalg.matrix_rank(table) < 2 or not good.all():
        return None
    # along C = c K both grow alike
    return (within(y, condition) @ np.linalg.pinv(table).T).sum(axis=1)


def curvature(k: np.ndarray, y: np.ndarray, group: np.ndarray) -> np.ndarray | None:
    """Coefficient (rows,) of (ln K)^2 beside ln K; None with fewer than three K in every group."""
    if max(len(np.unique(k[group == g])) for g in np.unique(group)) < 3:
        return None
    table = np.stack([within(k, group), within(k * k, group)], axis=1)
    return (within(y, group) @ np.linalg.pinv(table).T)[:, 1]


def end_ratio(k: np.ndarray, log_loss: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Mean over groups of ln loss at the largest K less that at the smallest (rows,)."""
    found = []
    for g in np.unique(group):
        at = np.flatnonzero(group == g)
        if len(np.unique(k[at])) > 1:
            first, last = at[np.argmin(k[at])], at[np.argmax(k[at])]
            found.append(log_loss[:, last] - log_loss[:, first])
    return np.mean(found, axis=0)
