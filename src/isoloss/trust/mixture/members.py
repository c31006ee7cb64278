"""Members of a mixture: a form with a memory, fitted to rows with weak priors and draws.

A law that is wrong in detail is wrong least where it was fitted, so every form is also fitted with
a memory: a run counts half as much for each `memory` decades of compute that it lies below the
largest one. Among the lengths (all runs alike, half a decade, a tenth) the backtests choose. On
the 21 main ladders of `benchmarks/ladders.py`, half a decade alone took 8 to 21 % off the error of
every form on the largest fifth; which lengths are offered was chosen there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from isoloss.exceptions import FitError
from isoloss.trust.mixture import forms
from isoloss.trust.mixture.rows import Rows
from isoloss.trust.mixture.solve import Prior, solve

# no residual of a loss is known better than this: rounding, evaluation, seeds
LEAST_NOISE = 3e-4
# residuals beyond so many noises are cut back to that when the noise is measured
CUT = 3.0
MEMORIES = (None, 0.5, 0.1)
# of laws that a person names there may be many
LAW_MEMORIES = (None, 0.3)
CHUNK = 32
_MAD = 1.4826


class Bound(Protocol):
    """A form on given rows."""

    @property
    def prior(self) -> Prior:
        """Of the parameters."""
        ...

    @property
    def starts(self) -> np.ndarray:
        """(S, p)."""
        ...

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Lowest and highest parameters (p,), if there are any."""
        ...

    def evaluate(self, theta: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """ln of the law (M, n) and Jacobian (M, p, n)."""
        ...


class Form(Protocol):
    """What can be a member: a built-in form or a law."""

    @property
    def id(self) -> str:
        """Short name."""
        ...

    @property
    def formula(self) -> str:
        """In words or as a formula."""
        ...

    def count(self, d: int) -> int:
        """Number of parameters with d inputs."""
        ...

    def bind(self, rows: Rows, weights: np.ndarray) -> Bound:
        """Priors and starts from the rows."""
        ...


@dataclass(frozen=True)
class Member:
    """A form and how far back it looks.

    Attributes:
        form: the form.
        memory: decades of compute in which a run's weight halves; None for all runs alike.
    """

    form: Form
    memory: float | None = None

    @property
    def id(self) -> str:
        """Such as `coupled`, or `coupled, memory 0.5`."""
        return self.form.id if self.memory is None else f"{self.form.id}, memory {self.memory:g}"

    def remembered(self, rows: Rows) -> np.ndarray:
        """Weights (n,) of the runs, at most one before the runs' own weights."""
        if self.memory is None:
            return rows.weights
        below = (rows.size.max() - rows.size) / np.log(10.0)
        return rows.weights * 0.5 ** (below / self.memory)

    def runs_remembered(self, rows: Rows) -> float:
        """Kish's effective number of runs."""
        w = self.remembered(rows)
        return float(w.sum() ** 2 / (w**2).sum())


@dataclass(frozen=True, eq=False)
class Fitted:
    """A member fitted to rows.

    Attributes:
        member: what was fitted.
        theta: (p,).
        noise: robust standard deviation of the residuals that were fitted (s).
        spread: standard deviation of residuals where the member looks, for degrees of freedom
            used; the residual part of an interval.
        freedom: effective number of parameters, below p where priors hold some.
        draws: (B, p) Bayesian bootstrap.
        residuals: (n,) f - y on the rows.
        bound: the form on the rows it was fitted to.
    """

    member: Member
    theta: np.ndarray
    noise: float
    spread: float
    freedom: float
    draws: np.ndarray
    residuals: np.ndarray
    bound: Bound

    def predict(self, rows: Rows) -> np.ndarray:
        """ln of the target (n,)."""
        with np.errstate(all="ignore"):
            return self.bound.evaluate(self.theta[None, :], rows)[0][0]

    def scatter(self, rows: Rows) -> np.ndarray:
        """Half the 16 to 84 % range (n,) of the draws: the parameter part of an interval."""
        if not len(self.draws):
            return np.zeros(len(rows))
        with np.errstate(all="ignore"):
            drawn = self.bound.evaluate(self.draws, rows)[0]
        drawn = drawn[np.isfinite(drawn).all(axis=1)]
        if len(drawn) < 2:
            return np.full(len(rows), np.inf)
        low, high = np.quantile(drawn, [0.16, 0.84], axis=0)
        return 0.5 * (high - low)


def built_in(d: int) -> tuple[Member, ...]:
    """The members for d inputs: five forms with three memories each."""
    several = (forms.ADDITIVE, forms.TIED, forms.NO_FLOOR, forms.COUPLED, forms.Quadratic())
    one = (forms.ADDITIVE, forms.POWER, forms.Damped(), forms.SHIFTED, forms.Quadratic())
    return tuple(
        Member(form, memory) for form in (several if d > 1 else one) for memory in MEMORIES
    )


def fit_member(member: Member, rows: Rows, *, draws: int = 0, seed: int = 0) -> Fitted:
    """Fit a member to rows: a point from several starts, noise re-measured twice, then draws.

    Args:
        member: form and memory.
        rows: what it is fitted to.
        draws: Bayesian bootstrap replicates (exponential weights, Rubin 1981), by cluster.
        seed: of their random numbers.

    Raises:
        FitError: no start gave a finite value.
    """
    weights = member.remembered(rows)
    bound = member.form.bind(rows, weights)
    noise = _first_noise(rows, weights)
    theta = bound.starts
    best = theta[0]
    for steps in (60, 30, 30):
        theta, value = _solve(bound, rows, theta, weights, noise, steps, tolerance=1e-6)
        best = theta[int(np.argmin(value))]
        if not np.isfinite(value.min()):
            raise FitError(
                f"'{member.id}' has no finite value at any start on these {len(rows)} runs"
            )
        residuals = bound.evaluate(best[None, :], rows)[0][0] - rows.y
        noise = max(_robust(residuals, weights), LEAST_NOISE)
        theta = np.concatenate([best[None, :], theta[np.argsort(value, kind="stable")[:3]]])
    # the noise that the point was solved with, to rounding
    theta, _ = _solve(bound, rows, best[None, :], weights, noise, 30, tolerance=1e-13)
    best = theta[0]
    value, jacobian = bound.evaluate(best[None, :], rows)
    residuals = value[0] - rows.y
    leverage = _leverage(jacobian[0], residuals, weights, noise, bound.prior)
    return Fitted(
        member,
        best,
        noise,
        _spread(residuals, weights, leverage, noise),
        float(leverage.sum()),
        _draws(bound, rows, best, weights, noise, draws, seed),
        residuals,
        bound,
    )


def fit_all(
    members: Sequence[Member], rows: Rows, *, draws: int = 0, seed: int = 0
) -> list[Fitted]:
    """Every member fitted to the same rows, with the same draws."""
    return [fit_member(member, rows, draws=draws, seed=seed) for member in members]


def _solve(
    bound: Bound,
    rows: Rows,
    start: np.ndarray,
    weights: np.ndarray,
    noise: float,
    steps: int,
    *,
    tolerance: float = 1e-10,
) -> tuple[np.ndarray, np.ndarray]:
    return solve(
        lambda theta: bound.evaluate(theta, rows),
        rows.y,
        start,
        np.atleast_2d(weights),
        noise,
        bound.prior,
        bounds=bound.bounds,
        steps=steps,
        tolerance=tolerance,
    )


def _draws(
    bound: Bound,
    rows: Rows,
    best: np.ndarray,
    weights: np.ndarray,
    noise: float,
    count: int,
    seed: int,
) -> np.ndarray:
    """Replicates (B, p) from the point, each under exponential weights of clusters."""
    if not count:
        return np.empty((0, len(best)))
    _, labels = np.unique(rows.clusters, return_inverse=True)
    shares = np.random.default_rng(seed).exponential(size=(count, int(labels.max()) + 1))
    start = np.repeat(best[None, :], count, axis=0)
    drawn = shares[:, labels] * weights
    # a few replicates at a time stay in the processor's cache; they need no more than their noise
    parts = [
        _solve(bound, rows, start[i : i + CHUNK], drawn[i : i + CHUNK], noise, 12, tolerance=1e-5)
        for i in range(0, count, CHUNK)
    ]
    return np.concatenate([theta for theta, _ in parts])


def _first_noise(rows: Rows, weights: np.ndarray) -> float:
    """Half the robust residual of a plane: a first guess that lets every form bend."""
    base = np.column_stack([np.ones(len(rows)), rows.logs - rows.logs.mean(axis=0)])
    root = np.sqrt(weights)
    plane, *_ = np.linalg.lstsq(base * root[:, None], rows.y * root, rcond=None)
    return max(0.5 * _robust(rows.y - base @ plane, weights), LEAST_NOISE)


def _robust(residuals: np.ndarray, weights: np.ndarray) -> float:
    """Weighted median of absolute residuals, as a standard deviation."""
    size = np.abs(residuals)
    order = np.argsort(size)
    total = np.cumsum(weights[order])
    return float(_MAD * size[order][np.searchsorted(total, 0.5 * total[-1])])


def _leverage(
    jacobian: np.ndarray, residuals: np.ndarray, weights: np.ndarray, noise: float, prior: Prior
) -> np.ndarray:
    """Share (n,) of each run in its own prediction, priors counted in; at most 0.95."""
    from isoloss.trust.mixture.solve import TURN

    w = weights * np.minimum(1.0, TURN * noise / np.maximum(np.abs(residuals), 1e-300))
    normal = (jacobian * w) @ jacobian.T / noise**2 + np.diag(prior.sd**-2.0)
    root = np.sqrt(np.maximum(np.diag(normal), 1e-300))
    scaled = normal / np.outer(root, root) + 1e-12 * np.eye(len(root))
    solved = np.linalg.solve(scaled, jacobian / root[:, None])
    share = w * np.einsum("in,in->n", jacobian / root[:, None], solved) / noise**2
    return np.clip(share, 0.0, 0.95)


def _spread(
    residuals: np.ndarray, weights: np.ndarray, leverage: np.ndarray, noise: float
) -> float:
    """Weighted standard deviation of residuals cut at `CUT` noises, for freedom used."""
    cut = np.clip(residuals, -CUT * noise, CUT * noise)
    return float(np.sqrt((weights * cut**2).sum() / (weights * (1.0 - leverage)).sum()))
