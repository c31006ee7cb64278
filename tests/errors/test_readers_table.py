"""Plain tables: columns by name and by map, scores, golds, data frames."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from isoloss.errors.items import models_of
from isoloss.errors.readers import read_items
from isoloss.exceptions import ItemsError
from tests.errors.reader_cases import MODELS, codes, document, lines, text, told

HEAD = "model,item_id,task,gold,prediction,correct\n"
ROWS = "tiny-1b,q1,t,A,A,1\ntiny-1b,q2,t,B,A,0\ntiny-7b,q1,t,A,A,1\ntiny-7b,q2,t,B,B,1\n"


def test_csv(tmp_path):
    items = read_items(text(tmp_path / "a.csv", HEAD + ROWS), models=MODELS)
    assert [m.name for m in items.models] == ["tiny-1b", "tiny-7b"]
    assert items.model.tolist() == [0, 0, 1, 1]
    assert items.item.texts() == ["q1", "q2", "q1", "q2"]
    assert items.correct.tolist() == [1, 0, 1, 1]
    assert items.conditions == ("default",)
    assert codes(items) == {"guessed-columns", "guessed-options"}
    assert "item=item_id" in told(items, "guessed-columns")


@pytest.mark.parametrize("ending", ["csv", "tsv", "semicolon", "parquet", "xlsx", "jsonl", "json"])
def test_every_kind_of_table_reads_alike(tmp_path, ending):
    frame = pd.DataFrame(
        [row.split(",") for row in ROWS.split()], columns=HEAD.strip().split(",")
    ).astype({"correct": int})
    path = tmp_path / f"answers.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    elif ending == "xlsx":
        frame.to_excel(path, index=False)
    elif ending == "jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif ending == "json":
        frame.to_json(path, orient="records")
    else:
        frame.to_csv(path, index=False, sep={"csv": ",", "tsv": "\t"}.get(ending, ";"))
    items = read_items(path, models=MODELS)
    expected = read_items(text(tmp_path / "a.csv", HEAD + ROWS), models=MODELS)
    for name in ("item", "task", "gold", "prediction"):
        assert getattr(items, name).texts() == getattr(expected, name).texts()
    assert items.correct.tolist() == expected.correct.tolist()


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, list])
def test_frames_and_records(make):
    records = [
        {
            "model": "tiny-1b",
            "id": k,
            "gold": "yes",
            "prediction": said,
            "loss": 0.5 * k,
            "mode": "x",
        }
        for k, said in enumerate(("yes", "no", None))
    ]
    items = read_items(make(records), models=MODELS, map={"label.human": "mode"})
    assert items.correct.tolist() == [1, 0, 0]
    assert items.item.texts() == ["0", "1", "2"]
    assert items.prediction.texts() == ["yes", "no", None]
    assert items.loss.tolist() == [0.0, 0.5, 1.0]
    assert items.labels["human"].mode.texts() == ["x", "x", "x"]
    assert items.n_options.tolist() == [2, 2, 2]


def test_a_frame_with_missing_texts():
    frame = pd.DataFrame({"item": ["a", "b"], "correct": [1, 0]})
    frame["prediction"] = pd.array(["x", pd.NA], dtype="string")
    items = read_items(frame, models=MODELS, model="tiny-1b")
    assert items.prediction.texts() == ["x", None]


def test_no_frame():
    with pytest.raises(ItemsError, match=r"cannot read answers from a LazyFrame; collect the lazy"):
        read_items(pl.LazyFrame({"a": [1]}), models=MODELS)
    with pytest.raises(ItemsError, match="the data frame has no rows"):
        read_items(pd.DataFrame({"item": [], "correct": []}), models=MODELS)


def test_map_goes_before_guesses(tmp_path):
    content = "who,nr,question_id,right,said\ntiny-1b,1,7,x,x\ntiny-1b,2,7,x,y\n"
    items = read_items(
        text(tmp_path / "a.csv", content),
        models=MODELS,
        map=["model=who", "item=nr", "gold=right", "prediction=said"],
        task="sums",
        condition="short",
    )
    assert items.item.texts() == ["1", "2"]
    assert items.correct.tolist() == [1, 0]
    assert items.tasks == ("sums",)
    assert items.conditions == ("short",)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("golden=x", "there is no 'golden'; the names are model, item"),
        ("gold", "'gold' is no NAME=COLUMN, such as gold=answer"),
        ("gold=a,gold=b", "'gold' is given twice, as a and b"),
        ("gold=nowhere", r"has no column 'nowhere' \(map gold=nowhere\); it has model, item_id"),
    ],
)
def test_maps_that_are_wrong(tmp_path, given, message):
    with pytest.raises(ItemsError, match=message):
        read_items(text(tmp_path / "a.csv", HEAD + ROWS), models=MODELS, map=given)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("model,gold,prediction\ntiny-1b,A,A\n", "no column says which question a row answers"),
        ("model,item\ntiny-1b,1\n", "no column says whether an answer is right"),
        ("model,item,gold\ntiny-1b,1,A\n", "no column holds the answers"),
        ("item,correct\n1,1\n", "that models does not list"),
        ("model,item,correct\n,1,1\n", "line 2: the model's name is blank"),
        ("model,item,correct\ntiny-1b,1,87\n", r"column 'correct', line 2: '87' is no score"),
        ("model,item,correct\ntiny-1b,1,maybe\n", "'maybe' is no score"),
        ("model,item,correct,loss\ntiny-1b,1,1,x\n", "column 'loss', line 2: 'x' is no number"),
        ("model,item,correct,n_options\ntiny-1b,1,1,2.5\n", "'2.5' is no number of options"),
        ("model,item,correct\ntiny-1b,1,1,9\n", "line 2: 4 cells where the header names 3 columns"),
        ("model,item,correct\n", "the table names its columns and has no rows"),
        ("model,item,item,correct\ntiny-1b,1,1,1\n", "two columns named 'item'"),
        ("model,item,correct\nother-3b,1,1\n", "a model 'other-3b' that models does not list"),
        ("model,item,correct\ntiny-1b,1,\n", "none of the 1 answers is scored"),
        ('model,item,correct\ntiny-1b,"1,1\n', "none|end of|cells where"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path, content, message):
    with pytest.raises(ItemsError, match=message):
        read_items(text(tmp_path / "answers.csv", content), models=MODELS)


@pytest.mark.parametrize(
    ("cell", "correct"),
    [
        ("1", 1),
        ("0.0", 0),
        ("True", 1),
        ("false", 0),
        ("C", 1),
        ("I", 0),
        ("correct", 1),
        ("0.5", 1),
    ],
)
def test_scores(tmp_path, cell, correct):
    content = f"model,item,is_correct\ntiny-1b,1,{cell}\n"
    items = read_items(text(tmp_path / "a.csv", content), models=MODELS)
    assert items.correct.tolist() == [correct]


@pytest.mark.parametrize(
    ("gold", "said", "correct"),
    [
        ("A", "(a)", 1),
        ("(b)", "B.", 1),
        ("yes", "Yes", 1),
        ("4", "4.0", 1),
        ("1,000", "1000", 1),
        ("New York", "new  york.", 1),
        ('["4", "four"]', "Four", 1),
        ("A", "B", 0),
        ("cat", "", 0),
        ("a cat", "cat", 0),
        ("A, C", "(c) and (a)", 1),
        ("A,C", "A", 0),
        ("7", None, 0),
    ],
)
def test_answers_are_compared(gold, said, correct):
    row = {"model": "tiny-1b", "item": 1, "gold": gold, "prediction": said}
    assert read_items([row], models=MODELS).correct.tolist() == [correct]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("B", "B"),
        ("(b) 0.42", "B"),
        ("B. because of that", "B"),
        ("I think the answer is (C), since A is wrong", "C"),
        ("Answer: D", "D"),
        ("red", "A"),
        ("Both (A) and (B)", None),
        ("A cat sits there", None),
        ("I cannot see the image.", None),
        ("The answer is a cat", None),
        ("<s> (A) </s>", "A"),
        ("the final answer is: c", "C"),
    ],
)
def test_letters_are_read_off_texts(raw, said):
    row = {
        "model": "tiny-1b",
        "item": 1,
        "gold": "A",
        "raw": raw,
        "options": ["red", "blue", "x", "y"],
    }
    items = read_items([row], models=MODELS)
    assert items.prediction.texts() == [said]
    assert items.n_options.tolist() == [4]
    assert json.loads(items.options[0]) == ["red", "blue", "x", "y"]


@pytest.mark.parametrize(
    ("raw", "said"),
    [("Yes, there is. No doubt.", "yes"), ("There is not one", "no"), ("Who knows", None)],
)
def test_yes_and_no_are_read_off_texts(raw, said):
    row = {"model": "tiny-1b", "item": 1, "gold": "no", "raw": raw}
    assert read_items([row], models=MODELS).prediction.texts() == [said]


def test_the_model_from_the_name_of_the_file(tmp_path):
    content = "item,correct\n1,1\n"
    path = text(tmp_path / "tiny-7b.csv", content)
    assert read_items(path, models=MODELS).models[0].name == "tiny-7b"
    path = text(tmp_path / "tiny-1b" / "math.csv", content)
    assert read_items(path, models=MODELS).models[0].name == "tiny-1b"
    path = text(tmp_path / "run.csv", content)
    assert read_items(path, models=MODELS, model="tiny-7b").models[0].name == "tiny-7b"
    named = text(tmp_path / "named.csv", "model,item,correct\nsomething,1,1\n")
    assert read_items(named, models=MODELS, model="tiny-7b").models[0].name == "tiny-7b"
    with pytest.raises(ItemsError, match="or say with model= which one answered"):
        read_items(path, models=MODELS)


def test_size_comes_from_the_models_file_only(tmp_path):
    content = "model,params,item,correct\ntiny-1b,99e9,1,1\n"
    yaml = text(tmp_path / "models.yaml", "models:\n  tiny-1b: {family: tiny, params: 2e9}\n")
    items = read_items(text(tmp_path / "a.csv", content), models=yaml)
    assert items.models[0].params == 2e9
    with pytest.raises(ItemsError, match=r"cannot read .*none.yaml"):
        read_items(tmp_path / "a.csv", models=tmp_path / "none.yaml")


def test_labels_in_a_table(tmp_path):
    content = "model,item,correct,failure_mode,label.human.mode\ntiny-1b,1,0,refusal,perception\n"
    items = read_items(text(tmp_path / "a.csv", content + "tiny-1b,2,1,correct,\n"), models=MODELS)
    assert items.labels["given"].mode.texts() == ["refusal", "correct"]
    assert items.labels["human"].mode.texts() == ["perception", None]
    assert np.isnan(items.labels["human"].confidence).all()


def test_answer_is_what_was_said_beside_another_gold(tmp_path):
    records = [{"model": "tiny-1b", "id": 1, "label": "cat", "answer": "dog"}]
    items = read_items(lines(tmp_path / "a.jsonl", records), models=MODELS)
    assert (items.gold[0], items.prediction[0]) == ("cat", "dog")
    records = [{"model": "tiny-1b", "id": 1, "answer": "cat", "response": "dog"}]
    items = read_items(document(tmp_path / "b.json", records), models=MODELS)
    assert (items.gold[0], items.prediction[0]) == ("cat", "dog")


def test_frame_of_inspect(tmp_path):
    frame = pd.DataFrame(
        {"sample_id": ["q1", "q2"], "id": [1, 2], "target": ["A", "B"], "score_choice": ["C", "I"]}
    )
    items = read_items(frame, models=MODELS, model="tiny-1b")
    assert items.correct.tolist() == [1, 0]


def test_half_a_character_is_kept_out(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"model": "tiny-1b", "id": 1, "gold": "xx", "response": "cut \\ud83d"}\n')
    items = read_items(path, models=MODELS)
    assert items.raw[0] == "cut ?"
    assert items.prediction[0] == "cut ?"


def test_mixed_tasks_and_models_in_a_large_table():
    # more rows than a chunk, to see that chunks are put together rightly
    count = 120_001
    frame = pd.DataFrame(
        {
            "model": np.where(np.arange(count) % 2, "tiny-1b", "tiny-7b"),
            "item": np.arange(count) // 2,
            "correct": np.arange(count) % 3 == 0,
        }
    )
    items = read_items(
        frame,
        models=models_of(
            {"tiny-1b": {"family": "t", "params": 1}, "tiny-7b": {"family": "t", "params": 2}}
        ),
    )
    assert len(items) == count
    assert items.correct.tolist() == (np.arange(count) % 3 == 0).astype(int).tolist()
    assert items.item.texts()[-1] == str((count - 1) // 2)


def test_a_table_with_a_file_of_right_answers(tmp_path):
    gold = text(tmp_path / "gold.csv", "id,label\n1,A\n2,B\n")
    path = text(
        tmp_path / "a.csv", "model,id,response\ntiny-1b,1,(A)\ntiny-1b,2,(A)\ntiny-1b,3,B\n"
    )
    items = read_items(path, models=MODELS, gold=gold)
    assert items.correct.tolist() == [1, 0, -1]
    assert items.gold.texts() == ["A", "B", None]
    with pytest.raises(ItemsError, match="or give a file of right answers with gold=FILE"):
        read_items(path, models=MODELS)


@pytest.mark.parametrize("content", ["a,b\n1,2\n", '{"x": {}}'])
def test_gold_files_that_are_none(tmp_path, content):
    path = text(tmp_path / "a.csv", "model,id,response\ntiny-1b,1,A\n")
    with pytest.raises(ItemsError, match="gold: "):
        read_items(path, models=MODELS, gold=text(tmp_path / "gold.csv", content))
    with pytest.raises(ItemsError, match=r"gold: .*none.csv does not exist"):
        read_items(path, models=MODELS, gold=tmp_path / "none.csv")


def test_mmlu_pro_without_an_answer(tmp_path):
    # `pred` is null where nothing could be read off the text
    record = {"question_id": 70, "question": "Which?", "options": ["x", "y"], "category": "law"}
    record |= {"answer": "B", "answer_index": 1, "model_outputs": "I give up", "pred": None}
    path = document(
        tmp_path / "tiny-7b" / "law.json", [record, record | {"question_id": 71, "pred": "B"}]
    )
    items = read_items(path, models=MODELS)
    assert items.prediction.texts() == [None, "B"]
    assert items.correct.tolist() == [0, 1]
    assert items.raw[0] == "I give up"
    assert items.tasks == ("law",)
    assert items.n_options.tolist() == [2, 2]


def test_several_letters_are_read_off_texts():
    rows = [
        {"model": "tiny-1b", "item": k, "gold": gold, "raw": raw}
        for k, (gold, raw) in enumerate(
            [("A,D", "D and A"), ("B", "the answer is (B)"), ("A", "A, B")]
        )
    ]
    items = read_items(rows, models=MODELS)
    assert items.prediction.texts() == ["A,D", "B", "A,B"]
    assert items.correct.tolist() == [1, 1, 0]
    assert items.n_options.tolist() == [4, 4, 4]
