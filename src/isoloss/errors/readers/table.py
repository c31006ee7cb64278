"""Plain tables: CSV, TSV, Parquet, Excel, JSON lines, JSON lists and data frames."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.readers.answers import (
    TEXT,
    fold,
    is_letters,
    kind_of,
    listed,
    read_answer,
    same,
)
from isoloss.errors.readers.asked import PLACE, Asked
from isoloss.errors.readers.columns import Columns, collect, names_of, read_columns, read_frame
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.names import Roles, find_roles
from isoloss.errors.readers.rows import Rows, cell, texts_or_none
from isoloss.errors.readers.scores import column_of_scores
from isoloss.exceptions import ItemsError

NAME = "table"
_POOLED = ("task", "condition", "gold", "prediction", "question", "cluster", "finish")
_CODED = ("model", "item", "options", "n_options", "correct", *_POOLED)
_PLAIN = ("raw", "loss")


def sees(log: Log) -> bool:
    """Whether a log is a table of any kind with columns that look like answers."""
    if log.kind == "json" and not isinstance(log.document, list):
        return False
    try:
        find_roles(names_of(log), {}, log.name)
    except ItemsError:
        return False
    return True


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read one file."""
    roles = find_roles(names_of(log), asked.map, log.name, golds=asked.gold is not None)
    table = read_columns(log, *_wanted(roles))
    stem = log.path.name.removesuffix(".gz").rsplit(".", 1)[0]
    names = (stem, log.path.resolve().parent.name)
    return [_rows(table, roles, asked, log.name, names)]


def read_data_frame(frame: Any, asked: Asked) -> list[Rows]:
    """Read a data frame that narwhals knows, a mapping of columns, or a list of records.

    Raises:
        ItemsError: it is none of these.
    """
    import narwhals.stable.v1 as nw

    if isinstance(frame, Sequence) and not isinstance(frame, str):
        return _records(frame, asked)
    try:
        wrapped = nw.from_native(frame, eager_only=True)
    except TypeError:
        lazy = "; collect the lazy frame first" if hasattr(frame, "collect") else ""
        raise ItemsError(
            f"cannot read answers from a {type(frame).__name__}{lazy}; give paths, a data frame "
            "(pandas, polars, pyarrow) or a list of records"
        ) from None
    names = [str(column) for column in wrapped.columns]
    if not len(wrapped):
        raise ItemsError("the data frame has no rows")
    roles = find_roles(names, asked.map, "data frame", golds=asked.gold is not None)
    table = read_frame(wrapped, *_wanted(roles))
    return [_rows(table, roles, asked, "data frame", ())]


def _records(records: Sequence[Any], asked: Asked) -> list[Rows]:
    names = list(dict.fromkeys(name for record in records[:50] for name in record))
    roles = find_roles(names, asked.map, "list of records", golds=asked.gold is not None)
    rows = ((at, [record.get(name) for name in names]) for at, record in enumerate(records, 1))
    table = collect(rows, names, *_wanted(roles), "record", "list of records")
    return [_rows(table, roles, asked, "list of records", ())]


def _wanted(roles: Roles) -> tuple[list[str], list[str]]:
    """Columns to load as codes, and as texts."""
    coded = [
        column
        for role, column in roles.columns.items()
        if (role in _CODED or role.startswith("label.")) and column != PLACE
    ]
    plain = [column for role, column in roles.columns.items() if role in _PLAIN]
    return list(dict.fromkeys(coded)), list(dict.fromkeys(plain))


def _rows(table: Columns, roles: Roles, asked: Asked, source: str, names: Sequence[str]) -> Rows:
    def coded(role: str) -> Coded | None:
        column = roles.get(role)
        return None if column is None else table.coded[column]

    text: dict[str, np.ndarray] = {}
    for role in _POOLED:
        column = coded(role)
        if column is not None:
            text[role] = asked.pools[role].merge(column)
    text |= _identity(table, roles, asked)
    options = coded("options")
    if options is not None:
        text["options"] = asked.pools["options"].merge(_as_json(options))
    raw = roles.get("raw")
    rows = Rows(
        source,
        NAME,
        table.word,
        table.at,
        _models(table, coded("model"), asked, source, names),
        text,
        np.full(len(table), -1, np.int8),
        raw=None if raw is None else _texts(table.plain[raw]),
        n_options=_counts(coded("n_options"), options, table, source),
        loss=_losses(table, roles.get("loss"), source),
        modes={
            role.removeprefix("label."): table.coded[column]
            for role, column in roles.columns.items()
            if role.startswith("label.")
        },
        notices=(*roles.notices, *table.notices),
    )
    correct = roles.get("correct")
    if correct is None:
        gold = coded("gold") or _given(coded("item"), coded("question"), asked)
        _compare(rows, asked, gold, coded("prediction"), coded("task"), options)
    else:
        where = f"{source}, column '{correct}', {table.word}"
        rows.correct, notices = column_of_scores(table.coded[correct], table.at, where)
        rows.notices = (*rows.notices, *notices)
    return rows


def _texts(column: np.ndarray | None) -> np.ndarray | None:
    if column is None or column.dtype.kind != "f":
        return column
    return texts_or_none([cell(value) for value in column.tolist()])


def _identity(table: Columns, roles: Roles, asked: Asked) -> dict[str, np.ndarray]:
    column = roles.get("item")
    if column is None or column == PLACE:
        return {}
    return {"own": asked.pools["own"].merge(table.coded[column])}


def _models(
    table: Columns, column: Coded | None, asked: Asked, source: str, names: Sequence[str]
) -> np.ndarray:
    if column is None or asked.model is not None:
        return np.full(len(table), asked.place(source, *names), np.int32)
    if (column.codes == MISSING).any():
        at = table.at[int(np.flatnonzero(column.codes == MISSING)[0])]
        raise ItemsError(f"{source}, {table.word} {at}: the model's name is blank")
    places = [asked.place(source, name) for name in column.values]
    return np.array(places, np.int32)[column.codes]


def _as_json(options: Coded) -> Coded:
    """Options as a JSON list, also where they stand as Python writes lists or as an object."""
    values = []
    for text in options.values:
        found = listed(text)
        values.append(json.dumps(found, ensure_ascii=False) if found else text)
    return Coded(options.codes, tuple(values))


def _counts(
    column: Coded | None, options: Coded | None, table: Columns, source: str
) -> np.ndarray | None:
    if column is None:
        if options is None:
            return None
        lengths = [len(listed(text)) for text in options.values]
        return np.array([*lengths, 0], np.int32)[options.codes]
    counts = []
    for place, text in enumerate(column.values):
        try:
            count = float(text)
        except ValueError:
            count = -1.0
        if not (count >= 0 and count.is_integer()):
            at = table.at[int(np.flatnonzero(column.codes == place)[0])]
            raise ItemsError(f"{source}, {table.word} {at}: '{text[:40]}' is no number of options")
        counts.append(int(count))
    return np.array([*counts, 0], np.int32)[column.codes]


def _losses(table: Columns, column: str | None, source: str) -> np.ndarray | None:
    texts = None if column is None else table.plain[column]
    if texts is None or texts.dtype.kind == "f":
        return texts
    try:
        return np.array([np.nan if text is None else float(text) for text in texts])
    except ValueError:
        bad = next(i for i, text in enumerate(texts) if not _is_number(text))
        raise ItemsError(
            f"{source}, column '{column}', {table.word} {table.at[bad]}: '{texts[bad][:40]}' is no "
            "number"
        ) from None


def _is_number(text: str | None) -> bool:
    try:
        float(text or "nan")
    except ValueError:
        return False
    return True


def _compare(
    rows: Rows,
    asked: Asked,
    gold: Coded,
    prediction: Coded | None,
    task: Coded | None,
    options: Coded | None,
) -> None:
    """Score answers by the right ones, reading them off the models' texts where needed."""
    read = _reader(rows, prediction, task, gold, options)
    golds = gold.texts()
    known: dict[tuple[str | None, str], int] = {}
    said: list[str | None] = []
    correct = np.full(len(rows), -1, np.int8)
    for row, right in enumerate(golds):
        answer = read(row)
        said.append(answer)
        if right is None:
            continue
        pair = (answer, right)
        if pair not in known:
            known[pair] = int(same(answer, right))
        correct[row] = known[pair]
    rows.correct = correct
    rows.text["prediction"] = asked.pools["prediction"].encode(said)
    folded = Coded(gold.codes, tuple(_folded(text) for text in gold.values))
    rows.text["gold"] = asked.pools["gold"].merge(folded)


def _given(item: Coded | None, question: Coded | None, asked: Asked) -> Coded:
    """Right answers from a file of their own, by id."""
    assert item is not None
    assert asked.gold is not None
    find, texts = asked.gold.find, item.texts()
    asks = [None] * len(texts) if question is None else question.texts()
    entries = (
        None if own is None else find(own, ask) for own, ask in zip(texts, asks, strict=True)
    )
    return Coded.of(None if entry is None else entry.gold for entry in entries)


def _reader(
    rows: Rows, prediction: Coded | None, task: Coded | None, gold: Coded, options: Coded | None
) -> Callable[[int], str | None]:
    """How the answer of a row is read: from its cell, or off the model's text."""
    if prediction is not None:
        values = [*map(_folded, prediction.values), None]
        codes = prediction.codes
        return lambda row: values[codes[row]]
    raw = rows.raw
    kinds = _kinds(gold, task)
    tasks = None if task is None else task.codes

    def read(row: int) -> str | None:
        text = None if raw is None else raw[row]
        if text is None:
            return None
        kind = kinds.get(-1 if tasks is None else int(tasks[row]), TEXT)
        choices = options[row] if options is not None else None
        return read_answer(text, kind, listed(choices) if choices else ())

    return read


def _kinds(gold: Coded, task: Coded | None) -> dict[int, str]:
    if task is None:
        return {-1: kind_of(gold.values)}
    known = gold.codes >= 0
    width = len(gold.values) + 1
    pairs = np.unique(task.codes[known].astype(np.int64) * width + gold.codes[known])
    golds: dict[int, list[str]] = {}
    for pair in pairs.tolist():
        golds.setdefault(pair // width, []).append(gold.values[pair % width])
    return {code: kind_of(several) for code, several in golds.items()}


def _folded(text: str) -> str:
    """`(b)` and `b.` as `B`, so that equal answers are equal texts; longer texts as they are."""
    folded = fold(text)
    return folded if is_letters(folded) or folded in ("yes", "no") else text
