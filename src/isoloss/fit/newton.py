"""Batched damped Newton within bounds: many small problems of one shape, solved side by side.

Each row has its own damping, active bounds and status, and leaves the batch when it is done. The
Hessian is exact; where it is not positive definite (far from the optimum, or on a robust
objective's flat sides) the majorising quadratic takes its place for that step. A step is judged by
the objective at its end, whose derivatives are then already at hand for the next step.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from isoloss.fit.problem import Problem

# rows in one chunk times runs: the working arrays of a chunk then stay in the processor's cache
CHUNK_ELEMENTS = 48_000

# damping is a share of the curvature; at the most nothing goes down
LEAST_DAMPING, MOST_DAMPING = 1e-3, 1e12
# so many steps are given to the majoriser alone where the Hessian is indefinite
PATIENCE = 25

_OPEN = "open"
CONVERGED, STALLED, EXHAUSTED, FAILED = "converged", "stalled", "exhausted", "failed"


@dataclass(frozen=True)
class Solution:
    """Ends of a batch.

    Attributes:
        theta: (M, p) internal parameters.
        value: (M,) objective.
        status: (M,) `converged`, `stalled` (no step goes down although the gradient is not at
            zero), `exhausted` (too many steps) or `failed` (the objective is not defined there).
        steps: (M,) steps taken.
    """

    theta: np.ndarray
    value: np.ndarray
    status: np.ndarray
    steps: np.ndarray


def solve(
    problem: Problem,
    start: np.ndarray,
    weights: np.ndarray,
    *,
    max_steps: int = 200,
    tolerance: float = 1e-13,
    polish: bool = True,
) -> Solution:
    """Minimise from every row of `start` (M, p) with run weights (M, n) or (1, n).

    A row has converged when the decrease that Newton's quadratic promises falls below `tolerance`
    times the objective. With `polish` one more step is then taken, which squares that error; a
    replicate, whose noise is far larger, can do without.
    """
    rows, n = len(start), problem.runs
    size = max(1, CHUNK_ELEMENTS // n)
    weights = np.broadcast_to(np.asarray(weights, dtype=float), (rows, n))
    chunks = [slice(i, min(i + size, rows)) for i in range(0, rows, size)]
    # the last rows of a chunk cost as much a step as all of it: they are pooled and go on together
    leave = size // 5 if len(chunks) > 1 else 0
    options = {"max_steps": max_steps, "tolerance": tolerance, "polish": polish}

    def work(chunk: slice) -> Solution:
        part = problem.rows(chunk)
        return _solve_chunk(part, start[chunk], weights[chunk], leave=leave, **options)

    if len(chunks) == 1:
        return work(chunks[0])
    with ThreadPoolExecutor(min(len(chunks), _cores())) as pool:
        parts = list(pool.map(work, chunks))
    done = Solution(
        *(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Solution))
    )
    left = np.flatnonzero(done.status == _OPEN)
    if left.size:
        rest = solve(problem.rows(left), done.theta[left], weights[left], **options)
        for field in ("theta", "value", "status"):
            getattr(done, field)[left] = getattr(rest, field)
        done.steps[left] += rest.steps
    return done


def _cores() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# far from the optimum, numbers may leave their range; such steps are judged by their end
@np.errstate(all="ignore")
def _solve_chunk(
    problem: Problem,
    start: np.ndarray,
    weights: np.ndarray,
    *,
    max_steps: int,
    tolerance: float,
    polish: bool,
    leave: int,
) -> Solution:
    """Solve rows until no more than `leave` are open."""
    rows = len(start)
    lower, upper = problem.lower, problem.upper
    theta = np.clip(start, lower, upper)
    first = theta[:1] if (theta == theta[0]).all() and problem.target.ndim == 1 else theta
    if len(first) == 1:
        # replicates start at the same point: what they share there is worked out once
        value, gradient, hessian = problem.second_order_of_one(first[0], weights)
        metric = problem.majorised(first, weights.mean(axis=0, keepdims=True))
        problem, weights = problem.drawn(weights)
    else:
        value, gradient, hessian = problem.second_order(theta, weights)
        metric = problem.majorised(first, weights)
    # the size that curvatures have here: what is far below it is a rounding error
    shear = centring(problem.rows(slice(len(first))), first)
    p = theta.shape[1]
    size = np.broadcast_to(_diagonal(metric), (rows, p))
    centred_size = np.broadcast_to(_diagonal(_congruent(metric, shear)), (rows, p))
    shear = np.broadcast_to(shear, (rows, p, p))
    status = np.full(rows, EXHAUSTED, dtype=object)
    status[~np.isfinite(value)] = FAILED
    steps = np.zeros(rows, dtype=int)
    damping = np.zeros(rows)
    polished = np.zeros(rows, dtype=bool)
    # below this the residuals are rounding errors of a law that fits exactly
    floor = 1e-29 * problem.square(weights)
    alive = np.flatnonzero(np.isfinite(value))

    for count in range(max_steps):
        if alive.size <= leave:
            status[alive] = _OPEN
            break
        sub = problem.rows(alive)
        here, w, g = theta[alive], weights[alive], gradient[alive]
        free = ~(((here <= lower) & (g > 0)) | ((here >= upper) & (g < 0)))
        frame = _Frame(
            free, lower - here, upper - here, size[alive], shear[alive], centred_size[alive]
        )
        step, promise, definite = _step(hessian[alive], g, frame, damping[alive])
        bad = np.flatnonzero(~definite)
        if bad.size:
            metric = sub.rows(bad).majorised(here[bad], w[bad])
            inner, damp = frame.rows(bad), damping[alive[bad]]
            step[bad], _, _ = _step(metric, g[bad], inner, np.maximum(damp, 1e-9))
            if count >= PATIENCE:
                other = _shifted_step(hessian[alive[bad]], metric, g[bad], inner, damp)
                step[bad] = _better(sub.rows(bad), here[bad], w[bad], other, step[bad])
        trial = np.clip(here + step, lower, upper)
        f, gt, ht = sub.second_order(trial, w)
        old = value[alive]
        ready = definite & (promise <= tolerance * old) | (old <= floor[alive])
        # so near the optimum the objective only shows rounding errors
        near = ready | (definite & (promise <= 1e-12 * old))
        good = np.isfinite(f) & (f <= old + np.where(near, 1e-12 * old, 0.0))
        took, back = alive[good], alive[~good]
        theta[took], value[took] = trial[good], f[good]
        gradient[took], hessian[took] = gt[good], ht[good]
        steps[alive] += 1
        damping[took] = np.where(damping[took] < 1e-3 * LEAST_DAMPING, 0.0, damping[took] * 0.1)
        damping[back] = np.maximum(damping[back] * 10.0, LEAST_DAMPING)
        # a row ends after the polishing step that follows its first promise of no decrease
        end = ready & (polished[alive] | ~good | (not polish))
        polished[alive] = ready & good
        status[alive[end]] = CONVERGED
        stuck = ~end & (damping[alive] > MOST_DAMPING)
        status[alive[stuck]] = STALLED
        alive = alive[~(end | stuck)]
    return Solution(theta, value, status, steps)


@dataclass(frozen=True)
class _Frame:
    """What bounds and scales leave to a step; every array (M, p).

    Attributes:
        free: coordinates that may move.
        low, high: how far each may go down and up.
        size: typical curvature, by which matrices are scaled before they are factored.
        shear: (M, p, p) from centred to internal coordinates, where damping is the same in
            whatever units N and D were counted.
        centred_size: typical curvature in centred coordinates.
    """

    free: np.ndarray
    low: np.ndarray
    high: np.ndarray
    size: np.ndarray
    shear: np.ndarray
    centred_size: np.ndarray

    def rows(self, index: np.ndarray) -> _Frame:
        return _Frame(*(getattr(self, field.name)[index] for field in fields(self)))

    def damped(self, matrix: np.ndarray, damping: np.ndarray) -> np.ndarray:
        """The matrix with a share of its diagonal, in centred coordinates, added to it."""
        if not damping.any():
            return matrix
        diagonal = _diagonal(_congruent(matrix, self.shear))
        diagonal = np.where(diagonal > 1e-9 * self.centred_size, diagonal, self.centred_size)
        identity = np.eye(matrix.shape[1])
        # the shear moves linear by shape parameters alone, so its inverse only turns the sign
        back = 2.0 * identity - self.shear
        return matrix + _congruent((damping[:, None] * diagonal)[:, :, None] * identity, back)


def _shifted_step(
    hessian: np.ndarray,
    metric: np.ndarray,
    gradient: np.ndarray,
    frame: _Frame,
    damping: np.ndarray,
) -> np.ndarray:
    """Newton step of H + d M, with d raised until that is positive definite.

    The majoriser M knows how parameters move together, so the step bends with a curved valley
    along which M alone would creep.
    """
    step, share = np.zeros_like(gradient), np.maximum(damping, LEAST_DAMPING)
    todo = np.arange(len(gradient))
    while todo.size:
        matrix = hessian[todo] + share[todo, None, None] * metric[todo]
        none = np.zeros(todo.size)
        step[todo], _, definite = _step(matrix, gradient[todo], frame.rows(todo), none)
        todo = todo[~definite & (share[todo] < MOST_DAMPING)]
        share[todo] *= 10.0
    return step


def _better(
    problem: Problem, theta: np.ndarray, weights: np.ndarray, one: np.ndarray, two: np.ndarray
) -> np.ndarray:
    """For every row, the step with the lower objective at its end."""
    ends = [
        problem.value(np.clip(theta + step, problem.lower, problem.upper), weights)
        for step in (one, two)
    ]
    return np.where((ends[0] < ends[1])[:, None], one, two)


def _step(
    hessian: np.ndarray, gradient: np.ndarray, frame: _Frame, damping: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Damped Newton step within bounds, the decrease it promises, and definiteness.

    A coordinate that would cross its bound is put on it, and the others are solved again with that
    move in place: cutting the step alone would leave them on a path that no longer goes down.
    """
    free = frame.free
    diagonal = _diagonal(hessian)
    scale = np.where(diagonal > 1e-9 * frame.size, diagonal, frame.size)
    scale = np.where(scale > 0, scale, 1.0)
    matrix = frame.damped(hessian, damping)
    step, definite = _solve_free(matrix, gradient, free, scale, None)
    for _ in range(gradient.shape[1]):
        crossed = free & ((step < frame.low) | (step > frame.high))
        rows = np.flatnonzero(crossed.any(axis=1))
        if not rows.size:
            break
        free = free & ~crossed
        inside = np.clip(step[rows], frame.low[rows], frame.high[rows])
        fixed = np.where(free[rows], 0.0, inside)
        step[rows], again = _solve_free(
            matrix[rows], gradient[rows], free[rows], scale[rows], fixed
        )
        definite[rows] &= again
    moved = np.matmul(matrix, step[:, :, None])[:, :, 0]
    promise = -((gradient + 0.5 * moved) * step).sum(axis=1)
    # a step that promises to go up is none, whatever the pivots say
    return step, promise, definite & (promise >= 0)


def _solve_free(
    hessian: np.ndarray,
    gradient: np.ndarray,
    free: np.ndarray,
    scale: np.ndarray,
    fixed: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise the quadratic over the free coordinates, the others moved by `fixed`."""
    p = gradient.shape[1]
    root = 1.0 / np.sqrt(scale)
    # row by row, then column by column: the product of two roots may overflow where this does not
    matrix = hessian * root[:, :, None] * root[:, None, :]
    pull = gradient
    if fixed is not None:
        pull = gradient + np.matmul(hessian, fixed[:, :, None])[:, :, 0]
    if not free.all():
        matrix = np.where(free[:, :, None] & free[:, None, :], matrix, 0.0)
        matrix[:, range(p), range(p)] += ~free
        pull = np.where(free, pull, 0.0)
    solution, definite = solve_definite(matrix, -pull * root)
    step = solution * root
    return (step if fixed is None else np.where(free, step, fixed)), definite


def centring(problem: Problem, theta: np.ndarray) -> np.ndarray:
    """Jacobians (M, p, p) from centred to internal parameters at `theta` (M, p).

    A coefficient such as A in A/N**alpha is the term's size at N = 1, far outside any data, so it
    moves with alpha. Holding the term's mean over the runs instead takes that apart, and leaves
    nothing that depends on the unit of N. A coefficient with bounds of its own is left as it is.
    """
    rows, p = theta.shape
    functions = problem.functions
    with np.errstate(all="ignore"):
        _, *entries = functions.hessian(theta, list(problem.inputs))
        second = dict(zip(functions.pairs, entries[p:], strict=True))
        change = np.broadcast_to(np.eye(p), (rows, p, p)).copy()
        for k in functions.linear:
            if np.isfinite(problem.lower[k]) or np.isfinite(problem.upper[k]):
                continue
            first = _mean(entries[k], rows)
            for s in set(range(p)) - set(functions.linear):
                entry = second.get((min(k, s), max(k, s)))
                if entry is not None:
                    shift = -_mean(entry, rows) / first
                    change[:, k, s] = np.where(np.isfinite(shift), shift, 0.0)
    return change


def _mean(entry: Any, rows: int) -> np.ndarray:
    """Mean over runs (M,) of something that broadcasts to (M, n)."""
    return np.broadcast_to(np.mean(np.atleast_2d(entry), axis=1), (rows,))


def _congruent(matrix: np.ndarray, change: np.ndarray) -> np.ndarray:
    """change' matrix change, row by row."""
    with np.errstate(all="ignore"):
        return np.matmul(change.transpose(0, 2, 1), np.matmul(matrix, change))


def _diagonal(matrix: np.ndarray) -> np.ndarray:
    return np.einsum("mii->mi", matrix).copy()


def solve_definite(matrix: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve symmetric systems (M, p, p) x = (M, p); tell which matrices are positive definite.

    An LDL' factorisation over the batch: p is small and M is large, so the loops run over p.
    Rows that are not positive definite to rounding return zeros.
    """
    p = matrix.shape[1]
    a = matrix.transpose(1, 2, 0).copy()
    x = right.T.copy()
    definite = np.ones(len(matrix), dtype=bool)
    with np.errstate(all="ignore"):
        for k in range(p):
            pivot = a[k, k]
            definite &= pivot > 1e-13
            for i in range(k + 1, p):
                factor = a[i, k] / pivot
                a[i, k + 1 :] -= factor * a[k, k + 1 :]
                x[i] -= factor * x[k]
        for k in range(p - 1, -1, -1):
            for j in range(k + 1, p):
                x[k] -= a[k, j] * x[j]
            x[k] /= a[k, k]
    definite &= np.isfinite(x).all(axis=0)
    return np.where(definite, x, 0.0).T, definite
