"""The slope of the best size in K straight from runs, with no law in between.

At every budget and number of clients a parabola of the loss in ln N gives N_opt (Hoffmann et al.
2022, approach 2; `isoloss.trust.isoflop` has its bias); the slope of ln N_opt on ln K within
budgets is -gamma. It assumes nothing about rho, alpha or beta. Where the lowest point lies outside
of the sizes, or the learning rate was chosen at the end of its grid, N_opt is only bounded, and
**gamma is not quoted**: on the sweeps that this was tried on, rates at the end of the grid moved
gamma by half its value.

Intervals redraw seeds, all cells together, where there are three or more, and choose every rate
anew; otherwise residuals of the parabolas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.exceptions import RunsError
from isoloss.federated.cells import FLOP, Cells, cells_of
from isoloss.federated.slopes import (
    common_slope,
    curvature,
    end_ratio,
    labels,
    paired,
    per_client,
)
from isoloss.fit import Estimate, interval
from isoloss.runs import Runs
from isoloss.trust.isoflop.parabola import Slice, lowest_points

DRAWS = 500
LEVEL = 0.90
LEAST_SIZES = 4
NEAREST = 5
"""Sizes of a parabola, at most."""

_LEAST_SEEDS = 3


@dataclass(frozen=True)
class Point:
    """The best size at one budget and number of clients.

    Attributes:
        budget: total FLOP.
        condition: which combination of local steps, participation and skew.
        clients: K.
        size: N at the lowest point of the parabola; NaN where it opens downwards.
        loss: the lowest mean loss that was seen; a parabola's own can lie far below every run.
        sizes: smallest and largest N that were trained.
        side: `inside`, `below`, `above` the sizes, or `none`.
        rate_at_edge: sizes next to the lowest point whose learning rate was at the end of its grid.
    """

    budget: float
    condition: int
    clients: float
    size: float
    loss: float
    sizes: tuple[float, float]
    side: str
    rate_at_edge: int

    @property
    def good(self) -> bool:
        """Whether the best size was found and not only bounded."""
        return self.side == "inside" and not self.rate_at_edge


@dataclass(frozen=True, eq=False)
class Direct:
    """The direct slope and what it rests on.

    Attributes:
        points: one a budget and number of clients.
        gamma: -d ln N_opt / d ln K at fixed total compute; None where it may not be quoted.
        per_client: d ln N_opt / d ln K at fixed compute per client; None where runs do not tell.
        loss_ratio: lowest loss at the largest K over that at the smallest, at fixed total compute.
        curvature: second-order coefficient of ln N_opt on ln K, 0 for a power law; None with
            fewer than three K.
        bound: what can be said where gamma is not quoted.
        seeds: how many.
        kind: what was redrawn, `seeds` or `residuals`.
        level: nominal coverage of intervals.
    """

    points: tuple[Point, ...]
    gamma: Estimate | None
    per_client: Estimate | None
    loss_ratio: Estimate | None
    curvature: Estimate | None
    bound: str
    seeds: int
    kind: str
    level: float

    def to_document(self) -> dict[str, Any]:
        """Plain data."""

        def plain(estimate: Estimate | None) -> dict[str, float] | None:
            return estimate.to_document() if estimate else None

        return {
            "gamma": plain(self.gamma),
            "per_client_slope": plain(self.per_client),
            "loss_ratio": plain(self.loss_ratio),
            "curvature": plain(self.curvature),
            "bound": self.bound,
            "seeds": self.seeds,
            "redrawn": self.kind,
            "level": self.level,
            "points": [{**vars(p), "sizes": list(p.sizes)} for p in self.points],
        }

    def __str__(self) -> str:
        from isoloss.federated.show_direct import text

        return text(self)

    __repr__ = __str__


def noise_free(runs: Runs, losses: np.ndarray) -> float | None:
    """gamma that this method would read off a law's own losses (n,) at the runs; None for none.

    Parabolas are biased where the loss is lopsided in ln N (`isoloss.trust.isoflop.bias`): the
    distance from the law's gamma is what that costs on this design, if the law is right.
    """
    columns = {name: values for name, values in runs.columns.items() if name != "lr"}
    smooth = replace(runs, columns={**columns, runs.target: losses})
    try:
        cells = cells_of(smooth)
        mean, _ = cells.chosen(np.ones((1, len(cells.seeds))))
        slices, keys = _slices(cells, mean[0])
        size, _, covered = lowest_points(slices, np.log(cells.size), mean)
    except (RunsError, ValueError):
        return None
    if not slices:
        return None
    k = np.log([key[2] for key in keys])
    group = labels(np.array([key[0] for key in keys]), np.array([key[1] for key in keys]))
    used = covered[0] & paired(np.where(covered[0], k, np.nan), group)
    if not used.any():
        return None
    found = -common_slope(k[used], size[:, used], group[used])[0]
    return float(found) if np.isfinite(found) else None


def direct_slope(runs: Runs, *, draws: int = DRAWS, seed: int = 0, level: float = LEVEL) -> Direct:
    """Best sizes by budget and K, and their slopes.

    Args:
        runs: with N, D, K and a target; C, lr and a seed group where there are some.
        draws: replicates.
        seed: of the replicates.
        level: nominal coverage of intervals.

    Raises:
        RunsError: no budget has four sizes at any number of clients.
    """
    cells = cells_of(runs)
    everyone = np.ones((1, len(cells.seeds)))
    mean, best = cells.chosen(everyone)
    slices, keys = _slices(cells, mean[0])
    if not slices:
        raise RunsError(
            f"{runs.source}: no budget has {LEAST_SIZES} sizes at one number of clients, so no "
            "best size can be read off; add sizes at equal compute, or fit the law alone"
        )
    edge = cells.at_edge(best[0])
    log_n = np.log(cells.size)
    size, _, covered = lowest_points(slices, log_n, mean)
    points = tuple(
        _point(cells, s, key, mean[0], size[0, i], bool(covered[0, i]), edge)
        for i, (s, key) in enumerate(zip(slices, keys, strict=True))
    )
    rng = np.random.default_rng(seed)
    drawn, kind = _replicates(cells, slices, log_n, mean[0], draws, rng)
    rows = np.vstack([mean, drawn])
    # the lowest loss that was seen: a parabola's own can lie far outside of the sizes
    losses = np.stack([rows[:, s.runs].min(axis=1) for s in slices], axis=1)
    sizes = lowest_points(slices, log_n, rows)[0]
    return _summary(points, sizes, losses, len(cells.seeds), kind, level)


def _slices(
    cells: Cells, mean: np.ndarray
) -> tuple[tuple[Slice, ...], list[tuple[float, int, float]]]:
    """Cells of one budget, condition and K with enough sizes; of many, those near the lowest.

    Over a wide span of sizes the loss is no parabola, and the far ends would move its lowest point.
    """
    found, keys = [], []
    known = np.isfinite(cells.loss).any(axis=(1, 2))
    table = np.stack([cells.budget, cells.condition, cells.clients])
    for key in np.unique(table, axis=1).T:
        rows = np.flatnonzero((table == key[:, None]).all(axis=0) & known)
        if len(np.unique(cells.size[rows])) >= LEAST_SIZES:
            found.append(Slice(float(key[0]), FLOP, nearest_sizes(cells, mean, rows)))
            keys.append((float(key[0]), int(key[1]), float(key[2])))
    return tuple(found), keys


def nearest_sizes(cells: Cells, mean: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Those of the cells `rows` that a parabola is laid through: nearest in ln N to the lowest.

    Args:
        cells: all of them.
        mean: (c,) their losses.
        rows: indices of cells of one budget, condition and K.
    """
    log_n = np.log(cells.size[rows])
    centre = log_n[np.argmin(np.where(np.isfinite(mean[rows]), mean[rows], np.inf))]
    order = np.argsort(np.abs(log_n - centre), kind="stable")
    return np.sort(rows[order[:NEAREST]])


def _point(
    cells: Cells,
    s: Slice,
    key: tuple[float, int, float],
    mean: np.ndarray,
    log_size: float,
    covered: bool,
    edge: np.ndarray,
) -> Point:
    same = (
        (cells.budget == key[0])
        & (cells.condition == key[1])
        & (cells.clients == key[2])
        & np.isfinite(mean)
    )
    sizes = np.sort(cells.size[same])
    low, high = float(sizes[0]), float(sizes[-1])
    lowest = float(cells.size[same][np.argmin(mean[same])])
    if not np.isfinite(log_size):
        side = "none"
    elif lowest in (low, high):
        # where the lowest run is an outermost one, nothing says that the losses turn
        side = "below" if lowest == low else "above"
    else:
        side = "inside" if covered else "below" if np.exp(log_size) < low else "above"
    # the sizes that decide where the lowest point lies are the two beside it
    near = np.argsort(np.abs(np.log(cells.size[s.runs]) - log_size), kind="stable")[:2]
    flagged = int(edge[s.runs][near].sum()) if np.isfinite(log_size) else 0
    size = float(np.exp(log_size)) if np.isfinite(log_size) else float("nan")
    loss = float(np.min(mean[same]))
    return Point(key[0], key[1], key[2], size, loss, (low, high), side, flagged)


def _replicates(
    cells: Cells,
    slices: Sequence[Slice],
    log_n: np.ndarray,
    y: np.ndarray,
    draws: int,
    rng: np.random.Generator,
) -> tuple[np.ndarray, str]:
    """Losses (draws, c) of the cells, redrawn."""
    count = len(cells.seeds)
    if count >= _LEAST_SEEDS:
        picked = rng.integers(0, count, size=(draws, count))
        weights = np.stack([np.bincount(row, minlength=count) for row in picked]).astype(float)
        return cells.chosen(weights)[0], "seeds"
    smooth, scale, pool = y.copy(), np.ones_like(y), []
    for s in slices:
        x = log_n[s.runs] - log_n[s.runs].mean()
        table = np.stack([np.ones_like(x), x, x * x], axis=1)
        smooth[s.runs] = table @ np.linalg.lstsq(table, y[s.runs], rcond=None)[0]
        scale[s.runs] = abs(float(np.mean(y[s.runs]))) or 1.0
        left = (y[s.runs] - smooth[s.runs]) / scale[s.runs]
        pool.append(left * np.sqrt(len(left) / (len(left) - 3)))
    shocks = np.concatenate(pool)
    return smooth + scale * rng.choice(shocks, size=(draws, len(y))), "residuals"


def _summary(
    points: tuple[Point, ...],
    log_size: np.ndarray,
    loss: np.ndarray,
    seeds: int,
    kind: str,
    level: float,
) -> Direct:
    """Slopes over the points, with intervals from the rows after the first."""
    k = np.log([p.clients for p in points])
    budget = np.array([p.budget for p in points])
    condition = np.array([p.condition for p in points])
    fixed_total = labels(budget, condition)
    fixed_each = labels(budget / np.exp(k), condition)
    good = np.array([p.good for p in points])
    total = common_slope(k, log_size, fixed_total)
    # where every point that has a partner at its budget is good, the slope is one
    partnered = paired(k, fixed_total)
    quotable = bool(partnered.any() and good[partnered].all())
    curved = curvature(k, log_size, fixed_total)
    each = per_client(k, log_size, np.log(budget), condition, fixed_each, good)
    return Direct(
        points,
        _estimate(-total, level) if quotable else None,
        _estimate(each, level) if each is not None else None,
        _estimate(np.exp(end_ratio(k, np.log(loss), fixed_total)), level)
        if partnered.any()
        else None,
        _estimate(curved, level) if quotable and curved is not None else None,
        "" if quotable else _bound(points, k, fixed_total, partnered),
        seeds,
        kind,
        level,
    )


def _estimate(values: np.ndarray, level: float) -> Estimate:
    drawn = values[1:][np.isfinite(values[1:])]
    low, high = interval(drawn, level)
    spread = float(np.std(drawn, ddof=1)) if len(drawn) > 1 else float("nan")
    return Estimate(float(values[0]), float(low), float(high), spread)


def _bound(
    points: tuple[Point, ...], k: np.ndarray, group: np.ndarray, partnered: np.ndarray
) -> str:
    """What the points say where some of them are only bounds."""
    if not partnered.any():
        return (
            "no budget has best sizes at two numbers of clients, so nothing is said about fixed "
            "total compute"
        )
    bad = [p for p, used in zip(points, partnered, strict=True) if used and not p.good]
    named = "; ".join(
        f"K = {p.clients:g} at C = {p.budget:.3g}: "
        + (
            "the learning rate was chosen at the end of its grid"
            if p.side == "inside"
            else f"the best size lies {end_words(p)}"
            if p.side != "none"
            else "the parabola opens downwards"
        )
        for p in bad[:4]
    )
    more = f" and {len(bad) - 4} more" if len(bad) > 4 else ""
    steeper = [
        (p.side == "above" and _is_end(p, points, least=True))
        or (p.side == "below" and _is_end(p, points, least=False))
        for p in bad
    ]
    if all(steeper):
        size = np.log([min(max(p.size, p.sizes[0]), p.sizes[1]) for p in points])
        least = -common_slope(k, size[None, :], group)[0]
        return f"gamma is at least {least:.2f}: {named}{more}"
    return f"gamma is not quoted: {named}{more}"


def end_words(point: Point) -> str:
    """Where a best size lies that is only bounded: `at or below the smallest size, 2e+07`."""
    least = point.side == "below"
    size = point.sizes[0] if least else point.sizes[1]
    return f"at or {point.side} the {'smallest' if least else 'largest'} size, {size:.3g}"


def _is_end(point: Point, points: tuple[Point, ...], *, least: bool) -> bool:
    """Whether a point has the least or the largest K of its budget."""
    same = [
        p.clients for p in points if p.budget == point.budget and p.condition == point.condition
    ]
    return point.clients == (min(same) if least else max(same))


def read_direct(data: dict[str, Any] | None) -> Direct | None:
    """Inverse of `Direct.to_document`; None stays None."""
    if data is None:
        return None

    def estimate(name: str) -> Estimate | None:
        if not data[name]:
            return None
        return Estimate(**{key: np.nan if v is None else v for key, v in data[name].items()})

    points = tuple(
        Point(
            **{**p, "sizes": tuple(p["sizes"]), "size": np.nan if p["size"] is None else p["size"]}
        )
        for p in data["points"]
    )
    return Direct(
        points,
        estimate("gamma"),
        estimate("per_client_slope"),
        estimate("loss_ratio"),
        estimate("curvature"),
        data["bound"],
        data["seeds"],
        data["redrawn"],
        data["level"],
    )
