"""Runs gathered into cells: one budget, number of clients and size; the rate chosen by mean loss.

A federated sweep trains every cell at several learning rates and seeds. A size is as good as its
best rate, so the rate is chosen in every cell, by the **mean** over seeds (choosing it seed by seed
rewards lucky ones). A chosen rate at the end of the grid that was tried means that the best one was
not found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from isoloss.runs import Runs

METHOD = "family"  # the role of `Runs.groups` that a column of methods, such as DiLoCo, has
FLOP = 6.0
# runs whose compute differs by less than this in log10 are of one budget, as in isoloss.trust
GAP = 0.05


@dataclass(frozen=True, eq=False)
class Cells:
    """Losses by cell, rate and seed.

    Attributes:
        budget: (c,) total FLOP of the cell's budget, its geometric mean.
        condition: (c,) which of the combinations of local steps, participation and skew.
        clients: (c,) K.
        size: (c,) N.
        tokens: (c,) D.
        rates: (r,) learning rates; one NaN where the runs have none.
        seeds: (s,) labels.
        loss: (c, r, s), NaN where a cell has no such run.
        run: (c, r, s) index of the run, -1 where there is none.
    """

    budget: np.ndarray
    condition: np.ndarray
    clients: np.ndarray
    size: np.ndarray
    tokens: np.ndarray
    rates: np.ndarray
    seeds: np.ndarray
    loss: np.ndarray
    run: np.ndarray

    def __len__(self) -> int:
        return len(self.size)

    def chosen(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean loss at the best rate (b, c), and which rate that is, for seed weights (b, s)."""
        known = np.isfinite(self.loss)
        filled = np.where(known, self.loss, 0.0)
        with np.errstate(all="ignore"):
            mean = np.einsum("crs,bs->bcr", filled, weights) / np.einsum(
                "crs,bs->bcr", known.astype(float), weights
            )
        ordered = np.where(np.isfinite(mean), mean, np.inf)
        best = np.argmin(ordered, axis=2)
        value = np.take_along_axis(ordered, best[:, :, None], axis=2)[:, :, 0]
        return np.where(np.isfinite(value), value, np.nan), best

    def at_edge(self, best: np.ndarray) -> np.ndarray:
        """Whether the chosen rate (c,) is the lowest or highest that the cell tried."""
        tried: np.ndarray = np.any(np.isfinite(self.loss), axis=2)
        edge = np.zeros(len(self), dtype=bool)
        for i, row in enumerate(tried):
            at = np.flatnonzero(row)
            # with two rates or fewer there is no inside to be at
            edge[i] = len(at) > 1 and best[i] in (at[0], at[-1])
        return edge


def compute_of(runs: Runs) -> np.ndarray:
    """Total FLOP (n,): the column C, or 6 N D."""
    if "C" in runs.columns:
        return runs.columns["C"]
    return FLOP * runs.columns["N"] * runs.columns["D"]


def grouped(values: np.ndarray, gap: float = GAP) -> np.ndarray:
    """Labels (n,) of values that lie within a gap in log10, by rising value."""
    logs = np.log10(values)
    order = np.argsort(logs, kind="stable")
    steps = np.concatenate([[0], np.diff(logs[order]) > gap])
    labels = np.empty(len(values), dtype=int)
    labels[order] = np.cumsum(steps)
    return labels


def cells_of(runs: Runs) -> Cells:
    """The runs by cell, rate and seed; of runs that share all three the last counts."""
    compute = compute_of(runs)
    group = grouped(compute)
    logs = np.log(compute)
    middle = np.exp([logs[group == g].mean() for g in range(group.max() + 1)])
    condition = _conditions(runs)
    keys = np.stack([group, condition, runs.columns["K"], runs.columns["N"]])
    cells, cell = np.unique(keys, axis=1, return_inverse=True)
    rate = runs.columns.get("lr", np.full(len(runs), np.nan))
    rates, r = np.unique(rate, return_inverse=True)
    seeds, s = _seeds(runs, np.stack([cell.ravel(), r.ravel()]))
    shape = (cells.shape[1], len(rates), len(seeds))
    loss, run = np.full(shape, np.nan), np.full(shape, -1)
    where = (cell.ravel(), r.ravel(), s)
    loss[where], run[where] = runs.columns[runs.target], np.arange(len(runs))
    tokens = np.array(
        [np.median(runs.columns["D"][cell.ravel() == i]) for i in range(cells.shape[1])]
    )
    budget = middle[cells[0].astype(int)]
    return Cells(budget, cells[1].astype(int), cells[2], cells[3], tokens, rates, seeds, loss, run)


def _conditions(runs: Runs) -> np.ndarray:
    """Labels (n,) of what else was set, so that unlike runs never share a cell."""
    names = [name for name in ("local_steps", "participation", "skew") if name in runs.columns]
    parts = [runs.columns[name] for name in names]
    if METHOD in runs.groups:
        parts.append(np.unique(runs.groups[METHOD], return_inverse=True)[1].ravel().astype(float))
    if not parts:
        return np.zeros(len(runs), dtype=int)
    return np.unique(np.stack(parts), axis=1, return_inverse=True)[1].ravel()


def _seeds(runs: Runs, cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Seed labels and the index (n,) of each run's; counted off in cells where none is given."""
    if "seed" in runs.groups:
        labels, index = np.unique(runs.groups["seed"], return_inverse=True)
        return labels, index.ravel()
    _, inverse = np.unique(cell, axis=1, return_inverse=True)
    index = np.zeros(len(runs), dtype=int)
    seen: dict[int, int] = {}
    for i, key in enumerate(inverse.ravel().tolist()):
        index[i] = seen.get(key, 0)
        seen[key] = index[i] + 1
    return np.arange(index.max() + 1).astype(str), index


def tuned(runs: Runs) -> tuple[Runs, np.ndarray]:
    """The runs at each cell's best rate, and whether that rate was at the edge (of kept runs)."""
    cells = cells_of(runs)
    _, best = cells.chosen(np.ones((1, len(cells.seeds))))
    edge = cells.at_edge(best[0])
    rows = cells.run[np.arange(len(cells)), best[0]]
    kept = rows >= 0
    index, flagged = rows[kept], np.repeat(edge, kept.sum(axis=1))
    order = np.argsort(index)
    return runs.select(index[order]), flagged[order]
