"""The exponents move when parameters or FLOP are counted another way.

Embeddings are most of a small model and little of a large one, so sizes with and without them are
no constant factor apart: an exponent of one count is not that of the other, and the best size for a
budget moves with both. Counting the last layer alone takes the exponent of the best size from 0.83
to 0.70 in the runs of Porian et al. 2024 (arXiv:2406.19146); Pearce and Song 2024
(arXiv:2406.12907) lay most of the distance between Kaplan and Hoffmann to it. Where the runs have a
second count, or shapes from which one follows, the law is fitted again in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from isoloss.fit import Fit
from isoloss.fit.newton import CONVERGED, solve
from isoloss.runs.conventions import UNSPECIFIED
from isoloss.trust.checks import synthetic
from isoloss.trust.checks.case import Case
from isoloss.trust.checks.floor import floor_of
from isoloss.trust.checks.words import count, factor
from isoloss.trust.finding import Finding
from isoloss.trust.isoflop.optimum import best_size

CODE = "counting-convention"

# a factor that is the same for all sizes, within ten percent, moves no exponent
SAME = 1.1
# a move within one standard error is none; the best split is moved by 0.03 when the best size at a
# thousand times the budget is moved by a quarter
ERRORS, SPLIT = 1.0, 0.03
# below this size embeddings are commonly a third of a model or more (Pythia 70M: 73 %)
SMALL = 1e8
# a fit that has not settled by then is none to compare with
_STEPS = 60
_COUNTS = ("total", "non-embedding", "non-embedding-plus-head")


@dataclass(frozen=True)
class _Other:
    """Sizes of the same runs in another count, and FLOP a token where those are counted."""

    name: str
    sizes: np.ndarray


def check(case: Case) -> list[Finding]:
    """Fit the law again in every other count that there is."""
    fit = case.fit
    if "N" not in fit.law.variable_names:
        return []
    sizes, found, known = fit.runs.columns["N"], [], False
    for other in _others(case):
        known = True
        ratio = other.sizes / sizes
        if not np.all(ratio > 0) or ratio.max() / ratio.min() <= SAME:
            continue
        moved = _moved(fit, other.sizes)
        if moved is not None:
            found.append((moved[0], other, ratio, *moved[1:]))
    if found:
        return [_finding(fit, *max(found, key=lambda row: row[0])[1:])]
    said = fit.runs.conventions.get("N", UNSPECIFIED)
    if not known and said == UNSPECIFIED and sizes.min() < SMALL and np.ptp(np.log10(sizes)) > 1:
        return [_cannot_tell(float(sizes.min()))]
    return []


def _others(case: Case) -> Iterator[_Other]:
    """Every other count of N that the case knows of."""
    fit = case.fit
    said = fit.runs.conventions.get("N", UNSPECIFIED)
    for name, sizes in (case.facts.other_sizes or {}).items():
        if name != said:
            yield _Other(name, np.broadcast_to(np.asarray(sizes, float), (len(fit.runs),)))
    shapes = case.facts.shapes
    for name in _COUNTS if shapes else ():
        if name != said:
            yield _Other(name, np.array([float(s.parameters(name)) for s in shapes or ()]))
    for runs in (fit.runs, case.runs):
        for name, sizes in runs.columns.items():
            if name in fit.law.variable_names or len(sizes) != len(fit.runs):
                continue
            if name.startswith("N_"):
                how = runs.conventions.get(name, UNSPECIFIED)
                yield _Other(how if how != UNSPECIFIED else name, sizes)
    c, d = case.column("C"), case.column("D")
    if c is not None and d is not None:
        yield _Other("C/(6D)", c / (6.0 * d))


def _moved(fit: Fit, sizes: np.ndarray) -> tuple[float, list[str], float] | None:
    """By how many standard errors, which exponents in words, and the move of the best split."""
    again = _refit(fit, sizes)
    if again is None:
        return None
    natural, floor = fit.law.natural(again), floor_of(fit)
    told, most = [], 0.0
    for i, parameter in enumerate(fit.law.parameters):
        if parameter.log or i == floor:
            continue
        was = fit.parameters[parameter.name]
        away = abs(float(natural[i]) - was.value)
        errors = away / was.se if was.se > 0 else 0.0
        if errors > ERRORS and away > 0.02 * abs(was.value):
            told.append((errors, f"{parameter.name} {was.value:.3g} becomes {natural[i]:.3g}"))
            most = max(most, errors)
    split = 0.0
    if set(fit.law.variable_names) == {"N", "D"}:
        old, new = _exponent(fit, fit.point), _exponent(fit, again)
        if np.isfinite(old + new):
            split = abs(new - old)
            told.append((np.inf, f"the exponent of the best size {old:.3f} becomes {new:.3f}"))
    if most == 0.0 and split < SPLIT:
        return None
    return most + 100 * split, [text for _, text in sorted(told, reverse=True)[:3]], split


def _refit(fit: Fit, sizes: np.ndarray) -> np.ndarray | None:
    """The law fitted in other sizes, from the point fit and from exponents around it."""
    place = fit.law.variable_names.index("N")
    inputs = list(fit.problem.inputs)
    inputs[place] = np.log(sizes) if fit.law.variables[place].log else sizes
    problem = replace(fit.problem, inputs=tuple(inputs))
    free = [i for i, p in enumerate(fit.law.parameters) if not p.log]
    start = np.repeat(fit.point[None, :], 5, axis=0)
    for row, scale in enumerate((0.5, 0.7, 1.3, 1.6), start=1):
        start[row, free] *= scale
    solution = solve(problem, start, fit.weights[None, :], max_steps=_STEPS)
    value = np.where(solution.status == CONVERGED, solution.value, np.inf)
    best = int(np.argmin(value))
    return solution.theta[best] if np.isfinite(value[best]) else None


def _exponent(fit: Fit, theta: np.ndarray) -> float:
    """How the best size grows with compute, about the middle budget of the runs."""
    middle = float(np.median(6.0 * fit.runs.columns["N"] * fit.runs.columns["D"]))
    at = best_size(fit.law, theta[None, :], middle * np.array([0.3, 3.0]))[0]
    return float((at[1] - at[0]) / np.log(10.0))


def _finding(fit: Fit, other: _Other, ratio: np.ndarray, told: list[str], split: float) -> Finding:
    said = fit.runs.conventions.get("N", UNSPECIFIED)
    small, large = (int(k(fit.runs.columns["N"])) for k in (np.argmin, np.argmax))
    return Finding(
        CODE,
        "care" if split >= SPLIT else "note",
        f"counted as {other.name} instead of {said}, sizes are {factor(ratio[small])} times for "
        f"the smallest model and {factor(ratio[large])} for the largest, and " + "; ".join(told),
        "an exponent belongs to one way of counting: compared with one in another, or used to plan "
        "in another, it gives another answer",
        "say which count is meant (conventions 'N=...'), compare only with laws in the same, and "
        "count the FLOP of what is really multiplied",
    )


def _cannot_tell(smallest: float) -> Finding:
    return Finding(
        CODE,
        "note",
        f"how N is counted is not stated, and the smallest model has {count(smallest)} parameters: "
        "whether exponents depend on the embeddings cannot be told",
        "embeddings are a third or more of models below 100M, so with and without them the "
        "exponents differ",
        "state it, as in conventions 'N=non-embedding'; map the other count as N_total or "
        "N_non_embedding to have it compared",
    )


def trigger(seed: int) -> Case:
    """A law in sizes without embeddings, fitted in sizes with 64 sqrt(N) embedding weights."""
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    return _case(seed, n + 2000.0 * np.sqrt(n), n, d, seeds)


def control(seed: int) -> Case:
    """Embeddings of three percent at every size."""
    n, d, seeds = synthetic.repeated(*synthetic.grid())
    return _case(seed, 1.03 * n, n, d, seeds)


def _case(seed: int, total, bare, d, seeds) -> Case:
    rng = np.random.default_rng(seed)
    runs = synthetic.table(
        {"N": total, "D": d, "loss": synthetic.shaken(synthetic.loss(bare, d), rng)},
        {"seed": seeds},
    )
    return synthetic.case(runs, other_sizes={"non-embedding": bare})
