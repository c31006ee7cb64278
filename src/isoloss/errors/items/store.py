"""Tables of answers on the disk: Parquet, JSON lines or CSV, written whole or not at all.

Every form holds the same columns, a row for every answer: model, item, task, condition, gold,
prediction, correct, n_options, and raw, question, options, cluster, loss, choices, finish and
`label.SOURCE.mode|rule|confidence` where there are any. The models and the notices stand in the
file's metadata (Parquet), in its first line (JSON lines), or in the column `isoloss` (CSV).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from isoloss.errors.items.items import Items
from isoloss.errors.items.models import Model
from isoloss.exceptions import DocumentError, ItemsError
from isoloss.notices import Notice
from isoloss.store import migrate, version

KIND = "items@1"
_ENDINGS = ".parquet, .jsonl, .jsonl.gz or .csv"


def write_items(items: Items, path: str | os.PathLike[str]) -> None:
    """Write a table of answers; the ending chooses the form, a failure leaves the old file.

    Args:
        items: the answers.
        path: ends in .parquet, .jsonl, .jsonl.gz or .csv.

    Raises:
        ItemsError: another ending, or a text that no file can hold.
        DocumentError: the folder is missing or read-only, or the disk is full.
        MissingExtraError: Parquet without pyarrow.
    """
    target = Path(path)
    write = _form(target)[0]
    try:
        with _beside(target) as temporary:
            write(items, temporary, envelope_of(items))
    except UnicodeEncodeError as error:
        raise ItemsError(
            f"the answers hold half of a character ({error.object[error.start : error.end]!r}), "
            "which no file can; clean the texts first"
        ) from None


def load_items(path: str | os.PathLike[str]) -> Items:
    """Read a table of answers that `write_items` wrote.

    Raises:
        ItemsError: no such file, another ending, or not written by isoloss.
        DocumentError: written by a newer isoloss.
        MissingExtraError: Parquet without pyarrow.
    """
    source = Path(path)
    read = _form(source)[1]
    if not source.is_file():
        raise ItemsError(f"{source} does not exist; read_items makes answers from logs")
    try:
        return read(source)
    except OSError as error:
        raise ItemsError(f"cannot read {source}: {error.strerror or error}") from None


def envelope_of(items: Items) -> dict[str, Any]:
    """What a file holds besides the rows: schema, models, notices, and which columns there are."""
    return {
        "schema": f"isoloss/{KIND}",
        "isoloss": version(),
        "models": [_model_document(model) for model in items.models],
        "notices": [notice.to_document() for notice in items.notices],
    }


def open_envelope(document: Any, source: Path) -> tuple[tuple[Model, ...], tuple[Notice, ...]]:
    """Models and notices of a file.

    Raises:
        ItemsError: it was not written by isoloss, or is damaged.
        DocumentError: it was written by a newer isoloss.
    """
    if not isinstance(document, dict) or not isinstance(document.get("schema"), str):
        raise ItemsError(
            f"{source} was not written by isoloss; read it with read_items, which takes any table"
        )
    document = migrate(document, KIND, str(source))
    try:
        models = tuple(_model(one) for one in document["models"])
        notices = tuple(Notice(**one) for one in document["notices"])
    except (KeyError, TypeError, ValueError) as error:
        raise ItemsError(f"{source} is damaged: its models or notices ({error})") from None
    return models, notices


def dumps(envelope: dict[str, Any]) -> str:
    """The envelope as one line of JSON."""
    return json.dumps(envelope, ensure_ascii=False, allow_nan=False)


def _model_document(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "family": model.family,
        "params": _number(model.params),
        "active": _number(model.active),
        "covariates": dict(model.covariates),
        "aliases": list(model.aliases),
    }


def _model(document: dict[str, Any]) -> Model:
    return Model(
        document["name"],
        document["family"],
        float("nan") if document["params"] is None else float(document["params"]),
        float("nan") if document["active"] is None else float(document["active"]),
        dict(document["covariates"]),
        tuple(document["aliases"]),
    )


def _number(value: float) -> float | None:
    return None if value != value else value


def _form(path: Path) -> tuple[Callable[..., None], Callable[[Path], Items]]:
    from isoloss.errors.items import store_parquet, store_text

    name = path.name.lower()
    if name.endswith(".parquet"):
        return store_parquet.write, store_parquet.read
    if name.endswith((".jsonl", ".jsonl.gz")):
        return store_text.write_lines, store_text.read_lines
    if name.endswith(".csv"):
        return store_text.write_csv, store_text.read_csv
    raise ItemsError(f"{path}: a table of answers ends in {_ENDINGS}")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A temporary file that takes the target's place once it is written."""
    temporary = None
    try:
        # a link keeps pointing to the file that it pointed to
        final = target.resolve()
        handle, name = tempfile.mkstemp(
            prefix=f".{final.name}.", suffix="".join(final.suffixes[-2:]), dir=final.parent
        )
        temporary = Path(name)
        os.close(handle)
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        # a temporary file is private; the result gets the rights of any new file
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(final)
    except (OSError, ValueError) as error:
        if isinstance(error, UnicodeEncodeError):
            raise
        raise DocumentError(
            f"cannot write {str(target)!r}: {getattr(error, 'strerror', None) or error}; nothing "
            "was changed, choose another place with --out"
        ) from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
