"""Several tables of answers as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.items.items import Items, Labels
from isoloss.errors.items.models import Model
from isoloss.errors.items.pairing import Claims, pair
from isoloss.exceptions import ItemsError

_TEXTS = ("item", "task", "condition", "gold", "prediction")
_OPTIONAL = ("question", "options", "cluster", "finish")


def join(parts: Sequence[Items]) -> Items:
    """Several tables of answers as one, such as the same questions under two conditions.

    Questions are paired anew: tables that number them differently are paired by content, and tables
    that contradict each other are refused.

    Raises:
        ItemsError: no tables, one model that is described differently, or a contradiction.
    """
    if not parts:
        raise ItemsError("no tables of answers to join")
    if len(parts) == 1:
        return parts[0]
    items = _under(parts)
    nothing = Coded(np.full(len(items), MISSING, np.int32), ())
    claims = Claims(
        [model.name for model in items.models],
        items.model,
        items.task,
        items.condition,
        items.item,
        nothing,
        nothing,
        items.gold,
        items.prediction,
        items.question or nothing,
        items.options or nothing,
        items.cluster or nothing,
        items.correct,
        _place(parts),
    )
    paired = pair(claims)
    found = items.select(paired.kept)
    return replace(found, item=paired.item, notices=(*items.notices, *paired.notices))


def _place(parts: Sequence[Items]) -> Callable[[int], str]:
    starts = np.cumsum([0, *map(len, parts)])

    def where(row: int) -> str:
        part = int(np.searchsorted(starts, row, side="right")) - 1
        return f"table {part + 1}, row {row - int(starts[part]) + 1}"

    return where


def _under(parts: Sequence[Items]) -> Items:
    """The rows of all tables, one table under the other."""
    models, model = _models(parts)
    columns: dict[str, Any] = {
        name: Coded.joined([getattr(part, name) for part in parts]) for name in _TEXTS
    }
    for name in _OPTIONAL:
        if any(getattr(part, name) is not None for part in parts):
            columns[name] = Coded.joined(
                [getattr(part, name) or _missing(len(part)) for part in parts]
            )
    if any(part.raw is not None for part in parts):
        columns["raw"] = np.concatenate(
            [part.raw if part.raw is not None else np.full(len(part), None) for part in parts]
        )
    if any(part.loss is not None for part in parts):
        columns["loss"] = np.concatenate(
            [part.loss if part.loss is not None else np.full(len(part), np.nan) for part in parts]
        )
    return Items(
        models,
        model,
        correct=np.concatenate([part.correct for part in parts]),
        n_options=np.concatenate([part.n_options for part in parts]),
        choices=stacked([part.choices for part in parts], [len(part) for part in parts]),
        labels=_labels(parts),
        notices=tuple(dict.fromkeys(notice for part in parts for notice in part.notices)),
        **columns,
    )


def stacked(parts: Sequence[np.ndarray | None], counts: Sequence[int]) -> np.ndarray | None:
    """Probabilities (n, k) of several tables under one another, padded to the widest."""
    width = max((part.shape[1] for part in parts if part is not None), default=0)
    if not width:
        return None
    found = np.full((sum(counts), width), np.nan)
    start = 0
    for part, count in zip(parts, counts, strict=True):
        if part is not None:
            found[start : start + count, : part.shape[1]] = part
        start += count
    return found


def _models(parts: Sequence[Items]) -> tuple[tuple[Model, ...], np.ndarray]:
    places: dict[str, int] = {}
    models: list[Model] = []
    codes = []
    for part in parts:
        table = []
        for one in part.models:
            if one.name not in places:
                places[one.name] = len(models)
                models.append(one)
            elif str(models[places[one.name]]) != str(one):
                raise ItemsError(
                    f"the tables describe the model '{one.name}' differently; import all logs with "
                    "one models file"
                )
            table.append(places[one.name])
        codes.append(np.array(table, np.int32)[part.model])
    return tuple(models), np.concatenate(codes)


def _labels(parts: Sequence[Items]) -> dict[str, Labels]:
    sources = dict.fromkeys(source for part in parts for source in part.labels)
    found = {}
    for source in sources:
        several = [part.labels.get(source) or _silent(len(part)) for part in parts]
        found[source] = Labels(
            Coded.joined([one.mode for one in several]),
            Coded.joined([one.rule for one in several]),
            np.concatenate([one.confidence for one in several]),
        )
    return found


def _silent(count: int) -> Labels:
    return Labels(_missing(count), _missing(count), np.full(count, np.nan))


def _missing(count: int) -> Coded:
    return Coded(np.full(count, MISSING, np.int32), ())
