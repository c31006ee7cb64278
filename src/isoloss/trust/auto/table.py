"""Rows with any number of inputs and targets: read, checked, and set beside the rows to foretell.

Two tables meet here. The rows that were trained have inputs and targets; the query has inputs
alone. Rows of the first that share all their inputs are one point measured several times: they are
joined into their mean, and how far they lie apart is the noise that no law can foretell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.runs.cells import Place, take, to_labels, to_numbers
from isoloss.runs.readers import open_table

LEAST_ROWS = 8


@dataclass(frozen=True)
class Table:
    """Numbers of one table.

    Attributes:
        source: where they come from, for messages.
        inputs: names of the inputs, d of them.
        targets: names of the targets, T of them.
        x: inputs, `(n, d)`, as they were given.
        y: targets, `(n, T)`; NaN throughout for a query.
        group: label of each row's group, `(n,)`; empty strings where there are none.
    """

    source: str
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    group: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def select(self, rows: np.ndarray) -> Table:
        """The table with some of its rows, by mask or by index."""
        return Table(
            self.source, self.inputs, self.targets, self.x[rows], self.y[rows], self.group[rows]
        )


@dataclass(frozen=True)
class Cells:
    """A table whose repeated rows have been joined.

    Attributes:
        table: one row for each distinct (inputs, group), targets averaged.
        count: how many rows stand behind each, `(n,)`.
        row_cell: for each row of the full table the index of its cell, `(rows,)`.
        noise: variance of one row about its cell's mean, `(T,)`; NaN where too few repeat.
    """

    table: Table
    count: np.ndarray
    row_cell: np.ndarray
    noise: np.ndarray


def read_table(
    source: Any,
    inputs: Sequence[str],
    targets: Sequence[str],
    group: str | None,
    where: Mapping[str, Callable[[np.ndarray], np.ndarray]] | None = None,
) -> Table:
    """Take named columns out of a path, a frame, a mapping of arrays or a list of records.

    Args:
        source: what `isoloss.read_runs` also accepts; a `Table` is passed through.
        inputs: columns that are known before a run is made.
        targets: columns to foretell; none for a query.
        group: column of labels whose rows follow laws of their own, or None.
        where: column -> (labels `(n,)` -> mask `(n,)`): rows to keep; a column that the table does
            not have keeps every row.

    Raises:
        InputError: a column that is absent or given twice, a cell that is no finite number.
    """
    if isinstance(source, Table):
        return source
    _check_names(inputs, targets, group)
    table = open_table(source)
    wanted = [*inputs, *targets, *([group] if group else [])]
    for name in wanted:
        if name not in table.names:
            raise InputError(
                f"{table.source}: no column '{name}'; there are {', '.join(table.names)}"
            )
    sieves = {name: keep for name, keep in (where or {}).items() if name in table.names}
    cells, rows = table.load([*wanted, *(name for name in sieves if name not in wanted)])
    kept = np.ones(len(rows), dtype=bool)
    for name, keep in sieves.items():
        kept &= keep(to_labels(cells[name]))
    if not kept.any():
        raise InputError(
            f"{table.source}: no row is left by the values of {', '.join(sieves)}; check them"
        )
    chosen = np.flatnonzero(kept)
    cells, rows = {name: take(values, chosen) for name, values in cells.items()}, rows[chosen]
    place = Place(table.source, table.word, rows)
    x = np.stack([_numbers(cells[name], place, name) for name in inputs], axis=1)
    y = [_numbers(cells[name], place, name) for name in targets]
    labels = to_labels(cells[group]) if group else np.full(len(x), "")
    return Table(
        table.source,
        tuple(inputs),
        tuple(targets),
        x,
        np.stack(y, axis=1) if y else np.full((len(x), 0), np.nan),
        labels,
    )


def check_pair(train: Table, query: Table) -> None:
    """Refuse rows that cannot carry a forecast.

    Raises:
        InputError: too few rows, a target that never varies, or a group that was never trained.
    """
    if len(train) < LEAST_ROWS:
        raise InputError(
            f"{train.source}: {len(train)} rows to learn from; at least {LEAST_ROWS} are needed "
            "to hide some and to fit the others"
        )
    for name, values in zip(train.targets, train.y.T, strict=True):
        if np.ptp(values) == 0:
            raise InputError(
                f"{train.source}, column '{name}': every row has the value {values[0]:g}; there "
                "is nothing to foretell, leave the target out"
            )
    unknown = sorted(set(query.group) - set(train.group))
    if unknown:
        raise InputError(
            f"{query.source}: group '{unknown[0]}' has no row to learn from; the groups of "
            f"{train.source} are {', '.join(sorted(set(train.group))[:8])}"
        )


def join_repeats(table: Table) -> Cells:
    """Average rows whose inputs and group are the same.

    Each distinct point then counts once however often it was measured: a row of n repeats has the
    weight 1/n. Found on the routed models of SLDBench, where the repeats are routers of unequal
    number at each point; tables without repeats are unchanged.
    """
    _, codes = np.unique(table.group, return_inverse=True)
    keys = np.column_stack([codes.reshape(-1), table.x])
    _, first, cell = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    # cells in the order of their first rows: row order of the source stays visible
    order = np.argsort(first, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    cell = rank[cell.reshape(-1)]
    count = np.bincount(cell)
    mean = np.stack([np.bincount(cell, weights=v) / count for v in table.y.T], axis=1)
    spare = len(table) - len(count)
    noise = np.full(table.y.shape[1], np.nan)
    if spare >= max(5, 0.1 * len(table)):
        noise = np.sum((table.y - mean[cell]) ** 2, axis=0) / spare
    joined = table.select(first[order])
    joined = Table(joined.source, joined.inputs, joined.targets, joined.x, mean, joined.group)
    return Cells(joined, count, cell, noise)


def _check_names(inputs: Sequence[str], targets: Sequence[str], group: str | None) -> None:
    if isinstance(inputs, str) or isinstance(targets, str):
        raise InputError("inputs and targets are lists of column names, such as ['N', 'D']")
    if not inputs:
        raise InputError("no inputs were named; name the columns that are known before a run")
    named = [*inputs, *targets, *([group] if group else [])]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise InputError(f"column '{twice[0]}' was named twice; give it one role")


def _numbers(cells: Any, place: Place, name: str) -> np.ndarray:
    values, blank = to_numbers(cells, place, name)
    bad = np.flatnonzero(blank | ~np.isfinite(values))
    if len(bad):
        what = "blank" if blank[bad[0]] else f"{values[bad[0]]:g}"
        raise InputError(
            f"{place.at(int(bad[0]), name)}: {what} where a finite number is expected "
            f"({len(bad)} such cells); leave those rows out"
        )
    return values
