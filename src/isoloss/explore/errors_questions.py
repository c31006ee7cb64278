"""Questions of an error study that a page lets people read, with what every model said."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from isoloss.errors import ErrorStudy
from isoloss.errors.items import MISSING
from isoloss.report.errors.words import clipped

_ASKED, _OPTION, _OPTIONS, _SAID, _WROTE = 600, 160, 26, 120, 240


def questions(made: ErrorStudy, most: int) -> list[dict[str, Any]]:
    """Some questions with what every model said: all of them, or as many kinds as possible."""
    columns = np.sort(_spread(made)[:most])
    items, grid = made.items, made.grid
    # the grid counts rows of one condition
    rows = np.flatnonzero(items.condition.codes == items.condition.code(made.condition))
    found = []
    for column in columns.tolist():
        places = rows[grid.row[:, column]]
        first = int(places[0])
        asked = items.question[first] if items.question is not None else None
        options = items.options[first] if items.options is not None else None
        found.append(
            {
                "at": column,
                "item": " ".join(clipped(grid.item[column], 80).split()),
                "question": clipped(asked, _ASKED),
                "options": _options(options),
                "gold": clipped(grid.gold[column], _SAID),
                "said": [
                    None if code == MISSING else clipped(grid.predictions[code], _SAID)
                    for code in grid.prediction[:, column].tolist()
                ],
                "wrote": []
                if items.raw is None
                else [clipped(str(items.raw[row] or ""), _WROTE) for row in places.tolist()],
            }
        )
    return found


def _spread(made: ErrorStudy) -> np.ndarray:
    """(I,) questions in an order in which every kind comes early.

    A kind is a task and what the smallest and the largest model did. The first question of each
    kind stands first, rare kinds before frequent ones, then the second of each, and so on.
    """
    grid = made.grid
    ends = [0, grid.shape[0] - 1]
    kind = [grid.task.codes, *grid.correct[ends]]
    if grid.mode is not None:
        kind += [*grid.mode[ends]]
    _, group, count = np.unique(np.stack(kind), axis=1, return_inverse=True, return_counts=True)
    group = group.ravel()
    order = np.argsort(group, kind="stable")
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    rank = np.empty(len(group), dtype=int)
    rank[order] = np.arange(len(group)) - start[group[order]]
    return np.lexsort((np.arange(len(group)), count[group], rank))


def _options(text: str | None) -> list[list[str]]:
    """Options as pairs of a letter and a text."""
    if not text:
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return [["", clipped(text, _ASKED)]]
    if isinstance(found, dict):
        pairs = [(str(key), one) for key, one in found.items()]
    elif isinstance(found, list):
        pairs = [(chr(65 + i), one) for i, one in enumerate(found[:_OPTIONS])]
    else:
        pairs = [("", found)]
    return [[clipped(key, 20), clipped(str(one), _OPTION)] for key, one in pairs[:_OPTIONS]]
