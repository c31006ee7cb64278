"""Failure modes that people gave, from a table with a row for every label.

    model,item,task,condition,mode,annotator
    InternVL2-4B,q17,charts,reasoning,perception,anna
    InternVL2-4B,q17,charts,reasoning,knowledge,anna

`task` and `condition` may be left out where the item's key alone says which question is meant.
Several rows for one answer are several modes: the first is the primary one that enters the labels,
and all of them enter `label_counts`. Optional columns: `annotator`, and `confidence` from 0 to 1.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.errors.items import MISSING, Coded, Items, Labels, Models
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

SOURCE = "human"
_NEEDED = ("model", "item", "mode")
_KNOWN = (*_NEEDED, "task", "condition", "annotator", "confidence")


@dataclass(frozen=True)
class HumanLabel:
    """One mode that somebody gave to one answer.

    Attributes:
        model, item, task, condition: which answer; empty task and condition are any.
        mode: the failure mode.
        annotator: who gave it; empty where that is not said.
        confidence: from 0 to 1, NaN where none was given.
        where: file and line, for messages.
    """

    model: str
    item: str
    mode: str
    task: str = ""
    condition: str = ""
    annotator: str = ""
    confidence: float = math.nan
    where: str = ""


@dataclass(frozen=True)
class LabelCount:
    """How often people gave a mode to a model's answers.

    Attributes:
        model, mode: which.
        labels: rows with that mode, whatever their rank.
        answers: answers of that model with at least one label, the base of shares, which add to
            more than 1 where answers have several modes.
    """

    model: str
    mode: str
    labels: int
    answers: int

    def to_document(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


Table = str | Path | Iterable[HumanLabel | Mapping[str, Any]]


def read_human(path: str | Path) -> tuple[HumanLabel, ...]:
    """Read labels from CSV, or from JSON lines where the name ends in .jsonl.

    Raises:
        ItemsError: no such file, a line that cannot be read, or a column or value that lacks.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ItemsError(f"cannot read {path}: {error}") from None
    rows: list[tuple[int, Any]] = []
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        for line, one in enumerate(text.splitlines(), 1):
            if one.strip():
                try:
                    rows.append((line, json.loads(one)))
                except ValueError as error:
                    raise ItemsError(f"{path.name}: line {line} is no JSON: {error}") from None
    else:
        rows = list(enumerate(csv.DictReader(text.splitlines()), 2))
    if not rows:
        raise ItemsError(f"{path.name} holds no labels; expected columns {', '.join(_NEEDED)}")
    return tuple(_label(row, f"{path.name}: line {line}") for line, row in rows)


def add_human(
    items: Items, table: Table, *, annotator: str | None = None, source: str = SOURCE
) -> Items:
    """Add failure modes that people gave.

    Args:
        items: answers.
        table: a file, or labels as `HumanLabel` or mappings with the same names.
        annotator: take this person's labels only.
        source: the name of the labels.

    Returns:
        The same answers with `labels[source]`: the first mode of every answer, missing where there
        is none; `rule` is the annotator. Notices say what was matched, and what not.

    Raises:
        ItemsError: a label of an unknown model, a key that means several answers, or no label that
            belongs to any answer.
    """
    given = [one for one in _labels(table) if annotator in (None, one.annotator)]
    if not given:
        raise ItemsError(f"the table holds no labels by '{annotator}'")
    row_of = _rows(items, given)
    first: list[str | None] = [None] * len(items)
    who: list[str | None] = [None] * len(items)
    sure = np.full(len(items), np.nan)
    several: set[int] = set()
    strangers = [one for one, row in zip(given, row_of, strict=True) if row == MISSING]
    for one, row in zip(given, row_of, strict=True):
        if row == MISSING:
            continue
        if first[row] is None:
            first[row], who[row], sure[row] = one.mode, one.annotator or source, one.confidence
        elif one.mode != first[row]:
            several.add(row)
    labels = Labels(Coded.of(first), Coded.of(who), sure)
    count = sum(text is not None for text in first)
    if not count:
        raise ItemsError(
            f"none of {len(given)} labels belongs to an answer; the first is {_shown(given[0])}, "
            f"and answers have items such as '{items.item[0] if len(items) else ''}'"
        )
    notice = Notice(
        "human-labels",
        f"{count} answers have labels '{source}' from {len(given) - len(strangers)} rows; "
        f"{len(several)} have several modes, of which the first counts"
        + (
            f"; {len(strangers)} rows belong to no answer, such as {_shown(strangers[0])}"
            if strangers
            else ""
        ),
        "see the keys of the rows that were left out" if strangers else "",
    )
    return replace(items, notices=(*items.notices, notice)).with_labels(source, labels)


def label_counts(table: Table) -> tuple[LabelCount, ...]:
    """How often each mode was given, every row counting, by model.

    Args:
        table: as for `add_human`.
    """
    given = _labels(table)
    answers: dict[str, set[tuple[str, ...]]] = {}
    counts: dict[tuple[str, str], int] = {}
    for one in given:
        answers.setdefault(one.model, set()).add((one.item, one.task, one.condition))
        counts[one.model, one.mode] = counts.get((one.model, one.mode), 0) + 1
    return tuple(
        LabelCount(model, mode, count, len(answers[model]))
        for (model, mode), count in sorted(counts.items())
    )


def _labels(table: Table) -> tuple[HumanLabel, ...]:
    if isinstance(table, str | Path):
        return read_human(table)
    return tuple(
        one if isinstance(one, HumanLabel) else _label(one, f"label {i}")
        for i, one in enumerate(table, 1)
    )


def _label(row: Any, where: str) -> HumanLabel:
    if not isinstance(row, Mapping):
        raise ItemsError(f"{where} should have {', '.join(_NEEDED)}")
    if None in row:
        raise ItemsError(f"{where} has more values than there are columns")
    values = {str(key).strip(): "" if one is None else str(one).strip() for key, one in row.items()}
    for key in _NEEDED:
        if not values.get(key):
            raise ItemsError(
                f"{where} has no '{key}'; expected columns {', '.join(_NEEDED)} and perhaps "
                f"{', '.join(_KNOWN[len(_NEEDED) :])}"
            )
    confidence = math.nan
    if values.get("confidence"):
        try:
            confidence = float(values["confidence"])
        except ValueError:
            confidence = -1.0
        if not 0 <= confidence <= 1:
            raise ItemsError(
                f"{where}: confidence is '{values['confidence']}'; expected a number from 0 to 1"
            )
    texts = {key: values.get(key, "") for key in _KNOWN[:-1]}
    return HumanLabel(**texts, confidence=confidence, where=where)


def _rows(items: Items, given: list[HumanLabel]) -> list[int]:
    """The answer that each label belongs to; -1 for none."""
    models = Models(items.models, "the table of answers")
    wanted = {one.item for one in given}
    table = np.array([*(text in wanted for text in items.item.values), False])
    by_item: dict[tuple[int, str], list[int]] = {}
    for row in np.flatnonzero(table[items.item.codes]).tolist():
        by_item.setdefault((int(items.model[row]), items.item[row] or ""), []).append(row)
    place: dict[str, int] = {}
    found = []
    for one in given:
        if one.model not in place:
            place[one.model] = _model(models, one)
        rows = by_item.get((place[one.model], one.item), [])
        if one.task:
            rows = [row for row in rows if items.task[row] == one.task]
        if one.condition:
            rows = [row for row in rows if items.condition[row] == one.condition]
        if len(rows) > 1:
            lacking = "condition" if one.task or len(items.tasks) == 1 else "task"
            raise ItemsError(
                f"{one.where}: {_shown(one)} means {len(rows)} answers; add the column {lacking}"
            )
        found.append(rows[0] if rows else MISSING)
    return found


def _model(models: Models, one: HumanLabel) -> int:
    try:
        return models.find(one.model)
    except ItemsError:
        listed = ", ".join(model.name for model in models.models[:12])
        raise ItemsError(
            f"{one.where}: no answers are by a model '{one.model}'; there is {listed}"
        ) from None


def _shown(one: HumanLabel) -> str:
    key = [f"item '{one.item}'", f"model '{one.model}'"]
    key += [
        f"{name} '{text}'"
        for name, text in (("task", one.task), ("condition", one.condition))
        if text
    ]
    return ", ".join(key)
