"""A few runs lie far from all others and choose the exponents.

Crashed, mis-read or differently scheduled runs follow another rule. Least squares bends towards
them, and even a robust fit does where they stand together at one end: the five runs of fewest
tokens a parameter among the 245 digitised ones of Hoffmann et al. 2022 take B from 2,143 to 12,800
and beta from 0.37 to 0.45. A run is far out at four times the distance that 95 % of the runs stay
within, measured from the law that is fitted without the far ones.
"""

from __future__ import annotations

import numpy as np

from isoloss.fit import Fit
from isoloss.fit.influence import MOST_ROUNDS, OUTLIER_SCORE, tail_scores
from isoloss.fit.newton import solve
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.leftover import exact
from isoloss.trust.checks.words import rows_of
from isoloss.trust.finding import Finding

CODE = "outliers"

# leaving them out moves a parameter by more than its standard error: they decide, not the rest
HEAVY = 1.0


def check(case: Case) -> list[Finding]:
    """Look for far runs and for what leaving them out changes."""
    fit = case.fit
    if exact(fit):
        return []
    found = far_runs(fit)
    if found is None:
        return []
    outliers, scores, together = found
    without = fit.law.natural(together)
    moved = sorted(
        (
            (abs(without[i] - e.value) / e.se if e.se > 0 else 0.0, name, e.value, without[i])
            for i, (name, e) in enumerate(fit.parameters.items())
        ),
        reverse=True,
    )
    changes = "; ".join(f"{name} is {v:.5g} with them, {w:.5g} without" for _, name, v, w in moved)
    far = float(np.abs(scores[outliers]).max())
    verb = "lies" if len(outliers) == 1 else "lie"
    return [
        Finding(
            CODE,
            "care" if moved[0][0] > HEAVY else "note",
            f"{len(outliers)} of {len(fit.runs)} runs {verb} far from the law "
            f"({rows_of(fit, outliers)}, up to {far:.0f} times as far as 95 % of the "
            f"runs): {changes}",
            "a few runs that follow another rule can choose the exponents",
            "look at these runs: another schedule, a crash, a reading error? Leave them out with "
            "--where and say so, or keep them and say so",
        )
    ]


def far_runs(fit: Fit) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Indices of far runs, scores (n,) and parameters (p,) without them; None where none is far.

    The rule of `isoloss.fit.influence`, without its refits for every single run, which take
    seconds on some tables; where those were made already, their answer is taken.
    """
    if "influence" in vars(fit):
        known = fit.influence
        if known.together is None:
            return None
        return known.outliers, known.scores, known.together
    problem, n = fit.problem, len(fit.runs)
    kept, together, scores = np.ones(n, dtype=bool), fit.point, np.zeros(n)
    for _ in range(MOST_ROUNDS):
        residuals = problem.residuals(together[None, :])[0]
        scores = tail_scores(residuals, residuals[kept])
        found = np.abs(scores) <= OUTLIER_SCORE
        if (found == kept).all() or found.sum() <= max(len(fit.point), n // 2):
            break
        kept = found
        together = solve(problem, together[None, :], (kept * fit.weights)[None, :]).theta[0]
    return None if kept.all() else (np.flatnonzero(~kept), scores, together)


def trigger(seed: int) -> Case:
    """Four large models on hardly any data, stopped long before they were done."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    n = np.append(n, [1e9, 2e9, 4e9, 8e9])
    d = np.append(d, [2e8, 2e8, 3e8, 3e8])
    late = np.append(np.ones(len(seeds)), [1.5, 1.1, 1.6, 1.15])
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d) * late, rng)},
        {"seed": np.append(seeds, ["0"] * 4)},
    )
    return synthetic.case(runs)


def control(seed: int) -> Case:
    """Heavy tails that many runs share (Student's t with five degrees of freedom)."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    values = synthetic.loss(n, d) * np.exp(synthetic.NOISE * rng.standard_t(5, len(n)))
    runs = synthetic.table({"N": n, "D": d, "loss": values}, {"seed": seeds})
    return synthetic.case(runs)
