"""What kind of table a file is, by its name or by how it begins; and whether it says too much."""

from __future__ import annotations

from pathlib import Path

from isoloss.exceptions import InputError
from isoloss.explore.bodies import TooLargeError

ENDINGS = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".pq")
_MOST_ROWS, _MOST_CELLS = 2_000_000, 20_000_000


def format_of(name: str, head: bytes) -> tuple[str, str | None]:
    """Ending and delimiter: by the name, else by how it begins."""
    plain = name.lower().removesuffix(".gz")
    text = head.decode("utf-8", "replace").lstrip("\ufeff").lstrip()
    line = text.partition("\n")[0]
    ending = next((end for end in ENDINGS if plain.endswith(end)), "")
    if not ending:
        if head.startswith(b"PAR1"):
            ending = ".parquet"
        elif text.startswith("["):
            ending = ".json"
        elif text.startswith("{"):
            ending = ".jsonl"
        else:
            ending = ".tsv" if "\t" in line else ".csv"
    if ending == ".csv" and "," not in line:
        return ending, next((mark for mark in ";\t|" if mark in line), None)
    return ending, None


def check_parquet(path: Path, name: str) -> None:
    """Few bytes of Parquet can say a billion rows."""
    try:
        import pyarrow.parquet as pq
    except ImportError:
        return
    try:
        found = pq.read_metadata(path)
    except Exception as error:
        raise InputError(f"{name} is no Parquet file that can be read: {error}") from None
    if found.num_rows > _MOST_ROWS or found.num_rows * found.num_columns > _MOST_CELLS:
        raise TooLargeError(f"{name} says {found.num_rows:,} rows of {found.num_columns:,} columns")
