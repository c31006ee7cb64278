"""The test is no test: what it is tested on was used before.

A law is tested by runs that had no part in it. Runs that stand in both tables, checkpoints of one
run on both sides, and settings that were tuned at the scale of the test all make the test easier
than the future will be. So does a test that lies among the runs: it shows that the law
interpolates.
"""

from __future__ import annotations

import numpy as np

from isoloss.runs import Runs
from isoloss.runs.cells import list_rows
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.words import count, joined
from isoloss.trust.domain import INSIDE, locate
from isoloss.trust.finding import Finding

CODE = "leakage"

# equal to seven digits: the same row written by another program
_DIGITS = 7


def check(case: Case) -> list[Finding]:
    """Compare the held-out runs with those of the fit and with what was tuned."""
    held = case.facts.held_out
    if held is None:
        return []
    return [*_shared(case, held), *_tuned(case, held), *_inside(case, held)]


def _shared(case: Case, held: Runs) -> list[Finding]:
    """Rows, or named runs, that are on both sides."""
    fit = case.fit
    names = [*fit.law.variable_names, fit.law.target]
    if not set(names) <= set(held.columns):
        return []
    known = set(_keys(fit.runs, names))
    same = [k for k, key in enumerate(_keys(held, names)) if key in known]
    both: set[str] = set()
    if "run" in held.groups and "run" in fit.runs.groups:
        both = set(held.groups["run"].tolist()) & set(fit.runs.groups["run"].tolist()) - {""}
    if not same and not both:
        return []
    seen = []
    if same:
        seen.append(
            f"{len(same)} of {len(held)} held-out runs are in the fit as well "
            f"({list_rows(held.rows[same], held.word)})"
        )
    if both:
        seen.append(
            f"checkpoints of {len(both)} run{'s are' if len(both) > 1 else ' is'} on both sides "
            f"({joined(sorted(both)[:4])})"
        )
    return [
        Finding(
            CODE,
            "stop",
            "; ".join(seen),
            "the law has seen what it is tested on, so the error of the test is too small",
            "keep whole runs, and the largest ones, out of the fit and out of every choice",
        )
    ]


def _keys(runs: Runs, names: list[str]) -> list[tuple[str, ...]]:
    columns = [runs.columns[name].tolist() for name in names]
    return [tuple(f"{v:.{_DIGITS}g}" for v in row) for row in zip(*columns, strict=True)]


def _tuned(case: Case, held: Runs) -> list[Finding]:
    """Settings that were tuned at sizes that only the test has."""
    tuned = case.facts.tuned_sizes
    if not tuned or "N" not in held.columns or "N" not in case.fit.runs.columns:
        return []
    largest, smallest = float(case.fit.runs.columns["N"].max()), float(held.columns["N"].min())
    within = [size for size in tuned if size >= smallest > largest]
    if not within:
        return []
    return [
        Finding(
            CODE,
            "care",
            f"settings were tuned at {joined(count(s) for s in sorted(within))} parameters, where "
            f"the held-out runs begin ({count(smallest)}); the runs of the fit end at "
            f"{count(largest)}",
            "the held-out runs are better than an untuned larger run will be, so the test flatters "
            "a law that is used to plan one",
            "tune at the sizes of the fit only, and carry settings over by rule",
        )
    ]


def _inside(case: Case, held: Runs) -> list[Finding]:
    names = case.fit.law.variable_names
    if not set(names) <= set(held.columns):
        return []
    points = [
        {name: float(held.columns[name][k]) for name in names} for k in range(min(len(held), 50))
    ]
    if any(locate(case.fit, point).status != INSIDE for point in points):
        return []
    return [
        Finding(
            CODE,
            "note",
            f"all {len(held)} held-out runs lie among those of the fit",
            "such a test shows that the law interpolates, which a flexible law always does",
            "hold out the largest runs instead",
        )
    ]


def trigger(seed: int) -> Case:
    """A tenth of the fitted runs are tested on as well."""
    case = synthetic.healthy(seed)
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(case.runs), 6, replace=False)
    larger = _larger(rng)
    columns = {
        name: np.concatenate([case.runs.columns[name][chosen], larger[name]]) for name in larger
    }
    return Case.of(case.fit, held_out=synthetic.table(columns))


def control(seed: int) -> Case:
    """Larger runs that are nowhere else; settings tuned below them."""
    held = synthetic.table(_larger(np.random.default_rng(seed)))
    return Case.of(synthetic.healthy(seed).fit, held_out=held, tuned_sizes=(1e7, 1e8, 1e9))


def _larger(rng: np.random.Generator) -> dict[str, np.ndarray]:
    n = np.array([2e10, 3e10, 4e10])
    d = 50 * n
    return {"N": n, "D": d, "loss": synthetic.shaken(synthetic.loss(n, d), rng)}
