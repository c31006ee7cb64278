"""OpenCompass: `predictions/MODEL/DATASET.json`, and `results/MODEL/DATASET.json` with details.

Predictions are an object by place, `{"0": {"origin_prompt", "prediction", "gold"}}`; a data set
that was run in parts has `DATASET_0.json`, `DATASET_1.json`, each counted from 0. Details hold what
was read off the text, the right answer and whether they agree.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from isoloss.errors.items.items import UNKNOWN
from isoloss.errors.readers.answers import LETTER, fold, kind_of, read_answer, same
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.log import Log, open_log
from isoloss.errors.readers.rows import Rows, cell
from isoloss.errors.readers.scores import share, verdict
from isoloss.exceptions import ItemsError

NAME = "opencompass"
_PART = re.compile(r"(.+)_(\d+)")
_GOLDS = ("gold", "answer", "references", "reference")
_ANSWERS = ("pred", "predictions", "prediction")


def sees(log: Log) -> bool:
    """Whether a log looks like this."""
    document = log.document
    if not isinstance(document, dict) or not document:
        return False
    if "details" in document:
        return bool(list(_entries(document["details"])))
    key, first = next(iter(document.items()))
    return key.isdigit() and isinstance(first, dict) and "prediction" in first


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read one data set's answers."""
    detailed = "details" in log.document
    entries = list(_entries(log.document["details"] if detailed else log.document))
    if not entries:
        raise ItemsError(f"{log.name} holds no predictions")
    folder = log.path.resolve().parent.name
    model = asked.place(log.name, folder)
    task, first = _part(log)
    golds = [gold for gold in (_gold(record) for _, record in entries) if gold is not None]
    kind = kind_of(golds)
    draft = asked.draft()
    for at, (place, record) in enumerate(entries, start=1):
        gold = _gold(record)
        answer, raw = _answer(record, kind)
        choices = _choices(record)
        if choices is not None and gold is not None and gold.isdigit() and "choices" in record:
            answer = str(max(range(len(choices)), key=choices.__getitem__))
        correct = UNKNOWN if gold is None else int(same(answer, gold))
        scored = share(record.get("correct")) if "correct" in record else None
        if scored is not None and not math.isnan(scored):
            correct = verdict(scored)
        draft.add(
            at,
            model,
            own=str(place + first),
            task=task,
            gold=gold if gold is None or kind != LETTER else fold(gold),
            prediction=answer,
            question=_prompt(record.get("origin_prompt", record.get("prompt"))),
            n_options=len(choices) if choices else _labels(record),
            raw=raw,
            choices=choices,
            correct=correct,
        )
    return [draft.rows(log.name, NAME, "record", rank=int(detailed))]


def _entries(listed: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Answers by place, of a list or of an object."""
    if isinstance(listed, list):
        pairs = enumerate(listed)
    elif isinstance(listed, Mapping):
        pairs = ((int(key), one) for key, one in listed.items() if str(key).isdigit())
    else:
        return
    for place, record in pairs:
        if isinstance(record, Mapping) and any(name in record for name in _ANSWERS):
            yield place, record


def _part(log: Log) -> tuple[str, int]:
    """The data set, and how many questions stand in the parts before this one."""
    stem = log.path.name.removesuffix(".gz").removesuffix(".json")
    match = _PART.fullmatch(stem)
    folder = log.path.parent
    if not match or not (folder / f"{match.group(1)}_0.json").is_file():
        return stem, 0
    before = 0
    for part in range(int(match.group(2))):
        beside = Path(folder, f"{match.group(1)}_{part}.json")
        if not beside.is_file():
            raise ItemsError(f"{log.name} is part {match.group(2)}, and {beside.name} is missing")
        before += len(list(_entries(open_log(beside).document)))
    return match.group(1), before


def _gold(record: Mapping[str, Any]) -> str | None:
    found = next((record[name] for name in _GOLDS if name in record), None)
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    return cell(found)


def _answer(record: Mapping[str, Any], kind: str) -> tuple[str | None, str | None]:
    """The answer, and the model's text where it wrote one."""
    found = next((record[name] for name in _ANSWERS if name in record), None)
    raw = record.get("origin_prediction", found)
    raw = raw if isinstance(raw, str) else None
    if isinstance(found, list):
        found = found[0] if len(found) == 1 and isinstance(found[0], str) else None
    text = cell(found)
    return (None if text is None else read_answer(text, kind)), raw


def _choices(record: Mapping[str, Any]) -> list[float] | None:
    """Probabilities of the choices, of logs that score the choices' first tokens."""
    found = record.get("prediction")
    if "choices" not in record or not isinstance(found, list) or not found:
        return None
    if not all(isinstance(one, int | float) and one >= 0 for one in found):
        return None
    total = math.fsum(found)
    return [one / total for one in found] if total > 0 else None


def _labels(record: Mapping[str, Any]) -> int:
    """How many labels were scored by perplexity; 0 where none were."""
    inner = record.get("origin_prediction")
    where = inner if isinstance(inner, Mapping) else record
    return sum(isinstance(one, Mapping) and "PPL" in one for one in where.values())


def _prompt(prompt: Any) -> str | None:
    """The prompt: a text, or turns of which the last one of a person counts."""
    if isinstance(prompt, list):
        turns = [t for t in prompt if isinstance(t, Mapping) and isinstance(t.get("prompt"), str)]
        people = [t["prompt"] for t in turns if t.get("role") in ("HUMAN", "user")]
        if people:
            return people[-1]
        return json.dumps(prompt, ensure_ascii=False) if prompt else None
    return prompt if isinstance(prompt, str) and prompt.strip() else None
