"""The first sheet of an Excel file, read only, after its archive was checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from isoloss.errors.readers.archive import open_archive
from isoloss.exceptions import ItemsError, MissingExtraError

_PEEK = 1 << 16


def header_of(path: Path, name: str) -> tuple[str, ...]:
    """The cells of the first row."""
    return tuple("" if cell is None else str(cell).strip() for cell in next(rows_of(path, name)))


def rows_of(path: Path, name: str) -> Iterator[tuple[Any, ...]]:
    """Every row of the first sheet, the header first.

    Raises:
        MissingExtraError: openpyxl is not installed.
        ItemsError: no Excel file, one that unpacks to too much, or an empty sheet.
    """
    try:
        import openpyxl
    except ImportError:
        raise MissingExtraError("openpyxl", "items", f"reading {name}") from None
    _check(path, name)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise ItemsError(f"{name} is no Excel file that can be read: {error}") from None
    try:
        sheets = book.worksheets
        # some writers declare one cell only; the rows themselves are the truth
        if sheets:
            sheets[0].reset_dimensions()
        rows = sheets[0].iter_rows(values_only=True) if sheets else iter(())
        empty = True
        for row in rows:
            empty = False
            yield tuple(row)
        if empty:
            raise ItemsError(f"{name}: the first sheet is empty")
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise ItemsError(f"{name} is no Excel file that can be read: {error}") from None
    finally:
        book.close()


def _check(path: Path, name: str) -> None:
    """Refuse archives that grow too much, and XML that declares entities."""
    with open_archive(path, name) as archive:
        for member in archive.infolist():
            if not member.filename.endswith((".xml", ".rels")):
                continue
            with archive.open(member) as file:
                if b"<!DOCTYPE" in file.read(_PEEK):
                    raise ItemsError(
                        f"{name}: {member.filename} declares XML entities, as no Excel file does; "
                        "it was not opened"
                    )
