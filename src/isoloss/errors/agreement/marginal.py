"""Abilities without the shrinkage of a ridge: difficulties integrated out.

Joint estimates of abilities and difficulties draw the scale together, the more the fewer models
there are: each difficulty rests on M answers. Here difficulties are N(0, s^2) with s estimated, and
abilities are free (marginal maximum likelihood, Bock and Aitkin 1981, with one slope).
"""

from __future__ import annotations

import numpy as np

NODES = 81
# so weak that it matters only to a model that answers nothing, or everything, right
WEAK = 0.01


def marginal(
    totals: np.ndarray, scores: np.ndarray, *, steps: int = 2000, tolerance: float = 1e-7
) -> tuple[np.ndarray, float]:
    """Abilities (M,) in logits, the mean difficulty being 0, and the spread s of difficulties.

    Args:
        totals: (M,) questions that each model answered right.
        scores: (M + 1) questions that 0, 1, ... M models answered right.
        steps: the most turns of the EM algorithm.
        tolerance: of abilities and spread between turns, in logits.
    """
    models = len(totals)
    z = np.linspace(-6.0, 6.0, NODES)
    prior = -0.5 * z * z
    theta, spread = np.zeros(models), 1.0
    for _ in range(steps):
        eta = theta[:, None] - spread * z
        # of a question with r right models: exp(-r beta) prod_m 1 / (1 + exp(theta_m - beta))
        log = prior - np.logaddexp(0.0, eta).sum(axis=0)
        log = log - np.arange(models + 1.0)[:, None] * spread * z
        posterior = np.exp(log - log.max(axis=1, keepdims=True))
        posterior /= posterior.sum(axis=1, keepdims=True)
        held = scores @ posterior
        p = 1.0 / (1.0 + np.exp(-np.clip(eta, -40.0, 40.0)))
        up = totals - p @ held - WEAK * theta
        step = np.clip(up / ((p * (1.0 - p)) @ held + WEAK), -1.0, 1.0)
        wider = spread * float(np.sqrt(held @ (z * z) / held.sum()))
        rest = max(float(np.abs(step).max()), abs(wider - spread))
        theta, spread = theta + step, max(wider, 1e-3)
        if rest < tolerance:
            break
    return theta, spread
