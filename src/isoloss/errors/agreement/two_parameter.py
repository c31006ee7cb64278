"""Ability, difficulty and discrimination (Birnbaum 1968): which questions tell models apart.

logit P(model m answers question i) = a_i theta_m - d_i, at the largest posterior density under
theta ~ N(0, 1), d ~ N(0, 1) and a ~ N(1, 1/4). A question with a below zero is answered rather by
weaker models: read it, its right answer may be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.flips import keys
from isoloss.errors.items import Grid

SLOPE_PRECISION = 4.0


@dataclass(frozen=True, eq=False)
class TwoParameter:
    """A two-parameter model of all answers.

    Attributes:
        names: (M) models.
        ability: (M,).
        discrimination, difficulty: (I,) a and d of every question.
        backward: questions with a below zero, as (task, key), the lowest first.
        steps: iterations taken.
        converged: whether they came to rest.
    """

    names: tuple[str, ...]
    ability: np.ndarray
    discrimination: np.ndarray
    difficulty: np.ndarray
    backward: tuple[tuple[str, str], ...]
    steps: int
    converged: bool

    def to_document(self, limit: int = 200) -> dict[str, Any]:
        """Plain data; at most `limit` keys."""
        return {
            "ability": dict(zip(self.names, self.ability.tolist(), strict=True)),
            "discrimination_quartiles": np.quantile(
                self.discrimination, [0.0, 0.25, 0.5, 0.75, 1.0]
            ).tolist(),
            "backward": {
                "count": len(self.backward),
                "items": [list(key) for key in self.backward[:limit]],
            },
            "steps": self.steps,
            "converged": self.converged,
        }


def two_parameter(grid: Grid, *, steps: int = 500, tolerance: float = 1e-6) -> TwoParameter:
    """Fit by turns: questions given abilities, then abilities given questions.

    Questions with the same pattern of right answers are fitted once.

    Args:
        grid: answers.
        steps: the most iterations.
        tolerance: rest, in logits.
    """
    patterns, member, count = patterns_of(grid.correct)
    y = patterns.astype(float)
    theta = np.zeros(grid.shape[0])
    theta[:] = _start(grid.correct.mean(axis=1))
    a, d = np.ones(len(y)), np.zeros(len(y))
    taken, rest = 0, False
    while taken < steps and not rest:
        taken += 1
        before = theta.copy()
        a, d = _questions(y, theta, a, d)
        theta = _models(y, count, theta, a, d)
        rest = bool(np.abs(theta - before).max() < tolerance)
    slope = a[member]
    order = np.argsort(slope, kind="stable")
    listed = keys(grid, np.ones(grid.shape[1], dtype=bool))
    backward = tuple(listed[i] for i in order[: int((slope < 0).sum())])
    return TwoParameter(grid.names, theta, slope, d[member], backward, taken, rest)


def patterns_of(correct: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Different columns of (M, I): patterns (U, M), the pattern of each item (I,), counts (U,)."""
    packed = np.packbits(correct.astype(bool), axis=0).T
    joined = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").ravel()
    _, first, member, count = np.unique(
        joined, return_index=True, return_inverse=True, return_counts=True
    )
    return correct[:, first].T, member, count


def _start(share: np.ndarray) -> np.ndarray:
    share = np.clip(share, 0.01, 0.99)
    return np.log(share / (1.0 - share))


def _p(theta: np.ndarray, a: np.ndarray, d: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(a[:, None] * theta - d[:, None], -40.0, 40.0)))


def _questions(
    y: np.ndarray, theta: np.ndarray, a: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two Newton steps in a and d of every pattern."""
    for _ in range(2):
        p = _p(theta, a, d)
        w, e = p * (1.0 - p), y - p
        up_a = e @ theta - SLOPE_PRECISION * (a - 1.0)
        up_d = -e.sum(axis=1) - d
        aa = w @ theta**2 + SLOPE_PRECISION
        ad = -(w @ theta)
        dd = w.sum(axis=1) + 1.0
        det = aa * dd - ad * ad
        a = a + np.clip((dd * up_a - ad * up_d) / det, -1.0, 1.0)
        d = d + np.clip((aa * up_d - ad * up_a) / det, -1.0, 1.0)
    return a, d


def _models(
    y: np.ndarray, count: np.ndarray, theta: np.ndarray, a: np.ndarray, d: np.ndarray
) -> np.ndarray:
    p = _p(theta, a, d)
    up = (count * a) @ (y - p) - theta
    return theta + np.clip(up / ((count * a * a) @ (p * (1.0 - p)) + 1.0), -1.0, 1.0)
