"""Abilities against size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.agreement.marginal import marginal
from isoloss.errors.agreement.rasch import rasch
from isoloss.errors.contrasts.estimate import Estimate, bounds
from isoloss.errors.items import Grid

# slopes within this (logits per decade of parameters) do not matter
FLAT = 0.1


@dataclass(frozen=True)
class AbilitySlope:
    """Ability against log10 of size, with an intercept for every family.

    Attributes:
        value: logits per decade of parameters.
        se: standard error from the scatter of models round their families' lines.
        models: value with a t interval from `se`: what other models would change.
        items: value with a bootstrap interval: what other questions would change.
        unshrunk: the slope without the ridge, which draws all slopes towards zero (by about a tenth
            with ten models); interval as `models`.
        count: models of known size.
        families: their families, with their intercepts at 1e9 parameters.
        freedom: degrees of freedom, models - families - 1.
        verdict: improves, worsens, flat (within .1 logits per decade), or cannot tell; from
            `models`.
    """

    value: float
    se: float
    models: Estimate
    items: Estimate
    unshrunk: Estimate
    count: int
    families: dict[str, float]
    freedom: int
    verdict: str

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "models": self.models.to_document(),
            "items": self.items.to_document(),
            "unshrunk": self.unshrunk.to_document(),
        }


@dataclass(frozen=True, eq=False)
class Abilities:
    """A Rasch model of all answers.

    Attributes:
        names: (M) models.
        ability: (M) logits; 0 is the mean of the prior.
        difficulty: (I,) logits, of every question.
        by_score: (M + 1) difficulty by how many models answered right.
        slope: ability against size; None without two sizes in one family.
    """

    names: tuple[str, ...]
    ability: tuple[Estimate, ...]
    difficulty: np.ndarray
    by_score: tuple[float, ...]
    slope: AbilitySlope | None

    def to_document(self) -> dict[str, Any]:
        """Plain data; difficulties by number of right models."""
        return {
            "ability": {
                name: one.to_document() for name, one in zip(self.names, self.ability, strict=True)
            },
            "difficulty_by_right_models": list(self.by_score),
            "slope": None if self.slope is None else self.slope.to_document(),
        }


def abilities(
    grid: Grid, draws_right: np.ndarray, draws_scores: np.ndarray, level: float
) -> Abilities:
    """Fit all answers and every replicate.

    Args:
        grid: answers.
        draws_right: (R, M) right answers of every model in replicates.
        draws_scores: (R, M + 1) questions that 0, 1, ... M models answered right.
        level: of intervals.
    """
    models, items = grid.shape
    correct = grid.correct == 1
    score = correct.sum(axis=0)
    right = correct.sum(axis=1).astype(float)[None]
    scores = np.bincount(score, minlength=models + 1).astype(float)
    theta, beta = rasch(right, scores[None])
    free, _ = marginal(right[0], scores)
    drawn, _ = rasch(draws_right, draws_scores)
    low, high = bounds(drawn, level)
    return Abilities(
        grid.names,
        tuple(
            Estimate(float(theta[0, m]), float(low[m]), float(high[m]), items, level)
            for m in range(models)
        ),
        beta[0][score],
        tuple(beta[0].tolist()),
        _slope(grid, theta[0], free, drawn, level),
    )


def design(grid: Grid) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]] | None:
    """Regression on log10(size / 1e9) with family intercepts.

    Returns:
        Lines of models with known sizes (m), the matrix (m, 1 + F), and the families; None where no
        family has two sizes.
    """
    kept = np.flatnonzero(np.isfinite(grid.size))
    families = tuple(dict.fromkeys(grid.models[line].family for line in kept))
    size = grid.size[kept] - 9.0
    member = np.array([families.index(grid.models[line].family) for line in kept], dtype=int)
    matrix = np.column_stack([size, *(member == f for f in range(len(families)))]).astype(float)
    spread = any(len(np.unique(size[member == f])) > 1 for f in range(len(families)))
    return (kept, matrix, families) if spread else None


def _slope(
    grid: Grid, theta: np.ndarray, free: np.ndarray, drawn: np.ndarray, level: float
) -> AbilitySlope | None:
    found = design(grid)
    if found is None:
        return None
    kept, matrix, families = found
    inverse = np.linalg.pinv(matrix)
    line = inverse @ theta[kept]
    value, freedom = float(line[0]), len(kept) - matrix.shape[1]
    se, models, flat = _over_models(theta[kept], matrix, inverse, level)
    low, high = bounds(drawn[:, kept] @ inverse[0], level)
    return AbilitySlope(
        value,
        se,
        models,
        Estimate(value, float(low), float(high), grid.shape[1], level),
        _over_models(free[kept], matrix, inverse, level)[1],
        len(kept),
        dict(zip(families, line[1:].tolist(), strict=True)),
        freedom,
        trend(value, models.low, models.high, flat),
    )


def _over_models(
    theta: np.ndarray, matrix: np.ndarray, inverse: np.ndarray, level: float
) -> tuple[float, Estimate, bool]:
    """Standard error and t interval of the slope, and whether it is flat by two one-sided tests."""
    from scipy.stats import t

    line = inverse @ theta
    rest, freedom = theta - matrix @ line, len(theta) - matrix.shape[1]
    value, se, reach, narrow = float(line[0]), np.nan, np.nan, np.nan
    if freedom > 0:
        se = float(np.sqrt(rest @ rest / freedom * (inverse @ inverse.T)[0, 0]))
        reach = float(t.ppf(0.5 + level / 2.0, freedom)) * se
        narrow = float(t.ppf(level, freedom)) * se
    found = Estimate(value, value - reach, value + reach, len(theta), level)
    return float(se), found, bool(abs(value) + narrow < FLAT)


def trend(value: float, low: float, high: float, flat: bool) -> str:
    """The word for a trend where more is better."""
    if np.isnan(low) or np.isnan(high):
        return "cannot tell"
    if low > 0 or high < 0:
        return "improves" if value > 0 else "worsens"
    return "flat" if flat else "cannot tell"
