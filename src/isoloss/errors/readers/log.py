"""A log as it lies on the disk: what kind of file it is and how it begins, found by its content."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from isoloss.errors.readers.archive import guarded_lines, open_archive
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

_START = 1 << 16
# lines that are tried for a first record, so that one broken line does not hide a format
_TRIES = 20
_SHOWN = 10


@dataclass(eq=False)
class Log:
    """One file.

    Attributes:
        path: where it lies.
        name: for messages.
        kind: `jsonl`, `json`, `delimited`, `parquet`, `xlsx`, `zip` or `unknown`.
        start: its first bytes, unpacked.
        gzipped: whether it is packed with gzip.
        broken: lines that were no JSON object, filled by `records`.
    """

    path: Path
    name: str
    kind: str
    start: bytes
    gzipped: bool
    broken: list[tuple[int, str]] = field(default_factory=list)

    @cached_property
    def first(self) -> Mapping[str, Any]:
        """The first record of JSON lines; empty for other kinds."""
        if self.kind != "jsonl":
            return {}
        for _, record in zip(range(1), self._lines(limit=_TRIES), strict=False):
            return record[1]
        return {}

    @cached_property
    def document(self) -> Any:
        """The whole of a JSON document; None for other kinds.

        Raises:
            ItemsError: it is damaged or too large to be read at once.
        """
        if self.kind != "json":
            return None
        with self.opened() as file:
            text = b"".join(guarded_lines(file, self.name, self._packed))
        try:
            return json.loads(text)
        except RecursionError:
            raise ItemsError(f"{self.name} is nested too deep to be a log") from None
        except ValueError as error:
            raise ItemsError(
                f"{self.name} is no JSON that can be read: {error}; it may have been cut off"
            ) from None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The column names of a table; empty for other kinds."""
        if self.kind == "delimited":
            text = self.start.decode("utf-8-sig", "replace")
            header = next(csv.reader(io.StringIO(text), delimiter=self.delimiter), [])
            return tuple(cell.strip() for cell in header)
        if self.kind == "xlsx":
            from isoloss.errors.readers.sheet import header_of

            return header_of(self.path, self.name)
        if self.kind == "parquet":
            from isoloss.errors.readers.columns import parquet_names

            return parquet_names(self.path, self.name)
        return ()

    @cached_property
    def delimiter(self) -> str:
        """What separates the cells of a table in text: the mark that its first line has most of."""
        line = self.start.split(b"\n", 1)[0].decode("utf-8-sig", "replace")
        return max(",\t;", key=line.count)

    @cached_property
    def members(self) -> frozenset[str]:
        """Names in a zip archive; empty for other kinds."""
        if self.kind not in ("zip", "xlsx"):
            return frozenset()
        with open_archive(self.path, self.name) as archive:
            return frozenset(archive.namelist())

    def records(self) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Every JSON line that is an object, with its number; others are kept in `broken`.

        Raises:
            ItemsError: no line is an object.
        """
        self.broken.clear()
        found = False
        for line, record in self._lines():
            found = True
            yield line, record
        if not found:
            line, why = self.broken[0] if self.broken else (1, "the file is empty")
            raise ItemsError(f"{self.name}: none of its lines is a JSON object; line {line}: {why}")

    def broken_notice(self) -> tuple[Notice, ...]:
        """What `records` could not read, by line number."""
        if not self.broken:
            return ()
        shown = ", ".join(str(line) for line, _ in self.broken[:_SHOWN])
        more = f" and {len(self.broken) - _SHOWN} more" if len(self.broken) > _SHOWN else ""
        lines = "line" if len(self.broken) == 1 else "lines"
        return (
            Notice(
                "broken-lines",
                f"{self.name}: {lines} {shown}{more} left out, no JSON object "
                f"(line {self.broken[0][0]}: {self.broken[0][1]})",
                "see whether the run was cut off, or the file damaged",
            ),
        )

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file's bytes, unpacked."""
        with reading(self.name), _open(self.path, self.gzipped) as file:
            yield file

    @property
    def _packed(self) -> int | None:
        return self.path.stat().st_size if self.gzipped else None

    def _lines(self, limit: int | None = None) -> Iterator[tuple[int, Mapping[str, Any]]]:
        with self.opened() as file:
            for number, line in enumerate(guarded_lines(file, self.name, self._packed), start=1):
                if limit is not None and number > limit:
                    return
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError) as error:
                    if line.strip(b" \t\r\n\x1a\xef\xbb\xbf"):
                        self.broken.append((number, _why(error)))
                    continue
                if type(record) is dict:
                    yield number, record
                else:
                    self.broken.append((number, f"a JSON {type(record).__name__}, no object"))


def open_log(path: Path) -> Log:
    """Look at the beginning of a file.

    Raises:
        ItemsError: it cannot be read, or is empty.
    """
    name = str(path)
    with reading(name):
        if not path.is_file():
            raise ItemsError(f"{name} is no file; logs are files, folders of them or patterns")
        with path.open("rb") as file:
            magic = file.read(4)
        gzipped = magic[:2] == b"\x1f\x8b"
        with _open(path, gzipped) as file:
            start = file.read(_START)
    if not start:
        raise ItemsError(f"{name} is empty; expected a log of answers")
    return Log(path, name, _kind(path, name, start), start, gzipped)


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what can go wrong below a reader into one message."""
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ItemsError(f"{name}: the gzip stream is damaged ({error}); fetch it again") from None
    except OSError as error:
        raise ItemsError(f"{name} cannot be read: {error.strerror or error}") from None


def _open(path: Path, gzipped: bool) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb")) if gzipped else path.open("rb")


def _kind(path: Path, name: str, start: bytes) -> str:
    if start[:4] == b"PAR1":
        return "parquet"
    if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        with open_archive(path, name) as archive:
            return "xlsx" if "xl/workbook.xml" in archive.namelist() else "zip"
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ItemsError(f"{name} is UTF-16 text; save it as UTF-8")
    if b"\0" in start:
        return "unknown"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"[":
        return "json"
    if text[:1] == b"{":
        return "json" if _is_document(path, text) else "jsonl"
    return "delimited"


def _is_document(path: Path, text: bytes) -> bool:
    """Whether an opening brace begins one document rather than the first of many lines."""
    line, _, rest = text.partition(b"\n")
    if path.name.lower().removesuffix(".gz").endswith((".jsonl", ".ndjson")):
        return line.strip() == b"{"
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        # a line longer than the start is a record or a document; the ending has to decide
        return rest.lstrip()[:1] != b"{"
    return not rest.strip()


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"character {error.colno}: {error.msg}"
    if isinstance(error, RecursionError):
        return "nested too deep"
    return str(error)[:80]
