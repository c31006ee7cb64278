"""What a law leaves over, carried to the rows nearby.

A law that is a little wrong leaves residuals that are alike at neighbouring inputs. Their best
linear prediction with a squared-exponential covariance is added to the law (simple kriging; Sacks,
Welch, Mitchell and Wynn 1989), within the group only; far from all rows nothing is added.

How much of a residual is noise decides how closely the rows are followed. Where inputs repeat the
noise is known and the rest of the residual variance is the signal; elsewhere two settings are tried
and the backtests decide between them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from isoloss.trust.auto.fitting import Candidate, contain
from isoloss.trust.auto.job import Job, Points

# name: length in standard deviations of the inputs, variance of the noise over that of the signal;
# a length of 1 follows the rows closely and lost 0.007 of R2 on splits that go far
SETTINGS = {"kr2": (2.0, 0.1), "kr4": (4.0, 0.1)}
FAR = 5.0
# a share of 1 is as far as this many standard deviations of another input
SHARE_UNIT = 4.0
BLOCK = 1000
MOST_ROWS = 4000


def kriged(job: Job, bases: Sequence[Candidate]) -> Iterator[Candidate]:
    """Each base with its residuals kriged, once for each setting.

    Args:
        job: the question.
        bases: what the residuals are taken from.

    Returns:
        Nothing where there are too many rows for a dense covariance, and no candidate whose
        residuals are noise alone: it would be its base once more.
    """
    if len(job.y) > MOST_ROWS or not bases:
        return
    for label, (length, noise) in SETTINGS.items():
        near = _similar(job.here, job.here, length)
        here = np.stack([base.here for base in bases])
        there = np.stack([base.there for base in bases])
        for split, seen in enumerate(job.seen):
            left = _winsorised(job.y[seen] - here[:, split, seen])
            share = np.array(
                [[_noise(job, r, seen, t, noise) for t, r in enumerate(one.T)] for one in left]
            )
            found = _solve(job, near[np.ix_(seen, seen)], seen, left, share)
            here[:, split] += np.einsum("ij,bjt->bit", near[:, seen], found, optimize=True)
            if split == len(job.seen) - 1:
                there += _carried(job, length, found)
        for number, base in enumerate(bases):
            if np.array_equal(here[number], base.here):
                continue
            bounded = contain(job, here[number], there[number])
            yield Candidate(f"{base.name} ~{label}", *bounded, None, "kriged")


def _noise(job: Job, left: np.ndarray, seen: np.ndarray, target: int, given: float) -> float:
    """Variance of the noise over that of the signal; infinite where nothing but noise is left."""
    known = job.noise[target]
    if not np.isfinite(known):
        return given
    # each point is the mean of its repeats, so that its own noise is smaller
    signal = float(np.mean(left**2) - np.mean(known / job.count[seen]))
    if signal <= 0:
        return np.inf
    # steps of a quarter decade: one factor then serves many bases
    return float(10 ** (np.round(4 * np.log10(known / signal)) / 4))


def _solve(
    job: Job, near: np.ndarray, seen: np.ndarray, left: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """(K + noise)^-1 r for every base and target, `(bases, n, T)`; one factor for each noise."""
    from scipy.linalg import cho_factor, cho_solve

    found = np.zeros_like(left)
    repeats = job.count[seen] if np.isfinite(job.noise).any() else np.ones(len(near))
    columns = left.swapaxes(1, 2)
    for level in np.unique(share[np.isfinite(share)]):
        factor = cho_factor(near + np.diag(level / repeats), lower=True)
        which = share == level
        found.swapaxes(1, 2)[which] = cho_solve(factor, columns[which].T).T
    return found


def square_distances(a: Points, b: Points) -> np.ndarray:
    """Squared distances in standard deviations, `(n, m)`."""
    left, right = (np.concatenate([p.v, SHARE_UNIT * p.shares], axis=-1) for p in (a, b))
    square = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None] - 2 * left @ right.T
    return np.maximum(square, 0.0)


def _similar(a: Points, b: Points, length: float) -> np.ndarray:
    """exp(-d^2 / (2 length^2)); 0 between groups."""
    same = a.group[:, None] == b.group[None]
    return np.where(same, np.exp(-square_distances(a, b) / (2 * length**2)), 0.0)


def _carried(job: Job, length: float, found: np.ndarray) -> np.ndarray:
    """What the solved residuals `(bases, n, T)` add at the query, a block of rows at a time."""
    count = len(job.there.group)
    blocks = [
        np.einsum(
            "ij,bjt->bit",
            _similar(job.there.take(slice(start, start + BLOCK)), job.here, length),
            found,
            optimize=True,
        )
        for start in range(0, count, BLOCK)
    ]
    return np.concatenate(blocks, axis=1)


def _winsorised(left: np.ndarray) -> np.ndarray:
    """Residuals `(bases, n, T)` held within five robust standard deviations."""
    scale = 1.4826 * np.median(np.abs(left), axis=1, keepdims=True)
    return np.clip(left, -FAR * scale, FAR * scale)
