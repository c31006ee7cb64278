"""Many small fits of one form at once: search, descent, and weights against outliers.

Every array carries a leading axis of problems: splits, recency weights, groups and targets are
fitted side by side, and a hidden row is a row of weight 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.trust.auto.forms import Batch, Form, box, design
from isoloss.trust.auto.projection import Projected, jacobian, masked, project

STEPS, STARTS, REFINED = 25, 48, 2


@dataclass(frozen=True)
class Solved:
    """Where a batch ended.

    Attributes:
        theta: `(B, q)`.
        c: `(B, G, k)`.
        cost: weighted sum of squares with the prior, `(B,)`; infinite where the form failed.
    """

    theta: np.ndarray
    c: np.ndarray
    cost: np.ndarray


def descend(form: Form, batch: Batch, theta: np.ndarray, steps: int = STEPS) -> Solved:
    """Levenberg-Marquardt on theta from one start for each problem, within the box."""
    root = np.sqrt(batch.w)
    if not form.shape:
        at = project(form, batch, theta, root)
        return Solved(theta, at.c, at.cost)
    low, high = box(form)
    theta = np.clip(theta, low, high)
    damping = np.full(len(theta), 1e-2)
    at = project(form, batch, theta, root)
    cost = at.cost + _prior(theta, batch)
    c = at.c.copy()
    live = np.arange(len(theta))
    part, part_root = batch, root
    for _ in range(steps):
        here = theta[live]
        there = _step(form, part, here, at, part_root, damping[live])
        found = project(form, part, there, part_root)
        new = found.cost + _prior(there, part)
        better = new < cost[live]
        gain = np.where(better, cost[live] - np.where(better, new, 0.0), 0.0)
        done = np.where(better, gain <= 1e-7 * cost[live] + 1e-300, damping[live] > 1e5) | np.all(
            np.abs(there - here) < 1e-9, axis=1
        )
        damping[live] = np.where(better, damping[live] / 5, damping[live] * 6)
        moved = live[better]
        theta[moved], c[moved], cost[moved] = there[better], found.c[better], new[better]
        at = at.merged(found, better)
        if done.any():
            live = live[~done]
            if not len(live):
                break
            part, part_root = part.take(~done), part_root[~done]
            at = at.take(~done)
    return Solved(theta, c, cost)


def _step(
    form: Form,
    batch: Batch,
    theta: np.ndarray,
    at: Projected,
    root: np.ndarray,
    damping: np.ndarray,
) -> np.ndarray:
    """Where one damped Gauss-Newton step leads."""
    low, high = box(form)
    slopes = jacobian(form, batch, theta, at, root)
    flat = slopes.reshape(len(theta), -1, theta.shape[1])
    normal = flat.swapaxes(1, 2) @ flat
    down = -(flat.swapaxes(1, 2) @ at.r.reshape(len(theta), -1, 1))[..., 0]
    strength = (batch.amplitude[:, None] / batch.width) ** 2
    down -= strength * (theta - batch.centre)
    q = np.arange(theta.shape[1])
    normal[:, q, q] += strength
    normal[:, q, q] = normal[:, q, q] * (1 + damping[:, None]) + 1e-300
    # a number at its wall that wants to go further stays out of the step
    held = ((theta <= low) & (down < 0)) | ((theta >= high) & (down > 0))
    if held.any():
        normal = masked(normal, ~held)
        down = np.where(held, 0.0, down)
    normal[:, q, q] += 1e-12 * np.trace(normal, axis1=1, axis2=2)[:, None] + 1e-200
    with np.errstate(all="ignore"):
        move = np.linalg.solve(normal, down[..., None])[..., 0]
    return np.clip(theta + np.nan_to_num(np.clip(move, -1.5, 1.5)), low, high)


def _prior(theta: np.ndarray, batch: Batch) -> np.ndarray:
    off = (theta - batch.centre) / batch.width
    return batch.amplitude**2 * np.einsum("bq,bq->b", off, off)


def search(form: Form, batch: Batch, *, starts: int = STARTS, first: Any = None) -> Solved:
    """Scan the box of theta, refine the best starts, keep the best end.

    Args:
        form: what to fit.
        batch: the problems.
        starts: how many points of the box are looked at beside the prior's centre.
        first: `(B, q)` to look at too.
    """
    centre = batch.centre.copy()
    if not form.shape:
        return descend(form, batch, centre)
    root = np.sqrt(batch.w)
    low, high = box(form)
    looked = [centre] + ([first] if first is not None else [])
    looked += [low + unit * (high - low) for unit in scattered(starts, len(low))]
    thetas, costs = [], []
    for start in looked:
        start = np.clip(start, low, high)
        full = np.broadcast_to(start, centre.shape)
        # one point for all problems: the columns are worked out once
        one = start[None] if start.ndim == 1 and batch.points.u.shape[0] == 1 else full
        at = project(form, batch, one, root)
        thetas.append(full)
        costs.append(at.cost + _prior(full, batch))
    order = np.argsort(np.stack(costs), axis=0, kind="stable")
    ends = []
    for rank in range(min(REFINED, len(looked))):
        pick = np.stack(thetas)[order[rank], np.arange(len(centre))]
        ends.append(descend(form, batch, pick.copy()))
    return best_of(ends)


def best_of(ends: Sequence[Solved]) -> Solved:
    """For each problem the end of least cost."""
    which = np.argmin(np.stack([end.cost for end in ends]), axis=0)
    rows = np.arange(len(which))
    return Solved(
        np.stack([end.theta for end in ends])[which, rows],
        np.stack([end.c for end in ends])[which, rows],
        np.stack([end.cost for end in ends])[which, rows],
    )


def scattered(count: int, q: int) -> np.ndarray:
    """Points that fill the unit cube evenly, `(count, q)`.

    The additive recurrence on the generalised golden ratio: even in any number of dimensions, the
    same on every machine, and without a table.
    """
    ratio = 2.0
    for _ in range(60):
        ratio = (1.0 + ratio) ** (1.0 / (q + 1))
    return (0.5 + np.outer(np.arange(1, count + 1), ratio ** -np.arange(1.0, q + 1))) % 1.0


def huber(form: Form, batch: Batch, at: Solved) -> Batch:
    """The batch with rows that lie far from their fit weighed down.

    Weights min(1, 2 s / |r|) with s = 1.4826 times the median absolute residual of the seen rows
    of a problem: Huber's estimator (1964) at two standard deviations.
    """
    fitted = (design(form, batch.points, at.theta) @ at.c[..., None])[..., 0]
    size = np.abs(batch.y - fitted)
    spread = 1.4826 * seen_median(size, batch.w) + 1e-9 * np.abs(batch.y).max()
    far = 2 * spread[:, None, None] / np.maximum(size, 1e-300)
    return replace(batch, w=batch.w * np.minimum(1.0, far))


def seen_median(size: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Median over the rows with a weight, `(B,)`; 0 for a problem without any."""
    flat = np.where(w > 0, size, np.nan).reshape(len(size), -1)
    flat[np.isnan(flat).all(axis=1)] = 0.0
    return np.nanmedian(flat, axis=1)
