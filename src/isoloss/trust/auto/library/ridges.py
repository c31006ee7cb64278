"""Ridge regressions on features of the proportions: linear, so they follow many rows cheaply.

Features are standardised over the trained rows. Groups are treated in one of three ways: each on
its own; one shape f with y = a_g + b_g f, a_g and b_g the mean and the spread of the group; or that
and a strongly held correction for each group.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from isoloss.trust.auto.fitting import Candidate, contain
from isoloss.trust.auto.job import Job, Points

EDGE = 0.01
PENALTIES = (1e-4, 1e-2)
KINDS = ("r", "ln r", "both", "own", "sqrt", "quad", "zero")
CORRECTION = 0.3


def ridges(job: Job) -> Iterator[Candidate]:
    """Every kind of feature, penalty, transform of the target and treatment of groups."""
    modes = ("sep", "scaled", "corrected") if len(job.groups) > 1 else ("sep",)
    for kind in KINDS:
        features = [
            (_features(job, job.here, kind, own), _features(job, job.there, kind, own))
            for own in job.own
        ]
        for log in (False, True):
            if log and job.y.min() <= 0:
                continue
            for penalty in PENALTIES:
                for mode in modes:
                    yield _ridge(job, features, kind, log, penalty, mode)


def _features(job: Job, points: Points, kind: str, own: int) -> np.ndarray:
    """Columns `(n, f)`, in deviations from the trained rows."""

    def raw(p: Points) -> np.ndarray:
        r = p.shares
        logs = np.log(r + EDGE)
        pairs = [r[:, a] * r[:, b] for a, b in combinations(range(r.shape[1]), 2)]
        sets = {
            "r": [r],
            "ln r": [logs],
            "both": [r, logs],
            "own": [logs[:, [own]], r],
            "sqrt": [np.sqrt(r)],
            "quad": [r, r**2, np.stack(pairs, axis=1)],
            "zero": [r, logs, (r < 1e-9).astype(float)],
        }
        return np.concatenate([*sets[kind], p.v, p.v**2], axis=1)

    base = raw(job.here)
    spread = base.std(axis=0)
    kept = spread > 1e-9
    return (raw(points)[:, kept] - base.mean(axis=0)[kept]) / spread[kept]


def _ridge(job: Job, features, kind: str, log: bool, penalty: float, mode: str) -> Candidate:
    y = np.log(job.y) if log else job.y
    here = np.empty((len(job.seen), *y.shape))
    there = np.empty((len(job.there.group), y.shape[1]))
    for split, seen in enumerate(job.seen):
        for target, (inside, outside) in enumerate(features):
            found = _fit(
                y[:, target],
                seen,
                np.concatenate([inside, outside]),
                np.concatenate([job.here.group, job.there.group]),
                penalty,
                mode,
            )
            here[split, :, target] = found[: len(y)]
            there[:, target] = found[len(y) :]
    if log:
        with np.errstate(over="ignore"):
            here, there = np.exp(here), np.exp(there)
    name = f"ridge {kind}{' on ln y' if log else ''}|{mode}|{penalty:g}"
    return Candidate(name, *contain(job, here, there), None, "ridge")


def _fit(
    y: np.ndarray, seen: np.ndarray, x: np.ndarray, group: np.ndarray, penalty: float, mode: str
) -> np.ndarray:
    """Values at all points `(n + q,)` from the seen ones."""
    rows = np.flatnonzero(seen)
    values = np.full(len(x), y[rows].mean())
    groups = np.unique(group[rows])
    if mode == "sep":
        for g in groups:
            own = rows[group[rows] == g]
            every = group == g
            values[every] = _solve(x[own], y[own], x[every], penalty)
        return values
    middle, spread = np.zeros(len(x)), np.ones(len(x))
    for g in groups:
        own, every = rows[group[rows] == g], group == g
        middle[every], spread[every] = y[own].mean(), max(float(y[own].std()), 1e-12)
    scaled = (y[rows] - middle[rows]) / spread[rows]
    values = middle + spread * _solve(x[rows], scaled, x, penalty)
    if mode == "corrected":
        for g in groups:
            own, every = rows[group[rows] == g], group == g
            values[every] += _solve(x[own], y[own] - values[own], x[every], CORRECTION)
    return values


def _solve(x: np.ndarray, y: np.ndarray, asked: np.ndarray, penalty: float) -> np.ndarray:
    """Ridge regression with a free constant, in the space of whichever is fewer."""
    centre, mean = x.mean(axis=0), y.mean()
    a, b = x - centre, y - mean
    size = penalty * len(x)
    if len(a) < a.shape[1]:
        c = a.T @ np.linalg.solve(a @ a.T + size * np.eye(len(a)), b)
    else:
        c = np.linalg.solve(a.T @ a + size * np.eye(a.shape[1]), a.T @ b)
    return mean + (asked - centre) @ c
