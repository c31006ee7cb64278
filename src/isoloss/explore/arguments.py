"""What the arguments of the explorer are: saved fits, published laws, tables of runs, answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isoloss.exceptions import InputError, IsolossError
from isoloss.explore.bundle import Bundle, find, make_bundle
from isoloss.explore.page import module
from isoloss.fit import Fit

_TABLES = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson", ".parquet", ".pq")
# columns that answers have and runs have not
_ANSWERS = ({"item", "item_id", "question_id"}, {"model", "model_name"})


@dataclass
class Given:
    """The arguments, read.

    Attributes:
        fits: key, path and fit.
        laws: published laws, `ID` or `ID:SET`.
        tables: paths of tables of runs.
        studies: documents of error studies.
    """

    fits: list[tuple[str, str, Fit]] = field(default_factory=list)
    laws: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    studies: list[dict[str, Any]] = field(default_factory=list)

    def bundle(self, view: str | None, **options: Any) -> Bundle:
        """What a page starts from; the view is that of what was given unless it is named."""
        usual = "data" if self.tables else "errors" if self._only_studies else "allocate"
        bundle = make_bundle(
            [(key, fit) for key, _, fit in self.fits],
            self.laws,
            studies=self.studies,
            view=view or usual,
            **options,
        )
        paths = {key: path for key, path, _ in self.fits}
        bundle.document["sources"] = paths
        for entry in bundle.document["laws"]:
            if entry["key"] not in paths:
                continue
            entry["file"] = paths[entry["key"]]
            if len(paths) > 1:
                entry["name"] = f"{entry['name']}, {entry['file']}"
        return bundle

    @property
    def _only_studies(self) -> bool:
        return bool(self.studies) and not (self.fits or self.laws)


def read_arguments(texts: Iterable[str], models: str | None = None) -> Given:
    """Find out what every argument is.

    Args:
        texts: paths and names.
        models: a file with family and size of the models, for answers that were not saved by
            `isoloss errors import`.

    Raises:
        InputError: naming the argument that is nothing of all that.
    """
    given = Given()
    for text in texts:
        path = Path(text)
        if path.exists():
            _add_file(given, path, text, models)
            continue
        try:
            find(text)
        except IsolossError as error:
            if path.suffix or len(path.parts) > 1:
                raise InputError(f"{text} does not exist") from None
            raise InputError(f"{text}: no such file, and {error}") from None
        given.laws.append(text)
    return given


def check_view(name: str | None) -> None:
    """Refuse a view that the page has not.

    Raises:
        InputError: naming those there are.
    """
    known = re.findall(r'"isoloss/views/(\w+)\.js"', module("views/index.js"))
    if name is not None and name not in known:
        raise InputError(f"there is no view '{name}'; there are {', '.join(known)}")


def _add_file(given: Given, path: Path, text: str, models: str | None) -> None:
    schema = _schema(path)
    if schema.startswith("isoloss/fit@"):
        taken = {key for key, *_ in given.fits}
        try:
            given.fits.append((_key(path, taken), text, Fit.load(text)))
        except InputError as error:
            raise InputError(f"{text}: {error}") from None
    elif schema:
        raise InputError(
            f"{text} holds '{schema}', and the explorer shows saved fits: "
            "isoloss fit RUNS.csv --out fit.json"
        )
    elif _has_answers(path):
        given.studies += _studies(text, models)
    else:
        given.tables.append(text)


def _schema(path: Path) -> str:
    """The schema of a document of isoloss; nothing for other files."""
    if path.is_dir() or path.suffix.lower() != ".json":
        return ""
    try:
        found = json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
    except (OSError, ValueError, RecursionError):
        return ""
    return str(found.get("schema", "")) if isinstance(found, dict) else ""


def _has_answers(path: Path) -> bool:
    """Folders of logs, and tables that name questions and models."""
    if path.is_dir():
        return True
    from isoloss.runs.readers import open_table

    endings = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if not endings or endings[-1] not in _TABLES:
        return True
    try:
        names = {name.lower() for name in open_table(str(path)).names}
    except IsolossError:
        # logs of answers are JSON of many shapes; runs are a table
        return endings[-1] in (".json", ".jsonl")
    return all(names & known for known in _ANSWERS)


def _studies(text: str, models: str | None) -> list[dict[str, Any]]:
    from isoloss.errors import load_items, read_items
    from isoloss.exceptions import ItemsError
    from isoloss.explore.errors_part import studies_part

    try:
        items = load_items(text)
    except ItemsError as error:
        if models is None:
            raise ItemsError(
                f"{error}; a table or log of answers needs --models models.yaml, or save it first: "
                "isoloss errors import"
            ) from None
        items = read_items(text, models=models)
    return studies_part(items, Path(text).name.partition(".")[0])


def _key(path: Path, taken: set[str]) -> str:
    """The file's name as a key: plain, and no other fit's or published law's."""
    from isoloss.law import published_laws

    stem = re.sub(r"\W+", "_", path.name.partition(".")[0], flags=re.ASCII).strip("_") or "fit"
    # keys that begin so belong to the fits of a server
    stem = f"file_{stem}" if stem in published_laws() else stem
    key, count = stem, 1
    while key in taken:
        count += 1
        key = f"{stem}_{count}"
    return key
