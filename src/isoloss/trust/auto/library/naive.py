"""Forecasts without a law: the group's mean, its last rows, the nearest row.

They stand beside every law. On one of the eight tables of SLDBench the nearest row beats every
published law, and on another the group's mean does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from isoloss.trust.auto.fitting import Candidate, contain
from isoloss.trust.auto.job import Job, Points
from isoloss.trust.auto.kriging import BLOCK, square_distances

LAST = (1, 3, 8)

Rule = Callable[[Job, np.ndarray, Points], np.ndarray]


def naive(job: Job) -> Iterator[Candidate]:
    """The forecasts that a law has to beat."""
    yield _each(job, "group mean", _mean)
    if job.scales:
        for count in LAST:
            yield _each(job, f"last {count}", partial(_last, count))
    yield _each(job, "nearest row", _nearest)


def _each(job: Job, name: str, rule: Rule) -> Candidate:
    """Apply a rule (job, trained points to learn from, asked points) to each split and group."""
    here = np.empty((len(job.seen), *job.y.shape))
    there = np.empty((len(job.there.group), job.y.shape[1]))
    for split, seen in enumerate(job.seen):
        here[split] = _by_group(job, rule, seen, job.here)
    there[:] = _by_group(job, rule, job.seen[-1], job.there)
    return Candidate(name, *contain(job, here, there), None, "naive")


def _by_group(job: Job, rule: Rule, seen: np.ndarray, asked: Points) -> np.ndarray:
    found = np.full((len(asked.group), job.y.shape[1]), np.nan)
    for group in np.unique(asked.group):
        own = np.flatnonzero(seen & (job.here.group == group))
        rows = np.flatnonzero(asked.group == group)
        if len(own):
            found[rows] = rule(job, own, asked.take(rows))
    return found


def _mean(job: Job, own: np.ndarray, _asked: Points) -> np.ndarray:
    # of all rows, repeats included: it stands for what is usual in the group
    return np.average(job.y[own], axis=0, weights=job.count[own])


def _last(count: int, job: Job, own: np.ndarray, _asked: Points) -> np.ndarray:
    scale = (job.here.v[own][:, job.scales] * job.sides[job.scales]).sum(axis=1)
    return job.y[own[np.argsort(scale, kind="stable")[-count:]]].mean(axis=0)


def _nearest(job: Job, own: np.ndarray, asked: Points) -> np.ndarray:
    """The mean of the nearest rows: several where they are equally near."""
    points, found = job.here.take(own), []
    for start in range(0, len(asked.group), BLOCK):
        square = square_distances(asked.take(slice(start, start + BLOCK)), points)
        near = square <= square.min(axis=1, keepdims=True) + 1e-9
        found.append(near.astype(float) @ job.y[own] / near.sum(axis=1, keepdims=True))
    return np.concatenate(found)
