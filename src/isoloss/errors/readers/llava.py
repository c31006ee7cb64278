"""LLaVA's answer files and MMMU's: what the models wrote, and the right answers in another file.

LLaVA: JSON lines {question_id, prompt, text, model_id}. MMMU: one object {id: answer}.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from isoloss.errors.items.items import UNKNOWN
from isoloss.errors.readers.answers import kind_of, listed, read_answer, same
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.gold import Entry, Gold, plain
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import Rows, cell
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

NAME = "llava"
MMMU = "mmmu"
_ANSWERS = "answers"


@dataclass(frozen=True)
class Said:
    """One answer of a log without right answers."""

    at: int
    own: str
    text: str
    prompt: str | None = None
    model: str | None = None
    finish: str | None = None


def sees(log: Log) -> bool:
    """Whether a log looks like LLaVA's."""
    first = log.first
    return {"question_id", "text"} <= set(first) and bool({"model_id", "answer_id"} & set(first))


def sees_mmmu(log: Log) -> bool:
    """Whether a log looks like MMMU's."""
    document = log.document
    return (
        isinstance(document, dict)
        and bool(document)
        and all(isinstance(one, str) for one in document.values())
    )


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read LLaVA's answers."""
    return [match(log, asked, list(_lines(log)), NAME, "line")]


def read_mmmu(log: Log, asked: Asked) -> list[Rows]:
    """Read MMMU's answers."""
    said = [Said(at, str(key), text) for at, (key, text) in enumerate(log.document.items(), 1)]
    return [match(log, asked, said, MMMU, "entry")]


def match(log: Log, asked: Asked, answers: list[Said], form: str, word: str) -> Rows:
    """Answers beside the right ones.

    Raises:
        ItemsError: no file of right answers was given, or none of its ids is in the log.
    """
    gold = asked.gold
    if gold is None:
        raise ItemsError(
            f"{log.name} holds the model's answers alone; give the file of questions with the "
            "right answers as gold=FILE (ids and answers in JSON lines, JSON, CSV or Parquet)"
        )
    entries = [gold.find(one.own, one.prompt) for one in answers]
    found = [entry for entry in entries if entry is not None]
    if not found:
        raise ItemsError(
            f"{log.name}: none of its {len(answers)} ids, such as '{answers[0].own}', stands in "
            f"{gold.source} with one right answer"
        )
    kinds = _kinds(found)
    draft = asked.draft()
    left: list[Said] = []
    for one, entry in zip(answers, entries, strict=True):
        if entry is None:
            left.append(one)
        task = _task(log, gold, entry)
        model = asked.place(log.name, one.model, log.path.stem, log.path.resolve().parent.name)
        draft.add(
            one.at,
            model,
            own=one.own,
            task=task,
            question=_question(one, entry),
            raw=one.text,
            finish=one.finish,
            **_cells(one, entry, kinds.get(entry.task) if entry else None),
        )
    return draft.rows(log.name, form, word, (*log.broken_notice(), *_without(log, gold, left)))


def _lines(log: Log) -> Iterator[Said]:
    for line, record in log.records():
        own, text = cell(record.get("question_id")), record.get("text")
        if own is None or not isinstance(text, str):
            log.broken.append((line, "no question_id or no text"))
            continue
        about: Any = record.get("metadata")
        about = about if isinstance(about, Mapping) else {}
        prompt = record.get("prompt")
        yield Said(
            line,
            own,
            text,
            prompt if isinstance(prompt, str) else None,
            cell(record.get("model_id")),
            cell(record.get("finish_reason", about.get("finish_reason"))),
        )


def _kinds(entries: list[Entry]) -> dict[str | None, str]:
    """How the answers of every task are read."""
    golds: dict[str | None, list[str]] = {}
    for entry in entries:
        golds.setdefault(entry.task, []).append(entry.gold or "")
    return {task: kind_of(several) for task, several in golds.items()}


def _cells(one: Said, entry: Entry | None, kind: str | None) -> dict[str, Any]:
    if entry is None or entry.gold is None or kind is None:
        return {"correct": UNKNOWN}
    options = listed(entry.options) if entry.options else []
    prediction = read_answer(one.text, kind, options)
    return {
        "gold": entry.gold.lower() if kind == "yes_no" else entry.gold,
        "prediction": prediction,
        "correct": int(same(prediction, entry.gold)),
        "options": entry.options if options else None,
        "n_options": 2 if kind == "yes_no" else len(options),
        "cluster": entry.image,
    }


def _question(one: Said, entry: Entry | None) -> str | None:
    """The question as the benchmark has it, since prompts differ between runs of one benchmark."""
    if entry is not None and entry.question:
        return plain(entry.question)
    return plain(one.prompt) if one.prompt else None


def _task(log: Log, gold: Gold, entry: Entry | None) -> str:
    if entry is not None and entry.task:
        return entry.task
    folder = log.path.resolve().parent
    if folder.name == _ANSWERS:
        return folder.parent.name
    return entry.file if entry is not None and entry.file else gold.source.split("/")[-1]


def _without(log: Log, gold: Gold, left: list[Said]) -> tuple[Notice, ...]:
    if not left:
        return ()
    examples = ", ".join(one.own for one in left[:5])
    return (
        Notice(
            "no-gold",
            f"{log.name}: {len(left)} answers were not scored, as {gold.source} has not one right "
            f"answer for them (such as {examples})",
            "see whether the questions are of the same version of the benchmark",
        ),
    )
