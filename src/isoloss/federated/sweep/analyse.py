"""What a sweep says: the best size for every number of clients, and how fast it falls.

For every K: the learning rate with the lowest mean loss over seeds at every width; the width with
the lowest loss; N_opt from a parabola in ln N through that width and its two neighbours. gamma is
minus the slope of ln N_opt on ln K. Intervals redraw seeds, the same for all cells, and choose
rates and widths anew.

gamma is **not quoted** where an optimum, or the learning rate at one of the three sizes that
decide where it is, sits at an end of its grid, nor with fewer than three seeds or two numbers of
clients. On the sweeps that this was tried on, rates that ended too early moved gamma by half of
its value.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.federated.provenance import RUNS
from isoloss.federated.sweep.grid import Grid, Lowest, grid_of, lowest
from isoloss.federated.sweep.record import SweepRecord, read_record
from isoloss.fit import Estimate, interval
from isoloss.trust.finding import Finding, by_weight

LEVEL = 0.90
DRAWS = 1000
LEAST_SEEDS = 3


@dataclass(frozen=True)
class Optimum:
    """The best size among K clients.

    Attributes:
        clients: K.
        size: N_opt.
        loss: mean over seeds at the best width.
        width: hidden units of the width with the lowest mean loss.
        rate: its peak learning rate.
        edges: what sits at an end of its grid, in words; empty where nothing does.
        side: -1 or 1 where the best width is the least or greatest, so that N_opt is at most or
            at least `size`; 0 where it lies inside.
    """

    clients: int
    size: Estimate
    loss: Estimate
    width: int
    rate: float
    edges: tuple[str, ...]
    side: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return {
            **vars(self),
            "size": self.size.to_document(),
            "loss": self.loss.to_document(),
            "edges": list(self.edges),
        }


@dataclass(frozen=True, eq=False)
class Analysis:
    """What a sweep says.

    Attributes:
        shared: task, compute, mode, dirichlet_alpha, local_steps, batch and engine of its runs.
        optima: one a number of clients, rising.
        gamma: -d ln N_opt / d ln K; None where it may not be quoted.
        bound: where gamma is not quoted: why, and what can be said instead.
        size_ratio: N_opt at the largest K over that at the smallest; None with one K.
        loss_ratio: the same of the lowest loss.
        edge_draws: share of draws in which some optimum sits at an end of the widths.
        diverged: names of the runs that did.
        seeds: how many.
        unit: of the loss.
        findings: reasons for care, the heaviest first.
        source: where the runs are.
        level: nominal coverage of intervals.
        provenance: tags of all its numbers.
    """

    shared: dict[str, Any]
    optima: tuple[Optimum, ...]
    gamma: Estimate | None
    bound: str
    size_ratio: Estimate | None
    loss_ratio: Estimate | None
    edge_draws: float
    diverged: tuple[str, ...]
    seeds: int
    unit: str
    findings: tuple[Finding, ...]
    source: str
    level: float = LEVEL
    provenance: tuple[str, ...] = (RUNS,)

    def to_document(self) -> dict[str, Any]:
        """Plain data."""

        def plain(estimate: Estimate | None) -> dict[str, float] | None:
            return estimate.to_document() if estimate else None

        return {
            **self.shared,
            "optima": [optimum.to_document() for optimum in self.optima],
            "gamma": plain(self.gamma),
            "bound": self.bound,
            "size_ratio": plain(self.size_ratio),
            "loss_ratio": plain(self.loss_ratio),
            "edge_draws": self.edge_draws,
            "diverged": list(self.diverged),
            "seeds": self.seeds,
            "loss_unit": self.unit,
            "findings": [vars(finding) for finding in self.findings],
            "source": self.source,
            "level": self.level,
            "provenance": list(self.provenance),
        }

    def __str__(self) -> str:
        from isoloss.federated.sweep.show import text

        return text(self)


def analyse(
    record: SweepRecord | str | os.PathLike[str],
    *,
    draws: int = DRAWS,
    draw_seed: int = 0,
    **where: Any,
) -> Analysis:
    """Best sizes and gamma of one sweep.

    Args:
        record: runs, or the file that holds them.
        draws: replicates.
        draw_seed: of the replicates.
        where: which runs, as in `SweepRecord.where`, such as `dirichlet_alpha=0.3`.

    Raises:
        InputError: no such runs, several sweeps, or one that is not finished.
    """
    from isoloss.federated.sweep.tasks import find_task

    runs = record if isinstance(record, SweepRecord) else read_record(record)
    runs = runs.where(**where)
    grid = grid_of(runs)
    lost = tuple(run.name for run in runs.runs if run.status == "diverged")
    unit = find_task(grid.shared["task"]).unit
    return analyse_grid(grid, lost, unit, runs.source, draws=draws, draw_seed=draw_seed)


def analyse_grid(
    grid: Grid,
    diverged: tuple[str, ...],
    unit: str,
    source: str,
    *,
    draws: int = DRAWS,
    draw_seed: int = 0,
) -> Analysis:
    """As `analyse`, for losses that come from elsewhere.

    Args:
        grid: the losses.
        diverged: names of the runs that did.
        unit: of the loss.
        source: where the runs are.
        draws: replicates.
        draw_seed: of the replicates.
    """
    from isoloss.federated.sweep.remarks import remarks

    random = np.random.default_rng(draw_seed)
    count = len(grid.seeds)
    weights = random.multinomial(count, np.full(count, 1 / count), size=draws).astype(float)
    point, drawn = lowest(grid, np.ones((1, count))), lowest(grid, weights)
    optima = tuple(_optimum(grid, i, point, drawn) for i in range(len(grid.clients)))
    reasons = _reasons(grid, optima)
    ends = (drawn.at == 0) | (drawn.at == len(grid.widths) - 1)
    several = len(grid.clients) > 1
    edge_draws = float(ends.any(axis=1).mean())
    return Analysis(
        grid.shared,
        optima,
        None if reasons else _slope(grid, point.log_size, drawn.log_size),
        _bound(grid, optima, point, reasons) if reasons else "",
        _ratio(np.exp(point.log_size), np.exp(drawn.log_size)) if several else None,
        _ratio(point.loss, drawn.loss) if several else None,
        edge_draws,
        diverged,
        count,
        unit,
        by_weight(remarks(grid, optima, reasons, edge_draws, diverged)),
        source,
    )


def _optimum(grid: Grid, i: int, point: Lowest, drawn: Lowest) -> Optimum:
    at, last = int(point.at[0, i]), len(grid.widths) - 1
    side = int(at == last) - int(at == 0) if last else 0
    edges = []
    if at in (0, last):
        edges.append(f"the best width, {grid.widths[at]}, is at an end of the widths")
    for w in range(max(0, at - 1), min(last, at + 1) + 1):
        rate = int(point.rate[0, i, w])
        if rate in (0, len(grid.rates) - 1):
            edges.append(
                f"the best rate at width {grid.widths[w]}, {grid.rates[rate]:g}, is at an end of "
                "the rates"
            )
    return Optimum(
        int(grid.clients[i]),
        _estimate(np.exp(point.log_size[0, i]), np.exp(drawn.log_size[:, i])),
        _estimate(point.loss[0, i], drawn.loss[:, i]),
        int(grid.widths[at]),
        float(grid.rates[point.rate[0, i, at]]),
        tuple(edges),
        side,
    )


def _reasons(grid: Grid, optima: tuple[Optimum, ...]) -> tuple[str, ...]:
    """Why gamma may not be quoted."""
    reasons = [f"K = {optimum.clients}: {edge}" for optimum in optima for edge in optimum.edges]
    if len(grid.seeds) < LEAST_SEEDS:
        reasons.append(
            f"{len(grid.seeds)} seed(s) say nothing of the noise, {LEAST_SEEDS} are the least"
        )
    if len(grid.clients) < 2:
        reasons.append("one number of clients has no slope")
    return tuple(reasons)


def _bound(grid: Grid, optima: tuple[Optimum, ...], point: Lowest, reasons: tuple[str, ...]) -> str:
    """What can be said without gamma: a one-sided bound, where every edge is of a size."""
    text = "gamma is not quoted: " + "; ".join(reasons)
    sized = sum(bool(optimum.side) for optimum in optima)
    if len(reasons) != sized or len(optima) < 2:
        return text
    x = np.log(grid.clients) - np.log(grid.clients).mean()
    # true ln N_opt at an edge lies further out, which moves gamma by -x/(x.x) times that
    moves = {int(np.sign(-x[i] * o.side)) for i, o in enumerate(optima) if o.side}
    if len(moves) != 1:
        return text
    least = -float(point.log_size[0] @ x) / float(x @ x)
    word = "least" if moves == {1} else "most"
    return f"{text}. A bound only: gamma is at {word} {least:.2f}"


def _slope(grid: Grid, point: np.ndarray, drawn: np.ndarray) -> Estimate:
    x = np.log(grid.clients) - np.log(grid.clients).mean()
    return _estimate(-float(point[0] @ x) / float(x @ x), -(drawn @ x) / float(x @ x))


def _ratio(point: np.ndarray, drawn: np.ndarray) -> Estimate:
    return _estimate(point[0, -1] / point[0, 0], drawn[:, -1] / drawn[:, 0])


def _estimate(value: float, drawn: np.ndarray) -> Estimate:
    low, high = interval(drawn, LEVEL)
    return Estimate(float(value), float(low), float(high), float(np.std(drawn, ddof=1)))
