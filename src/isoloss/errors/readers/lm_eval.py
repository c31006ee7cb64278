"""lm-evaluation-harness: `samples_TASK_DATE.jsonl`, a line for every document and filter."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from isoloss.errors.readers.answers import letter
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import Draft, Rows, cell
from isoloss.errors.readers.samples import (
    Likelihoods,
    check_metric,
    cluster_of,
    gold_place,
    likelihoods,
    model_names,
    question_of,
    score_of,
    softmax,
    task_of,
    written,
)
from isoloss.errors.readers.scores import fractional_notice
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

NAME = "lm-eval"
# keys of a sample that are no metrics, for logs from before `metrics` listed them
FIXED = frozenset(
    {
        "doc_id",
        "doc",
        "target",
        "arguments",
        "resps",
        "filtered_resps",
        "filter",
        "metrics",
        "doc_hash",
        "prompt_hash",
        "target_hash",
        "input",
        "input_media",
        "token_counts",
    }
)
_ROLLING = frozenset({"word_perplexity", "byte_perplexity", "bits_per_byte"})


def sees(log: Log) -> bool:
    """Whether a log looks like this."""
    first = log.first
    return "doc_id" in first and "filtered_resps" in first and not is_lmms(first)


def is_lmms(record: Mapping[str, Any]) -> bool:
    """Whether a sample was written by lmms-eval, which names no filter."""
    return (
        "doc_id" in record
        and "filtered_resps" in record
        and "filter" not in record
        and "metrics" not in record
        and not isinstance(record.get("arguments"), dict)
    )


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read one file of samples."""
    model = asked.place(log.name, *model_names(log))
    draft, task = asked.draft(), task_of(log)
    seen: dict[str, None] = {}
    fractional = 0
    names: list[str] = []
    for line, record in log.records():
        if "filtered_resps" not in record:
            log.broken.append((line, "no key 'filtered_resps'"))
            continue
        metrics = record.get("metrics")
        names = metrics if isinstance(metrics, list) else [k for k in record if k not in FIXED]
        if not len(draft):
            check_metric(log, asked, names)
        value = add_sample(draft, record, names, asked, (line, model, task))
        fractional += 0 < value < 1
        seen.setdefault(str(record.get("filter", "none")))
    if not len(draft):
        raise ItemsError(f"{log.name}: no line is a sample with 'filtered_resps'")
    notices = (*log.broken_notice(), *fractional_notice(fractional, log.name))
    rows = draft.rows(log.name, NAME, "line", notices)
    if len(seen) > 1:
        rows.notices = (*rows.notices, _filters(log, list(seen)))
    else:
        rows.text.pop("condition", None)
    return [rows]


def add_sample(
    draft: Draft,
    record: Mapping[str, Any],
    names: list[str],
    asked: Asked,
    where: tuple[int, int, str],
) -> float:
    """Add one sample; returns its score as a share, NaN where there is none.

    Args:
        draft: what it is added to.
        record: the sample.
        names: its metrics.
        asked: what the person said.
        where: line, place of the model, task.
    """
    line, model, task = where
    correct, value = score_of(record, names, asked)
    scored = likelihoods(record)
    cells: dict[str, Any]
    if scored is None:
        cells = _written(record, names)
    elif len(scored.sums) == 1:
        cells = {"loss": -scored.sums[0], "gold": cell(record.get("target"))}
    else:
        cells = _chosen(record, scored)
    draft.add(
        line,
        model,
        own=cell(record.get("doc_id")),
        content=cell(record.get("doc_hash")),
        prompt=cell(record.get("prompt_hash")),
        task=task,
        condition=cell(record.get("filter")),
        question=question_of(record),
        cluster=cluster_of(record),
        correct=correct,
        **cells,
    )
    return value


def _chosen(record: Mapping[str, Any], scored: Likelihoods) -> dict[str, Any]:
    """Cells of a question whose options were scored."""
    sums, count = scored.sums, len(scored.sums)
    golds = gold_place(record, scored.options, count)
    gold = json.dumps([letter(g) for g in golds]) if len(golds) > 1 else None
    finite = all(math.isfinite(one) for one in sums)
    return {
        "gold": gold or (letter(golds[0]) if golds else cell(record.get("target"))),
        "prediction": letter(max(range(count), key=sums.__getitem__)) if finite else None,
        "options": json.dumps(scored.options, ensure_ascii=False) if scored.options else None,
        "n_options": count,
        "loss": -sums[golds[0]] if len(golds) == 1 else math.nan,
        "choices": softmax(sums),
    }


def _written(record: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """Cells of a question that the model answered in text, or whose text was scored whole."""
    prediction, raw = written(record)
    if _ROLLING & set(names):
        try:
            return {"loss": -float(str(raw))}
        except ValueError:
            return {}
    return {"gold": cell(record.get("target")), "prediction": prediction, "raw": raw}


def _filters(log: Log, names: list[str]) -> Notice:
    return Notice(
        "filters",
        f"{log.name} scores every answer with {len(names)} filters: {', '.join(names)}; each is a "
        "condition",
        "name one with condition= where a condition is asked for",
    )
