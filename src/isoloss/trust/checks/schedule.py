"""The learning-rate schedule was set for another length than the run had.

A cosine that is set for much longer than the training leaves the rate too high at the end, and the
loss with it; from 25 % on this shows clearly (Hoffmann et al. 2022, arXiv:2203.15556, appendix B,
figure A1). With one length for all runs, as in Kaplan et al. 2020, short runs suffer and long ones
do not, so data seems to matter less than it does. A rate that is constant, or constant with a
cool-down of its own for every length, has no such fault.
"""

from __future__ import annotations

import numpy as np

from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.leftover import above
from isoloss.trust.checks.words import factor, percent, rows_of
from isoloss.trust.finding import Finding

CODE = "schedule-mismatch"

# Hoffmann et al. 2022, figure A1
LONGER = 1.25
# a run that goes on after the end of its schedule trains at the lowest rate
SHORTER = 1 / 1.25
FEW, HALF, TWICE = 0.1, 0.5, 2.0
_COLUMNS = ("D_schedule", "schedule_tokens")
_CONSTANT = ("constant", "const", "wsd", "none", "flat")


def check(case: Case) -> list[Finding]:
    """Compare the tokens of every run with those that its schedule was set for."""
    fit = case.fit
    if "D" not in fit.runs.columns or (case.facts.schedule or "").lower() in _CONSTANT:
        return []
    planned = case.facts.schedule_tokens
    if planned is None:
        planned = next((c for c in map(case.column, _COLUMNS) if c is not None), None)
    if planned is None:
        return []
    d = fit.runs.columns["D"]
    ratio = np.broadcast_to(np.asarray(planned, dtype=float), d.shape) / d
    off = (ratio > LONGER) | (ratio < SHORTER)
    if off.mean() < FEW:
        return []
    worst = float(ratio[np.argmax(np.abs(np.log(ratio)))])
    gap = ""
    if fit.objective.is_log and 2 < off.sum() < len(off) - 2:
        away = float(np.median(above(fit)[off]) - np.median(above(fit)[~off]))
        gap = f"; those runs lie {100 * away:+.2g} % off the others, against the law"
    many = off.mean() > HALF and np.median(np.abs(np.log(ratio[off]))) > np.log(TWICE)
    return [
        Finding(
            CODE,
            "stop" if many else "care",
            f"the schedule of {percent(float(off.mean()))} of the runs was set for another length "
            f"({rows_of(fit, off)}): up to {factor(max(worst, 1 / worst))} times "
            f"{'longer' if worst > 1 else 'shorter'} than the run{gap}",
            "a run that stops before its schedule ends has a loss that is too high, the more the "
            "shorter it is: the exponent of data comes out wrong, and with it the best split",
            "keep the runs that were trained to the end of their schedule, or train with a "
            "constant rate and a cool-down for every length",
        )
    ]


def trigger(seed: int) -> Case:
    """One cosine for all runs, as long as the longest of them."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    late = 1 + 0.01 * np.log(d.max() / d)
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d) * late, rng)},
        {"seed": seeds},
    )
    return synthetic.case(runs, schedule="cosine", schedule_tokens=float(d.max()))


def control(seed: int) -> Case:
    """Every schedule within a tenth of its run."""
    case = synthetic.healthy(seed)
    rng = np.random.default_rng(seed)
    d = case.fit.runs.columns["D"]
    return Case.of(case.fit, schedule="cosine", schedule_tokens=d * rng.uniform(0.95, 1.1, len(d)))
