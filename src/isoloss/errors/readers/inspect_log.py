"""Inspect: a `.eval` archive with a JSON file a sample, or one `.json` log."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from isoloss.errors.items.items import UNKNOWN
from isoloss.errors.readers.answers import fold
from isoloss.errors.readers.archive import open_archive, read_member
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import Rows, cell
from isoloss.errors.readers.scores import fractional_notice, share, verdict
from isoloss.exceptions import ItemsError
from isoloss.notices import Notice

NAME = "inspect"
_SAMPLES = "samples/"
# Inspect's names of why a model stopped, in the words of other logs
_FINISH = {"max_tokens": "length", "model_length": "length"}
_LONGEST = 200


def sees(log: Log) -> bool:
    """Whether a log looks like this."""
    if log.kind == "zip":
        return "header.json" in log.members or any(m.startswith("_journal/") for m in log.members)
    document = log.document
    return isinstance(document, dict) and "eval" in document and "samples" in document


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read one log."""
    header, samples = _open(log)
    about = header.get("eval")
    about = about if isinstance(about, Mapping) else {}
    name = cell(about.get("model"))
    model = asked.place(log.name, name, name and name.split("/")[-1], log.path.stem)
    task = cell(about.get("task")) or log.path.stem
    draft = asked.draft()
    epochs: set[int] = set()
    scorer: str | None = None
    scorers: dict[str, None] = {}
    fractional = 0
    for at, sample in samples:
        scores = sample.get("scores")
        scores = scores if isinstance(scores, Mapping) else {}
        scorers.update(dict.fromkeys(scores))
        scorer = _scorer(log, asked, scores, scorer)
        value = _add(draft, at, model, task, sample, scores.get(scorer) if scorer else None)
        fractional += 0 < value < 1
        epochs.add(int(sample.get("epoch") or 1))
    if not len(draft):
        raise ItemsError(f"{log.name} holds no samples; its status is {header.get('status')!r}")
    notices = [*fractional_notice(fractional, log.name), *_scorers(log, scorers, scorer)]
    if len(epochs) > 1:
        notices.append(_epochs(log, len(epochs)))
    rows = draft.rows(log.name, NAME, "sample", notices)
    if len(epochs) == 1:
        rows.text.pop("condition", None)
    return [rows]


def _open(log: Log) -> tuple[Mapping[str, Any], Iterator[tuple[int, Mapping[str, Any]]]]:
    if log.kind != "zip":
        document = log.document
        listed = document["samples"]
        if not isinstance(listed, list):
            raise ItemsError(f"{log.name} holds no samples; its status is {document.get('status')}")
        return document, iter(enumerate((s for s in listed if isinstance(s, dict)), start=1))
    header: Any = {}
    with open_archive(log.path, log.name) as archive:
        names = {member.filename: member for member in archive.infolist()}
        # a run that was cut off has its beginning in the journal only
        for place in ("header.json", "_journal/start.json"):
            if place in names:
                header = _json(read_member(archive, names[place], log.name), log.name, place)
                break
    return (header if isinstance(header, dict) else {}), _members(log)


def _members(log: Log) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with open_archive(log.path, log.name) as archive:
        # of two members of one name the last one counts, as for every reader of zip archives
        names = {member.filename: member for member in archive.infolist()}
        chosen = [
            member
            for name, member in names.items()
            if name.startswith(_SAMPLES) and name.endswith(".json")
        ]
        for at, member in enumerate(chosen, start=1):
            sample = _json(read_member(archive, member, log.name), log.name, member.filename)
            if isinstance(sample, dict):
                yield at, sample


def _json(content: bytes, name: str, member: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ItemsError(f"{name}, member {member!r} is no JSON: {error}") from None


def _scorer(log: Log, asked: Asked, scores: Mapping[str, Any], present: str | None) -> str | None:
    """The scorer that says right or wrong: the one that was asked for, or the first."""
    wanted = asked.map.get("correct")
    if wanted is None:
        return present or next(iter(scores), None)
    if scores and wanted not in scores:
        raise ItemsError(f"{log.name} has no scorer '{wanted}'; it has {', '.join(scores)}")
    return wanted


def _add(
    draft: Any, at: int, model: int, task: str, sample: Mapping[str, Any], score: Any
) -> float:
    """Add one sample; returns its score as a share, NaN where there is none."""
    score = score if isinstance(score, Mapping) else {}
    value = share(score.get("value")) if score else math.nan
    value = math.nan if value is None else value
    choices = sample.get("choices")
    choices = choices if isinstance(choices, list) and choices else None
    raw, finish = _output(sample)
    answer = cell(score.get("answer"))
    if answer is not None and choices and len(fold(answer)) == 1:
        answer = fold(answer)
    draft.add(
        at,
        model,
        own=cell(sample.get("id")),
        task=task,
        condition=f"epoch-{int(sample.get('epoch') or 1)}",
        gold=_target(sample.get("target")),
        prediction=answer,
        question=_text(sample.get("input"), sample),
        options=json.dumps(choices, ensure_ascii=False) if choices else None,
        n_options=len(choices) if choices else 0,
        cluster=_image(sample.get("input")),
        finish=finish,
        correct=UNKNOWN if value != value else verdict(value),
        raw=raw,
    )
    return value


def _target(target: Any) -> str | None:
    if isinstance(target, list) and len(target) == 1:
        target = target[0]
    return cell(target)


def _output(sample: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The model's text, and why it stopped."""
    output = sample.get("output")
    choices = output.get("choices") if isinstance(output, Mapping) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        return None, None
    message = choices[0].get("message")
    content = message.get("content") if isinstance(message, Mapping) else None
    stop = cell(choices[0].get("stop_reason"))
    return _parts(content, sample), None if stop is None else _FINISH.get(stop, stop)


def _text(given: Any, sample: Mapping[str, Any]) -> str | None:
    """The question: a text, or the last message of a person."""
    if isinstance(given, list):
        asked = [m for m in given if isinstance(m, Mapping) and m.get("role") == "user"]
        given = asked[-1].get("content") if asked else None
    return _parts(given, sample)


def _parts(content: Any, sample: Mapping[str, Any]) -> str | None:
    """The text of a message, whose content may be a list of texts and images."""
    if isinstance(content, list):
        texts = [p.get("text") for p in content if isinstance(p, Mapping)]
        content = "\n".join(text for text in texts if isinstance(text, str))
    if not isinstance(content, str) or not content.strip():
        return None
    # long texts are kept once, under their hash
    attachments = sample.get("attachments")
    if content.startswith("attachment://") and isinstance(attachments, Mapping):
        kept = attachments.get(content.removeprefix("attachment://"))
        return kept if isinstance(kept, str) else content
    return content


def _image(given: Any) -> str | None:
    """The first image of the question by name, or by hash where the log holds the image itself."""
    for message in given if isinstance(given, list) else ():
        content = message.get("content") if isinstance(message, Mapping) else None
        for part in content if isinstance(content, list) else ():
            image = part.get("image") if isinstance(part, Mapping) else None
            if isinstance(image, str) and image:
                if len(image) <= _LONGEST:
                    return image
                return hashlib.sha256(image.encode("utf-8", "replace")).hexdigest()[:16]
    return None


def _scorers(log: Log, scorers: Mapping[str, None], chosen: str | None) -> tuple[Notice, ...]:
    if len(scorers) < 2:
        return ()
    return (
        Notice(
            "scorers",
            f"{log.name} has {len(scorers)} scorers ({', '.join(scorers)}); '{chosen}' was taken",
            "choose another one with map correct=SCORER",
        ),
    )


def _epochs(log: Log, count: int) -> Notice:
    return Notice(
        "epochs",
        f"{log.name} asked every question {count} times; each time is a condition, epoch-1 and on",
        "name one with condition= where a condition is asked for; two of them show how much "
        "answers change without any change of model",
    )
