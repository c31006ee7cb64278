"""Best sizes of any table of runs, from its direct slope and the runs behind it."""

from __future__ import annotations

import numpy as np

from isoloss.exceptions import InputError
from isoloss.federated.cells import FLOP, Cells, cells_of
from isoloss.federated.direct import DRAWS, NEAREST, Direct, Point, end_words, nearest_sizes
from isoloss.federated.provenance import RUNS
from isoloss.federated.table import read_federated_runs
from isoloss.fit import Estimate, interval
from isoloss.report.federated.seen import UNKNOWN, Seen, Slice, mean_intervals
from isoloss.report.numbers import scientific
from isoloss.runs import Runs
from isoloss.trust.isoflop.parabola import Slice as Rows
from isoloss.trust.isoflop.parabola import lowest_points

_LEAST_SEEDS = 3
_ARC = 41
METHOD = (
    f"the rate with the lowest mean loss at every size, then a parabola in ln N through the "
    f"{NEAREST} sizes about the lowest; "
    "where there are three seeds or more, intervals redraw them, the same for all cells"
)


def seen_table(direct: Direct | None, runs: Runs, why: str = "") -> Seen:
    """What the figures need.

    Args:
        direct: best sizes and slope; None where no budget has enough sizes.
        runs: what they were found in.
        why: there are none.

    Raises:
        InputError: the runs are others.
    """
    runs = read_federated_runs(runs)
    cells = cells_of(runs)
    points = direct.points if direct else ()
    rows = [_rows(cells, point) for point in points]
    _check(cells, points, rows)
    drawn = _redrawn(cells) if len(cells.seeds) >= _LEAST_SEEDS else None
    level = direct.level if direct else 0.9
    mean, best = cells.chosen(np.ones((1, len(cells.seeds))))
    names = _names(cells, runs, points)
    slices = tuple(
        _slice(
            cells, point, at, names[point.budget, point.condition], mean[0], best[0], drawn, level
        )
        for point, at in zip(points, rows, strict=True)
    )
    budgets = {point.budget for point in points}
    return Seen(
        f"{len(runs):,} runs of {runs.source}",
        runs.source,
        slices,
        direct.gamma if direct else None,
        direct.bound if direct else why,
        direct.loss_ratio if direct else None,
        False,
        float(np.exp(np.mean(np.log(sorted(budgets))))) if budgets else None,
        len(cells.seeds),
        level,
        runs.units.get(runs.target, "") if runs.target == "loss" else "",
        METHOD,
        (),
        (RUNS,),
    )


def _rows(cells: Cells, point: Point) -> np.ndarray:
    """Indices of the cells of a point, by rising size."""
    known = np.isfinite(cells.loss).any(axis=(1, 2))
    here = (cells.condition == point.condition) & (cells.clients == point.clients) & known
    here &= np.isclose(cells.budget, point.budget, rtol=1e-9)
    rows = np.flatnonzero(here)
    return rows[np.argsort(cells.size[rows])]


def _check(cells: Cells, points: tuple[Point, ...], rows: list[np.ndarray]) -> None:
    for point, at in zip(points, rows, strict=True):
        if not len(at) or tuple(cells.size[at[[0, -1]]]) != tuple(point.sizes):
            raise InputError(
                "the runs that were given to the report are not those of the direct slope: there "
                f"are no sizes {point.sizes[0]:.4g} to {point.sizes[1]:.4g} at K = "
                f"{point.clients:g}; give the same table, read in the same way"
            )


def _redrawn(cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Seed weights (draws, s) and losses (draws, c), those of the direct slope at its seed 0."""
    count = len(cells.seeds)
    picked = np.random.default_rng(0).integers(0, count, size=(DRAWS, count))
    weights = np.stack([np.bincount(row, minlength=count) for row in picked]).astype(float)
    return weights, cells.chosen(weights)[0]


def _slice(
    cells: Cells,
    point: Point,
    at: np.ndarray,
    group: str,
    mean: np.ndarray,
    best: np.ndarray,
    drawn: tuple[np.ndarray, np.ndarray] | None,
    level: float,
) -> Slice:
    low = high = np.full(len(at), np.nan)
    size, lowest = _exactly(point.size), _exactly(float(mean[at].min()))
    log_n, near = np.log(cells.size), nearest_sizes(cells, mean, at)
    if drawn is not None:
        weights, losses = drawn
        low, high = mean_intervals(cells.loss[at, best[at]], weights, level)
        rows = Rows(point.budget, FLOP, near)
        found = np.exp(lowest_points((rows,), log_n, losses)[0][:, 0])
        size = _between(point.size, found, level)
        lowest = _between(lowest.value, losses[:, at].min(axis=1), level)
    side = {"below": -1, "above": 1}.get(point.side, 0)
    if side:
        # beyond the sizes the parabola is no guide: N_opt is only bounded by their end
        size = _exactly(point.sizes[0] if side < 0 else point.sizes[1])
    arc, bottom, missed = _arc(log_n[near], mean[near], size.value)
    return Slice(
        int(point.clients),
        group,
        cells.size[at],
        mean[at],
        low,
        high,
        cells.rates[best[at]],
        cells.at_edge(best)[at],
        arc,
        size if np.isfinite(point.size) else UNKNOWN,
        bottom,
        lowest,
        side,
        _doubt(point),
        missed,
    )


def _doubt(point: Point) -> str:
    if point.side in ("below", "above"):
        return f"the best size lies {end_words(point)}"
    if point.side == "none":
        return "the parabola opens downwards"
    return "the learning rate was chosen at an end of its grid" if point.rate_at_edge else ""


def _exactly(value: float) -> Estimate:
    return Estimate(value, float("nan"), float("nan"), float("nan"))


def _between(value: float, drawn: np.ndarray, level: float) -> Estimate:
    known = drawn[np.isfinite(drawn)]
    if len(known) < 2:
        return _exactly(value)
    low, high = interval(known, level)
    return Estimate(value, float(low), float(high), float(np.std(known, ddof=1)))


def _arc(
    log_n: np.ndarray, loss: np.ndarray, size: float
) -> tuple[tuple[np.ndarray, np.ndarray], float, float]:
    """The parabola over its sizes, its value at the best one, and by what share it misses runs."""
    centre = float(log_n.mean())
    c = np.polyfit(log_n - centre, loss, 2)
    x = np.linspace(log_n[0], log_n[-1], _ARC)
    bottom = float(np.polyval(c, np.log(size) - centre))
    left = np.log(loss) - np.log(np.maximum(np.polyval(c, log_n - centre), 1e-300))
    missed = float(np.sqrt(np.mean(left**2)))
    return (np.exp(x), np.polyval(c, x - centre)), bottom, missed


def _names(cells: Cells, runs: Runs, points: tuple[Point, ...]) -> dict[tuple[float, int], str]:
    """What tells every group from the others, in words."""
    keys = list(dict.fromkeys((point.budget, point.condition) for point in points))
    conditions = {key[1] for key in keys}
    told: dict[int, list[str]] = {c: [] for c in conditions}
    for name in ("local_steps", "participation", "skew"):
        if name not in runs.columns:
            continue
        values = {c: _value(cells, runs, name, c) for c in conditions}
        if len(set(values.values())) > 1:
            for c, value in values.items():
                told[c].append(_condition(name, value))
    several = len({key[0] for key in keys}) > 1
    return {
        key: ", ".join([*([f"{scientific(key[0], 2)} FLOP"] if several else []), *told[key[1]]])
        for key in keys
    }


def _value(cells: Cells, runs: Runs, name: str, condition: int) -> float:
    of = cells.run[cells.condition == condition]
    return float(runs.columns[name][of[of >= 0][0]])


def _condition(name: str, value: float) -> str:
    if name == "local_steps":
        return f"{value:g} local steps"
    if name == "participation":
        return f"{100 * value:g} % take part"
    return "data alike" if value == 0 else f"Dirichlet {1 / value - 1:.3g}"
