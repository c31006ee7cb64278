"""Best sizes of a sweep, from its analysis and the losses behind it."""

from __future__ import annotations

import numpy as np

from isoloss.exceptions import InputError
from isoloss.federated.sweep import Analysis, Optimum, SweepRecord
from isoloss.federated.sweep.analyse import DRAWS
from isoloss.federated.sweep.grid import Grid, grid_of, lowest
from isoloss.federated.sweep.settings import SHARED
from isoloss.federated.sweep.show import question
from isoloss.report.federated.seen import Seen, Slice, mean_intervals

_AGREE = 1e-9
_ARC = 25
METHOD = (
    "the rate with the lowest mean loss at every size, then a parabola in ln N through the best "
    "size and its two neighbours; intervals redraw seeds, the same for all cells, and choose anew"
)


def seen_sweep(analysis: Analysis, runs: SweepRecord | Grid) -> Seen:
    """What the figures need.

    Args:
        analysis: what was found.
        runs: what it was found in; of a record with several sweeps the one that was analysed.

    Raises:
        InputError: the runs are others.
    """
    grid = runs if isinstance(runs, Grid) else grid_of(_part(analysis, runs))
    _check(analysis, grid)
    point = lowest(grid, np.ones((1, len(grid.seeds))))
    slices = tuple(_slice(analysis, grid, i, point.rate[0, i]) for i in range(len(grid.clients)))
    shared = analysis.shared
    known = set(SHARED) <= shared.keys()
    return Seen(
        question(analysis) if known else f"{analysis.source}, {analysis.seeds} seeds",
        analysis.source,
        slices,
        analysis.gamma,
        analysis.bound,
        analysis.loss_ratio,
        shared.get("mode") == "per-client",
        shared.get("compute"),
        analysis.seeds,
        analysis.level,
        analysis.unit,
        METHOD,
        analysis.findings,
        analysis.provenance,
    )


def _part(analysis: Analysis, record: SweepRecord) -> SweepRecord:
    """The runs of the sweep that was analysed."""
    return record.where(**{n: v for n, v in analysis.shared.items() if n in SHARED})


def _check(analysis: Analysis, grid: Grid) -> None:
    if tuple(grid.clients.tolist()) == tuple(o.clients for o in analysis.optima):
        found = lowest(grid, np.ones((1, len(grid.seeds)))).loss[0]
        wanted = np.array([o.loss.value for o in analysis.optima])
        if np.allclose(found, wanted, rtol=_AGREE, atol=0, equal_nan=True):
            return
    raise InputError(
        "the runs that were given to the report are not those of the analysis: their lowest losses "
        "differ; give the record or grid that was analysed"
    )


def _slice(analysis: Analysis, grid: Grid, i: int, rate: np.ndarray) -> Slice:
    optimum = analysis.optima[i]
    columns = np.arange(len(grid.widths))
    values = grid.loss[i, columns, rate]
    low, high = _ends(values, analysis.level)
    at = int(np.flatnonzero(grid.widths == optimum.width)[0])
    mean = values.mean(axis=1)
    arc, bottom = _arc(grid.params, mean, at, optimum)
    return Slice(
        optimum.clients,
        "",
        grid.params,
        mean,
        low,
        high,
        grid.rates[rate].astype(float),
        np.isin(rate, (0, len(grid.rates) - 1)),
        arc,
        optimum.size,
        bottom,
        optimum.loss,
        optimum.side,
        "; ".join(optimum.edges),
    )


def _ends(values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    count = values.shape[1]
    if count < 2:
        gap = np.full(len(values), np.nan)
        return gap, gap
    random = np.random.default_rng(0)
    weights = random.multinomial(count, np.full(count, 1 / count), size=DRAWS).astype(float)
    low, high = mean_intervals(values, weights, level)
    return low, high


def _arc(
    sizes: np.ndarray, loss: np.ndarray, at: int, optimum: Optimum
) -> tuple[tuple[np.ndarray, np.ndarray], float]:
    """The parabola between the neighbours of the best size, and its lowest loss."""
    nothing = (np.empty(0), np.empty(0)), float(loss[at])
    if optimum.side or len(sizes) < 3 or not np.isfinite(loss[at - 1 : at + 2]).all():
        return nothing
    centre = np.log(sizes[at])
    table = np.vander(np.log(sizes[at - 1 : at + 2]) - centre, 3)
    c = np.linalg.solve(table, loss[at - 1 : at + 2])
    x = np.linspace(np.log(sizes[at - 1]), np.log(sizes[at + 1]), _ARC)
    bottom = float(np.polyval(c, np.log(optimum.size.value) - centre))
    return (np.exp(x), np.polyval(c, x - centre)), bottom
