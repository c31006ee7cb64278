"""The linear half of a fit: for each shape the best coefficients, and the slope of what is left.

For each theta the best c follows from linear least squares, so only theta has to be searched (Golub
and Pereyra 1973); the slope of the projected residuals is taken without the term in the second
derivatives (Kaufman 1975).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.trust.auto.forms import Batch, Form, design

_TINY, _STEP = 1e-11, 1e-6


@dataclass(frozen=True)
class Projected:
    """The best coefficients for given shapes, and what is left.

    Attributes:
        a: sqrt(w) Phi with columns of length 1, dropped ones at zero, `(B, G, m, k)`.
        gram: its normal equations, `(B, G, k, k)`.
        c: coefficients, `(B, G, k)`.
        r: sqrt(w) (y - Phi c), `(B, G, m)`.
        cost: its sum of squares, `(B,)`; infinite where the form failed.
    """

    a: np.ndarray
    gram: np.ndarray
    c: np.ndarray
    r: np.ndarray
    cost: np.ndarray

    def take(self, rows: np.ndarray) -> Projected:
        """Some of the problems."""
        return Projected(self.a[rows], self.gram[rows], self.c[rows], self.r[rows], self.cost[rows])

    def merged(self, other: Projected, better: np.ndarray) -> Projected:
        """The other's problems where these are better; the arrays of this one are given up."""
        if better.all():
            return other
        if better.any():
            for name in ("a", "gram", "c", "r", "cost"):
                getattr(self, name)[better] = getattr(other, name)[better]
        return self


def project(form: Form, batch: Batch, theta: np.ndarray, root: np.ndarray) -> Projected:
    """The best coefficients for given shapes, and what is left."""
    phi = design(form, batch.points, theta)
    a = phi * root[..., None]
    norm = np.sqrt(np.einsum("bgmk,bgmk->bgk", a, a))
    norm = np.where(norm > 0, norm, 1.0)
    a = a / norm[:, :, None, :]
    b = (batch.y * root)[..., None]
    gram = a.swapaxes(-1, -2) @ a
    k = gram.shape[-1]
    diagonal = np.arange(k)
    gram[..., diagonal, diagonal] += _TINY
    if form.ridge:
        total = np.einsum("bgm,bgm->bg", root, root)[..., None]
        gram[..., diagonal, diagonal] += np.asarray(form.ridge) * total / norm**2
    right = a.swapaxes(-1, -2) @ b
    scaled, keep = _signed(gram, right, np.asarray(form.positive, dtype=bool))
    a = np.where(keep[:, :, None, :], a, 0.0) if not keep.all() else a
    r = b - a @ scaled
    if not form.ridge:
        # one round of refinement gives back the digits that the normal equations lost
        left = masked(gram, keep)
        scaled = scaled + np.linalg.solve(left, a.swapaxes(-1, -2) @ r)
        low = np.asarray(form.positive, dtype=bool)[:, None] & (scaled < 0)
        scaled = np.where(low, 0.0, scaled)
        r = b - a @ scaled
    r = r[..., 0]
    cost = np.einsum("bgm,bgm->b", r, r)
    cost = np.where(np.isfinite(cost), cost, np.inf)
    return Projected(a, masked(gram, keep), scaled[..., 0] / norm, r, cost)


def masked(gram: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Normal equations without the dropped columns: 1 on their diagonal, 0 beside it."""
    if keep.all():
        return gram
    both = keep[..., :, None] & keep[..., None, :]
    left = np.where(both, gram, 0.0)
    diagonal = np.arange(gram.shape[-1])
    left[..., diagonal, diagonal] = np.where(keep, gram[..., diagonal, diagonal], 1.0)
    return left


def _signed(
    gram: np.ndarray, right: np.ndarray, positive: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Least squares in which some coefficients may not be negative.

    The most negative one is dropped until none is left: the active-set method of Lawson and Hanson
    (1974) without taking columns back, which with the handful of columns here ends at the same set
    in all but odd cases.
    """
    keep = np.ones(right.shape[:-1], dtype=bool)
    scaled = np.linalg.solve(gram, right)
    for _ in range(int(positive.sum())):
        low = np.where(positive & keep, scaled[..., 0], 0.0)
        worst = low.argmin(axis=-1)
        bad = np.take_along_axis(low, worst[..., None], axis=-1)[..., 0] < 0
        if not bad.any():
            break
        where = np.nonzero(bad)
        keep[(*where, worst[where])] = False
        left = masked(gram[where], keep[where])
        scaled[where] = np.linalg.solve(left, np.where(keep[where][..., None], right[where], 0.0))
    return np.where(keep[..., None], scaled, 0.0), keep


def jacobian(
    form: Form, batch: Batch, theta: np.ndarray, at: Projected, root: np.ndarray
) -> np.ndarray:
    """Slopes of the projected residuals, `(B, G, m, q)`."""
    c = at.c[..., None]
    base = (design(form, batch.points, theta) @ c)[..., 0]
    slopes = np.empty((*base.shape, theta.shape[1]))
    for j, shape in enumerate(form.shape):
        moved = theta.copy()
        # a step towards the inside of the box
        step = np.where(theta[:, j] + _STEP > shape.high, -_STEP, _STEP)
        moved[:, j] += step
        change = (design(form, batch.points, moved) @ c)[..., 0] - base
        slopes[..., j] = -root * change / step[:, None, None]
    inside = at.a.swapaxes(-1, -2) @ slopes
    return slopes - at.a @ np.linalg.solve(at.gram, inside)
