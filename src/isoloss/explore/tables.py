"""Tables of runs that were uploaded: kept as they came, shown, and read as a mapping says.

    tables/ID/runs.csv      the bytes, unpacked
    tables/ID/table.json    name, file, delimiter

ID is the digest of name and bytes, so that the same file is kept once.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isoloss import store
from isoloss.exceptions import InputError, IsolossError
from isoloss.explore import request as asking
from isoloss.explore.bodies import TooLargeError, unzip
from isoloss.explore.formats import check_parquet, format_of
from isoloss.explore.request import Request

if TYPE_CHECKING:
    from isoloss.runs import Runs

KIND = "explore-table@1"
PREVIEW = 8
_JSON_LIMIT = 20 * 2**20
_MOST_COLUMNS = 2000
_MOST_BYTES = 2 * 2**30
_LONGEST_CELL = 80


@dataclass(frozen=True)
class Table:
    """One table that is kept.

    Attributes:
        id: 16 hexadecimal digits.
        name: what its owner calls it; the path, for one given on the command line.
        path: where its bytes lie.
        delimiter: where the ending does not say it.
    """

    id: str
    name: str
    path: Path
    delimiter: str | None

    def open(self) -> Any:
        """Its columns, by the readers of `isoloss.runs`."""
        from isoloss.runs.readers import open_table

        try:
            return open_table(str(self.path), delimiter=self.delimiter)
        except IsolossError as error:
            raise InputError(str(error).replace(str(self.path), self.name)) from None

    def runs(self, request: Request) -> Runs:
        """Its runs, read as a request says."""
        return asking.read(request, self.path, self.name, self.delimiter)


class Tables:
    """The tables in a folder.

    Args:
        folder: where they are.
        limit: bytes of one, unpacked.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit
        for left in folder.glob("coming-*"):
            left.unlink(missing_ok=True)
        self._coming = itertools.count()

    def coming(self) -> Path:
        """A place for bytes that are on their way."""
        return self.folder / f"coming-{next(self._coming)}"

    def add(self, path: Path, name: str) -> Table:
        """Keep a file that has come; it is moved.

        Raises:
            TooLargeError: it is too large unpacked, or the folder is full.
            InputError: it is of no known format.
        """
        try:
            unzip(path, self.limit)
            with path.open("rb") as file:
                head = file.read(4096)
            ending, delimiter = format_of(name, head)
            # what was pasted gets the ending that a file of it needs
            name = name if ending in name.lower() else name + ending
            size = path.stat().st_size
            if ending in (".json", ".jsonl", ".ndjson") and size > _JSON_LIMIT:
                raise TooLargeError(f"JSON of more than {_JSON_LIMIT // 2**20} MB; save it as CSV")
            if ending in (".parquet", ".pq"):
                check_parquet(path, name)
            digest = hashlib.sha256(name.encode("utf-8", "surrogatepass") + b"\0")
            with path.open("rb") as file:
                while block := file.read(2**20):
                    digest.update(block)
            table = Table(digest.hexdigest()[:16], name, path, delimiter)
            return self._settle(table, ending, size)
        finally:
            path.unlink(missing_ok=True)

    def _settle(self, table: Table, ending: str, size: int) -> Table:
        place = self.folder / table.id
        if not (place / "table.json").exists():
            if size + sum(f.stat().st_size for f in self.folder.glob("*/runs.*")) > _MOST_BYTES:
                raise TooLargeError(f"{self.folder} holds 2 GB of tables already; remove some")
            place.mkdir(exist_ok=True)
            table.path.replace(place / f"runs{ending}")
            known = {"name": table.name, "file": f"runs{ending}", "delimiter": table.delimiter}
            store.save(place / "table.json", store.envelope(KIND, {}, known))
        return self.get(table.id)

    def copy(self, path: Path) -> Table:
        """Keep a copy of a file from the command line, under the name that was given there."""
        coming = self.coming()
        try:
            shutil.copyfile(path, coming)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
        return self.add(coming, str(path))

    def get(self, id_: str) -> Table:
        """A table by its id.

        Raises:
            InputError: there is none.
        """
        place = self.folder / id_
        if not re.fullmatch(r"[0-9a-f]{16}", id_) or not (place / "table.json").is_file():
            raise InputError("this table is not here any more; choose the file again")
        known = store.load(place / "table.json", KIND)["result"]
        return Table(id_, known["name"], place / known["file"], known["delimiter"])


def show(table: Table) -> dict[str, Any]:
    """A table for the page: columns, first rows, and what the names give away."""
    opened = table.open()
    names = opened.names
    if len(names) > _MOST_COLUMNS:
        raise InputError(f"{table.name}: {len(names):,} columns; keep those of the runs")
    try:
        cells, rows = opened.load(names)
    except IsolossError as error:
        raise InputError(str(error).replace(str(table.path), table.name)) from None
    few = range(min(PREVIEW, len(rows)))
    return {
        "id": table.id,
        "name": table.name,
        "rows": len(rows),
        "word": opened.word,
        "columns": [{"name": name, "numbers": _numeric(cells[name])} for name in names],
        "preview": {
            "head": [opened.word, *names],
            "rows": [[str(rows[i]), *(_cell(cells[name][i]) for name in names)] for i in few],
        },
        "guess": guess(table, names),
    }


def guess(table: Table, names: tuple[str, ...]) -> dict[str, Any]:
    """Mapping, units and conventions that the names of the columns give away."""
    from isoloss.runs.names import TARGETS, loss_columns, read_name

    try:
        runs = table.runs(Request(table.id))
    except IsolossError as error:
        # several columns could be the same thing: the page shows one of them, and says so
        found: dict[str, str] = {}
        for name in names:
            kind = read_name(name).quantity
            if kind:
                found.setdefault(kind, name)
        if not set(TARGETS) & set(found) and loss_columns(names):
            found["loss"] = min(loss_columns(names), key=len)
        return {"map": found, "units": {}, "conventions": {}, "message": str(error)}
    columns = {name: runs.mapping[name] for name in runs.columns}
    return {
        "map": columns,
        "units": dict(runs.units),
        "conventions": dict(runs.conventions),
        "target": runs.target,
        "message": "",
    }


def check(table: Table, request: Request) -> dict[str, Any]:
    """What the runs of a mapping are, and what is remarkable about them."""
    runs = table.runs(request)
    document = runs.to_document(data=False)
    return {
        "n": len(runs),
        "records": runs.records,
        "target": runs.target,
        "inputs": list(runs.inputs),
        "ranges": document["ranges"],
        "units": dict(runs.units),
        "conventions": dict(runs.conventions),
        "groups": {role: len(set(labels.tolist())) for role, labels in runs.groups.items()},
        "notices": [notice.to_document() for notice in runs.notices],
    }


def _numeric(cells: Any) -> bool:
    """Whether the first cells that are not blank are numbers."""
    seen = [cell for cell in itertools.islice(cells, 200) if cell not in (None, "")]
    try:
        for cell in seen:
            float(cell)
    except (TypeError, ValueError):
        return False
    return bool(seen)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
