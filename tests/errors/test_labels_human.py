"""Labels by people: how rows of a table find their answers, and what cannot be matched."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from isoloss.errors.labels import HumanLabel, add_human, label_counts, read_human
from isoloss.exceptions import ItemsError
from tests.errors.labels_cases import answers, modes

ROWS = [
    {"model": model, "item": item, "task": task, "condition": condition, "gold": "a",
     "prediction": "b"}
    for model in ("A-7B", "A-13B")
    for task, item in (("t", "q1"), ("t", "q2"), ("u", "q1"))
    for condition in ("plain", "reasoning")
]  # fmt: skip
ITEMS = answers(*ROWS)


def _row(model: str, item: str, task: str, condition: str) -> int:
    wanted = {"model": model, "item": item, "task": task, "condition": condition}
    return next(i for i, row in enumerate(ROWS) if wanted.items() <= row.items())


def _csv(tmp_path: Path, text: str, name: str = "labels.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_labels_find_their_answers(tmp_path: Path) -> None:
    path = _csv(
        tmp_path,
        "model,item,task,condition,mode,annotator,confidence\r\n"
        "A-7B,q1,t,plain,perception,anna,0.9\r\n"
        "A-7B,q1,t,plain,knowledge,anna,\r\n"
        "a_7b,q1,u,reasoning,reasoning,,\r\n"
        "A-13B,q9,t,plain,reasoning,anna,\r\n",
    )
    found = add_human(ITEMS, path)
    labels = found.labels["human"]
    first = _row("A-7B", "q1", "t", "plain")
    second = _row("A-7B", "q1", "u", "reasoning")
    assert labels.mode[first] == "perception"
    assert labels.rule[first] == "anna"
    assert labels.confidence[first] == 0.9
    assert labels.mode[second] == "reasoning"
    assert labels.rule[second] == "human"
    assert math.isnan(labels.confidence[second])
    assert sum(mode is not None for mode in modes(found, "human")) == 2
    said = found.notices[-1].message
    assert "2 answers" in said
    assert "from 3 rows" in said
    assert "1 have several modes" in said
    assert "1 rows belong to no answer, such as item 'q9', model 'A-13B'" in said


def test_jsonl_and_mappings_say_the_same(tmp_path: Path) -> None:
    rows = [
        {"model": "A-7B", "item": "q2", "condition": "plain", "mode": "perception"},
        {"model": "A-13B", "item": "q2", "condition": "plain", "mode": "<b>markup</b>"},
    ]
    path = _csv(tmp_path, "\n".join(map(json.dumps, rows)) + "\n\n", "labels.jsonl")
    assert modes(add_human(ITEMS, path), "human") == modes(add_human(ITEMS, rows), "human")
    assert "<b>markup</b>" in modes(add_human(ITEMS, path), "human")


def test_every_row_counts_in_counts() -> None:
    rows = [
        HumanLabel("A-7B", "q1", "perception", "t", "plain"),
        HumanLabel("A-7B", "q1", "reasoning", "t", "plain"),
        HumanLabel("A-7B", "q2", "perception", "t", "plain"),
    ]
    found = {(one.mode): (one.labels, one.answers) for one in label_counts(rows)}
    assert found == {"perception": (2, 2), "reasoning": (1, 2)}
    assert label_counts(rows)[0].to_document()["model"] == "A-7B"


def test_one_annotator_and_a_name_of_its_own() -> None:
    rows = [
        HumanLabel("A-7B", "q1", "perception", "t", "plain", "anna"),
        HumanLabel("A-7B", "q1", "reasoning", "t", "plain", "ben"),
    ]
    found = add_human(ITEMS, rows, annotator="anna", source="anna")
    found = add_human(found, rows, annotator="ben", source="ben")
    at = _row("A-7B", "q1", "t", "plain")
    assert (modes(found, "anna")[at], modes(found, "ben")[at]) == ("perception", "reasoning")
    with pytest.raises(ItemsError, match="no labels by 'carl'"):
        add_human(ITEMS, rows, annotator="carl")


BAD = {
    "column": ("model,item\nA-7B,q1\n", "line 2 has no 'mode'"),
    "value": ("model,item,mode\nA-7B,q2,\n", "line 2 has no 'mode'"),
    "nothing": ("model,item,mode\n", "holds no labels"),
    "too much": ("model,item,mode\nA-7B,q1,perception,more\n", "more values than"),
    "model": ("model,item,mode\nB,q2,perception\n", "by a model 'B'; there is A-7B"),
    "condition": ("model,item,task,mode\nA-7B,q2,t,x\n", "2 answers; add the column condition"),
    "task": ("model,item,condition,mode\nA-7B,q1,plain,x\n", "2 answers; add the column task"),
    "item": ("model,item,mode\nA-7B,q7,x\n", "none of 1 labels belongs to an answer"),
    "confidence": (
        "model,item,task,condition,mode,confidence\nA-7B,q1,t,plain,x,high\n",
        "confidence is 'high'",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_one_clear_message(name: str, tmp_path: Path) -> None:
    text, says = BAD[name]
    with pytest.raises(ItemsError) as caught:
        add_human(ITEMS, _csv(tmp_path, text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="cannot read"):
        read_human(tmp_path / "none.csv")
    with pytest.raises(ItemsError, match="line 1 is no JSON"):
        read_human(_csv(tmp_path, "{", "x.jsonl"))
    with pytest.raises(ItemsError, match="line 1 should have model, item, mode"):
        read_human(_csv(tmp_path, "3", "x.jsonl"))
