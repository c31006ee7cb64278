"""Ability of every model and difficulty of every question on one scale (Rasch 1960).

logit P(model m answers question i) = theta_m - beta_i, with standard normal priors on both (a ridge
of 1), at the largest posterior density. Questions that equally many models answered have the same
beta, so a fit is one Newton iteration over M abilities and M + 1 difficulties, however many
questions there are.
"""

from __future__ import annotations

import numpy as np

RIDGE = 1.0
# replicates fitted at once
BATCH = 256


def rasch(
    totals: np.ndarray, scores: np.ndarray, ridge: float = RIDGE
) -> tuple[np.ndarray, np.ndarray]:
    """Fit R data sets of M models.

    Args:
        totals: (R, M) questions that each model answered right.
        scores: (R, M + 1) questions that 0, 1, ... M models answered right.
        ridge: precision of the priors on abilities and difficulties.

    Returns:
        Abilities (R, M) and difficulties by number of right models (R, M + 1), in logits.
    """
    parts = [
        _newton(totals[at : at + BATCH], scores[at : at + BATCH], ridge)
        for at in range(0, len(totals), BATCH)
    ]
    return np.concatenate([a for a, _ in parts]), np.concatenate([b for _, b in parts])


def _newton(totals: np.ndarray, scores: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    runs, models = totals.shape
    right = np.arange(models + 1.0)
    theta = np.zeros((runs, models))
    beta = np.broadcast_to(
        np.log((models - right + 0.5) / (right + 0.5)), (runs, models + 1)
    ).copy()
    identity = np.eye(models)
    for _ in range(60):
        p = _logistic(theta[:, :, None] - beta[:, None, :])
        w = p * (1.0 - p)
        up = totals - (p * scores[:, None, :]).sum(axis=2) - ridge * theta
        # of one question with each number of right models; the count of questions cancels
        down = p.sum(axis=1) - right - ridge * beta
        own = w.sum(axis=1) + ridge
        held = w * scores[:, None, :]
        # Newton's step with the difficulties eliminated
        matrix = identity * (held.sum(axis=2) + ridge)[:, :, None]
        matrix -= np.einsum("rms,rns->rmn", held / own[:, None, :], w)
        step = np.linalg.solve(
            matrix, (up + (held * (down / own)[:, None, :]).sum(axis=2))[..., None]
        )[..., 0]
        move = (down + (w * step[:, :, None]).sum(axis=1)) / own
        theta += np.clip(step, -2.0, 2.0)
        beta += np.clip(move, -2.0, 2.0)
        if max(np.abs(step).max(), np.abs(move).max()) < 1e-9:
            break
    return theta, beta


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -40.0, 40.0)))
