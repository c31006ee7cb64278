"""The losses of one sweep as an array, and the best rate and size of every number of clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.federated.sweep.record import SweepRecord
from isoloss.federated.sweep.settings import SHARED


@dataclass(frozen=True, eq=False)
class Grid:
    """One sweep, complete.

    Attributes:
        shared: what all its runs have in common.
        clients: (k,) rising.
        widths: (w,) rising.
        params: (w,) N.
        rates: (r,) rising.
        seeds: (s,).
        loss: (k, w, r, s), NaN where a run diverged.
        rounds: (k, w).
    """

    shared: dict[str, Any]
    clients: np.ndarray
    widths: np.ndarray
    params: np.ndarray
    rates: np.ndarray
    seeds: np.ndarray
    loss: np.ndarray
    rounds: np.ndarray


def grid_of(record: SweepRecord) -> Grid:
    """The record as a grid.

    Raises:
        InputError: the record is empty, holds several sweeps, or lacks runs.
    """
    if not record.runs:
        raise InputError(f"{record.source} holds no runs of such a sweep; train one first")
    several = {name: _values(record, name) for name in SHARED}
    unlike = {name: values for name, values in several.items() if len(values) > 1}
    if unlike:
        named = "; ".join(f"{name} {', '.join(map(str, v))}" for name, v in unlike.items())
        name, values = next(iter(unlike.items()))
        raise InputError(
            f"{record.source} holds several sweeps: {named}. Choose one, as in "
            f"analyse(record, {name}={values[0]!r})"
        )
    axes = {name: np.array(_values(record, name)) for name in ("clients", "width", "rate", "seed")}
    loss = np.full([len(axis) for axis in axes.values()], np.nan)
    known = np.zeros(loss.shape, bool)
    params, rounds = np.zeros(loss.shape[1]), np.zeros(loss.shape[:2])
    for run in record.runs:
        at = tuple(int(np.searchsorted(axis, getattr(run, n))) for n, axis in axes.items())
        known[at], params[at[1]], rounds[at[:2]] = True, run.params, run.rounds
        loss[at] = np.nan if run.loss is None else run.loss
    if not known.all():
        raise InputError(
            f"{record.source} holds {int(known.sum())} of the {known.size} runs of its grid of "
            "clients, widths, rates and seeds; give the same sweep again with this record to go on"
        )
    shared = {name: values[0] for name, values in several.items()}
    return Grid(
        shared, axes["clients"], axes["width"], params, axes["rate"], axes["seed"], loss, rounds
    )


def _values(record: SweepRecord, name: str) -> list[Any]:
    found = {getattr(run, name) for run in record.runs}
    return sorted(found, key=lambda value: (value is not None, value))


@dataclass(frozen=True, eq=False)
class Lowest:
    """Best rates and sizes for rows of seed weights; arrays (b, k) but for `rate`.

    Attributes:
        rate: (b, k, w) index of the best rate by mean loss.
        at: index of the width with the lowest mean loss.
        log_size: ln N at the lowest point of the parabola through it and its two neighbours;
            ln N of the width itself at an end of the widths.
        loss: mean loss there at the width.
    """

    rate: np.ndarray
    at: np.ndarray
    log_size: np.ndarray
    loss: np.ndarray


def lowest(grid: Grid, weights: np.ndarray) -> Lowest:
    """Best rate by mean loss over seeds, then the best size, for every row of weights (b, s).

    A rate at which any seed diverged is never the best one.
    """
    mean = np.einsum("kwrs,bs->bkwr", grid.loss, weights / weights.sum(axis=1, keepdims=True))
    mean = np.where(np.isfinite(grid.loss).all(axis=-1), mean, np.inf)
    rate = mean.argmin(axis=-1)
    by_width = mean.min(axis=-1)
    at = by_width.argmin(axis=-1)
    log_n = np.log(grid.params)
    size = log_n[at]
    inner = (at > 0) & (at < len(log_n) - 1)
    b, k = np.nonzero(inner)
    near = at[b, k][:, None] + np.arange(-1, 2)
    y = by_width[b[:, None], k[:, None], near]
    size[b, k] = _vertex(log_n[near], y)
    loss = np.take_along_axis(by_width, at[..., None], axis=-1)[..., 0]
    return Lowest(rate, at, size, loss)


def _vertex(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Lowest point of the parabola through three points (n, 3), the middle one the lowest.

    Where a neighbour is infinitely high or all are level, the middle point itself.
    """
    left, right = x[:, 1] - x[:, 0], x[:, 2] - x[:, 1]
    with np.errstate(all="ignore"):
        down, up = (y[:, 1] - y[:, 0]) / left, (y[:, 2] - y[:, 1]) / right
        bend = (up - down) / (left + right)
        slope = (down * right + up * left) / (left + right)
        shift = -slope / (2 * bend)
    return x[:, 1] + np.where(np.isfinite(shift), shift, 0.0)
