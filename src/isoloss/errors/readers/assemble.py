"""Parts of a reading under one another, paired by question, as one table of answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from isoloss.errors.items.clashes import ids, several
from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.items.items import UNKNOWN, Items, Labels
from isoloss.errors.items.joining import stacked
from isoloss.errors.items.pairing import Claims, pair
from isoloss.errors.readers.asked import PLACE, Asked
from isoloss.errors.readers.options import guess_counts
from isoloss.errors.readers.rows import Rows
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

_DEFAULT = "default"
_SHOWN = 5


def assembled(parts: list[Rows], asked: Asked, notices: tuple[Notice, ...]) -> Items:
    """Parts under one another, paired, as one table.

    Raises:
        ItemsError: logs that contradict each other, or answers of which none is scored.
    """
    columns = {name: _column(parts, asked, name) for name in asked.pools}
    if asked.map.get("item") == PLACE:
        columns["own"] = Coded.of(str(at) for part in parts for at in part.at.tolist())
        columns["content"] = Coded(np.full(len(columns["own"]), MISSING, np.int32), ())
    columns["task"] = _filled(columns["task"], asked.task, "task")
    columns["condition"] = _condition(parts, columns, asked.condition)
    correct = np.concatenate([part.correct for part in parts])
    places, model = _models(parts)
    names = [asked.models.models[place].name for place in places]
    claims = Claims(
        names,
        model,
        columns["task"],
        columns["condition"],
        columns["own"],
        columns["content"],
        columns["prompt"],
        columns["gold"],
        columns["prediction"],
        columns["question"],
        columns["options"],
        columns["cluster"],
        correct,
        _where(parts),
    )
    paired = pair(claims, prompts_may_differ=asked.condition is not None)
    counts, guessed = guess_counts(
        columns["task"], columns["gold"], columns["options"], _numbers(parts)
    )
    items = Items(
        tuple(asked.models.models[place] for place in places),
        model,
        columns["own"],
        columns["task"],
        columns["condition"],
        columns["gold"],
        columns["prediction"],
        correct,
        raw=_objects(parts),
        question=_optional(columns["question"]),
        options=_optional(columns["options"]),
        n_options=counts,
        cluster=_optional(columns["cluster"]),
        loss=_floats(parts),
        choices=stacked([part.choices for part in parts], [len(part) for part in parts]),
        finish=_optional(columns["finish"]),
        labels=_labels(parts),
    )
    if len(paired.kept) < len(items):
        items = items.select(paired.kept)
    told = (
        *notices,
        *(notice for part in parts for notice in part.notices),
        *paired.notices,
        *guessed,
        *_unscored(items),
    )
    return replace(items, item=paired.item, notices=tuple(dict.fromkeys(told)))


def _column(parts: list[Rows], asked: Asked, name: str) -> Coded:
    return asked.pools[name].coded(np.concatenate([part.codes(name) for part in parts]))


def _filled(column: Coded, said: str | None, default: str) -> Coded:
    """What was said of all rows; else `default` where a log does not say."""
    if said is not None:
        return Coded.same(said, len(column))
    missing = column.codes == MISSING
    if not missing.any():
        return column
    values = column.values if default in column.values else (*column.values, default)
    codes = np.where(missing, values.index(default), column.codes).astype(np.int32)
    return Coded(codes, values)


def _condition(parts: list[Rows], columns: Mapping[str, Coded], said: str | None) -> Coded:
    """What was said of all rows; else, where a log forgot it, that of its image in other logs."""
    column = columns["condition"]
    forgot = np.concatenate([np.full(len(part), part.forgot) for part in parts])
    forgot &= (column.codes == MISSING) & (columns["own"].codes != MISSING)
    if said is None and forgot.any():
        question = ids(columns["task"].codes, columns["own"].codes)
        told = np.flatnonzero(column.codes != MISSING)
        unsure = np.zeros(int(question.max()) + 1, bool)
        found = several(question[told], column.codes[told])
        unsure[: len(found)] = found
        known = np.full(len(unsure), MISSING, np.int32)
        known[question[told]] = column.codes[told]
        known[unsure] = MISSING
        column = Coded(np.where(forgot, known[question], column.codes), column.values)
    return _filled(column, said, _DEFAULT)


def _models(parts: list[Rows]) -> tuple[list[int], np.ndarray]:
    """Models that answered, in the order of the models file, and (n,) places among them."""
    listed = np.concatenate([part.model for part in parts])
    places, model = np.unique(listed, return_inverse=True)
    return places.tolist(), model.astype(np.int32)


def _where(parts: list[Rows]) -> Callable[[int], str]:
    starts = np.cumsum([0, *map(len, parts)])

    def where(row: int) -> str:
        part = int(np.searchsorted(starts, row, side="right")) - 1
        one = parts[part]
        return f"{one.source}, {one.word} {one.at[row - int(starts[part])]}"

    return where


def _numbers(parts: list[Rows]) -> np.ndarray:
    return np.concatenate(
        [
            np.zeros(len(part), np.int32) if part.n_options is None else part.n_options
            for part in parts
        ]
    )


def _floats(parts: list[Rows]) -> np.ndarray | None:
    if all(part.loss is None for part in parts):
        return None
    return np.concatenate(
        [np.full(len(part), np.nan) if part.loss is None else part.loss for part in parts]
    )


def _objects(parts: list[Rows]) -> np.ndarray | None:
    if all(part.raw is None for part in parts):
        return None
    return np.concatenate(
        [np.full(len(part), None) if part.raw is None else part.raw for part in parts]
    )


def _optional(column: Coded) -> Coded | None:
    return column if (column.codes != MISSING).any() else None


def _labels(parts: list[Rows]) -> dict[str, Labels]:
    found = {}
    for source in dict.fromkeys(source for part in parts for source in part.modes):
        modes = [
            part.modes.get(source) or Coded(np.full(len(part), MISSING, np.int32), ())
            for part in parts
        ]
        mode = Coded.joined(modes)
        silent = Coded(np.full(len(mode), MISSING, np.int32), ())
        found[source] = Labels(mode, silent, np.full(len(mode), np.nan))
    return found


def _unscored(items: Items) -> tuple[Notice, ...]:
    """A notice on answers without a verdict.

    Raises:
        ItemsError: no answer has one, and there is no likelihood either.
    """
    missing = items.correct == UNKNOWN
    count = int(missing.sum())
    if not count:
        return ()
    if count == len(items) and items.loss is None:
        raise ItemsError(
            f"none of the {count} answers is scored: the logs have no metric that says right or "
            "wrong, or no right answers; name the metric or column with map correct=NAME, or give "
            "the right answers with gold=FILE"
        )
    tasks = np.unique(items.task.codes[missing])
    shown = ", ".join(items.task.values[code] for code in tasks[:_SHOWN].tolist())
    return (
        Notice(
            "unscored",
            f"{count} of {len(items)} answers are not scored (tasks: {shown}); comparisons leave "
            "them out",
        ),
    )
