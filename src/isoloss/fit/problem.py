"""A fitting problem on arrays: objective, exact gradient and exact Hessian of a batch of rows.

Everything here works on M parameter rows at once, each with its own run weights: a bootstrap
replicate is a row with other weights, a start is a row with the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.fit.objective import Objective
from isoloss.law.functions import Functions


@dataclass(frozen=True)
class Problem:
    """Data and objective of one fit.

    Attributes:
        functions: the law in internal coordinates.
        inputs: internal variables, each (n,), or (M, n) when each row has its own runs.
        target: (n,) on the residual's scale, or (M, n) when each row has its own data.
        objective: what is minimised.
        lower, upper: (p,) bounds in internal coordinates.
    """

    functions: Functions
    inputs: tuple[np.ndarray, ...]
    target: np.ndarray
    objective: Objective
    lower: np.ndarray
    upper: np.ndarray

    @property
    def runs(self) -> int:
        """Number of runs n."""
        return self.target.shape[-1]

    def rows(self, index: Any) -> Problem:
        """The problem of some rows of a batch in which each row has its own data."""
        if self.target.ndim == 1:
            return self
        inputs = tuple(x if x.ndim == 1 else x[index] for x in self.inputs)
        return replace(self, inputs=inputs, target=self.target[index])

    def drawn(self, weights: np.ndarray) -> tuple[Problem, np.ndarray]:
        """The same problem without the runs that a row gives no weight, and their weights.

        A resampled row holds 63 % of the runs on average; the others cost time and count nothing.
        All rows keep as many runs as the fullest one needs.
        """
        most = int(np.count_nonzero(weights, axis=1).max())
        if self.target.ndim > 1 or most > 0.9 * self.runs:
            return self, weights
        kept = np.argsort(weights == 0, axis=1, kind="stable")[:, :most]
        inputs = tuple(x[kept] for x in self.inputs)
        problem = replace(self, inputs=inputs, target=self.target[kept])
        return problem, np.take_along_axis(weights, kept, axis=1)

    def residuals(self, theta: np.ndarray) -> np.ndarray:
        """Residuals (M, n) of internal parameters (M, p)."""
        with np.errstate(all="ignore"):
            return self.objective.residual(self.functions.value(theta, self.inputs), self.target)

    def value(self, theta: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Objective (M,); weights (M, n) or (1, n). Infinite where the law is not defined."""
        with np.errstate(all="ignore"):
            total = (weights * self.objective.rho(self.residuals(theta))).sum(axis=-1)
        return np.where(np.isfinite(total), total, np.inf)

    def square(self, weights: np.ndarray) -> np.ndarray:
        """Sum of squares (M,) against which rounding errors of a residual are small.

        Residuals of logarithms are near one in size; plain ones have the size of the target.
        """
        if self.objective.is_log:
            return weights.sum(axis=-1)
        return (weights * np.square(self.target)).sum(axis=-1)

    def second_order(
        self, theta: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Objective (M,), gradient (M, p) and exact Hessian (M, p, p)."""
        rows, p, n = len(theta), theta.shape[1], self.runs
        with np.errstate(all="ignore"):
            m, *entries = self.functions.hessian(theta, self.inputs)
            first, second = entries[:p], entries[p:]
            r = self.objective.residual(m, self.target)
            f = (weights * self.objective.rho(r)).sum(axis=-1)
            psi, curvature = self.objective.slopes(r)
            weighted = weights * psi
            slopes = np.empty((rows, p, n))
            if self.objective.is_log:
                # d ln m = dm / m and d2 ln m = d2m / m - (dm / m)(dm / m)'
                inverse = 1.0 / m
                for i, entry in enumerate(first):
                    np.multiply(entry, inverse, out=slopes[:, i])
                square, bend = weights * curvature - weighted, weighted * inverse
            else:
                for i, entry in enumerate(first):
                    slopes[:, i] = entry
                square, bend = np.broadcast_to(weights * curvature, r.shape), weighted
            gradient = np.matmul(slopes, weighted[:, :, None])[:, :, 0]
            hessian = np.matmul(slopes * square[:, None, :], slopes.transpose(0, 2, 1))
            places = {id(entry): i for i, entry in enumerate(first)}
            for (i, j), entry in zip(self.functions.pairs, second, strict=True):
                # an exponential is its own derivative: its sum is already in the gradient
                known = places.get(id(entry))
                term = _dot(bend, entry) if known is None else gradient[:, known]
                hessian[:, i, j] += term
                if i != j:
                    hessian[:, j, i] += term
        return np.where(np.isfinite(f), f, np.inf), gradient, hessian

    def second_order_of_one(
        self, theta: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`second_order` of many rows of weights (M, n) at one point (p,): a matrix product."""
        p, n = len(theta), self.runs
        with np.errstate(all="ignore"):
            m, *entries = self.functions.hessian(theta[None, :], self.inputs)
            r = self.objective.residual(m, self.target)
            psi, curvature = (np.broadcast_to(s, (1, n))[0] for s in self.objective.slopes(r))
            scale = 1.0 / m[0] if self.objective.is_log else np.ones(n)
            slopes = np.stack([np.broadcast_to(entries[i], (1, n))[0] * scale for i in range(p)])
            square = curvature - psi if self.objective.is_log else curvature
            each = np.einsum("n,in,jn->nij", square, slopes, slopes)
            for (i, j), entry in zip(self.functions.pairs, entries[p:], strict=True):
                term = psi * scale * np.broadcast_to(entry, (1, n))[0]
                each[:, i, j] += term
                if i != j:
                    each[:, j, i] += term
            value = weights @ self.objective.rho(r)[0]
            gradient = weights @ (psi * slopes).T
            hessian = (weights @ each.reshape(n, p * p)).reshape(-1, p, p)
        return np.where(np.isfinite(value), value, np.inf), gradient, hessian

    def gradients(self, theta: np.ndarray) -> np.ndarray:
        """Gradient (M, p, n) of every run's own loss, unweighted."""
        with np.errstate(all="ignore"):
            m, *first = self.functions.jacobian(theta, self.inputs)
            r = self.objective.residual(m, self.target)
            psi, _ = self.objective.slopes(r)
            scale = psi / m if self.objective.is_log else psi
            return np.stack([np.broadcast_to(entry * scale, r.shape) for entry in first], 1)

    def majorised(self, theta: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Curvature (M, p, p) of the quadratic above the objective: never indefinite."""
        p = theta.shape[1]
        with np.errstate(all="ignore"):
            m, *first = self.functions.jacobian(theta, self.inputs)
            r = self.objective.residual(m, self.target)
            scale = 1.0 / m if self.objective.is_log else np.ones_like(m)
            slopes = np.stack([np.broadcast_to(first[i] * scale, r.shape) for i in range(p)], 1)
            w = np.broadcast_to(weights * self.objective.majoriser(r), r.shape)
            return np.matmul(slopes * w[:, None, :], slopes.transpose(0, 2, 1))


def _dot(left: np.ndarray, right: Any) -> np.ndarray:
    """Sum over runs of a product; `right` is (M, n), or anything that broadcasts to it."""
    if np.shape(right) == left.shape:
        return np.einsum("mn,mn->m", left, right)
    if np.ndim(right) == 0:
        return left.sum(axis=1) * right
    return (left * right).sum(axis=1)
