"""Two models of a grid, by name."""

from __future__ import annotations

import numpy as np

from isoloss.errors.items import Grid
from isoloss.exceptions import ItemsError


def place(grid: Grid, name: str) -> int:
    """The line of a model, by name or alias.

    Raises:
        ItemsError: no such model; the message lists those that there are.
    """
    for line, model in enumerate(grid.models):
        if name == model.name or name in model.aliases:
            return line
    raise ItemsError(f"no model '{name}' among the answers; there is {', '.join(grid.names[:20])}")


def pair(grid: Grid, small: str, large: str) -> Grid:
    """A grid of two lines, the small model and the large one, its items task by task.

    Raises:
        ItemsError: an unknown model, or the same one twice.
    """
    lines = place(grid, small), place(grid, large)
    if lines[0] == lines[1]:
        raise ItemsError(f"'{small}' and '{large}' are one model; a contrast needs two")
    two = grid.lines(lines)
    order = np.argsort(two.task.codes, kind="stable")
    return two if (order == np.arange(len(order))).all() else two.columns(order)


def tasks(grid: Grid) -> tuple[tuple[str, ...], np.ndarray]:
    """Names of tasks and where each begins, for items that stand task by task."""
    codes, starts = np.unique(grid.task.codes, return_index=True)
    return tuple(grid.task.values[code] for code in codes), starts
