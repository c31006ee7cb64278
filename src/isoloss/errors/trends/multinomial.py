"""One multinomial line for all failure modes: log(p_j / p_ref) = a_j + b_j (s - mean s).

Jeffreys' prior holds it finite where a mode never occurs at one end (Firth 1993; for several
categories Kosmidis and Firth 2011): half of every cell's leverage is added to its count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from isoloss.errors.trends.robust import LEAST_UNITS

STEPS = 100
# keeps the information of an empty table invertible; too weak to be seen in any other
WEAK = 1e-9


@dataclass(frozen=True, eq=False)
class Mixture:
    """Fitted shares of J modes in M models.

    Attributes:
        centred: (M,) size minus its mean.
        slope: (J - 1,) b_j, the last mode being the reference.
        p: (M, J) fitted shares.
        inverse: (2 (J - 1), 2 (J - 1)) inverse information, levels and slopes in turn.
    """

    centred: np.ndarray
    slope: np.ndarray
    p: np.ndarray
    inverse: np.ndarray

    @property
    def centred_slopes(self) -> np.ndarray:
        """(J,) slopes of log p_j minus their mean: no mode is singled out as reference."""
        full = np.append(self.slope, 0.0)
        return full - full.mean()


def fit_mixture(size: np.ndarray, counts: np.ndarray, *, firth: bool = True) -> Mixture:
    """The mixture of greatest likelihood, penalised unless `firth` is off.

    Args:
        size: (M,) log10 of parameters.
        counts: (M, J) how often each mode occurred in each model.
        firth: with Jeffreys' prior.
    """
    centred = size - size.mean()
    free = counts.shape[1] - 1
    design = np.stack([np.ones_like(centred), centred], 1)
    theta = np.zeros((free, 2))
    share = (counts.sum(0) + 0.5) / (counts.sum() + 0.5 * (free + 1))
    theta[:, 0] = np.log(share[:-1] / share[-1])
    n = counts.sum(1)
    for _ in range(STEPS):
        p, inverse = _state(design, theta, n)
        pull = counts - n[:, None] * p
        if firth:
            extra = 0.5 * _leverage(design, p, n, inverse)
            pull = pull + extra - extra.sum(1, keepdims=True) * p
        score = (pull[:, :-1].T @ design) - theta * WEAK
        step = (inverse @ score.ravel()).reshape(free, 2)
        theta = theta + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        if np.abs(step).max() < 1e-10:
            break
    p, inverse = _state(design, theta, n)
    return Mixture(centred, theta[:, 1], p, inverse)


def _state(design: np.ndarray, theta: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares (M, J) and the inverse information ."""
    logits = np.column_stack([design @ theta.T, np.zeros(len(design))])
    shares = np.exp(logits - logits.max(1, keepdims=True))
    p = shares / shares.sum(1, keepdims=True)
    free = p[:, :-1]
    cover = n[:, None, None] * (
        free[:, :, None] * np.eye(free.shape[1]) - free[:, :, None] * free[:, None, :]
    )
    outer = design[:, :, None] * design[:, None, :]
    info = np.einsum("mjk,mab->jakb", cover, outer).reshape(theta.size, theta.size)
    return p, np.linalg.inv(info + np.eye(theta.size) * WEAK)


def _leverage(design: np.ndarray, p: np.ndarray, n: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """(M, J) leverage of every cell: n p g' V g with g = d log p / d theta."""
    free = p.shape[1] - 1
    unit = np.vstack([np.eye(free), np.zeros(free)])
    apart = unit[None] - p[:, None, :-1]
    g = (apart[..., None] * design[:, None, None, :]).reshape(*p.shape, 2 * free)
    return n[:, None] * p * np.einsum("mja,ab,mjb->mj", g, inverse, g)


def slopes_differ(mixture: Mixture, pull: np.ndarray) -> tuple[float, int, int]:
    """Wald's T2 that no mode's share changes with size, with its rank and the units.

    Args:
        mixture: the fit.
        pull: (J, M, G) event minus fitted share, of every unit.
    """
    free, units = len(mixture.slope), pull.shape[2]
    if units < max(LEAST_UNITS, 2 * free + 2):
        return math.nan, free, units
    design = np.stack([np.ones_like(mixture.centred), mixture.centred])
    score = np.einsum("am,jmg->jag", design, pull[:-1]).reshape(2 * free, units)
    moved = (mixture.inverse @ score)[1::2]
    cover = moved @ moved.T * units / (units - 2.0)
    spread = np.sqrt(np.diag(cover))
    if not (spread > 0).all() or np.linalg.cond(cover / np.outer(spread, spread)) > 1e10:
        return math.nan, free, units
    return float(mixture.slope @ np.linalg.solve(cover, mixture.slope)), free, units
