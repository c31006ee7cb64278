"""lmms-eval: `DATE_samples_TASK.jsonl`; a metric is a number or an object with what it compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isoloss.errors.readers.answers import same
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.lm_eval import FIXED, add_sample, is_lmms
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import Rows, cell
from isoloss.errors.readers.samples import check_metric, model_names, task_of
from isoloss.errors.readers.scores import fractional_notice, share
from isoloss.exceptions import ItemsError

NAME = "lmms-eval"
_SCORES = ("score", "correct", "acc", "accuracy", "exact_match", "hit")
_ANSWERS = ("parsed_pred", "prediction", "pred", "pred_answer", "parsed_answer")
_GOLDS = ("ground_truth", "answer", "gt", "gt_answer", "gt_content", "label", "target")


def sees(log: Log) -> bool:
    """Whether a log looks like this."""
    return is_lmms(log.first)


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read one file of samples."""
    model = asked.place(log.name, *model_names(log))
    draft, task = asked.draft(), task_of(log)
    fractional = 0
    for line, record in log.records():
        if "filtered_resps" not in record:
            log.broken.append((line, "no key 'filtered_resps'"))
            continue
        flat, names = flatten(record)
        if not len(draft):
            check_metric(log, asked, names)
        value = add_sample(draft, flat, names, asked, (line, model, task))
        fractional += 0 < value < 1
    if not len(draft):
        raise ItemsError(f"{log.name}: no line is a sample with 'filtered_resps'")
    notices = (*log.broken_notice(), *fractional_notice(fractional, log.name))
    return [draft.rows(log.name, NAME, "line", notices)]


def flatten(record: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A sample in the form of lm-evaluation-harness, and the names of its metrics.

    A metric that is an object holds the score, or the answer that was parsed and the right one.
    """
    flat = {name: value for name, value in record.items() if name in FIXED}
    names = []
    for name, value in record.items():
        if name in FIXED:
            continue
        names.append(name)
        flat[name] = value
        if isinstance(value, Mapping):
            flat[name] = _inner(flat, value)
    return flat, names


def _inner(flat: dict[str, Any], value: Mapping[str, Any]) -> Any:
    answer = next((value[name] for name in _ANSWERS if name in value), None)
    gold = next((value[name] for name in _GOLDS if name in value), None)
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    if isinstance(answer, str | int | float):
        # what the model wrote stays in `resps`
        flat.setdefault("resps", flat.get("filtered_resps"))
        flat["filtered_resps"] = str(answer)
    if gold is not None:
        flat["target"] = cell(gold)
    score = next((value[name] for name in _SCORES if name in value), None)
    if share(score) is not None and score is not None:
        return score
    if answer is None or gold is None:
        return None
    return float(same(str(answer), str(cell(gold))))
