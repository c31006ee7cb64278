"""Answers as three benchmarks publish them beside their code: BLINK, MATH-Vision and VisOnlyQA.

BLINK: `MODEL/TASK.json`, {"val": [{idx, answer, full_prediction, prediction}], "test": [...]}; the
answer of the test half is `hidden`. MATH-Vision: `MODEL.jsonl`, {id, model, response, model_answer,
correct}. VisOnlyQA: `TASK/prompt=KIND/MODEL.jsonl`, {prompt, response, y_pred, y_true}.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from isoloss.errors.items.items import UNKNOWN
from isoloss.errors.readers.answers import LETTER, TEXT, fold, kind_of, listed, read_answer, same
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import Rows, cell
from isoloss.errors.readers.scores import share, verdict
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

BLINK = "blink"
MATH_VISION = "math-vision"
VISONLYQA = "visonlyqa"
_HIDDEN = "hidden"


def sees_blink(log: Log) -> bool:
    """Whether a log looks like BLINK's."""
    document = log.document
    lists = list(document.values()) if isinstance(document, dict) else [document]
    return any(
        isinstance(one, list)
        and bool(one)
        and isinstance(one[0], dict)
        and {"idx", "prediction", "answer"} <= set(one[0])
        for one in lists
    )


def read_blink(log: Log, asked: Asked) -> list[Rows]:
    """Read one task of one model."""
    document = log.document
    lists = list(document.values()) if isinstance(document, dict) else [document]
    records = [one for listing in lists if isinstance(listing, list) for one in listing]
    model = asked.place(log.name, log.path.resolve().parent.name, log.path.stem)
    task = log.path.name.split(".json")[0].replace(" ", "_")
    golds = [str(one["answer"]) for one in records if one.get("answer") not in (None, _HIDDEN)]
    kind, draft, hidden = kind_of(golds), asked.draft(), 0
    for at, one in enumerate(records, start=1):
        gold, said = cell(one.get("answer")), cell(one.get("prediction"))
        if gold == _HIDDEN or gold is None:
            hidden += 1
            continue
        # (Z) is the benchmark's word for an answer without an option
        answer = None if said is None or fold(said) == "Z" else read_answer(said, kind)
        draft.add(
            at,
            model,
            own=cell(one.get("idx")),
            task=task,
            gold=fold(gold) if kind == LETTER else gold,
            prediction=answer,
            raw=cell(one.get("full_prediction")),
            correct=int(same(answer, gold)),
        )
    if not len(draft):
        raise ItemsError(f"{log.name}: the right answers of all {hidden} questions are hidden")
    return [draft.rows(log.name, BLINK, "record", _hidden(log, hidden))]


def sees_math_vision(log: Log) -> bool:
    """Whether a log looks like MATH-Vision's."""
    return {"id", "response", "model_answer"} <= set(log.first)


def read_math_vision(log: Log, asked: Asked) -> list[Rows]:
    """Read one model; `gold=` adds the right answers, options, images and subjects."""
    draft = asked.draft()
    for line, record in log.records():
        own = cell(record.get("id"))
        if own is None:
            log.broken.append((line, "no id"))
            continue
        model = asked.place(
            log.name, cell(record.get("model")), log.path.stem, log.path.resolve().parent.name
        )
        draft.add(line, model, own=own, **_math(record, own, asked))
    return [draft.rows(log.name, MATH_VISION, "line", log.broken_notice())]


def sees_visonlyqa(log: Log) -> bool:
    """Whether a log looks like VisOnlyQA's."""
    return {"response", "y_pred", "y_true"} <= set(log.first)


def read_visonlyqa(log: Log, asked: Asked) -> list[Rows]:
    """Read one task of one model; questions are told apart by their prompts."""
    folders = [folder.name for folder in list(log.path.resolve().parents)[:3]]
    condition = next((f.split("=", 1)[1] for f in folders if f.startswith("prompt=")), None)
    task = next((f for f in folders if not f.startswith("prompt=")), log.path.stem)
    model = asked.place(log.name, log.path.name.split(".jsonl")[0])
    records = list(_answered(log))
    kind = kind_of(gold for _, _, gold in records)
    draft = asked.draft()
    for line, record, gold in records:
        said = cell(record.get("y_pred"))
        answer = None if said is None else read_answer(said, kind)
        draft.add(
            line,
            model,
            task=task,
            condition=condition,
            gold=fold(gold) if kind == LETTER else gold,
            prediction=answer,
            question=cell(record.get("prompt")),
            raw=cell(record.get("response")),
            correct=int(same(answer, gold)),
        )
    return [draft.rows(log.name, VISONLYQA, "line", log.broken_notice())]


def _answered(log: Log) -> Iterator[tuple[int, Mapping[str, Any], str]]:
    for line, record in log.records():
        gold = cell(record.get("y_true"))
        if gold is None:
            log.broken.append((line, "no y_true"))
        else:
            yield line, record, gold


def _math(record: Mapping[str, Any], own: str, asked: Asked) -> dict[str, Any]:
    """Multiple choice and free numbers are two conditions: only one has a form to miss."""
    entry = None if asked.gold is None else asked.gold.find(own)
    scored = share(record.get("correct"))
    options = listed(entry.options) if entry is not None and entry.options else []
    said = cell(record.get("model_answer"))
    cells: dict[str, Any] = {
        "task": "MATH-Vision",
        "prediction": said,
        "raw": cell(record.get("response")),
        "correct": UNKNOWN if scored is None else verdict(scored),
    }
    if entry is None:
        return cells
    answer = None if said is None else read_answer(said, LETTER if options else TEXT, options)
    return cells | {
        "task": entry.task or "MATH-Vision",
        "condition": "mc" if options else "free",
        "gold": entry.gold,
        "prediction": answer,
        "question": entry.question,
        "options": entry.options if options else None,
        "n_options": len(options),
        "cluster": entry.image,
        "correct": cells["correct"]
        if cells["correct"] != UNKNOWN or entry.gold is None
        else int(same(answer, entry.gold)),
    }


def _hidden(log: Log, count: int) -> tuple[Notice, ...]:
    if not count:
        return ()
    return (
        Notice(
            "hidden-golds",
            f"{log.name}: {count} answers left out, as the right ones are hidden",
        ),
    )
