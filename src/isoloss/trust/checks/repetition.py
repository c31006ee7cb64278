"""Repeated data is counted as if it were fresh.

Tokens that are seen again teach less. Up to four epochs the loss is nearly that of fresh data, by
sixteen one more epoch is worth little more than a third of a fresh one, and at forty repeating is
worthless (Muennighoff et al. 2023, arXiv:2305.16264, figure 1 and equation 5: the worth of a
repetition decays with a constant of 15.4 epochs). A law in D alone takes the lost value for a
smaller exponent.
"""

from __future__ import annotations

import numpy as np

from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.leftover import added, beside, exact
from isoloss.trust.checks.words import count, factor, rows_of
from isoloss.trust.finding import Finding

CODE = "repeated-data"

# Muennighoff et al. 2023, figure 1
HARMLESS, WORTHLESS = 4.0, 16.0
# two or three runs of many do not decide an exponent
FEW = 0.05


def check(case: Case) -> list[Finding]:
    """Compare tokens seen with different tokens."""
    fit = case.fit
    if "D" not in fit.law.variable_names or "U" in fit.law.variable_names:
        return []
    unique = case.facts.unique_tokens
    if unique is None:
        unique = case.column("U")
    if unique is None:
        return []
    d = fit.runs.columns["D"]
    unique = np.broadcast_to(np.asarray(unique, dtype=float), d.shape)
    epochs = d / unique
    again = epochs > HARMLESS
    asked = float((case.at or {}).get("D", 0.0)) / float(unique.max())
    if again.mean() <= FEW and asked <= HARMLESS:
        return []
    seen = []
    if again.mean() > FEW:
        seen.append(
            f"{int(again.sum())} of {len(d)} runs saw their data more than {HARMLESS:.0f} times, "
            f"up to {factor(float(epochs.max()))} ({rows_of(fit, again)}){_cost(case, epochs)}"
        )
    if asked > HARMLESS:
        seen.append(
            f"D = {count(float((case.at or {})['D']))} is {factor(asked)} times the "
            f"{count(float(unique.max()))} different tokens there are"
        )
    worst = float(np.quantile(epochs[again], 0.5)) if again.any() else 0.0
    return [
        Finding(
            CODE,
            "stop" if max(worst, asked) > WORTHLESS else "care",
            "; ".join(seen),
            "a law in D alone counts every repetition in full; the exponent of data comes out too "
            "small, and where fresh data is at hand it foretells too little",
            "fit a law with different tokens U, such as effective_data, or keep the runs with "
            f"D/U <= {HARMLESS:.0f}",
        )
    ]


def _cost(case: Case, epochs: np.ndarray) -> str:
    """What ten times the repetition costs, where the runs show it."""
    fit = case.fit
    column = np.log10(np.maximum(epochs, 1.0))[:, None]
    if exact(fit) or np.ptp(column) == 0 or added(fit, column).p > 0.01:
        return ""
    cost = float(beside(fit, column)[0][0])
    shown = f"{100 * cost:.2g} %" if fit.objective.is_log else f"{cost:.2g}"
    return f"; beside the law, ten times the epochs cost {shown} of {fit.law.target}" * (cost > 0)


def trigger(seed: int) -> Case:
    """Ten billion different tokens, seen up to a hundred times."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    unique = np.full(len(n), 1e10)
    extra = np.maximum(d / unique - 1, 0)
    worth = np.minimum(d, unique) * (1 + 15.0 * (1 - np.exp(-extra / 15.0)))
    runs = synthetic.table(
        {"N": n, "D": d, "U": unique, "loss": synthetic.shaken(synthetic.loss(n, worth), rng)},
        {"seed": seeds},
    )
    return synthetic.case(runs)


def control(seed: int) -> Case:
    """At most two epochs."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    runs = synthetic.table(
        {
            "N": n,
            "D": d,
            "U": d / 2,
            "loss": synthetic.shaken(synthetic.loss(n, d), rng),
        },
        {"seed": seeds},
    )
    return synthetic.case(runs)
