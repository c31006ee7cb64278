"""VLMEvalKit: `MODEL_DATASET.xlsx` with predictions, and `MODEL_DATASET_JUDGE_result.xlsx` scored.

Columns: index, question, A, B, ..., answer, category, prediction, and after scoring hit and log (or
extracted and score for yes/no sets). `Z` stands for an answer from which no option was read.
"""

from __future__ import annotations

import json
import re

import numpy as np

from isoloss.errors.items.coded import MISSING, Coded
from isoloss.errors.readers.answers import (
    LETTER,
    YES_NO,
    fold,
    is_letters,
    kind_of,
    read_answer,
    same,
)
from isoloss.errors.readers.asked import Asked
from isoloss.errors.readers.columns import Columns, read_columns
from isoloss.errors.readers.log import Log
from isoloss.errors.readers.rows import Rows, clean
from isoloss.errors.readers.scores import column_of_scores
from isoloss.exceptions import ItemsError

NAME = "vlmevalkit"
_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXY")
_SCORES = ("hit", "score", "match", "correct")
_TEXTS = ("index", "question", "answer", "category", "prediction", "extracted", "image_path")
# what scoring adds to the name of the predictions
_JUDGE = re.compile(
    r"_(?:exact_matching|chatgpt-\d+|openai|gpt-?4[a-z0-9.-]*|gpt[a-z0-9.-]*|qwen[a-z0-9.-]*)"
    r"?_?(?:result|auxmatch|score|judge)$",
    re.IGNORECASE,
)
# rotations of one question count up in steps of a million
_CIRCULAR = 1_000_000


def sees(log: Log) -> bool:
    """Whether a log looks like this."""
    names = set(log.columns)
    return (
        {"index", "prediction"} <= names
        and bool(names & {"answer", "hit"})
        and bool(names & {"question", "A", "hit"})
    )


def read(log: Log, asked: Asked) -> list[Rows]:
    """Read one table."""
    names = log.columns
    place, dataset, scored = _who(log, asked)
    scores = [asked.map["correct"]] if "correct" in asked.map else list(_SCORES)
    score = next((name for name in scores if name in names), None)
    if score is None and "correct" in asked.map:
        raise ItemsError(f"{log.name} has no column '{asked.map['correct']}' to score by")
    texts = [name for name in (*_TEXTS, *_LETTERS) if name in names]
    table = read_columns(log, [*texts, *([score] if score else [])])
    options, counts = _options(table)
    kind = kind_of(table.coded["answer"].values) if "answer" in table.coded else LETTER
    predictions = _predictions(table, kind, options)
    rows = Rows(
        log.name,
        NAME,
        table.word,
        table.at,
        np.full(len(table), place, np.int32),
        _texts(table, dataset, options, predictions, asked),
        np.full(len(table), -1, np.int8),
        raw=_raw(table),
        n_options=counts if kind != YES_NO else np.full(len(table), 2, np.int32),
        rank=int(scored or score is not None),
        notices=table.notices,
    )
    if score is not None:
        where = f"{log.name}, column '{score}', {table.word}"
        rows.correct, notices = column_of_scores(table.coded[score], table.at, where)
        rows.notices = (*rows.notices, *notices)
    elif "answer" in table.coded:
        golds = table.coded["answer"].texts()
        rows.correct = np.array(
            [
                -1 if gold is None else same(said, gold)
                for said, gold in zip(predictions, golds, strict=True)
            ],
            dtype=np.int8,
        )
    return [rows]


def _who(log: Log, asked: Asked) -> tuple[int, str, bool]:
    """The model, the data set, and whether the name says that the table was scored.

    Both names may hold underscores, so the models file decides where the model's name ends.
    """
    stem = log.path.name.split(".xlsx")[0].split(".tsv")[0].split(".csv")[0]
    bare = _JUDGE.sub("", stem)
    parts = bare.split("_")
    fronts = ["_".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]
    folders = [folder.name for folder in list(log.path.resolve().parents)[:2]]
    for folder in folders:
        if bare.startswith(f"{folder}_"):
            fronts.insert(0, folder)
    front = next((one for one in fronts if asked.knows(one)), None)
    likely = fronts[0] if fronts and fronts[0] in folders else parts[0]
    place = asked.place(log.name, front, likely, *folders, bare)
    dataset = bare[len(front) + 1 :] if front else (asked.task or parts[-1])
    return place, dataset or bare, bare != stem


def _options(table: Columns) -> tuple[list[str | None], np.ndarray]:
    """Options of every row as a JSON list, and how many there are."""
    present = [name for name in _LETTERS if name in table.coded]
    if not present:
        return [None] * len(table), np.zeros(len(table), np.int32)
    found: list[str | None] = []
    counts = np.zeros(len(table), np.int32)
    for row, cells in enumerate(zip(*(table.coded[name].texts() for name in present), strict=True)):
        filled = [text for text in cells if text is not None]
        counts[row] = len(filled)
        found.append(json.dumps(filled, ensure_ascii=False) if filled else None)
    return found, counts


def _predictions(table: Columns, kind: str, options: list[str | None]) -> list[str | None]:
    column = table.coded.get("extracted", table.coded["prediction"])
    known: dict[tuple[str, str | None], str | None] = {}
    found: list[str | None] = []
    for text, listed in zip(column.texts(), options, strict=True):
        if text is None:
            found.append(None)
            continue
        if (text, listed) not in known:
            answer = read_answer(text, kind, json.loads(listed) if listed else ())
            known[text, listed] = None if answer == "Z" else answer
        found.append(known[text, listed])
    return found


def _texts(
    table: Columns,
    dataset: str,
    options: list[str | None],
    predictions: list[str | None],
    asked: Asked,
) -> dict[str, np.ndarray]:
    pools = asked.pools
    count = len(table)
    text = {
        "own": pools["own"].merge(table.coded["index"]),
        "prediction": pools["prediction"].encode(predictions),
        "options": pools["options"].encode(options),
        "cluster": pools["cluster"].encode(_clusters(table)),
        "task": pools["task"].encode([dataset]).repeat(count),
    }
    if "question" in table.coded:
        text["question"] = pools["question"].merge(table.coded["question"])
    if "answer" in table.coded:
        golds = table.coded["answer"]
        folded = Coded(golds.codes, tuple(_gold(value) for value in golds.values))
        text["gold"] = pools["gold"].merge(folded)
    if "category" in table.coded:
        categories = table.coded["category"]
        names = Coded(categories.codes, tuple(f"{dataset}/{value}" for value in categories.values))
        codes = pools["task"].merge(names)
        text["task"] = np.where(codes == MISSING, text["task"], codes).astype(np.int32)
    return text


def _gold(text: str) -> str:
    folded = fold(text)
    return folded if is_letters(folded) or folded in ("yes", "no") else text


def _clusters(table: Columns) -> list[str | None]:
    """Rotations of one question belong together, and so do questions about one image."""
    if "image_path" in table.coded:
        return table.coded["image_path"].texts()
    indices = table.coded["index"].texts()
    numbers = [int(i) if i is not None and i.isdigit() else -1 for i in indices]
    if max(numbers) < _CIRCULAR:
        return [None] * len(numbers)
    return [str(number % _CIRCULAR) if number >= 0 else None for number in numbers]


def _raw(table: Columns) -> np.ndarray:
    values = np.array([clean(text) for text in table.coded["prediction"].values] + [None], object)
    return values[table.coded["prediction"].codes]
