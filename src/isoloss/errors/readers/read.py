"""Logs of any harness, and plain tables, to one table of answers."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike, fspath
from typing import Any

import numpy as np

from isoloss.errors.items.clashes import ids
from isoloss.errors.items.items import Items
from isoloss.errors.items.models import Models, read_models
from isoloss.errors.readers.asked import Asked, read_map
from isoloss.errors.readers.assemble import assembled
from isoloss.errors.readers.formats import (
    FORMATS,
    Format,
    begins,
    detect,
    forced,
    named,
    refuse_own,
)
from isoloss.errors.readers.gold import read_gold
from isoloss.errors.readers.log import Log, open_log
from isoloss.errors.readers.rows import Rows
from isoloss.errors.readers.sources import expand
from isoloss.errors.readers.table import NAME as TABLE
from isoloss.errors.readers.table import read_data_frame
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

_SHOWN = 5


def read_items(
    paths: Any,
    *,
    models: Models | str | PathLike[str],
    format: str = "auto",
    map: Mapping[str, str] | Sequence[str] | str | None = None,
    model: str | None = None,
    task: str | None = None,
    condition: str | None = None,
    gold: Any = None,
) -> Items:
    """Read answers, score them where the logs did not, and pair them by question.

    Args:
        paths: files, folders or patterns, or a data frame or list of records.
        models: the models of the study, or the path of `models.yaml`. Logs tell a model's name;
            family and size always come from here.
        format: a reader's name, or `auto` to look at every file's content.
        map: which column, metric or scorer is what: `{"gold": "answer"}` or `"gold=answer"`. Of
            logs of a harness, `correct` names the metric. `item=#` takes a row's place as the
            question's id, where every log lists the same questions in the same order.
        model: which model answered, where the logs do not say.
        task: the task of all answers, in place of what the logs say.
        condition: how all questions were asked; also allows prompts that differ between models.
        gold: right answers by id, or files of them, for logs of answers alone.

    Raises:
        ItemsError: a file that cannot be read, a model that is not listed, or logs that contradict
            each other.
        MissingExtraError: Parquet, Excel or a packed log without the packages for it.
    """
    wanted = named(format)
    asked = Asked(
        models if isinstance(models, Models) else read_models(fspath(models)),
        read_map(map),
        model,
        task,
        condition,
        read_gold(gold),
    )
    with _collection_paused():
        parts, notices = _read_all(paths, wanted, asked)
        parts, superseded = _without_superseded(parts)
        return assembled(parts, asked, (*notices, *superseded))


@contextmanager
def _collection_paused() -> Iterator[None]:
    """No search for cycles meanwhile: millions of cells hold none, and it doubles the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _read_all(
    paths: Any, wanted: Format | None, asked: Asked
) -> tuple[list[Rows], tuple[Notice, ...]]:
    if not _are_paths(paths):
        return read_data_frame(paths, asked), ()
    parts: list[Rows] = []
    skipped: list[str] = []
    for path, found in expand(paths):
        log = open_log(path)
        refuse_own(log)
        form = forced(log, wanted) if wanted and not found else _of(log, wanted, found)
        if form is None:
            skipped.append(log.name)
            continue
        parts += form.read(log, asked)
    if not parts:
        raise ItemsError(
            f"none of {len(skipped)} files is a log that can be read, such as {skipped[0]}; name "
            "its format with format=, or its columns with map"
        )
    return parts, _skipped(skipped)


def _of(log: Log, wanted: Format | None, found: bool) -> Format | None:
    """The format of a file; None for one in a folder that is no log.

    Raises:
        ItemsError: a file that was named has no format that is known.
    """
    form = detect(log)
    if found:
        return form if wanted is None or form is wanted else None
    if form is not None:
        return form
    # a table with names of its own: the reader says which columns it misses
    if log.kind in ("delimited", "xlsx", "parquet"):
        return FORMATS[TABLE]
    if log.kind == "jsonl" and log.first:
        return FORMATS[TABLE]
    if log.kind == "jsonl":
        list(log.records())
    raise ItemsError(f"{log.name} is no log that can be read{begins(log)}")


def _are_paths(given: Any) -> bool:
    if isinstance(given, str | PathLike):
        return True
    return isinstance(given, Sequence) and not any(isinstance(one, Mapping) for one in given)


def _skipped(names: list[str]) -> tuple[Notice, ...]:
    if not names:
        return ()
    shown = ", ".join(names[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
    return (
        Notice(
            "skipped-files",
            f"{len(names)} files in the folders are no logs and were passed over: {shown}",
        ),
    )


def _without_superseded(parts: list[Rows]) -> tuple[list[Rows], tuple[Notice, ...]]:
    """Leave out predictions beside the results that were made of them."""
    best: dict[tuple[Any, ...], int] = {}
    for part in parts:
        for key in _keys(part):
            best[key] = max(best.get(key, 0), part.rank)
    kept, left = [], []
    for part in parts:
        over = bool(len(part)) and all(best[key] > part.rank for key in _keys(part))
        (left if over else kept).append(part)
    if not left:
        return kept, ()
    names = ", ".join(part.source for part in left[:_SHOWN])
    return kept, (
        Notice(
            "superseded",
            f"{len(left)} logs of predictions were passed over, as their scored results were read "
            f"too: {names}",
        ),
    )


def _keys(part: Rows) -> set[tuple[Any, ...]]:
    """Format, model, task and condition of the rows of a part, each once."""
    columns = (part.model, part.codes("task"), part.codes("condition"))
    group = ids(*columns)
    row = np.zeros(int(group.max(initial=-1)) + 1, np.int64)
    row[group] = np.arange(len(part))
    return {(part.format, *one) for one in np.stack([c[row] for c in columns]).T.tolist()}
