"""Answers as JSON lines or CSV, for tools that read no Parquet; equal to it, and slower.

In CSV an empty cell is a missing one. A text of nothing but quotation marks, the empty one among
them, is written with two more, so that `""` is the empty text.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from isoloss.errors.items.coded import Coded
from isoloss.errors.items.items import Items, Labels
from isoloss.errors.items.store import dumps, open_envelope
from isoloss.exceptions import ItemsError

_TEXTS = ("item", "task", "condition", "gold", "prediction")
_OPTIONAL = ("question", "options", "cluster", "finish")
_COUNTS = ("correct", "n_options")
_ENVELOPE = "isoloss"


def write_lines(items: Items, path: Path, envelope: dict[str, Any]) -> None:
    """Write JSON lines; see `write_items`. The first line is the envelope."""
    columns = _cells(items)
    names = list(columns)
    # keys that are missing in a row are not written, so the first line lists them all
    envelope = {**envelope, "columns": names, **_shapes(items)}
    with _text(path, "w") as file:
        file.write(dumps(envelope) + "\n")
        for cells in zip(*columns.values(), strict=True):
            row = {n: cell for n, cell in zip(names, cells, strict=True) if cell is not None}
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def read_lines(path: Path) -> Items:
    """Read JSON lines; see `load_items`."""
    with _text(path, "r") as file:
        envelope = _json(file.readline(), path, 1)
        models, notices = open_envelope(envelope, path)
        names = envelope.get("columns", [])
        columns: dict[str, list[Any]] = {name: [] for name in names}
        stores = [(name, cells.append) for name, cells in columns.items()]
        for number, line in enumerate(file, start=2):
            row = _json(line, path, number)
            for name, store in stores:
                store(row.get(name))
    return _items(columns, models, notices, int(envelope.get("choices", 0)), path)


def write_csv(items: Items, path: Path, envelope: dict[str, Any]) -> None:
    """Write CSV; see `write_items`. The envelope stands in the last column's first cell."""
    columns = _cells(items)
    envelope = {**envelope, **_shapes(items)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, _ENVELOPE])
        told: Any = dumps(envelope)
        if not len(items):
            writer.writerow([*[""] * len(columns), told])
        for cells in zip(*columns.values(), strict=True):
            writer.writerow([*map(_to_cell, cells), told])
            told = ""


def read_csv(path: Path) -> Items:
    """Read CSV; see `load_items`."""
    limit = csv.field_size_limit(1 << 27)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            names = next(reader, [])
            if names[-1:] != [_ENVELOPE]:
                open_envelope(None, path)
            rows = list(reader)
    except (csv.Error, UnicodeDecodeError) as error:
        raise ItemsError(f"{path} is damaged: {error}") from None
    finally:
        csv.field_size_limit(limit)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(names):
            raise ItemsError(f"{path} is damaged: row {number} has {len(row)} cells")
    envelope = _json(rows[0][-1] if rows else "", path, 2)
    models, notices = open_envelope(envelope, path)
    if not rows[0][0]:
        rows = []
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    columns = {
        name: list(map(_reader(name), column))
        for name, column in zip(names[:-1], cells, strict=False)
    }
    return _items(columns, models, notices, int(envelope.get("choices", 0)), path)


def _cells(items: Items) -> dict[str, Sequence[Any]]:
    """Every column as texts, numbers and None."""
    names = [model.name for model in items.models]
    columns: dict[str, Sequence[Any]] = {"model": [names[i] for i in items.model.tolist()]}
    for name in (*_TEXTS, *_OPTIONAL):
        column: Coded | None = getattr(items, name)
        if column is not None:
            columns[name] = column.texts()
    columns["correct"] = items.correct.tolist()
    columns["n_options"] = items.n_options.tolist()
    if items.raw is not None:
        columns["raw"] = items.raw.tolist()
    if items.loss is not None:
        columns["loss"] = _finite(items.loss)
    if items.choices is not None:
        columns["choices"] = [_row(row) for row in items.choices.tolist()]
    for source, labels in items.labels.items():
        columns[f"label.{source}.mode"] = labels.mode.texts()
        columns[f"label.{source}.rule"] = labels.rule.texts()
        columns[f"label.{source}.confidence"] = _finite(labels.confidence)
    return columns


def _shapes(items: Items) -> dict[str, Any]:
    return {} if items.choices is None else {"choices": items.choices.shape[1]}


def _finite(values: np.ndarray) -> list[Any]:
    """Numbers with None for NaN; infinity, which JSON does not have, as a text."""
    return [
        None if value != value else value if math.isfinite(value) else str(value)
        for value in values.tolist()
    ]


def _row(row: list[float]) -> list[Any] | None:
    """One row of probabilities without what pads it; None where there are none."""
    while row and row[-1] != row[-1]:
        row = row[:-1]
    return _finite(np.array(row)) if row else None


def _items(
    columns: Mapping[str, list[Any]], models: Any, notices: Any, width: int, path: Path
) -> Items:
    places = {model.name: place for place, model in enumerate(models)}
    try:
        found: dict[str, Any] = {name: Coded.of(columns[name]) for name in _TEXTS}
        found |= {name: Coded.of(columns[name]) for name in _OPTIONAL if name in columns}
        if "raw" in columns:
            found["raw"] = np.empty(len(columns["raw"]), dtype=object)
            found["raw"][:] = columns["raw"]
        if "loss" in columns:
            found["loss"] = _floats(columns["loss"])
        if "choices" in columns:
            found["choices"] = _matrix(columns["choices"], width)
        return Items(
            models,
            np.array([places[name] for name in columns["model"]], np.int32),
            correct=np.array(columns["correct"], np.int8),
            n_options=np.array(columns["n_options"], np.int32),
            labels=_labels(columns),
            notices=notices,
            **found,
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ItemsError(f"{path} is damaged: {error}") from None


def _labels(columns: Mapping[str, list[Any]]) -> dict[str, Labels]:
    sources = [
        name.removeprefix("label.").removesuffix(".mode")
        for name in columns
        if name.startswith("label.") and name.endswith(".mode")
    ]
    return {
        source: Labels(
            Coded.of(columns[f"label.{source}.mode"]),
            Coded.of(columns[f"label.{source}.rule"]),
            _floats(columns[f"label.{source}.confidence"]),
        )
        for source in sources
    }


def _floats(cells: list[Any]) -> np.ndarray:
    return np.array([math.nan if cell is None else float(cell) for cell in cells], dtype=float)


def _matrix(cells: list[Any], width: int) -> np.ndarray:
    found = np.full((len(cells), width), math.nan)
    for place, one in enumerate(cells):
        if one is not None:
            row = _floats(json.loads(one) if isinstance(one, str) else one)
            found[place, : len(row)] = row
    return found


def _to_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value if value.strip('"') else value + '""'
    return json.dumps(value) if isinstance(value, list) else repr(value)


def _from_cell(text: str) -> str | None:
    if not text:
        return None
    return text if text.strip('"') else text[:-2]


def _reader(name: str) -> Callable[[str], Any]:
    return int if name in _COUNTS else _from_cell


def _json(text: str, path: Path, number: int) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        if number == 1:
            return None
        raise ItemsError(f"{path}, line {number} is damaged: {error}") from None
    if not isinstance(found, dict):
        raise ItemsError(f"{path}, line {number} is damaged: no JSON object")
    return found


@contextmanager
def _text(path: Path, mode: str) -> Iterator[TextIO]:
    with ExitStack() as stack:
        raw: Any = stack.enter_context(path.open(f"{mode}b"))
        if path.name.lower().endswith(".gz"):
            # no time stamp, so that equal answers are equal bytes
            raw = stack.enter_context(gzip.GzipFile(filename="", mode=mode, fileobj=raw, mtime=0))
        yield stack.enter_context(io.TextIOWrapper(raw, encoding="utf-8", newline="\n"))
