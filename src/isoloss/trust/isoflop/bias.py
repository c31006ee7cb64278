"""How far off parabolas are for one's own sweeps, with no noise at all.

At fixed compute a law of two power terms is, with u = ln(N / N_opt), proportional to
exp(-alpha u)/alpha + exp(beta u)/beta above its floor: lopsided unless alpha = beta, and never a
parabola. So the parabola's lowest point depends on which sizes were run: on how wide the sweep is
and on where its middle lies, and not on A, B, E or the budget. Here the fitted law stands for the
truth: it is evaluated at the user's own runs, approach 2 is run on that, and its answer is compared
with the law's own best size.

With nine sizes a budget, evenly spaced in ln N: none for alpha = beta; for (0.16, 0.48) -18 % with
sweeps of one decade to either side and -36 % with one and a half; +19 % with half a decade to
either side of a middle that lies half a decade too high. Where every budget is swept alike the
exponent is right and only the factor before it is wrong (arXiv:2603.22339 finds the same).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.fit import Fit
from isoloss.runs import Runs
from isoloss.trust.isoflop.allocation import straight_line
from isoloss.trust.isoflop.optimum import best_size
from isoloss.trust.isoflop.parabola import Slice, lowest_points, slices_of


@dataclass(frozen=True, eq=False)
class Bias:
    """Noise-free error of approach 2 on one design.

    Attributes:
        budgets: (B,) FLOP.
        true: (B,) best size of the law.
        found: (B,) lowest point of the parabola; NaN where there is none among the sizes.
        true_exponent, found_exponent: of the power laws through them.
        budget: where the answer is wanted, by default the largest budget.
        relative: found over true there, both by their power laws, minus one.
        low, high: interval of `relative` over the draws of the fit; `relative` without draws.
    """

    budgets: np.ndarray
    true: np.ndarray
    found: np.ndarray
    true_exponent: float
    found_exponent: float
    budget: float
    relative: float
    low: float
    high: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            key: value.tolist() if isinstance(value, np.ndarray) else value
            for key, value in vars(self).items()
        }

    def __str__(self) -> str:
        return (
            f"approach 2 on these sweeps is off by {100 * self.relative:+.1f} % in N_opt at "
            f"{self.budget:.3g} FLOP without any noise (exponent {self.found_exponent:.4f} for "
            f"{self.true_exponent:.4f})"
        )


def parabola_bias(
    fit: Fit, *, compute: float | None = None, runs: Runs | None = None, most: int = 200
) -> Bias:
    """The noise-free bias of approach 2 on the sweeps of a fit, if its law is the truth.

    Args:
        fit: a law in N and D.
        compute: budget in FLOP at which the best size is wanted; the largest one if None.
        runs: the sweeps; those of the fit if None.
        most: how many draws of the fit are used for the interval.

    Raises:
        InputError: the law is not one of N and D, or the runs form no two sweeps.
    """
    design = runs or fit.runs
    slices = slices_of(design)
    if len(slices) < 2:
        raise InputError(
            f"{design.source} has {len(slices)} budgets with four sizes each, and two are needed"
        )
    theta = np.vstack([fit.point[None, :], fit.draws.good[:most]])
    log_n = np.log(design.columns["N"])
    inputs = fit.law.inputs(design.columns)
    with np.errstate(all="ignore"):
        values = fit.law.functions.value(theta, inputs)
    budgets = np.array([s.budget for s in slices])
    found, _, covered = lowest_points(slices, log_n, values)
    found = np.where(covered, found, np.nan)
    true = best_size(fit.law, theta, budgets, np.array([s.flop for s in slices]))
    return _compare(slices, found, true, compute)


def _compare(
    slices: tuple[Slice, ...], found: np.ndarray, true: np.ndarray, compute: float | None
) -> Bias:
    """Power laws through both, and their distance at the budget asked for."""
    budgets = np.array([s.budget for s in slices])
    line = np.log(budgets)
    at = float(compute) if compute is not None else float(budgets.max())
    # a budget without a lowest point counts on neither side
    known = np.isfinite(found) & np.isfinite(true)
    lines = [straight_line(line, np.where(known, side, np.nan)) for side in (found, true)]
    away = lines[0][0] - lines[1][0] + (lines[0][1] - lines[1][1]) * np.log(at)
    drawn = np.expm1(away[1:][np.isfinite(away[1:])])
    relative = float(np.expm1(away[0]))
    low, high = np.quantile(drawn, [0.05, 0.95]) if len(drawn) > 1 else (relative, relative)
    return Bias(
        budgets,
        np.exp(true[0]),
        np.exp(found[0]),
        float(lines[1][1][0]),
        float(lines[0][1][0]),
        at,
        relative,
        float(low),
        float(high),
    )
