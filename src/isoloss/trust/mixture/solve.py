"""A batch of small robust fits with priors, side by side: Levenberg-Marquardt on Huber's loss.

A member of a mixture is fitted hundreds of times: from several starts, on every backtest fold, and
under every bootstrap weighting. What is minimised, row by row of the batch, is

    sum_i w_i rho((f_i - y_i) / s) + sum_k ((theta_k - m_k) / t_k)^2 / 2

with f the logarithm of the law, y that of the target, s the noise, rho Huber's loss (1964) that
turns straight at `TURN` noises, and Gaussian priors N(m, t^2). Damping is Marquardt's (1963), per
row. The certified engine of `isoloss.fit` has no priors; without them a form with a floor and an
exponent in doubt extrapolates to anything, which is what a mixture is there to prevent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

# residuals beyond so many noises count by their size, not their square
TURN = 1.5


class Evaluate(Protocol):
    """A member's function: theta (M, p) to f (M, n) and its Jacobian (M, p, n)."""

    def __call__(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]: ...


@dataclass(frozen=True)
class Prior:
    """Independent Gaussians of the parameters.

    Attributes:
        mean, sd: (p,).
    """

    mean: np.ndarray
    sd: np.ndarray


def solve(
    evaluate: Evaluate,
    y: np.ndarray,
    start: np.ndarray,
    weights: np.ndarray,
    noise: float,
    prior: Prior,
    *,
    bounds: tuple[np.ndarray, np.ndarray] | None = None,
    steps: int = 60,
    tolerance: float = 1e-10,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise from every row of `start`.

    Args:
        evaluate: the form on the rows that are fitted.
        y: (n,) logarithm of the target.
        start: (M, p).
        weights: (M, n) or (1, n).
        noise: s.
        prior: of the parameters.
        bounds: lowest and highest parameters (p,), or None.
        steps: the most that are taken.
        tolerance: a row is done when a step gains less than this share of the objective.

    Returns:
        theta (M, p) and its objective (M,); rows that had no finite start stay as they were, with
        an infinite objective.
    """
    low, high = bounds if bounds is not None else (-np.inf, np.inf)
    theta = np.clip(start, low, high)
    weights = np.broadcast_to(weights, (len(theta), len(y)))
    with np.errstate(all="ignore"):
        f, jacobian = evaluate(theta)
        value = _objective(f, y, weights, noise, theta, prior)
        damping = np.full(len(theta), 1e-3)
        alive = np.flatnonzero(np.isfinite(value))
        f, jacobian = f[alive], jacobian[alive]
        for _ in range(steps):
            if not alive.size:
                break
            here, w = theta[alive], weights[alive]
            step = _step(f, jacobian, y, w, noise, here, prior, damping[alive], low, high)
            trial = np.clip(here + step, low, high)
            new_f, new_jacobian = evaluate(trial)
            found = _objective(new_f, y, w, noise, trial, prior)
            old = value[alive]
            better = found < old
            took = alive[better]
            theta[took], value[took] = trial[better], found[better]
            f[better], jacobian[better] = new_f[better], new_jacobian[better]
            damping[alive] = np.where(better, damping[alive] * 0.2, damping[alive] * 8.0 + 1e-6)
            gain = np.where(better, old - found, np.inf)
            done = (gain < tolerance * (1.0 + np.abs(old))) | (damping[alive] > 1e4)
            f, jacobian, alive = f[~done], jacobian[~done], alive[~done]
    value[~np.isfinite(value)] = np.inf
    return theta, value


def _step(
    f: np.ndarray,
    jacobian: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    noise: float,
    theta: np.ndarray,
    prior: Prior,
    damping: np.ndarray,
    low: np.ndarray | float,
    high: np.ndarray | float,
) -> np.ndarray:
    """The damped Gauss-Newton step (M, p), Huber's loss by its majorising weights.

    A parameter at a bound that the objective pushes against stays where it is.
    """
    r = (f - y) / noise
    w = weights * np.minimum(1.0, TURN / np.maximum(np.abs(r), 1e-300))
    slopes = jacobian / noise
    weighted = slopes * w[:, None, :]
    normal = np.matmul(weighted, slopes.transpose(0, 2, 1))
    pull = np.matmul(weighted, r[:, :, None])[:, :, 0] + (theta - prior.mean) / prior.sd**2
    p = theta.shape[1]
    diagonal = np.einsum("mii->mi", normal) + prior.sd**-2.0
    normal[:, range(p), range(p)] = diagonal * (1.0 + damping[:, None])
    held = ((theta <= low) & (pull > 0)) | ((theta >= high) & (pull < 0))
    if held.any():
        normal[held[:, :, None] | held[:, None, :]] = 0.0
        normal[:, range(p), range(p)] += held
        pull = np.where(held, 0.0, pull)
    finite = np.isfinite(normal).all(axis=(1, 2)) & np.isfinite(pull).all(axis=1)
    normal[~finite], pull[~finite] = np.eye(p), 0.0
    root = np.sqrt(np.einsum("mii->mi", normal))
    scaled = normal / (root[:, :, None] * root[:, None, :])
    scaled[:, range(p), range(p)] += 1e-13
    return -np.linalg.solve(scaled, (pull / root)[:, :, None])[:, :, 0] / root


def _objective(
    f: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    noise: float,
    theta: np.ndarray,
    prior: Prior,
) -> np.ndarray:
    """(M,)."""
    size = np.abs(f - y) / noise
    inner = np.minimum(size, TURN)
    loss = (weights * inner * (size - 0.5 * inner)).sum(axis=1)
    return loss + 0.5 * (((theta - prior.mean) / prior.sd) ** 2).sum(axis=1)
