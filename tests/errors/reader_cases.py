"""Small logs of every format, as the harnesses write them, for the tests of readers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from isoloss.errors.items import Items, models_of

MODELS = models_of(
    {
        "tiny-1b": {"family": "tiny", "params": "1B", "aliases": ["org/tiny-one"]},
        "tiny-7b": {"family": "tiny", "params": "7B"},
        "llava-v1.5-7b": {"family": "LLaVA", "params": "7B"},
        "llava-v1.5-13b": {"family": "LLaVA", "params": "13B"},
        "subject-01": {"family": "people", "params": None},
        "resnet50": {"family": "ResNet", "params": 25.6e6},
    }
)


def lines(path: Path, records: Iterable[Any]) -> Path:
    """Write JSON lines; a text stands for itself, broken or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def document(path: Path, content: Any) -> Path:
    """Write one JSON document, indented as harnesses do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return path


def text(path: Path, content: str) -> Path:
    """Write a text with its line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8"))
    return path


def sha(content: str) -> str:
    """The hash that lm-evaluation-harness gives a text."""
    return hashlib.sha256(content.encode()).hexdigest()


def choice_sample(
    place: int, sums: list[float], gold: int, *, prompt: str = "", **changed: Any
) -> dict[str, Any]:
    """A multiple-choice sample of lm-evaluation-harness 0.4.13."""
    question = f"What is {place}?"
    asked = f"{prompt}Question: {question}\nAnswer:"
    best = max(range(len(sums)), key=sums.__getitem__)
    pairs = [[str(one), "False"] for one in sums]
    return {
        "doc_id": place,
        "doc": {"question": question, "choices": [f"opt {k}" for k in range(len(sums))]},
        "target": str(gold),
        "arguments": {
            f"gen_args_{k}": {"arg_0": asked, "arg_1": f" opt {k}"} for k in range(len(sums))
        },
        "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs,
        "filter": "none",
        "metrics": ["acc", "acc_norm"],
        "doc_hash": sha(question),
        "prompt_hash": sha(asked),
        "target_hash": sha(str(gold)),
        "acc": float(best == gold),
        "acc_norm": 1.0 - float(best == gold),
    } | changed


def written_sample(
    place: int, raw: str, filtered: str, gold: str, right: float, name: str = "none"
) -> dict[str, Any]:
    """A sample of lm-evaluation-harness whose answer was written."""
    asked = f"Q: {place}?\nA:"
    return {
        "doc_id": place,
        "doc": {"question": f"{place}?", "answer": gold},
        "target": gold,
        "arguments": {"gen_args_0": {"arg_0": asked, "arg_1": {"until": ["\n"]}}},
        "resps": [[raw]],
        "filtered_resps": [filtered],
        "filter": name,
        "metrics": ["exact_match"],
        "doc_hash": sha(f"{place}?{gold}"),
        "prompt_hash": sha(asked),
        "target_hash": sha(gold),
        "exact_match": right,
    }


def codes(items: Items) -> set[str]:
    """Codes of the notices."""
    return {notice.code for notice in items.notices}


def told(items: Items, code: str) -> str:
    """The message of the one notice with a code."""
    (message,) = [notice.message for notice in items.notices if notice.code == code]
    return message


def by_item(items: Items, name: str) -> dict[str, Any]:
    """A column by the question's key."""
    column = getattr(items, name)
    return {str(items.item[row]): column[row] for row in range(len(items))}
