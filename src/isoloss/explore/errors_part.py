"""What a page needs of an error study: its numbers, every answer as a digit, questions to read.

A document `isoloss/explore-errors@1`:

| key | holds |
|---|---|
| `name`, `family`, `condition`, `answer` | of what, and what is found |
| `made` | what made the answers where no model gave them |
| `models` | `name`, `label` (its size), `params`; the smallest first |
| `parts` | all questions, then every task: accuracy, trend, modes, smallest to largest |
| `pairs` | right answers lost and wrong ones mended, for every two models, over all questions |
| `contrast` | smallest against largest: what the change is made of, the mix of mistakes, flips |
| `modes` | names of failure modes, with their meaning |
| `answers` | models x questions, a byte each: 0 right, 1 wrong, 2 + place in `modes` |
| `questions` | texts of some questions, those of every kind first; `at` is the place in `answers` |

Every number is that of `ErrorStudy.to_document`; what guessing gets right and the line through the
models are those of the report.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from isoloss.errors import ErrorStudy, Items, families_to_study, label, study
from isoloss.errors.labels.modes import MODES
from isoloss.errors.trends.logit import fit_lines
from isoloss.exceptions import InputError, ItemsError
from isoloss.explore.errors_questions import questions
from isoloss.report.errors.guess import guessing, guessing_by_task
from isoloss.report.errors.words import clipped, model_labels, named

SCHEMA = "isoloss/explore-errors@1"
ALL = "all questions"
# a page stays light: so many answers of all models can be read in it
ANSWERS, LEAST = 2500, 60
_SENTENCES = 8000


def studies_part(
    items: Items,
    name: str = "answers",
    *,
    families: Iterable[str] | None = None,
    replicates: int = 1000,
    seed: int = 0,
    answers: int = ANSWERS,
) -> list[dict[str, Any]]:
    """A document for every family with two sizes or more and every way of asking.

    Args:
        items: answers of models.
        name: of the table.
        families: those to study; all that can be when nothing is said.
        replicates: draws of questions for the intervals.
        seed: of the draws.
        answers: about how many answers can be read in the page.

    Raises:
        ItemsError: nothing here can be compared by size.
    """
    if not items.labels:
        items = label(items)
    known = families_to_study(items)
    wanted = tuple(families) if families is not None else known
    alone = [named(family) for family in items.families if family not in known]
    notes = (
        [f"one size, or sizes that are not known, so nothing to compare: {', '.join(alone)}"]
        if alone
        else []
    )
    found = []
    for family in wanted:
        for condition in items.where(family=family).conditions:
            try:
                made = study(
                    items, family, condition=condition, name=name, replicates=replicates, seed=seed
                )
            except InputError as error:
                notes.append(_clean(f"{named(family)}, {named(condition)}: {error}"))
                continue
            found.append(study_part(made, answers=answers))
    if not found:
        told = "; ".join(notes) or "there are no answers"
        raise ItemsError(f"no errors against size can be shown: {told}")
    return [document | {"notes": notes} for document in found]


def study_part(made: ErrorStudy, *, answers: int = ANSWERS, by: str = "") -> dict[str, Any]:
    """The document of one study.

    Args:
        made: one family, asked one way.
        answers: about how many answers can be read in the page.
        by: what made the answers, where that was no model.
    """
    document = made.to_document()
    grid = made.grid
    models = _apart([_name(model.name) for model in grid.models])
    labels = model_labels(grid.models)
    tasks = _apart([named(task, 80) for task in grid.task.values], {ALL})
    modes = _modes(made)
    found = {
        "schema": SCHEMA,
        "name": named(made.name),
        "family": _name(made.family),
        "condition": "" if made.condition == "default" else _name(made.condition),
        "made": by,
        "answer": _clean(document["answer"]),
        "level": made.level,
        "replicates": made.replicates,
        "seed": made.seed,
        "count": grid.shape[1],
        "trend": made.is_trend,
        "models": [
            {"name": name, "label": size, "params": model.params}
            for name, size, model in zip(models, labels, grid.models, strict=True)
        ],
        "parts": _parts(made, document, tasks),
        "pairs": _pairs(document, dict(zip(grid.names, models, strict=True))),
        "contrast": _contrast(document),
        "modes": modes,
        "labels": _labels(made),
        "packaged": _clean(document["confounding"]["wording"]),
        "reach": document["power"]["overall"]["says"],
        "flags": _clean(document["flags"]),
        "missing": _clean(document["missing"]),
        "notes": [],
        "answers": _answers(made, list(modes)),
        "tasks": base64.b64encode(grid.task.codes.astype("<u2").tobytes()).decode("ascii"),
        "questions": questions(made, max(LEAST, answers // grid.shape[0])),
    }
    return plain(found)


def plain(value: Any) -> Any:
    """The same as JSON has it: numbers of Python, and None for what is not finite."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parts(made: ErrorStudy, document: dict[str, Any], tasks: list[str]) -> list[dict[str, Any]]:
    """All questions, then every task where there are several."""
    accuracy, contrast = document["accuracy"], document["contrast"]
    modes = document["modes"] or {"overall": None, "tasks": []}
    mixes = {one["name"]: one for one in modes["tasks"]}
    changes = {one["name"]: one for one in contrast["tasks"]}
    guess = guessing_by_task(made.grid)
    constant = {one["task"]: one["accuracy"] for one in document["base_rates"]}
    everything = np.ones(made.grid.shape[1], dtype=bool)
    found = [
        _part(made, ALL, accuracy["overall"], modes["overall"], contrast["accuracy"], everything)
        | {"guess": guessing(made.grid, everything), "constant": None, "task": None}
    ]
    if len(tasks) > 1:
        names = dict(zip(made.grid.task.values, tasks, strict=True))
        for one in accuracy["tasks"]:
            name = one["name"]
            code = made.grid.task.code(name)
            kept = made.grid.task.codes == code
            found.append(
                _part(made, names[name], one, mixes.get(name), changes.get(name), kept)
                | {
                    "guess": guess.get(name, 0.0),
                    "constant": constant.get(name),
                    "task": code,
                }
            )
    return found


def _part(
    made: ErrorStudy,
    name: str,
    accuracy: dict[str, Any],
    mix: dict[str, Any] | None,
    change: dict[str, Any] | None,
    kept: np.ndarray,
) -> dict[str, Any]:
    line = None
    if made.is_trend:
        right = made.grid.correct[:, kept].sum(axis=1, dtype=float)
        fitted = fit_lines(made.grid.size, right, np.array([kept.sum()]), floor=accuracy["floor"])
        line = {
            "level": float(fitted.level),
            "slope": float(fitted.slope),
            "middle": float(made.grid.size.mean()),
            "floor": accuracy["floor"],
        }
    return {
        "name": name,
        "n": accuracy["n"],
        "accuracy": [_estimate(one) for one in accuracy["accuracy"]],
        "slope": accuracy["slope"],
        "line": line,
        "modes": None if mix is None else _mix(mix),
        "change": None
        if change is None
        else {key: change[key] for key in ("small", "large", "lost", "gained", "p", "q", "verdict")}
        | {"change": _estimate(change["change"])},
    }


def _mix(mix: dict[str, Any]) -> dict[str, Any]:
    return {key: mix[key] for key in ("n", "errors", "silent", "p", "verdict", "reason")} | {
        "modes": [
            {
                "name": one["name"],
                "counts": one["counts"],
                "rate": [_estimate(value) for value in one["rate"]],
                "share": [_estimate(value) for value in one["share"]],
                "rate_slope": one["rate_slope"],
                "share_slope": one["share_slope"],
            }
            for one in mix["modes"]
        ]
    }


def _pairs(document: dict[str, Any], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "small": names[one["small"]],
            "large": names[one["large"]],
            "regression": _estimate(one["regression"]),
            "fix": _estimate(one["fix"]),
        }
        for one in document["agreement"]["pairs"]
    ]


def _contrast(document: dict[str, Any]) -> dict[str, Any]:
    """The smallest against the largest."""
    found = document["contrast"]
    split, flips, mix = found["split"], found["flips"], found["modes"]
    return {
        "margin": found["margin"],
        "format": _estimate(split["format"]),
        "format_verdict": split["format_verdict"],
        "capability": _estimate(split["capability"]),
        "capability_verdict": split["capability_verdict"],
        "valid_small": _estimate(split["valid_small"]),
        "valid_large": _estimate(split["valid_large"]),
        "source": flips["source"],
        "verdict": flips["verdict"],
        "lost": flips["lost"]["count"],
        "gained": flips["gained"]["count"],
        "floor": None if flips["regression_floor"] is None else flips["regression_floor"]["value"],
        "mix": None if mix is None else mix["verdict"],
        "modes": []
        if mix is None
        else [
            {
                "name": one["name"],
                "rate_change": _estimate(one["rate_change"]),
                "share_change": _estimate(one["share_change"]),
                "q": one["q"],
                "verdict": one["verdict"],
            }
            for one in mix["modes"]
        ],
    }


def _estimate(found: dict[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("value", "low", "high", "n")}


def _modes(made: ErrorStudy) -> dict[str, dict[str, str]]:
    """Every failure mode that occurs, the most frequent first."""
    if made.modes is None:
        return {}
    return {
        one.name: {
            "title": named(one.name),
            "says": MODES[one.name].says if one.name in MODES else "",
            "kind": MODES[one.name].kind if one.name in MODES else "",
        }
        for one in sorted(made.modes.overall.modes, key=lambda one: -sum(one.counts))
    }


def _labels(made: ErrorStudy) -> str:
    sources = tuple(made.items.labels)
    if "rules" in sources or not sources:
        return (
            "Modes come from rules that look at answers alone: the first that fits decides. They "
            "cannot tell an error of perception from one of reasoning."
        )
    return f"Modes are the labels of the source “{named(sources[0])}”."


def _answers(made: ErrorStudy, modes: list[str]) -> dict[str, Any]:
    """A byte for every answer."""
    grid = made.grid
    table = np.where(grid.correct == 1, 0, 1).astype(np.uint8)
    if grid.mode is not None:
        place = {name: 2 + i for i, name in enumerate(modes[:250])}
        codes = np.array([*(place.get(name, 1) for name in grid.modes), 1], dtype=np.uint8)
        table = np.where(table == 0, 0, codes[grid.mode]).astype(np.uint8)
    return {"data": base64.b64encode(table.tobytes()).decode("ascii"), "shape": list(table.shape)}


def _clean(value: Any) -> Any:
    """Sentences that hold names from logs, without what turns text round or ends a line."""
    if isinstance(value, dict):
        return {key: _clean(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return clipped(value, _SENTENCES) if isinstance(value, str) else value


def _name(text: str) -> str:
    """A name on one line that a program may still use."""
    return " ".join(clipped(text, 80).split())


def _apart(names: list[str], taken: set[str] | None = None) -> list[str]:
    """Names that differ from one another, so that an address can hold them."""
    used = set(taken or ())
    found = []
    for name in names:
        word, count = name or "?", 1
        while word in used:
            count += 1
            word = f"{name} ({count})"
        used.add(word)
        found.append(word)
    return found
