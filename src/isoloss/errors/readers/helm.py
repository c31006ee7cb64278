"""HELM: a run's `display_predictions.json` with the files beside it.

The predictions hold no question and no right answer; those stand in `instances.json`. Scores that
are not on display stand in `per_instance_stats.json`, the model's name in `run_spec.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isoloss.errors.items.items import UNKNOWN
from isoloss.errors.readers.answers import fold, letter
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.log import Log, open_log
from isoloss.errors.readers.rows import Rows, cell
from isoloss.errors.readers.scores import choose, fractional_notice, share, verdict
from isoloss.exceptions import ItemsError

NAME = "helm"
_MODEL = re.compile(r"model=([^,]+)")
# parts of a run's name that say how it was run and not what was asked
_HOW = re.compile(r",?(?:model|model_deployment|groups|num_train_trials)=[^,]+")


def sees(log: Log) -> bool:
    """Whether a log looks like this."""
    document = log.document
    return (
        isinstance(document, list)
        and bool(document)
        and isinstance(document[0], dict)
        and {"instance_id", "predicted_text"} <= set(document[0])
    )


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read one run."""
    folder = log.path.resolve().parent
    instances = _instances(folder, log.name)
    stats = _stats(folder)
    spec = _beside(folder, "run_spec.json")
    run = str(spec.get("name") or folder.name) if isinstance(spec, dict) else folder.name
    model = asked.place(log.name, *_models(spec, run), folder.name)
    task = _HOW.sub("", run).rstrip(":, ") or run
    draft = asked.draft()
    fractional = 0
    for at, record in enumerate(log.document, start=1):
        if not isinstance(record, dict) or "instance_id" not in record:
            raise ItemsError(f"{log.name}, record {at}: no prediction with an instance_id")
        key = _key(record)
        values = {**stats.get(key, {}), **_mapping(record.get("stats"))}
        metric = choose(list(values), values, asked.map.get("correct"))
        value = share(values[metric]) if metric else None
        fractional += value is not None and 0 < value < 1
        draft.add(
            at,
            model,
            own=key[0],
            task=task,
            condition=_condition(key),
            correct=UNKNOWN if value is None else verdict(value),
            **_cells(record, instances.get(key[0], {})),
        )
    notices = fractional_notice(fractional, log.name)
    return [draft.rows(log.name, NAME, "record", notices)]


def _cells(record: Mapping[str, Any], instance: Mapping[str, Any]) -> dict[str, Any]:
    references = [_mapping(one) for one in instance.get("references") or []]
    texts = [str(_mapping(one.get("output")).get("text", "")) for one in references]
    right = [i for i, one in enumerate(references) if "correct" in (one.get("tags") or [])]
    written = record.get("predicted_text")
    mapped = cell(record.get("mapped_output"))
    cells: dict[str, Any] = {
        "question": cell(_mapping(instance.get("input")).get("text")),
        "raw": written if isinstance(written, str) else None,
    }
    # one reference, or only right ones, is an open question
    if len(texts) > len(right) and right:
        return cells | {
            "gold": letter(right[0]),
            "prediction": _option(record, mapped, texts),
            "options": json.dumps(texts, ensure_ascii=False),
            "n_options": len(texts),
        }
    golds = [texts[i] for i in right]
    return cells | {
        "gold": json.dumps(golds, ensure_ascii=False) if len(golds) > 1 else cell("".join(golds)),
        "prediction": mapped or cell(str(written or "").strip()),
    }


def _option(record: Mapping[str, Any], mapped: str | None, texts: list[str]) -> str | None:
    """The option that was chosen: by its text, by its place, or by its letter."""
    folded = [fold(text) for text in texts]
    if mapped is not None and folded.count(fold(mapped)) == 1:
        return letter(folded.index(fold(mapped)))
    place = record.get("reference_index")
    if isinstance(place, int) and 0 <= place < len(texts):
        return letter(place)
    name = fold(str(record.get("predicted_text") or ""))
    return name if len(name) == 1 and name.isalpha() else None


def _key(record: Mapping[str, Any]) -> tuple[str, str, int]:
    """Instance, perturbation and trial of a prediction."""
    perturbation = _mapping(record.get("perturbation")).get("name")
    return (
        str(record["instance_id"]),
        str(perturbation or ""),
        int(record.get("train_trial_index") or 0),
    )


def _condition(key: tuple[str, str, int]) -> str | None:
    parts = [key[1]] if key[1] else []
    if key[2]:
        parts.append(f"trial-{key[2]}")
    return " ".join(parts) or None


def _models(spec: Any, run: str) -> list[str | None]:
    adapter = _mapping(_mapping(spec).get("adapter_spec"))
    match = _MODEL.search(run)
    named = match.group(1).replace("_", "/", 1) if match else None
    return [
        cell(adapter.get("model")),
        cell(adapter.get("model_deployment")),
        named,
        match.group(1) if match else None,
    ]


def _instances(folder: Path, name: str) -> dict[str, Mapping[str, Any]]:
    found = _beside(folder, "instances.json")
    if not isinstance(found, list):
        raise ItemsError(
            f"{name}: no instances.json beside it, and so no question and no right answer; copy "
            "the run's whole folder"
        )
    instances: dict[str, Mapping[str, Any]] = {}
    for one in found:
        # perturbed copies come after the question itself
        if isinstance(one, dict) and "id" in one:
            instances.setdefault(str(one["id"]), one)
    return instances


def _stats(folder: Path) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Scores by instance, which the display leaves out where they are not on its page."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    listed = _beside(folder, "per_instance_stats.json")
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or "instance_id" not in one:
            continue
        values = found.setdefault(_key(one), {})
        for stat in one.get("stats") or ():
            name = _mapping(_mapping(stat).get("name")).get("name")
            if isinstance(name, str):
                values[name] = stat.get("mean")
    return found


def _beside(folder: Path, name: str) -> Any:
    path = folder / name
    return open_log(path).document if path.is_file() else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
