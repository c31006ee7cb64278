"""Some columns of a table of any kind, as codes or as texts, with the number of every row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.readers.log import Log, reading
from isoloss.errors.readers.rows import Pool, cell, texts_or_none
from isoloss.exceptions import ItemsError, MissingExtraError
from isoloss.notices import Notice

_CHUNK = 50_000


@dataclass(eq=False)
class Columns:
    """Columns of a table (n).

    Attributes:
        coded: by name, columns of few different cells.
        plain: by name, columns (n,) of texts, one a row, None where blank; None if all are blank;
            numbers where the file has them as such.
        at: (n,) the number of every row in its source.
        word: what `at` counts.
        notices: what was left out on the way.
    """

    coded: dict[str, Coded]
    plain: dict[str, np.ndarray | None]
    at: np.ndarray
    word: str
    notices: tuple[Notice, ...] = ()

    def __len__(self) -> int:
        return len(self.at)


class Cells:
    """Codes of cells as they come; what they read as is found once for every different cell."""

    def __init__(self) -> None:
        # True is 1 to a dictionary and not to a reader, so a cell's type belongs to it
        self._places: dict[Any, int] = {}

    def encode(self, cells: Sequence[Any]) -> np.ndarray:
        """Codes (n,) of cells."""
        places = self._places
        keys = cells if set(map(type, cells)) == {str} else [_key(one) for one in cells]
        return np.array([places.setdefault(key, len(places)) for key in keys], np.int32)

    def column(self, codes: np.ndarray) -> Coded:
        """Codes of these cells as a column of texts, blanks missing."""
        pool = Pool()
        texts = (cell(key[1] if type(key) is tuple else key) for key in self._places)
        return pool.coded(pool.encode(texts)[codes])


def _key(value: Any) -> Any:
    return value if type(value) is str else (type(value), _hashable(value))


def _hashable(value: Any) -> Any:
    return cell(value) if isinstance(value, list | dict) else value


def read_columns(log: Log, coded: Sequence[str], plain: Sequence[str] = ()) -> Columns:
    """Load columns of a file; blank cells and NaN are missing.

    Raises:
        ItemsError: a row with too many or too few cells, or no rows at all.
    """
    if log.kind == "parquet":
        return _parquet(log, coded, plain)
    if log.kind == "delimited":
        return collect(_delimited(log), log.columns, coded, plain, "line", log.name)
    if log.kind == "xlsx":
        return collect(_sheet(log), log.columns, coded, plain, "row", log.name)
    names = [*coded, *plain]
    records = log.records() if log.kind == "jsonl" else _listed(log)
    rows = ((at, [record.get(name) for name in names]) for at, record in records)
    word = "line" if log.kind == "jsonl" else "record"
    found = collect(rows, names, coded, plain, word, log.name)
    return Columns(found.coded, found.plain, found.at, word, log.broken_notice())


def names_of(log: Log) -> tuple[str, ...]:
    """The column names of a table of any kind; for records, the keys of the first ones."""
    if log.kind == "jsonl":
        keys = chain.from_iterable(record for _, record in islice(log.records(), 50))
        return tuple(dict.fromkeys(keys))
    if log.kind == "json" and isinstance(log.document, list):
        keys = chain.from_iterable(record for _, record in islice(_listed(log), 50))
        return tuple(dict.fromkeys(keys))
    return log.columns


def read_frame(frame: Any, coded: Sequence[str], plain: Sequence[str] = ()) -> Columns:
    """Load columns of a data frame that narwhals knows."""

    def cells(name: str) -> list[str | None]:
        column = frame.get_column(name)
        blank = column.is_null().to_list()
        return [
            None if missing else cell(value)
            for missing, value in zip(blank, column.to_list(), strict=True)
        ]

    pools = {name: Pool() for name in coded}
    return Columns(
        {name: pool.coded(pool.encode(cells(name))) for name, pool in pools.items()},
        {name: texts_or_none(cells(name)) for name in plain},
        np.arange(1, len(frame) + 1, dtype=np.int64),
        "row",
    )


def collect(
    rows: Iterable[tuple[int, Sequence[Any]]],
    names: Sequence[str],
    coded: Sequence[str],
    plain: Sequence[str],
    word: str,
    source: str,
) -> Columns:
    """Rows of cells to columns."""
    pools = {name: Cells() for name in coded}
    parts: dict[str, list[np.ndarray]] = {name: [] for name in coded}
    texts: dict[str, list[str | None]] = {name: [] for name in plain}
    places = {name: list(names).index(name) for name in [*coded, *plain]}
    numbers: list[int] = []
    rows = iter(rows)
    while chunk := list(islice(rows, _CHUNK)):
        at, cells = zip(*chunk, strict=True)
        numbers.extend(at)
        by_place = list(zip(*cells, strict=True))
        for name in coded:
            parts[name].append(pools[name].encode(by_place[places[name]]))
        for name in plain:
            texts[name].extend(map(cell, by_place[places[name]]))
    if not numbers:
        raise ItemsError(f"{source}: the table names its columns and has no rows")
    return Columns(
        {name: pools[name].column(np.concatenate(parts[name])) for name in coded},
        {name: texts_or_none(texts[name]) for name in plain},
        np.array(numbers, dtype=np.int64),
        word,
    )


def _delimited(log: Log) -> Iterator[tuple[int, list[str]]]:
    width = len(log.columns)
    limit, last = csv.field_size_limit(1 << 27), 0
    try:
        with log.opened() as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=log.delimiter)
            next(reader)
            last = reader.line_num
            for cells in reader:
                line, last = last + 1, reader.line_num
                if len(cells) == width:
                    yield line, cells
                elif cells:
                    raise ItemsError(
                        f"{log.name}, line {line}: {len(cells)} cells where the header names "
                        f"{width} columns; check the quotes and separators of that line"
                    )
    except UnicodeDecodeError as error:
        raise ItemsError(f"{log.name} is not UTF-8 ({error.reason}); save it as UTF-8") from None
    except csv.Error as error:
        raise ItemsError(f"{log.name}, line {last + 1}: {error}") from None
    finally:
        csv.field_size_limit(limit)


def _sheet(log: Log) -> Iterator[tuple[int, Sequence[Any]]]:
    from isoloss.errors.readers.sheet import rows_of

    width = len(log.columns)
    for number, row in enumerate(rows_of(log.path, log.name), start=1):
        if number > 1 and any(value is not None for value in row):
            yield number, [*row[:width], *[None] * (width - len(row))]


def _listed(log: Log) -> Iterator[tuple[int, Any]]:
    if not isinstance(log.document, list):
        raise ItemsError(f"{log.name} holds a JSON {type(log.document).__name__}, expected a list")
    for number, record in enumerate(log.document, start=1):
        if not isinstance(record, dict):
            raise ItemsError(
                f"{log.name}, record {number}: a JSON {type(record).__name__}, expected an object"
            )
        yield number, record


def parquet_names(path: Path, name: str) -> tuple[str, ...]:
    """The column names of a Parquet file."""
    with _opened(path, name) as file:
        return tuple(file.schema_arrow.names)


def is_own_parquet(path: Path, name: str) -> bool:
    """Whether `write_items` wrote a Parquet file."""
    with _opened(path, name) as file:
        return b"isoloss" in (file.schema_arrow.metadata or {})


def _opened(path: Path, name: str) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise MissingExtraError("pyarrow", "items", f"reading {name}") from None
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise ItemsError(f"{name} is no Parquet file that can be read: {error}") from None


def _parquet(log: Log, coded: Sequence[str], plain: Sequence[str]) -> Columns:
    import pyarrow as pa

    with reading(log.name), _opened(log.path, log.name) as file:
        try:
            table = file.read(columns=[*coded, *plain])
        except pa.ArrowException as error:
            raise ItemsError(f"{log.name} cannot be read: {error}") from None
    if not len(table):
        raise ItemsError(f"{log.name}: the table has no rows")
    return Columns(
        {name: arrow_coded(table.column(name)) for name in coded},
        {name: _plain(table.column(name)) for name in plain},
        np.arange(1, len(table) + 1, dtype=np.int64),
        "row",
    )


def _plain(column: Any) -> np.ndarray | None:
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        return np.asarray(column.to_numpy(), dtype=float)
    cells = column.to_pylist()
    return texts_or_none(cells if pa.types.is_string(column.type) else list(map(cell, cells)))


def arrow_coded(column: Any) -> Coded:
    """A column of pyarrow as codes, without a loop over its rows where its type allows it."""
    import pyarrow as pa

    if pa.types.is_nested(column.type):
        pool = Pool()
        return pool.coded(pool.encode(map(cell, column.to_pylist())))
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks else pa.array([], column.type)
    codes = array.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int32)
    # cells that differ may read the same, such as 3 and 3.0, and blanks are missing
    pool = Pool()
    table = np.append(pool.encode(map(cell, array.dictionary.to_pylist())), np.int32(MISSING))
    return pool.coded(table[codes])
