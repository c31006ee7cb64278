"""The verb `fit`: from a law and runs to a certified fit with draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from isoloss.exceptions import FitError, InputError
from isoloss.fit import newton
from isoloss.fit.certificate import certify
from isoloss.fit.draws import bootstrap
from isoloss.fit.objective import Objective
from isoloss.fit.prepare import build_problem, check_enough, clusters_of, run_weights
from isoloss.fit.problem import Problem
from isoloss.fit.remarks import remarks
from isoloss.fit.result import Fit
from isoloss.fit.seeds import starting_points
from isoloss.law import Law, find_law
from isoloss.runs import Runs

DRAWS = 1000
LEVEL = 0.90
# steps for a best start that ran out of them
LONG_WALK = 400


def fit(
    law: Law | str,
    runs: Runs,
    *,
    objective: Objective | str = "huber-log",
    delta: float = 1e-3,
    quantile: float = 0.1,
    draws: int = DRAWS,
    kind: str = "auto",
    cluster: str | None = None,
    level: float = LEVEL,
    seed: int = 0,
) -> Fit:
    """Fit a law to runs.

    Args:
        law: a law, its name, a TOML file or a formula.
        runs: what was trained, from `read_runs`.
        objective: `huber-log` (default), `ls-log`, `ls` or `envelope`; see `Objective`.
        delta: Huber's turning point, in log residual.
        quantile: share of runs below the law, for `envelope`.
        draws: how many bootstrap replicates; at least 2, or 0 for none.
        kind: `auto`, `pair`, `cluster`, `bayes` or `wild`; see `isoloss.fit.draws`.
        cluster: the group column whose runs are not independent. Without it, the group `cluster`
            is taken where the runs have one, and the checkpoints of one run count as a cluster.
        level: nominal coverage of intervals.
        seed: of the random numbers; the same input and seed give the same bytes.

    Raises:
        FitError: when the runs cannot determine the law.
        InputError: when an option is wrong.
    """
    if not isinstance(runs, Runs):
        raise InputError(
            f"runs are needed, got {type(runs).__name__}; read them first: "
            "isoloss.read_runs('runs.csv', map='N=params,D=tokens,loss=loss')"
        )
    law = find_law(law)
    if not isinstance(objective, Objective):
        objective = Objective(objective, delta=delta, quantile=quantile)
    if not _is_whole(draws) or draws < 0 or draws == 1:
        raise InputError(f"draws must be 0 or a whole number, at least 2, got {draws!r}")
    if not _is_whole(seed) or seed < 0:
        raise InputError(f"seed must be a whole number, at least 0, got {seed!r}")
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, got {level}")
    check_enough(law, runs)
    problem = build_problem(law, runs, objective)
    weights = run_weights(runs)
    starts = starting_points(law, problem, weights[None, :], runs.columns, seed)
    if not len(starts):
        raise FitError(
            f"law '{law.id}' has no finite value at any of its starting points; check its bounds "
            "and the units of the columns"
        )
    solution = _polished(problem, weights, newton.solve(problem, starts, weights[None, :]))
    best = _best(solution)
    if not np.isfinite(solution.value[best]):
        raise FitError(f"law '{law.id}' could not be fitted: no start reached a finite objective")
    labels, role = clusters_of(runs, cluster, kind)
    spare = len(runs) > len(law.parameters)
    certificate = certify(law, problem, weights[None, :], solution, best)
    drawn = bootstrap(
        problem,
        solution.theta[best],
        weights,
        # replicates of a point that is no optimum, or of a curve through every run, would lie
        # about its uncertainty
        count=draws if solution.status[best] == newton.CONVERGED and spare else 0,
        kind=kind,
        clusters=labels,
        seed=seed,
    )
    result = Fit(
        law,
        runs,
        objective,
        float(solution.value[best]),
        solution.theta[best],
        drawn,
        certificate,
        level,
    )
    return replace(result, notices=tuple(remarks(result, role)))


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _best(solution: newton.Solution) -> int:
    """The row of the lowest objective; of rows that differ by rounding alone, one that ended."""
    lowest = np.min(solution.value)
    level = solution.value <= lowest + 1e-12 * abs(lowest)
    ended = level & (solution.status == newton.CONVERGED)
    return int(np.argmin(np.where(ended if ended.any() else level, solution.value, np.inf)))


def _polished(problem: Problem, weights: np.ndarray, solution: newton.Solution) -> newton.Solution:
    """The same solutions with the best one solved to rounding, so that units leave no trace.

    A best one that ran out of steps in a long flat valley is first given many more: alone it is
    cheap.
    """
    best = _best(solution)
    if solution.status[best] == newton.EXHAUSTED:
        solution = _continued(problem, weights, solution, best, max_steps=LONG_WALK)
        best = _best(solution)
    if solution.status[best] != newton.CONVERGED:
        return solution
    again = _continued(problem, weights, solution, best, max_steps=30, tolerance=1e-24)
    return replace(again, status=solution.status)


def _continued(
    problem: Problem,
    weights: np.ndarray,
    solution: newton.Solution,
    row: int,
    *,
    max_steps: int,
    tolerance: float = 1e-13,
) -> newton.Solution:
    """The same solutions with one of them solved on from where it stands."""
    again = newton.solve(
        problem,
        solution.theta[row][None, :],
        weights[None, :],
        max_steps=max_steps,
        tolerance=tolerance,
    )
    theta, value = solution.theta.copy(), solution.value.copy()
    status, steps = solution.status.copy(), solution.steps.copy()
    theta[row], value[row], status[row] = again.theta[0], again.value[0], again.status[0]
    steps[row] += again.steps[0]
    return replace(solution, theta=theta, value=value, status=status, steps=steps)
