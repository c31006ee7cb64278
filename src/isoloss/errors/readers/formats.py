"""The formats that can be read, and which one a file has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from isoloss.errors.readers import (
    helm,
    inspect_log,
    llava,
    lm_eval,
    lmms_eval,
    model_vs_human,
    opencompass,
    saved,
    table,
    vlmevalkit,
)
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.columns import is_own_parquet
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import Rows
from isoloss.exceptions import ItemsError


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        name: as `format=` takes it.
        kinds: the kinds of file that it comes in.
        sees: whether a log has it, by its content.
        read: a log's answers.
    """

    name: str
    kinds: tuple[str, ...]
    sees: Callable[[Log], bool]
    read: Callable[[Log, Asked], list[Rows]]


_TABLES = ("delimited", "xlsx", "parquet")
# the particular before the general: a plain table is what nothing else claims
_LISTED = (
    Format(lmms_eval.NAME, ("jsonl",), lmms_eval.sees, lmms_eval.read),
    Format(lm_eval.NAME, ("jsonl",), lm_eval.sees, lm_eval.read),
    Format(inspect_log.NAME, ("zip", "json"), inspect_log.sees, inspect_log.read),
    Format(helm.NAME, ("json",), helm.sees, helm.read),
    Format(opencompass.NAME, ("json",), opencompass.sees, opencompass.read),
    Format(saved.BLINK, ("json",), saved.sees_blink, saved.read_blink),
    Format(saved.MATH_VISION, ("jsonl",), saved.sees_math_vision, saved.read_math_vision),
    Format(saved.VISONLYQA, ("jsonl",), saved.sees_visonlyqa, saved.read_visonlyqa),
    Format(llava.NAME, ("jsonl",), llava.sees, llava.read),
    Format(llava.MMMU, ("json",), llava.sees_mmmu, llava.read_mmmu),
    Format(model_vs_human.NAME, _TABLES, model_vs_human.sees, model_vs_human.read),
    Format(vlmevalkit.NAME, _TABLES, vlmevalkit.sees, vlmevalkit.read),
    Format(table.NAME, (*_TABLES, "jsonl", "json"), table.sees, table.read),
)
FORMATS = {one.name: one for one in _LISTED}
AUTO = "auto"


def named(name: str) -> Format | None:
    """The format of a name; None for `auto`.

    Raises:
        ItemsError: there is no such format.
    """
    if name == AUTO:
        return None
    if name not in FORMATS:
        raise ItemsError(f"no format '{name}'; there are {AUTO}, {', '.join(FORMATS)}")
    return FORMATS[name]


def refuse_own(log: Log) -> None:
    """Refuse what `write_items` wrote: it was imported before, and has its models in it.

    Raises:
        ItemsError: it is such a file.
    """
    schema = log.first.get("schema")
    ours = isinstance(schema, str) and schema.startswith("isoloss/")
    ours |= log.kind == "delimited" and log.columns[-1:] == ("isoloss",)
    if ours or (log.kind == "parquet" and is_own_parquet(log.path, log.name)):
        raise ItemsError(f"{log.name} holds answers that were imported before; load_items reads it")


def detect(log: Log) -> Format | None:
    """The format of a file, by its content; None where no reader knows it."""
    return next((one for one in _LISTED if log.kind in one.kinds and one.sees(log)), None)


def forced(log: Log, form: Format) -> Format:
    """The format that the person named, checked against what the file is.

    Raises:
        ItemsError: the file is of another kind, or does not begin like the format.
    """
    if log.kind not in form.kinds:
        raise ItemsError(
            f"{log.name} cannot be {form.name}, which comes as {', '.join(form.kinds)}; this file "
            f"is {log.kind}"
        )
    if form.name != table.NAME and not form.sees(log):
        other = detect(log)
        raise ItemsError(
            f"{log.name} does not look like {form.name}"
            + (f"; it looks like {other.name}" if other else f"{begins(log)}")
        )
    return form


def begins(log: Log) -> str:
    """How a file begins, for messages."""
    if log.kind == "jsonl":
        return f"; its first record has the keys {', '.join(list(log.first)[:12]) or 'none'}"
    if log.kind == "json":
        document = log.document
        if isinstance(document, dict):
            return f"; it is an object with the keys {', '.join(map(str, list(document)[:12]))}"
        return f"; it is a JSON {type(document).__name__}"
    if log.columns:
        return f"; its columns are {', '.join(log.columns[:20])}"
    return f"; it is a file of kind {log.kind}"
