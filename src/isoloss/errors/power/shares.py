"""What a comparison of two mixes of failure modes can show."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.errors.contrasts.distance import jensen_shannon
from isoloss.errors.contrasts.permutation import exchanged, p_value
from isoloss.exceptions import ItemsError

# a mix of four modes, and the even one that it moves towards
BASE = (0.4, 0.3, 0.2, 0.1)
EVEN = (0.25, 0.25, 0.25, 0.25)


@dataclass(frozen=True)
class ShiftPower:
    """How often a shift of failure modes is found.

    Attributes:
        n: items where both models have a failure mode.
        moved: share of items whose mode is drawn from the shifted mix.
        power: share of simulations in which the paired permutation test of the Jensen-Shannon
            divergence rejects; with `moved` 0 that is the test's size.
        naive: the same for Pearson's chi square of two independent samples.
        se: Monte Carlo standard error of `power`.
        simulations: how many.
    """

    n: int
    moved: float
    power: float
    naive: float
    se: float
    simulations: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return dict(vars(self))


def share_power(
    n: int,
    *,
    moved: float = 0.4,
    alike: float = 0.7,
    base: Sequence[float] = BASE,
    shifted: Sequence[float] = EVEN,
    level: float = 0.95,
    permutations: int = 199,
    simulations: int = 1000,
    seed: int = 0,
) -> ShiftPower:
    """Power of the paired permutation test, by simulation.

    The first model's modes are drawn from `base`. The second has the first's mode with probability
    `alike` and else draws from `base`; in a share `moved` of all items it draws from `shifted`
    instead. The defaults are a strong shift: four modes, 40, 30, 20 and 10 % in one mix and even
    in the other, in 40 % of items.

    Args:
        n: items.
        moved: share of items that shift; 0 gives the size of the tests.
        alike: probability that the second model fails as the first does.
        base, shifted: the two mixes.
        level: of the tests.
        permutations: exchanges for each test.
        simulations: how many.
        seed: of all random numbers.

    Raises:
        ItemsError: shares that do not add up to 1, or options out of range.
    """
    first, second = _mixes(base, shifted)
    if not (0 <= moved <= 1 and 0 <= alike <= 1 and n >= 2):
        raise ItemsError(f"n={n}, moved={moved}, alike={alike}; expected n of 2 or more and shares")
    rng = np.random.default_rng(seed)
    count, found, naive = len(first), 0, 0
    for _ in range(simulations):
        a = rng.choice(count, n, p=first)
        b = np.where(rng.random(n) < alike, a, rng.choice(count, n, p=first))
        if moved:
            b = np.where(rng.random(n) < moved, rng.choice(count, n, p=second), b)
        seen = [np.bincount(one, minlength=count).astype(float) for one in (a, b)]
        null = jensen_shannon(*exchanged(a, b, count, permutations, int(rng.integers(2**31))))
        # a float just below the level is the level
        found += bool(p_value(null, jensen_shannon(*seen)) <= 1.0 - level + 1e-9)
        naive += _independent(*seen) < 1.0 - level
    power = found / simulations
    return ShiftPower(
        n,
        moved,
        power,
        naive / simulations,
        math.sqrt(power * (1.0 - power) / simulations),
        simulations,
    )


def share_power_formula(
    n: float,
    *,
    moved: float = 0.4,
    alike: float = 0.7,
    base: Sequence[float] = BASE,
    shifted: Sequence[float] = EVEN,
    level: float = 0.95,
) -> float:
    """The same without simulation: a chi square of J - 1 degrees off centre.

    With D the difference of the two models' indicator vectors on an item, the centre moves by
    n E[D]' Cov(D)^- E[D].
    """
    from scipy.special import chdtri
    from scipy.stats import ncx2

    p, q = _mixes(base, shifted)
    kept = (1.0 - moved) * alike
    joint = (
        kept * np.diag(p) + (1.0 - moved) * (1.0 - alike) * np.outer(p, p) + moved * np.outer(p, q)
    )
    drift = joint.sum(axis=0) - joint.sum(axis=1)
    cover = np.diag(joint.sum(axis=0) + joint.sum(axis=1)) - joint - joint.T
    cover -= np.outer(drift, drift)
    degrees = len(p) - 1
    centre = n * float(drift @ np.linalg.pinv(cover) @ drift)
    return float(ncx2.sf(chdtri(degrees, 1.0 - level), degrees, max(centre, 1e-12)))


def _mixes(base: Sequence[float], shifted: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(base, dtype=float), np.asarray(shifted, dtype=float)
    for mix in (first, second):
        if (mix < 0).any() or abs(mix.sum() - 1.0) > 1e-6 or len(mix) != len(first):
            raise ItemsError(
                "mixes of failure modes need equal lengths and shares that add up to 1"
            )
    return first / first.sum(), second / second.sum()


def _independent(first: np.ndarray, second: np.ndarray) -> float:
    """p of Pearson's chi square of two samples taken as independent."""
    from scipy.special import chdtrc

    table = np.stack([first, second])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 1.0
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))
