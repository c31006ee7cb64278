"""Answers as Parquet: codes go straight between `Coded` and pyarrow's dictionaries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.items.items import Items, Labels
from isoloss.errors.items.store import dumps, open_envelope
from isoloss.exceptions import ItemsError, MissingExtraError

_TEXTS = ("item", "task", "condition", "gold", "prediction")
_OPTIONAL = ("question", "options", "cluster", "finish")
_KEY = b"isoloss"


def write(items: Items, path: Path, envelope: dict[str, Any]) -> None:
    """Write one table; see `write_items`."""
    pa, pq = _packages(path)
    columns: dict[str, Any] = {
        "model": _dictionary(
            pa, Coded(items.model.astype(np.int32), tuple(one.name for one in items.models))
        )
    }
    for name in (*_TEXTS, *_OPTIONAL):
        column = getattr(items, name)
        if column is not None:
            columns[name] = _dictionary(pa, column.compact())
    columns["correct"] = pa.array(items.correct, pa.int8())
    columns["n_options"] = pa.array(items.n_options, pa.int32())
    if items.raw is not None:
        columns["raw"] = pa.array(items.raw, pa.string())
    if items.loss is not None:
        columns["loss"] = pa.array(items.loss, pa.float64())
    if items.choices is not None:
        columns["choices"] = _lists(pa, items.choices)
    for source, labels in items.labels.items():
        columns[f"label.{source}.mode"] = _dictionary(pa, labels.mode.compact())
        columns[f"label.{source}.rule"] = _dictionary(pa, labels.rule.compact())
        columns[f"label.{source}.confidence"] = pa.array(labels.confidence, pa.float64())
    table = pa.table(columns).replace_schema_metadata({_KEY: dumps(envelope).encode()})
    pq.write_table(table, path, compression="zstd")


def read(path: Path) -> Items:
    """Read one table; see `load_items`."""
    pa, pq = _packages(path)
    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise ItemsError(f"{path} is no Parquet file that can be read: {error}") from None
    models, notices = open_envelope(_envelope(table, path), path)
    try:
        return _items(pa, table, models, notices)
    except (KeyError, AttributeError, pa.ArrowException) as error:
        raise ItemsError(f"{path} is damaged: {error}") from None


def _items(pa: Any, table: Any, models: Any, notices: Any) -> Items:
    model = _coded(pa, table.column("model"))
    places = {one.name: place for place, one in enumerate(models)}
    lookup = np.array([*(places[name] for name in model.values), MISSING], np.int32)
    there = set(table.column_names)
    columns: dict[str, Any] = {name: _coded(pa, table.column(name)) for name in _TEXTS}
    for name in _OPTIONAL:
        if name in there:
            columns[name] = _coded(pa, table.column(name))
    if "raw" in there:
        columns["raw"] = table.column("raw").to_numpy()
    if "loss" in there:
        columns["loss"] = _numbers(table.column("loss"), float)
    if "choices" in there:
        columns["choices"] = _matrix(table.column("choices"))
    return Items(
        models,
        lookup[model.codes],
        correct=_numbers(table.column("correct"), np.int8),
        n_options=_numbers(table.column("n_options"), np.int32),
        labels=_labels(pa, table),
        notices=notices,
        **columns,
    )


def _labels(pa: Any, table: Any) -> dict[str, Labels]:
    sources = [
        name.removeprefix("label.").removesuffix(".mode")
        for name in table.column_names
        if name.startswith("label.") and name.endswith(".mode")
    ]
    return {
        source: Labels(
            _coded(pa, table.column(f"label.{source}.mode")),
            _coded(pa, table.column(f"label.{source}.rule")),
            _numbers(table.column(f"label.{source}.confidence"), float),
        )
        for source in sources
    }


def _dictionary(pa: Any, column: Coded) -> Any:
    codes = pa.array(column.codes.astype(np.int32), mask=column.codes == MISSING)
    return pa.DictionaryArray.from_arrays(codes, pa.array(column.values, pa.string()))


def _coded(pa: Any, column: Any) -> Coded:
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    chunked = column.unify_dictionaries()
    values = chunked.chunk(0).dictionary.to_pylist() if chunked.num_chunks else []
    codes = [
        chunk.indices.fill_null(MISSING).to_numpy(zero_copy_only=False) for chunk in chunked.chunks
    ]
    joined = np.concatenate(codes) if codes else np.zeros(0)
    return Coded(joined.astype(np.int32), tuple(values))


def _numbers(column: Any, kind: Any) -> np.ndarray:
    return np.array(column.to_numpy(), dtype=kind)


def _lists(pa: Any, choices: np.ndarray) -> Any:
    flat = pa.array(np.ascontiguousarray(choices, dtype=float).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, choices.shape[1])


def _matrix(column: Any) -> np.ndarray:
    width = column.type.list_size
    parts = [np.array(chunk.flatten().to_numpy(zero_copy_only=False)) for chunk in column.chunks]
    flat = np.concatenate(parts) if parts else np.zeros(0)
    return flat.astype(float).reshape(len(column), width)


def _envelope(table: Any, path: Path) -> Any:
    metadata = table.schema.metadata or {}
    if _KEY not in metadata:
        return None
    try:
        return json.loads(metadata[_KEY])
    except ValueError as error:
        raise ItemsError(f"{path} is damaged: its metadata ({error})") from None


def _packages(path: Path) -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtraError("pyarrow", "items", f"the file {path.name}") from None
    return pa, pq
