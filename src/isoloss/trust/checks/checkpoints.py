"""Checkpoints of one run stand in the table as if each were a run of its own.

They share seed, data and all that came before, so they are not independent, and all but the last
were taken while the learning rate was still high: their loss is above that of a run that was meant
to end there (Hoffmann et al. 2022, arXiv:2203.15556, section 3.1 and appendix B). Both move the
exponent of data. Named runs show it at once; without names, many evenly spaced tokens at one size
whose neighbours lie off the law together look like it.
"""

from __future__ import annotations

import numpy as np

from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.leftover import above
from isoloss.trust.checks.words import percent
from isoloss.trust.finding import Finding

CODE = "checkpoints-as-runs"

# without names: so many evenly spaced tokens at one size, and neighbours that agree this much
_MANY, _EVEN, _AGREE = 8, 0.02, 0.4
_CONSTANT = ("constant", "const", "none", "flat")


def check(case: Case) -> list[Finding]:
    """Look for several rows of one run, by name or by pattern."""
    fit = case.fit
    by = next((name for name in ("D", "C", "step") if name in fit.runs.columns), None)
    if by is None:
        return []
    if "run" in fit.runs.groups:
        return _named(case, by)
    return _unnamed(case, by)


def _named(case: Case, by: str) -> list[Finding]:
    fit = case.fit
    parts = [fit.runs.groups[r] for r in ("run", "seed", "dataset") if r in fit.runs.groups]
    if "N" in fit.runs.columns:
        parts.append(fit.runs.columns["N"].astype(str))
    labels = np.unique(np.stack(parts, axis=1), axis=0, return_inverse=True)[1].ravel()
    several = [
        k
        for k in range(int(labels.max()) + 1)
        if len(np.unique(fit.runs.columns[by][labels == k])) > 1
    ]
    rows = int(np.isin(labels, several).sum())
    # a few runs with a second checkpoint change little
    if rows < 0.1 * len(fit.runs):
        return []
    drawn = fit.draws.clusters < len(fit.runs)
    constant = (case.facts.schedule or "").lower() in _CONSTANT
    each = rows / len(several)
    narrow = (
        "runs are drawn whole, so intervals allow for it"
        if drawn
        else f"intervals count {rows} rows as independent where there are {len(several)} runs"
    )
    early = (
        "" if constant else "; all but the last were measured before the schedule ended, too high"
    )
    return [
        Finding(
            CODE,
            "note" if drawn and constant else "care",
            f"{rows} of {len(fit.runs)} rows are checkpoints of {len(several)} runs, "
            f"{each:.1f} each",
            narrow + early,
            "keep the last of each run with --keep last, or fit a law of the whole curve with its "
            "schedule, such as annealing"
            + ("" if drawn else "; or name the run, --groups run=COLUMN"),
        )
    ]


def _unnamed(case: Case, by: str) -> list[Finding]:
    fit = case.fit
    if "N" not in fit.runs.columns or by != "D":
        return []
    left, pairs, sizes = above(fit), [], 0
    for size in np.unique(fit.runs.columns["N"]):
        rows = np.flatnonzero(fit.runs.columns["N"] == size)
        rows = rows[np.argsort(fit.runs.columns["D"][rows], kind="stable")]
        steps = np.diff(fit.runs.columns["D"][rows])
        if len(rows) < _MANY or np.std(steps) > _EVEN * np.mean(steps):
            continue
        sizes += 1
        off = left[rows] - np.mean(left[rows])
        pairs.append((float(off[1:] @ off[:-1]), float(off @ off)))
    whole = sum(square for _, square in pairs)
    if not pairs or whole <= 0:
        return []
    agree = sum(product for product, _ in pairs) / whole
    if agree < _AGREE:
        return []
    return [_suspected(sizes, agree)]


def _suspected(sizes: int, agree: float) -> Finding:
    return Finding(
        CODE,
        "care",
        f"{sizes} sizes have {_MANY} or more evenly spaced numbers of tokens, and neighbours lie "
        f"off the law together (correlation {agree:.2f}), like checkpoints of one run",
        "checkpoints are not independent, so intervals are too narrow, and all but the last are "
        f"measured before the schedule ended; {percent(1 - (1 - agree) / (1 + agree))} of the "
        "rows add nothing",
        "if they are, name the run (--groups run=COLUMN) and keep its last row (--keep last)",
    )


def trigger(seed: int) -> Case:
    """Eight runs of twelve checkpoints; the earlier, the higher above a finished run."""
    rng = np.random.default_rng(seed)
    n = np.repeat(np.geomspace(1e7, 1e10, 8), 12)
    share = np.tile(np.linspace(1 / 12, 1, 12), 8)
    d = share * 100 * n
    drift = np.repeat(synthetic.NOISE * rng.standard_normal(8), 12)
    values = synthetic.shaken(synthetic.loss(n, d) * (1 + 0.03 * (1 - share)), rng, 0.001)
    names = np.repeat([f"run{k}" for k in range(8)], 12)
    runs = synthetic.table({"N": n, "D": d, "loss": values * np.exp(drift)}, {"run": names})
    return synthetic.case(runs)


def control(seed: int) -> Case:
    """As many runs with a name each."""
    rng = np.random.default_rng(seed)
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    names = np.array([f"run{k}" for k in range(len(n))])
    runs = synthetic.table(
        {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d), rng)},
        {"run": names, "seed": seeds},
    )
    return synthetic.case(runs)
