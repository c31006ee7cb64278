"""Three ways to the best size at a budget, side by side.

1. the lower envelope of training curves, 2. parabolas at fixed compute, 3. a law fitted to all runs
(Hoffmann et al. 2022, arXiv:2203.15556, sections 3.1 to 3.3). They rest on different assumptions,
so where they disagree by more than their intervals, at least one of those is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.fit import Estimate, Fit
from isoloss.runs import Runs
from isoloss.trust.isoflop.allocation import Allocation, straight_line
from isoloss.trust.isoflop.bias import Bias, parabola_bias
from isoloss.trust.isoflop.envelope import envelope
from isoloss.trust.isoflop.optimum import best_size
from isoloss.trust.isoflop.parabola import compute_of, parabola, slices_of

NAMES = ("1 envelope", "2 parabolas", "3 joint law")


@dataclass(frozen=True)
class Approach:
    """One row of the table.

    Attributes:
        name: which approach.
        exponent: a in N_opt ~ C**a, or None where the approach does not apply.
        size: N_opt at the budget, or None.
        note: why it does not apply, or what to know about it.
    """

    name: str
    exponent: Estimate | None
    size: Estimate | None
    note: str = ""


@dataclass(frozen=True)
class Agreement:
    """The three approaches at one budget.

    Attributes:
        budget: FLOP.
        rows: one an approach.
        apart: pairs of approaches whose intervals of N_opt or of the exponent do not overlap.
        bias: the noise-free bias of approach 2 on these runs, where it applies.
    """

    budget: float
    rows: tuple[Approach, ...]
    apart: tuple[tuple[str, str], ...]
    bias: Bias | None

    @property
    def agree(self) -> bool | None:
        """Whether all approaches that apply agree; None where fewer than two do."""
        if sum(row.size is not None for row in self.rows) < 2:
            return None
        return not self.apart

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "budget": self.budget,
            "agree": self.agree,
            "apart": [list(pair) for pair in self.apart],
            "approaches": [
                {
                    "name": row.name,
                    "exponent": row.exponent.to_document() if row.exponent else None,
                    "size": row.size.to_document() if row.size else None,
                    "note": row.note,
                }
                for row in self.rows
            ],
            "bias": self.bias.to_document() if self.bias else None,
        }

    def __str__(self) -> str:
        lines = [f"best size at {self.budget:.3g} FLOP"]
        for row in self.rows:
            if row.size is None or row.exponent is None:
                lines.append(f"{row.name:<12} does not apply: {row.note}")
                continue
            lines.append(
                f"{row.name:<12} N {row.size.value:.3g} ({row.size.low:.3g} to {row.size.high:.3g})"
                f"  exponent {row.exponent.value:.3f} ({row.exponent.low:.3f} to "
                f"{row.exponent.high:.3f})  {row.note}".rstrip()
            )
        if self.agree is not None:
            apart = "; ".join(f"{one} and {two}" for one, two in self.apart)
            lines.append(f"they disagree: {apart}" if apart else "they agree within intervals")
        return "\n".join(lines)

    __repr__ = __str__


def agreement(
    fit: Fit,
    *,
    compute: float | None = None,
    runs: Runs | None = None,
    draws: int = 200,
    seed: int = 0,
) -> Agreement:
    """Put the three approaches side by side.

    Args:
        fit: a joint law in N and D; its draws are those of approach 3.
        compute: budget in FLOP; the largest one of the runs if None.
        runs: training curves and sweeps for approaches 1 and 2; those of the fit if None.
        draws: replicates of approaches 1 and 2.
        seed: of those.
    """
    table = runs or fit.runs
    at = float(compute) if compute is not None else float(compute_of(table).max())
    found = [
        _row(NAMES[0], lambda: envelope(table, draws=draws, seed=seed).allocation, at),
        _row(NAMES[1], lambda: parabola(table, draws=draws, seed=seed).allocation, at),
        _row(NAMES[2], lambda: joint(fit, table, at), at),
    ]
    bias = None
    if found[1].size is not None:
        bias = parabola_bias(fit, compute=at, runs=table)
        note = f"(off by {100 * bias.relative:+.1f} % without noise, if the joint law is right)"
        found[1] = Approach(NAMES[1], found[1].exponent, found[1].size, note)
    apart = tuple(
        (one.name, two.name) for one, two in combinations(found, 2) if _disjoint(one, two)
    )
    return Agreement(at, tuple(found), apart, bias)


def joint(fit: Fit, runs: Runs, compute: float) -> Allocation:
    """Approach 3: the best size of a joint law by budget, as a power law near `compute`."""
    slices = slices_of(runs)
    flop = slices[-1].flop if slices else 6.0
    theta = np.vstack([fit.point[None, :], fit.draws.good])
    budgets = compute * np.array([1 / 3.0, 1.0, 3.0])
    size = best_size(fit.law, theta, budgets, flop)
    intercept, slope = straight_line(np.log(budgets), size)
    # a law whose optimum bends has its own size at the budget, not that of a line near it
    intercept = size[:, 1] - slope * np.log(compute)
    lines = np.stack([intercept, slope], axis=1)
    whole = np.asarray(np.isfinite(lines).all(axis=1))
    if not whole[0]:
        raise InputError(f"the law '{fit.law.id}' has no best size at {compute:.3g} FLOP")
    return Allocation(
        float(intercept[0]),
        float(slope[0]),
        lines[1:][whole[1:]],
        int(np.sum(~whole)),
        fit.level,
    )


def _row(name: str, make: Any, budget: float) -> Approach:
    try:
        found: Allocation = make()
    except InputError as error:
        return Approach(name, None, None, str(error))
    return Approach(name, found.a, found.size(budget))


def _disjoint(one: Approach, two: Approach) -> bool:
    for left, right in ((one.exponent, two.exponent), (one.size, two.size)):
        if left is None or right is None:
            return False
        if left.low > right.high or right.low > left.high:
            return True
    return False
