"""One form on one job: fitted to every split, to every group, and to all rows at last.

A form is fitted in one of these modes:

| mode | shape numbers | coefficients |
|---|---|---|
| `one` | common | common: the groups are not told apart |
| `shared` | common | for each group |
| `sep` | for each group | for each group |
| `partial` | for each group, drawn towards the shared ones | for each group |

Each fit is robust (two rounds of Huber weights), and where there is one input it is repeated with
weights that rise along it, for what holds further out is learnt from the largest rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from isoloss.trust.auto.engine import STARTS, Solved, descend, huber, search
from isoloss.trust.auto.forms import Batch, Form, design
from isoloss.trust.auto.job import Job, Points

RECENCY = (0.0, 0.5, 1.0, 2.0)
PRIOR_AMPLITUDE, PARTIAL_WIDTH = 0.02, 0.35
CLIP = 1.5
POLISH = 10


@dataclass(frozen=True)
class Law:
    """A fitted form, for words.

    Attributes:
        form: what was fitted.
        mode: how the groups were treated.
        theta: `(T, 1 or G, q)`.
        c: `(T, G, k)`.
    """

    form: Form
    mode: str
    theta: np.ndarray
    c: np.ndarray


@dataclass(frozen=True)
class Candidate:
    """What one way of foretelling says, on every split and at last on the query.

    Attributes:
        name: form, mode and weights.
        here: values at the trained points, `(S + 1, n, T)`; hidden rows are the forecasts.
        there: values at the query by the fit to all rows, `(q, T)`.
        law: the closed formula behind it, or None where there is none.
        family: of the form; `naive`, `kriged` and so on for others.
    """

    name: str
    here: np.ndarray
    there: np.ndarray
    law: Law | None
    family: str


@dataclass(frozen=True)
class Layout:
    """Rows by group, padded to one length: `rows` and `real` are `(G, m)`."""

    rows: np.ndarray
    real: np.ndarray

    def spread(self, values: np.ndarray, count: int) -> np.ndarray:
        """`(B, G, m)` back to rows in their order, `(B, count)`."""
        flat = np.zeros((len(values), count))
        flat[:, self.rows[self.real]] = values[:, self.real]
        return flat


def layout(group: np.ndarray, groups: int) -> Layout:
    """Rows of each group; with one group all rows in their order."""
    sets = [np.flatnonzero(group == g) for g in range(groups)]
    longest = max(1, max(len(rows) for rows in sets))
    rows = np.zeros((groups, longest), dtype=np.int64)
    real = np.zeros((groups, longest), dtype=bool)
    for g, found in enumerate(sets):
        rows[g, : len(found)], real[g, : len(found)] = found, True
    return Layout(rows, real)


def fit_forms(
    job: Job,
    forms: Iterable[Form],
    modes: Sequence[str],
    recency: Sequence[float] = RECENCY,
    starts: int = STARTS,
) -> Iterator[Candidate]:
    """Fit forms in several modes; forms of ln y are left out where y is not positive."""
    for form in forms:
        if form.log and job.y.min() <= 0:
            continue
        for mode in modes:
            yield from fit_form(job, form, mode, recency, starts)


def fit_form(
    job: Job, form: Form, mode: str, recency: Sequence[float] = RECENCY, starts: int = STARTS
) -> Iterator[Candidate]:
    """A candidate for each recency weight, the first of which is 0."""
    grid, there_grid = _layouts(job, mode)
    batch = _batch(job, form, mode, grid, 0.0)
    first = None
    if mode == "partial":
        batch, first = _towards_shared(job, form, batch, starts)
    plain = search(form, batch, starts=starts, first=first)
    for rate in recency:
        weighed = replace(batch, w=_batch(job, form, mode, grid, rate).w) if rate else batch
        end = descend(form, weighed, plain.theta, POLISH) if rate else plain
        for _ in range(2):
            end = descend(form, huber(form, weighed, end), end.theta, POLISH)
        name = "|".join([form.name, *([mode] if mode != "one" else []), *_rate(rate)])
        yield _candidate(job, form, mode, name, end, batch.points, grid, there_grid)


def _rate(rate: float) -> list[str]:
    return [f"recent {rate:g}"] if rate else []


def _layouts(job: Job, mode: str) -> tuple[Layout, Layout]:
    groups = 1 if mode == "one" else len(job.groups)
    codes = [points.group if groups > 1 else 0 * points.group for points in (job.here, job.there)]
    return layout(codes[0], groups), layout(codes[1], groups)


def recency_weights(job: Job, rate: float) -> np.ndarray:
    """Weights that rise with the mean standardised scale, one on average, `(n,)`."""
    if not rate or not job.scales:
        return np.ones(len(job.y))
    turn = job.sides[job.scales]
    weight = np.exp(rate * (job.here.v[:, job.scales] * turn).mean(axis=1))
    return weight / weight.mean()


def _batch(job: Job, form: Form, mode: str, grid: Layout, rate: float) -> Batch:
    """Problems in the order split, target and, where groups go apart, group."""
    splits, targets = len(job.seen), job.y.shape[1]
    y = np.log(job.y) if form.log else job.y
    y = y.T[:, grid.rows]  # (T, G, m)
    w = (job.seen * recency_weights(job, rate))[:, grid.rows] * grid.real  # (S, G, m)
    y = np.broadcast_to(y[None], (splits, *y.shape))
    w = np.broadcast_to(w[:, None], y.shape)
    m, apart = y.shape[-1], mode in ("sep", "partial")
    groups = y.shape[2]
    shape = (splits * targets * groups, 1, m) if apart else (splits * targets, groups, m)
    y, w = y.reshape(shape), w.reshape(shape)
    points = _points(job, form, job.here.take(grid.rows), apart, splits)
    total = np.maximum(w.sum(axis=2, keepdims=True), 1e-300)
    mean = (w * y).sum(axis=2, keepdims=True) / total
    spread = np.sqrt((w * (y - mean) ** 2).sum(axis=(1, 2)) / np.maximum(w.sum(axis=(1, 2)), 1e-9))
    centre = np.tile([s.centre for s in form.shape], (len(y), 1)).reshape(len(y), -1)
    width = np.tile([s.width for s in form.shape], (len(y), 1)).reshape(len(y), -1)
    return Batch(points, y, w, centre, width, PRIOR_AMPLITUDE * spread)


def _points(job: Job, form: Form, points: Points, apart: bool, splits: int) -> Points:
    """Points `(G, m)` set out for each problem, in the order split, target and group."""
    groups, targets = points.group.shape[0], job.y.shape[1]
    if not form.own:
        every = np.tile(np.arange(groups), splits * targets)[:, None] if apart else np.newaxis
        return points.take(every)
    # each target sees its own share first
    orders = [[own, *(k for k in range(points.shares.shape[-1]) if k != own)] for own in job.own]
    turned = np.stack([points.shares[..., order] for order in orders])
    if apart:
        every = np.tile(np.arange(groups), splits * targets)[:, None]
        shares = np.tile(turned.reshape(-1, 1, *turned.shape[2:]), (splits, 1, 1, 1))
        return replace(points.take(every), shares=shares)
    shares = np.tile(turned, (splits, 1, 1, 1))
    return replace(
        points.take(np.zeros(len(shares), dtype=int)[:, None] + np.arange(groups)), shares=shares
    )


def _towards_shared(job: Job, form: Form, batch: Batch, starts: int) -> tuple[Batch, np.ndarray]:
    """Give each group the shared shape as its prior, as wide as groups commonly differ."""
    grid, _ = _layouts(job, "shared")
    common = _batch(job, form, "shared", grid, 0.0)
    end = search(form, common, starts=starts)
    fitted = (design(form, common.points, end.theta) @ end.c[..., None])[..., 0]
    rows = np.maximum(common.w.sum(axis=(1, 2)), 1.0)
    noise = np.sqrt((common.w * (common.y - fitted) ** 2).sum(axis=(1, 2)) / rows)
    groups = len(job.groups)
    theta = np.repeat(end.theta, groups, axis=0)
    return (
        replace(
            batch,
            centre=theta,
            width=np.full_like(batch.width, PARTIAL_WIDTH),
            amplitude=np.repeat(noise, groups),
        ),
        theta,
    )


def _candidate(
    job: Job,
    form: Form,
    mode: str,
    name: str,
    end: Solved,
    points: Points,
    grid: Layout,
    there_grid: Layout,
) -> Candidate:
    splits, (n, targets) = len(job.seen), job.y.shape
    apart, groups = mode in ("sep", "partial"), len(grid.rows)
    here = (design(form, points, end.theta) @ end.c[..., None])[..., 0]
    here = here.reshape(splits * targets, groups, -1)
    here = grid.spread(here, n).reshape(splits, targets, n).swapaxes(1, 2)
    last = slice(len(end.theta) - len(end.theta) // splits, None)
    theta, c = end.theta[last], end.c[last]
    there_points = _points(job, form, job.there.take(there_grid.rows), apart, 1)
    there = (design(form, there_points, theta) @ c[..., None])[..., 0]
    there = there_grid.spread(there.reshape(targets, groups, -1), len(job.there.group)).T
    if form.log:
        with np.errstate(over="ignore"):
            here, there = np.exp(here), np.exp(there)
    here, there = contain(job, here, there)
    law = Law(
        form,
        mode,
        theta.reshape(targets, groups if apart else 1, theta.shape[1]),
        c.reshape(targets, groups, -1),
    )
    return Candidate(name, here, there, law, form.family)


def contain(job: Job, here: np.ndarray, there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hold values within 1.5 ranges of what each split has seen; a failure is the seen mean.

    Args:
        job: the question.
        here: values at the trained points, `(S + 1, n, T)`.
        there: values at the query, `(q, T)`.
    """
    here = here.copy()
    for split, seen in enumerate(job.seen):
        y = job.y[seen]
        low, high, mean = y.min(axis=0), y.max(axis=0), y.mean(axis=0)
        reach = CLIP * (high - low)
        here[split] = np.where(np.isfinite(here[split]), here[split], mean)
        here[split] = np.clip(here[split], low - reach, high + reach)
        absent = ~np.isin(job.here.group, job.here.group[seen])
        here[split, absent] = mean
        if split == len(job.seen) - 1:
            there = np.clip(np.where(np.isfinite(there), there, mean), low - reach, high + reach)
    return here, there
