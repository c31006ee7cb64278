"""What happens to single questions as models grow: solved, lost, gained, never solved.

A question is lost with scale where the rank correlation of size and success over the models of a
family is -.5 or below, and gained where it is .5 or above. With few sizes chance alone makes many
of both: the null gives the models' sizes out at random.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import permutations as orders
from typing import Any

import numpy as np

from isoloss.errors.agreement.share import mean, share
from isoloss.errors.agreement.two_parameter import patterns_of
from isoloss.errors.contrasts.estimate import Estimate
from isoloss.errors.contrasts.flips import keys
from isoloss.errors.items import Grid

THRESHOLD = 0.5
# every order of up to seven models is tried, random ones beyond
EVERY, RANDOM = 5040, 2000
# a share of lost questions within this of chance does not matter
MARGIN = 0.02

Keys = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Trajectories:
    """The questions of one family.

    Attributes:
        family: its name.
        models: names of models of known size, the smallest first.
        lost, gained: shares of questions.
        lost_null, gained_null: shares when sizes are given out at random, the mean over orders.
        lost_excess, gained_excess: above the null, by cluster where questions share one.
        lost_p, gained_p: share of orders with at least as many; at least 1 / orders.
        orders: how many orders; 6 for three sizes, so that p cannot be below 1/6.
        verdict: worsens where more is lost than chance makes, improves where less is, flat within
            .02 of it, or cannot tell.
        lost_items, gained_items: keys as (task, key).
    """

    family: str
    models: tuple[str, ...]
    lost: Estimate
    gained: Estimate
    lost_null: float
    gained_null: float
    lost_excess: Estimate
    gained_excess: Estimate
    lost_p: float
    gained_p: float
    orders: int
    verdict: str
    lost_items: Keys
    gained_items: Keys

    def to_document(self, limit: int = 200) -> dict[str, Any]:
        """Plain data; at most `limit` keys of each list."""
        found: dict[str, Any] = {
            key: value.to_document() if isinstance(value, Estimate) else value
            for key, value in vars(self).items()
        }
        return found | {
            "models": list(self.models),
            "lost_items": listed(self.lost_items, limit),
            "gained_items": listed(self.gained_items, limit),
        }


@dataclass(frozen=True)
class Extremes:
    """Questions that tell no models apart, and those that make one suspect the right answer.

    Attributes:
        never, always: shares of questions that no model, or every model, answered right.
        consensus: share where at least .8 of five models or more gave the same wrong answer; NaN
            with fewer models.
        never_items, always_items, consensus_items: keys as (task, key).
    """

    never: Estimate
    always: Estimate
    consensus: Estimate
    never_items: Keys
    always_items: Keys
    consensus_items: Keys

    def to_document(self, limit: int = 200) -> dict[str, Any]:
        """Plain data; at most `limit` keys of each list."""
        return {
            **{key: getattr(self, key).to_document() for key in ("never", "always", "consensus")},
            **{
                f"{key}_items": listed(getattr(self, f"{key}_items"), limit)
                for key in ("never", "always", "consensus")
            },
        }


def listed(found: Keys, limit: int) -> dict[str, Any]:
    """How many keys there are, and the first of them."""
    return {"count": len(found), "items": [list(key) for key in found[:limit]]}


def extremes(grid: Grid, level: float) -> Extremes:
    """Questions that none or all of the models answered right, or where they agree on a mistake."""
    score, models = grid.correct.sum(axis=0), len(grid.models)
    never, always = score == 0, score == models
    same = _consensus(grid)
    unknown = Estimate(np.nan, np.nan, np.nan, grid.shape[1], level)
    return Extremes(
        share(never, grid.cluster, level),
        share(always, grid.cluster, level),
        unknown if models < 5 else share(same, grid.cluster, level),
        keys(grid, never),
        keys(grid, always),
        () if models < 5 else keys(grid, same),
    )


def _consensus(grid: Grid, least: float = 0.8) -> np.ndarray:
    """(I,) the most frequent wrong answer is that of at least a share of the models."""
    models = len(grid.models)
    wrong = np.where((grid.correct == 0) & (grid.prediction >= 0), grid.prediction, -1)
    ordered = np.sort(wrong, axis=0)
    needed = math.ceil(least * models - 1e-9)
    # of sorted answers, equal ones stand together: one run of the needed length
    ends = [
        (ordered[k] >= 0) & (ordered[k] == ordered[k + needed - 1]) for k in _from(models, needed)
    ]
    return np.logical_or.reduce(ends)


def _from(models: int, needed: int) -> range:
    return range(models - needed + 1)


def trajectories(grid: Grid, level: float, seed: int) -> tuple[Trajectories, ...]:
    """Every family with at least three models of known, different sizes."""
    size, found = grid.size, []
    for family in dict.fromkeys(model.family for model in grid.models):
        lines = [
            line
            for line, model in enumerate(grid.models)
            if model.family == family and np.isfinite(size[line])
        ]
        if len(np.unique(size[lines])) >= 3:
            found.append(_family(grid.lines(lines), family, level, seed))
    return tuple(found)


def _family(grid: Grid, family: str, level: float, seed: int) -> Trajectories:
    patterns, member, count = patterns_of(grid.correct)
    tried = _orders(_ranks(grid.size), seed)
    rho = _correlation(patterns.astype(float), tried)
    lost, gained = rho <= -THRESHOLD + 1e-9, rho >= THRESHOLD - 1e-9
    weight = count / count.sum()
    by_order = lost @ weight, gained @ weight
    chance = lost.mean(axis=0)[member], gained.mean(axis=0)[member]
    here = lost[0][member], gained[0][member]
    excess = [
        mean(seen - null, grid.cluster, level) for seen, null in zip(here, chance, strict=True)
    ]
    p = [float((drawn >= drawn[0] - 1e-12).mean()) for drawn in by_order]
    below = float((by_order[0] <= by_order[0][0] + 1e-12).mean())
    return Trajectories(
        family,
        grid.names,
        share(here[0], grid.cluster, level),
        share(here[1], grid.cluster, level),
        float(by_order[0].mean()),
        float(by_order[1].mean()),
        excess[0],
        excess[1],
        p[0],
        p[1],
        len(tried),
        _verdict(excess[0], p[0], below, level),
        keys(grid, here[0]),
        keys(grid, here[1]),
    )


def _ranks(size: np.ndarray) -> np.ndarray:
    from scipy.stats import rankdata

    return rankdata(size)


def _orders(ranks: np.ndarray, seed: int) -> np.ndarray:
    """Orders of the sizes (R, M), the true one first."""
    models = len(ranks)
    if math.factorial(models) <= EVERY:
        return np.array([ranks[list(order)] for order in orders(range(models))])
    rng = np.random.default_rng(seed)
    return np.vstack([ranks, [rng.permutation(ranks) for _ in range(RANDOM - 1)]])


def _correlation(patterns: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Rank correlation (R, U) of every order with every pattern; 0 where success never changes."""
    x = ranks - ranks.mean(axis=1, keepdims=True)
    y = patterns - patterns.mean(axis=1, keepdims=True)
    norm = np.sqrt((x**2).sum(axis=1))[:, None] * np.sqrt((y**2).sum(axis=1))[None]
    return np.where(norm > 0, x @ y.T / np.where(norm > 0, norm, 1.0), 0.0)


def _verdict(excess: Estimate, above: float, below: float, level: float) -> str:
    if min(above, below) <= 1.0 - level and excess.apart:
        return "worsens" if excess.value > 0 else "improves"
    return "flat" if excess.low > -MARGIN and excess.high < MARGIN else "cannot tell"
