"""model-vs-human: CSV with subj, object_response, category, condition, imagename and more.

Names of images begin with what belongs to the trial and not to the image: `0559_ske_s01_` for a
person, `0559_ske_dnn_` for a network, or nothing; then the condition and the class may follow.
Networks' files may leave the condition blank; then the image's name, or another log, tells it.
"""

from __future__ import annotations

import re

import numpy as np

from isoloss.errors.items.coded import Coded
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.columns import Columns, read_columns
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import Rows

NAME = "model-vs-human"
_NAMES = ("subj", "object_response", "category", "condition", "imagename")
_TRIAL = re.compile(r"\d+_[A-Za-z0-9-]+_(?:dnn|s\d+)_")
_SESSION = re.compile(r"_session[-_]?\d+$")
_BLANK = frozenset({"nan", "na", "none"})


def sees(log: Log) -> bool:
    """Whether a log looks like this."""
    return set(_NAMES) <= set(log.columns)


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read one subject's file, or one of several."""
    table = read_columns(log, _NAMES)
    pools, count = asked.pools, len(table)
    subjects = table.coded["subj"]
    places = [asked.place(log.name, name, log.path.stem) for name in subjects.values]
    places.append(asked.place(log.name, log.path.stem) if (subjects.codes < 0).any() else -1)
    answers = _without_blanks(table.coded["object_response"])
    golds = table.coded["category"]
    images, conditions = _images(table)
    prediction = pools["prediction"].merge(answers)
    gold_texts, said = golds.texts(), answers.texts()
    text = {
        "own": pools["own"].encode(images),
        "condition": pools["condition"].encode(conditions),
        "task": pools["task"].encode([_task(log, subjects)]).repeat(count),
        "gold": pools["gold"].merge(golds),
        "prediction": prediction,
    }
    correct = [
        -1 if gold is None else int(answer == gold)
        for answer, gold in zip(said, gold_texts, strict=True)
    ]
    model = np.array(places, np.int32)[subjects.codes]
    rows = Rows(log.name, NAME, table.word, table.at, model, text, np.array(correct, np.int8))
    rows.forgot = True
    return [rows]


def _without_blanks(column: Coded) -> Coded:
    """`na` is the answer of a person who did not press in time."""
    kept = [place for place, value in enumerate(column.values) if value.lower() not in _BLANK]
    table = np.full(len(column.values) + 1, -1, np.int32)
    table[kept] = np.arange(len(kept))
    return Coded(table[column.codes], tuple(column.values[place] for place in kept))


def _images(table: Columns) -> tuple[list[str | None], list[str | None]]:
    """The image and the condition of every row."""
    images: list[str | None] = []
    conditions: list[str | None] = []
    known: dict[tuple[str, str | None], tuple[str, str | None]] = {}
    columns = (table.coded[name].texts() for name in ("imagename", "category", "condition"))
    for name, category, condition in zip(*columns, strict=True):
        if condition is not None and condition.lower() in _BLANK:
            condition = None
        if name is None:
            images.append(None)
            conditions.append(condition)
            continue
        if (name, category) not in known:
            known[name, category] = _split(name, category)
        image, told = known[name, category]
        images.append(image)
        conditions.append(condition or told)
    return images, conditions


def _split(name: str, category: str | None) -> tuple[str, str | None]:
    """An image's name without its trial, and the condition in it."""
    bare = _TRIAL.sub("", name, count=1) if _TRIAL.match(name) else name
    match = re.match(rf"([^_]+)_{re.escape(category or '')}_\d+_", bare) if category else None
    return (bare[match.end() :], match.group(1)) if match else (bare, None)


def _task(log: Log, subjects: Coded) -> str:
    """The experiment: the file's name without subject and session."""
    stem = _SESSION.sub("", log.path.name.split(".csv")[0])
    for name in subjects.values:
        if stem.endswith(f"_{name}"):
            return stem.removesuffix(f"_{name}")
    return log.path.resolve().parent.name
