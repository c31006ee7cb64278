"""Reading a table of curves of which a part is to be foretold.

One row a point: `domain`, `task` and `model` name the curve, `seen_examples` is x, `loss` is y
(error rate or scaled loss), and `training` is 1 for points that may be seen and 0 for those that
are foretold. That is the format of the two tables behind Alabdulmohsin et al. 2022
(arXiv:2209.06640), joined.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from isoloss.exceptions import RunsError
from isoloss.runs.readers import open_table

NAMES = ("domain", "task", "model")
COLUMNS = (*NAMES, "seen_examples", "loss", "training")


@dataclass(frozen=True, eq=False)
class Task:
    """One curve.

    Attributes:
        key: domain, task, model.
        x, y: (n,) what may be seen, by rising x; of rows with equal x the last one stands, as in
            the authors' own evaluation.
        x_test, y_test: (m,) every row that is foretold.
    """

    key: tuple[str, str, str]
    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def domain(self) -> str:
        """The first part of the key."""
        return self.key[0]

    def cut(self, times: float) -> Task:
        """The same curve seen only up to its last x over `times`."""
        seen = self.x <= self.x[-1] / times * (1 + 1e-9)
        return Task(self.key, self.x[seen], self.y[seen], self.x_test, self.y_test)


def read_tasks(path: Any) -> list[Task]:
    """Every curve of a table that has points to see and points to foretell.

    Raises:
        RunsError: naming the missing column, or the line and column of a bad cell.
    """
    table = open_table(path)
    missing = [name for name in COLUMNS if name not in table.names]
    if missing:
        raise RunsError(
            f"{table.source} has no column {', '.join(missing)}; a table of curves has the columns "
            f"{', '.join(COLUMNS)}"
        )
    text, lines = table.load(COLUMNS)
    x, y, seen = (
        _numbers(text[name], name, f"{table.source}, {table.word}", lines) for name in COLUMNS[3:]
    )
    rows: dict[tuple[str, str, str], list[int]] = {}
    for row, key in enumerate(zip(*(text[name] for name in NAMES), strict=True)):
        rows.setdefault(tuple(str(part) for part in key), []).append(row)  # type: ignore[arg-type]
    tasks = [_task(key, np.array(index), x, y, seen > 0) for key, index in rows.items()]
    tasks = [task for task in tasks if len(task.x) and len(task.x_test)]
    if not tasks:
        raise RunsError(
            f"{table.source} has no curve with both training rows (1) and test rows (0); the "
            "column training says which"
        )
    return tasks


def _task(
    key: tuple[str, str, str], index: np.ndarray, x: np.ndarray, y: np.ndarray, seen: np.ndarray
) -> Task:
    known = dict(zip(x[index[seen[index]]], y[index[seen[index]]], strict=True))
    order = sorted(known)
    test = index[~seen[index]]
    return Task(key, np.array(order), np.array([known[v] for v in order]), x[test], y[test])


def _numbers(cells: Any, column: str, place: str, lines: np.ndarray) -> np.ndarray:
    numbers = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            numbers[row] = float(cell)
        except (TypeError, ValueError):
            numbers[row] = np.nan
        lowest_ok = numbers[row] >= 0 if column == "training" else numbers[row] > 0
        if not (np.isfinite(numbers[row]) and lowest_ok):
            wanted = "0 or 1" if column == "training" else "a positive number"
            raise RunsError(f"{place} {lines[row]}: {column} is {cell!r}, expected {wanted}")
    return numbers
