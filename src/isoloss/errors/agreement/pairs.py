"""Do two models fail on the same questions, and in the same way?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.agreement.columns import (
    ALIKE,
    BOTH,
    CHANCE,
    OPEN_SAME,
    OPEN_WRONG,
    SAME,
    WRONG,
    Columns,
)
from isoloss.errors.contrasts.estimate import Estimate, bounds
from isoloss.errors.items import Grid


@dataclass(frozen=True)
class Pair:
    """Two models of a grid.

    Attributes:
        small, large: names; the smaller model first.
        same_family: both belong to one family.
        kappa: error consistency (c - e) / (1 - e), with c the share of questions where both are
            right or both wrong and e = p1 p2 + (1 - p1) (1 - p2) (Geirhos et al. 2020).
        kappa_max: the most that kappa can be with these accuracies, at c = 1 - |p1 - p2|.
        kappa_of_max: kappa / kappa_max.
        same_wrong: where both are wrong and both answers were read, the share of equal answers.
        same_wrong_open: the same where there are three options or more: with two, two wrong answers
            are equal always.
        chance: mean 1 / (k - 1) on those questions, what blind guesses would share.
        capa: chance-adjusted agreement (Goel et al. 2025, kappa_p): c is the mean over questions of
            sum_o p1(o) p2(o), e = P1 P2 + mean(1 / (k - 1)) (1 - P1) (1 - P2), P the mean
            probability on the right option. Without probabilities an answer has all of it.
        regression: P(large wrong | small right); an upper bound, as rerunning alone flips answers.
        fix: P(large right | small wrong).
        nesting: 1 - P(small right, large wrong) / (P(small right) P(large wrong)): 1 where the
            large model's errors lie within the small one's, 0 where they are independent.
        nesting_back: the small model's errors within the large one's.
    """

    small: str
    large: str
    same_family: bool
    kappa: Estimate
    kappa_max: float
    kappa_of_max: Estimate
    same_wrong: Estimate
    same_wrong_open: Estimate
    chance: float
    capa: Estimate
    regression: Estimate
    fix: Estimate
    nesting: Estimate
    nesting_back: Estimate

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            key: value.to_document() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }


def measures(columns: Columns, of_models: np.ndarray, of_pairs: np.ndarray) -> dict[str, Any]:
    """Every measure of every pair, each (R, P).

    Args:
        columns: what was summed.
        of_models: (R, F) sums of `Columns.of_models`.
        of_pairs: (R, P, 7) sums of the pairs' columns.
    """
    models = len(columns.correct)
    i, j = columns.pairs.T
    n, counted, chance = (of_models[:, k, None] for k in range(3))
    right = of_models[:, 3 : 3 + models]
    on_right = of_models[:, 3 + models : 3 + 2 * models]
    first, second, both = right[:, i] / n, right[:, j] / n, of_pairs[..., BOTH] / n
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = first * second + (1 - first) * (1 - second)
        kappa = (1 - first - second + 2 * both - expected) / (1 - expected)
        most = (1 - np.abs(first - second) - expected) / (1 - expected)
        one, two = on_right[:, i] / counted, on_right[:, j] / counted
        blind = one * two + chance / counted * (1 - one) * (1 - two)
        found = {
            "kappa": kappa,
            "kappa_max": most,
            "kappa_of_max": kappa / most,
            "same_wrong": of_pairs[..., SAME] / of_pairs[..., WRONG],
            "same_wrong_open": of_pairs[..., OPEN_SAME] / of_pairs[..., OPEN_WRONG],
            "chance": of_pairs[..., CHANCE] / of_pairs[..., OPEN_WRONG],
            "capa": (of_pairs[..., ALIKE] / counted - blind) / (1 - blind),
            "regression": (first - both) / first,
            "fix": (second - both) / (1 - first),
            "nesting": 1 - (first - both) / (first * (1 - second)),
            "nesting_back": 1 - (second - both) / (second * (1 - first)),
        }
    return {key: np.where(np.isfinite(value), value, np.nan) for key, value in found.items()}


def read_pairs(
    grid: Grid,
    columns: Columns,
    point: dict[str, np.ndarray],
    draws: dict[str, np.ndarray],
    pair_sums: np.ndarray,
    level: float,
) -> tuple[Pair, ...]:
    """One entry a pair, from measures at the point (1, P), draws (R, P) and sums (1, P, 7)."""
    low, high = {}, {}
    for key in draws:
        low[key], high[key] = bounds(draws[key], level)
    items = grid.shape[1]
    right = columns.correct.sum(axis=1)

    def one(key: str, place: int, n: int) -> Estimate:
        return Estimate(
            float(point[key][0, place]), float(low[key][place]), float(high[key][place]), n, level
        )

    found = []
    for place, (i, j) in enumerate(columns.pairs.tolist()):
        counts = pair_sums[0, place]
        found.append(
            Pair(
                grid.names[i],
                grid.names[j],
                grid.models[i].family == grid.models[j].family,
                one("kappa", place, items),
                float(point["kappa_max"][0, place]),
                one("kappa_of_max", place, items),
                one("same_wrong", place, int(counts[WRONG])),
                one("same_wrong_open", place, int(counts[OPEN_WRONG])),
                float(point["chance"][0, place]),
                one("capa", place, int(columns.counted.sum())),
                one("regression", place, int(right[i])),
                one("fix", place, items - int(right[i])),
                one("nesting", place, items),
                one("nesting_back", place, items),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class FamilyMeans:
    """Means over pairs of models of one family, and over pairs of two.

    The intervals say what other questions would change, not what other models would.

    Attributes:
        measure: what is averaged.
        within, between, difference: NaN without such pairs.
        pairs_within, pairs_between: how many pairs.
    """

    measure: str
    within: Estimate
    between: Estimate
    difference: Estimate
    pairs_within: int
    pairs_between: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            key: value.to_document() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }


def family_means(
    grid: Grid,
    pairs: tuple[Pair, ...],
    point: dict[str, np.ndarray],
    draws: dict[str, np.ndarray],
    level: float,
) -> tuple[FamilyMeans, ...]:
    """Means of kappa, of equal wrong answers and of CAPA, within and between families."""
    same = np.array([pair.same_family for pair in pairs], dtype=bool)
    found = []
    for measure in ("kappa", "same_wrong", "same_wrong_open", "capa"):
        value, drawn = ((_mean(x[measure], same), _mean(x[measure], ~same)) for x in (point, draws))
        low, high = bounds(np.column_stack([*drawn, drawn[0] - drawn[1]]), level)
        values = (value[0][0], value[1][0], value[0][0] - value[1][0])
        within, between, difference = (
            Estimate(float(values[k]), float(low[k]), float(high[k]), grid.shape[1], level)
            for k in range(3)
        )
        found.append(
            FamilyMeans(
                measure,
                within,
                between,
                difference,
                int(same.sum()),
                int((~same).sum()),
            )
        )
    return tuple(found)


def _mean(values: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """(R,) mean over the pairs that have a value; NaN where none has."""
    some = np.where(np.isnan(values[:, kept]), 0.0, values[:, kept])
    count = (~np.isnan(values[:, kept])).sum(axis=1)
    return np.where(count > 0, some.sum(axis=1) / np.maximum(count, 1), np.nan)
