"""What the samples of lm-evaluation-harness and of lmms-eval have in common.

A sample holds the document, the harness's target, the requests, the responses, and a key for every
metric. Log-likelihoods come as text, one pair (log-likelihood, greedy) a request.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isoloss.errors.items.items import UNKNOWN
from isoloss.errors.readers.answers import NONE, letter, listed
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import cell
from isoloss.errors.readers.scores import choose, share, verdict
from isoloss.exceptions import ItemsError

_DATE = r"\d{4}-?\d{2}-?\d{2}[T_]?[\d\-.:]*"
_AFTER = re.compile(rf"samples_(.+)_({_DATE})\.jsonl(?:\.gz)?")
_BEFORE = re.compile(rf"({_DATE})_samples_(.+)\.jsonl(?:\.gz)?")
_PLAIN = re.compile(r"(?:samples_)?(.+?)\.jsonl?(?:\.gz)?")
_QUESTIONS = ("question", "query", "problem", "input", "prompt", "ctx", "text", "sentence")
_CLUSTERS = ("image_id", "image", "image_path", "passage_id", "passage", "video_id", "context")
# a passage that is longer than this is named by its hash
_LONGEST = 200
_RESULTS = 1 << 27


@dataclass(frozen=True)
class Likelihoods:
    """Log-likelihoods of the options of one question.

    Attributes:
        sums: (k) nats, summed over the option's tokens.
        options: (k) what was scored; None where the log does not say.
    """

    sums: tuple[float, ...]
    options: tuple[str, ...] | None


def likelihoods(record: Mapping[str, Any]) -> Likelihoods | None:
    """The options' log-likelihoods; None where the answer was written rather than scored."""
    responses = record.get("filtered_resps")
    if not isinstance(responses, list) or not responses:
        return None
    # lmms-eval unwraps a list of one
    if len(responses) == 2 and not isinstance(responses[0], list) and _is_flag(responses[1]):
        responses = [responses]
    sums = []
    for pair in responses:
        if not isinstance(pair, list) or len(pair) != 2 or not _is_flag(pair[1]):
            return None
        try:
            sums.append(float(pair[0]))
        except (TypeError, ValueError):
            return None
    options = _options(record.get("arguments"), len(sums))
    half = len(sums) // 2
    # with `acc_mutual_info` the unconditional likelihoods follow the options' own
    if options and len(sums) % 2 == 0 and half > 1 and options[:half] == options[half:]:
        return Likelihoods(tuple(sums[:half]), options[:half])
    return Likelihoods(tuple(sums), options)


def softmax(sums: Sequence[float]) -> list[float]:
    """Probabilities of the options among themselves: exp(l_i) over the sum of exp(l_j)."""
    top = max(sums)
    if not math.isfinite(top):
        return [math.nan] * len(sums)
    parts = [math.exp(one - top) for one in sums]
    total = sum(parts)
    return [part / total for part in parts]


def gold_place(record: Mapping[str, Any], options: Sequence[str] | None, count: int) -> list[int]:
    """Places of the right options; empty where the target names none."""
    target = str(record.get("target", "")).strip()
    if target.startswith("[") and (several := listed(target)):
        places = [gold_place({"target": one}, options, count) for one in several]
        return [place for found in places for place in found]
    if options:
        texts = [option.strip() for option in options]
        # a target that is an option's text and a number names the option, unless it is a place
        if target in texts and not (target.isdigit() and int(target) < count):
            return [texts.index(target)]
    if target.lstrip("-").isdigit() and 0 <= int(target) < count:
        return [int(target)]
    if len(target) == 1 and "A" <= target <= "Z" and ord(target) - ord("A") < count:
        return [ord(target) - ord("A")]
    return []


def written(record: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The answer after the harness's filter, and the text that the model wrote."""
    filtered = _innermost(record.get("filtered_resps"))
    raw = _innermost(record.get("resps"))
    raw = filtered if raw is None else raw
    prediction = None if filtered is None else filtered.strip()
    if not prediction or prediction.lower() in NONE - {"z"}:
        prediction = None
    return prediction, raw


def score_of(record: Mapping[str, Any], names: Sequence[str], asked: Asked) -> tuple[int, float]:
    """Right, wrong or not scored; and the share behind it, NaN where there is none."""
    metric = choose(names, record, asked.map.get("correct"))
    value = None if metric is None else share(record.get(metric))
    return (UNKNOWN, math.nan) if value is None else (verdict(value), value)


def question_of(record: Mapping[str, Any]) -> str | None:
    """The question's text in the document, or else the prompt."""
    doc = record.get("doc")
    if isinstance(doc, dict):
        for name in _QUESTIONS:
            found = doc.get(name)
            if isinstance(found, str) and found.strip():
                return found
    prompt = record.get("input")
    if not isinstance(prompt, str):
        prompt = _request(record.get("arguments"), 0, 0)
    return prompt if isinstance(prompt, str) and prompt.strip() else None


def cluster_of(record: Mapping[str, Any]) -> str | None:
    """The image or passage that the question is about; None where the log names none."""
    doc = record.get("doc")
    if isinstance(doc, dict):
        for name in _CLUSTERS:
            found = doc.get(name)
            if isinstance(found, str | int) and not isinstance(found, bool):
                text = cell(found)
                # an image that was written out as an object's address names nothing
                if text and not (text[0] == "<" and " at 0x" in text):
                    return text if len(text) <= _LONGEST else _hash(text)
    return None


def task_of(log: Log) -> str:
    """The task, from the file's name."""
    name = log.path.name
    if match := _BEFORE.fullmatch(name):
        return match.group(2)
    if match := _AFTER.fullmatch(name):
        return match.group(1)
    match = _PLAIN.fullmatch(name)
    return match.group(1) if match else log.path.stem


def model_names(log: Log) -> tuple[str | None, ...]:
    """What the run's results and its folder call the model, likelier ones first."""
    folder = log.path.resolve().parent.name
    readable = folder.replace("__", "/").strip("/")
    return (*_from_results(log), readable, folder, log.path.stem)


def _from_results(log: Log) -> tuple[str, ...]:
    """The model's name in the results that the harness wrote beside the samples."""
    match = _AFTER.fullmatch(log.path.name)
    before = _BEFORE.fullmatch(log.path.name)
    date = match.group(2) if match else before.group(1) if before else None
    for name in (f"results_{date}.json", f"{date}_results.json") if date else ():
        beside = Path(log.path.parent, name)
        try:
            if beside.stat().st_size > _RESULTS:
                continue
            content = json.loads(beside.read_bytes())
        except (OSError, ValueError, RecursionError):
            continue
        if isinstance(content, dict) and isinstance(content.get("model_name"), str):
            return (content["model_name"],)
    return ()


def check_metric(log: Log, asked: Asked, names: Sequence[str]) -> None:
    """Refuse a metric that the log does not have.

    Raises:
        ItemsError: listing the metrics that there are.
    """
    wanted = asked.map.get("correct")
    if wanted is not None and wanted not in names:
        raise ItemsError(
            f"{log.name} has no metric '{wanted}'; it has {', '.join(names) or 'none'}"
        )


def option_names(count: int) -> list[str]:
    """A, B, ... for as many options as there are."""
    return [letter(place) for place in range(count)]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _is_flag(value: Any) -> bool:
    return value == "False" or value == "True" or isinstance(value, bool)


def _options(arguments: Any, count: int) -> tuple[str, ...] | None:
    """What the requests differ in: continuations, or contexts where those are all the same."""
    found = [_request(arguments, place, 1) for place in range(count)]
    if count > 1 and all(one == found[0] for one in found):
        found = [_request(arguments, place, 0) for place in range(count)]
    if any(not isinstance(one, str) for one in found):
        return None
    return tuple([one.strip() for one in found])


def _request(arguments: Any, place: int, part: int) -> Any:
    """Part of a request: of `{"gen_args_0": {"arg_0": ...}}`, or of a list of lists."""
    try:
        if isinstance(arguments, dict):
            return arguments[f"gen_args_{place}"][f"arg_{part}"]
        return arguments[place][part]
    except (KeyError, IndexError, TypeError):
        return None


def _innermost(value: Any) -> str | None:
    while isinstance(value, list):
        if not value:
            return None
        value = value[0]
    return value if isinstance(value, str) else cell(value)
