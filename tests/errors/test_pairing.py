"""Questions are paired by content; contradictions are refused with examples."""

import re
from dataclasses import replace

import numpy as np
import pytest

from isoloss.errors.items import Items, grid
from isoloss.errors.items.joining import join
from isoloss.errors.items.unpaired import unpaired
from isoloss.errors.readers import read_items
from isoloss.exceptions import ItemsError
from tests.errors.reader_cases import MODELS, choice_sample, codes, lines, sha, told


def log(folder, model, records, task="t"):
    return lines(folder / model / f"samples_{task}.jsonl", records)


def record(model, item, gold="A", said="A", **more):
    return {"model": model, "item": item, "gold": gold, "prediction": said, **more}


def test_hashes_pair_and_places_do_not(tmp_path):
    # the second log has the same documents in another order, and numbers them anew
    log(tmp_path, "tiny-1b", [choice_sample(k, [-1.0, -2.0], 0) for k in range(4)])
    turned = [choice_sample(k, [-2.0, -1.0], 0, doc_id=3 - k) for k in (3, 2, 1, 0)]
    log(tmp_path, "tiny-7b", turned)
    items = read_items(tmp_path, models=MODELS)
    paired = grid(items)
    assert paired.shape == (2, 4)
    assert set(paired.item.texts()) == {sha(f"What is {k}?")[:16] for k in range(4)}


def test_one_document_twice_in_a_data_set(tmp_path):
    twin = {"doc_hash": sha("twin")}
    for model, sums in (("tiny-1b", [-1.0, -2.0]), ("tiny-7b", [-2.0, -1.0])):
        log(
            tmp_path,
            model,
            [choice_sample(0, sums, 0, **twin), choice_sample(1, [-1.0, -2.0], 0, **twin)],
        )
    same = {"prompt_hash": "p"}
    for model in ("tiny-1b", "tiny-7b"):
        path = tmp_path / model / "samples_t.jsonl"
        lines(path, [choice_sample(k, [-1.0, -2.0 + k * 2], 0, **twin, **same) for k in range(2)])
    items = read_items(tmp_path, models=MODELS)
    assert grid(items).shape == (2, 2)
    assert sorted(grid(items).item.texts()) == [f"{sha('twin')[:16]}#{k}" for k in range(2)]


def test_ids_pair_where_golds_agree():
    rows = [record("tiny-1b", "q1"), record("tiny-1b", "q2", "B"), record("tiny-7b", "q2", "(b)")]
    items = read_items(rows, models=MODELS)
    assert items.item.texts() == ["q1", "q2", "q2"]
    assert unpaired(items).common == 1


def test_contradictory_golds_are_refused():
    rows = [record("tiny-1b", f"q{k}", "AB"[k % 2]) for k in range(8)]
    rows += [record("tiny-7b", f"q{k}", "A", "B") for k in range(8)]
    with pytest.raises(ItemsError) as caught:
        read_items(rows, models=MODELS)
    message = str(caught.value)
    assert "contradict each other on the right answer of 4 questions" in message
    assert "item 'q1' of task 'task': 'B' for tiny-1b (list of records, record 2)" in message
    assert "'A' for tiny-7b (list of records, record 10)" in message
    assert message.count("item '") == 3  # examples, not all


def test_contradictory_golds_of_one_document(tmp_path):
    log(tmp_path, "tiny-1b", [choice_sample(0, [-1.0, -2.0], 0)])
    log(tmp_path, "tiny-7b", [choice_sample(0, [-1.0, -2.0], 1)])
    with pytest.raises(ItemsError, match=r"right answer of 1 question: item '0' of task 't': 'A'"):
        read_items(tmp_path, models=MODELS)


def test_equal_questions_with_other_golds_are_refused():
    rows = [
        record("tiny-1b", 1, "A", question="Which?"),
        record("tiny-7b", 1, "B", question="Which?"),
    ]
    with pytest.raises(ItemsError, match="contradict each other on the right answer of 1 question"):
        read_items(rows, models=MODELS)


def test_mixed_prompts_are_refused_unless_a_condition_is_named(tmp_path):
    log(tmp_path, "tiny-1b", [choice_sample(k, [-1.0, -2.0], 0) for k in range(3)])
    log(
        tmp_path,
        "tiny-7b",
        [choice_sample(k, [-1.0, -2.0], 0, prompt="5 shots. ") for k in range(3)],
    )
    with pytest.raises(ItemsError) as caught:
        read_items(tmp_path, models=MODELS)
    message = str(caught.value)
    assert "3 questions were not put to the models with the same prompt" in message
    assert re.search(
        r"item '0' of task 't': '\w+\.*' to tiny-1b \(.*samples_t.jsonl, line 1\)", message
    )
    assert "condition=" in message
    items = read_items(tmp_path, models=MODELS, condition="whatever")
    assert items.conditions == ("whatever",)
    assert grid(items).shape == (2, 3)
    assert "3 questions were put to the models with different prompts" in told(
        items, "prompts-differ"
    )


def test_options_in_another_order_are_refused():
    rows = [
        record("tiny-1b", 1, "A", question="Which?", options=["cat", "dog"]),
        record("tiny-7b", 1, "B", question="Which?", options=["dog", "cat"]),
    ]
    with pytest.raises(ItemsError, match=r"not put to the models with the same options"):
        read_items(rows, models=MODELS)


def test_numbering_that_differs_goes_by_content():
    # POPE: the files of two repositories number different questions alike
    asked = [(f"Is there a {k}?", f"{k}.jpg", "yes" if k % 3 else "no") for k in range(12)]
    rows = [
        record("tiny-1b", place, gold, "yes", question=question, image=image)
        for place, (question, image, gold) in enumerate(asked[:9])
    ]
    rows += [
        record("tiny-7b", place, gold, "no", question=question, image=image)
        for place, (question, image, gold) in enumerate(asked[3:])
    ]
    items = read_items(rows, models=MODELS)
    assert "number the questions of task 'task' differently" in told(items, "ids-differ")
    paired = grid(items)
    assert paired.shape == (2, 6)
    assert paired.left_out == {"tiny-1b": 3, "tiny-7b": 3}
    asked_common = {paired_question(items, row) for row in paired.row[0].tolist()}
    assert asked_common == {question for question, _, _ in asked[3:9]}
    assert {paired_question(items, row) for row in paired.row[1].tolist()} == asked_common


def paired_question(items: Items, row: int) -> str | None:
    assert items.question is not None
    return items.question[row]


def test_ids_that_start_again_go_by_content():
    rows = [
        record("tiny-1b", 1, question="Which?"),
        record("tiny-1b", 1, "B", "B", question="What?"),
    ]
    items = read_items(rows, models=MODELS)
    assert len(set(items.item.texts())) == 2


def test_equal_words_with_other_golds_in_one_log():
    # the image is not in the log, so the right answer helps to tell the questions apart
    rows = [record("tiny-1b", None, gold, "A", question="What angle?") for gold in "AB"]
    rows += [record("tiny-7b", None, gold, "B", question="What angle?") for gold in "BA"]
    for row in rows:
        del row["item"]
    items = read_items(rows, models=MODELS)
    assert grid(items).shape == (2, 2)
    assert grid(items).correct.tolist() in ([[1, 0], [0, 1]], [[0, 1], [1, 0]])


def test_places_as_ids():
    rows = [
        record(m, None, "A", "A", question=f"{k}?") for m in ("tiny-1b", "tiny-7b") for k in (1, 2)
    ]
    items = read_items(rows[:2], models=MODELS, map="item=#")
    assert items.item.texts() == ["1", "2"]


def test_places_go_before_hashes(tmp_path):
    log(tmp_path, "tiny-1b", [choice_sample(k, [-1.0, -2.0], 0) for k in range(2)])
    assert read_items(tmp_path, models=MODELS, map="item=#").item.texts() == ["1", "2"]


def test_places_that_disagree_are_refused(tmp_path):
    for model, order in (("tiny-1b", "AB"), ("tiny-7b", "BA")):
        lines(
            tmp_path / f"{model}.jsonl",
            [{"prompt": "What angle?", "response": x, "y_pred": x, "y_true": x} for x in order],
        )
    with pytest.raises(
        ItemsError, match="contradict each other on the right answer of 2 questions"
    ):
        read_items(tmp_path, models=MODELS, map="item=#")


def test_identical_repeats_are_kept_once(tmp_path):
    samples = [choice_sample(k, [-1.0, -2.0], 0) for k in range(3)]
    log(tmp_path, "tiny-1b", [*samples, samples[1], samples[2]])
    items = read_items(tmp_path, models=MODELS)
    assert len(items) == 3
    message = told(items, "repeated-answers")
    assert "2 answers stand in the logs twice" in message
    assert "samples_t.jsonl, line 2, and" in message
    assert "line 4)" in message


def test_different_repeats_are_refused():
    rows = [record("tiny-1b", "q1"), record("tiny-1b", "q2"), record("tiny-1b", "q1", said="B")]
    with pytest.raises(ItemsError) as caught:
        read_items(rows, models=MODELS)
    message = str(caught.value)
    assert "tiny-1b answers question 'q1' of task 'task' twice and differently" in message
    assert (
        "'A', right (list of records, record 1) and 'B', wrong (list of records, record 3)"
        in message
    )
    assert "condition=NAME" in message


def test_a_failed_answer_gives_way():
    rows = [{"model": "tiny-1b", "item": "q1", "gold": "A", "prediction": None, "correct": None}]
    rows += [record("tiny-1b", "q1", correct=1)]
    items = read_items(rows, models=MODELS)
    assert items.correct.tolist() == [1]
    assert items.prediction.texts() == ["A"]


def test_rows_that_nothing_identifies():
    rows = [record("tiny-1b", "q1"), record("tiny-1b", None)]
    with pytest.raises(ItemsError, match=r"record 2: nothing says which question this answers"):
        read_items(rows, models=MODELS)


def test_logs_with_and_without_hashes_go_by_id(tmp_path):
    log(tmp_path, "tiny-1b", [choice_sample(k, [-1.0, -2.0], 0) for k in range(2)])
    path = lines(tmp_path / "b.jsonl", [record("tiny-7b", k, task="t") for k in range(2)])
    items = read_items([tmp_path / "tiny-1b", path], models=MODELS)
    assert items.item.texts() == ["0", "1", "0", "1"]


def test_what_is_left_out_is_told():
    rows = [record("tiny-1b", k, task="a") for k in range(5)]
    rows += [record("tiny-7b", k, task="a") for k in range(2, 9)]
    rows += [record("tiny-7b", k, task="b") for k in range(3)]
    rows += [record("tiny-1b", 77, gold=None, task="a"), record("tiny-7b", 77, task="a")]
    report = unpaired(read_items(rows, models=MODELS))
    assert (report.questions, report.common) == (13, 3)
    lines_ = {(one.task, one.model): one for one in report.lines}
    small = lines_["a", "tiny-1b"]
    assert (small.answered, small.common, small.left_out, small.unscored) == (5, 3, 2, 1)
    assert small.examples == ("0", "1")
    assert lines_["a", "tiny-7b"].examples == ("5", "6", "7", "8", "77")
    assert [(one.task, one.models, one.questions) for one in report.absent] == [
        ("b", ("tiny-1b",), 3)
    ]
    told_ = str(report)
    assert "3 of 13 questions were answered by all 2 models" in told_
    assert "task b: no answers of tiny-1b, so none of its 3 questions can be paired" in told_
    assert "tiny-1b, task a: 3 of 5 can be paired, 2 left out (such as 0, 1), 1 not scored" in told_
    assert not report.complete
    assert report.to_document()["lines"][0]["examples"] == ["0", "1"]
    whole = unpaired(read_items(rows[:5], models=MODELS))
    assert whole.complete
    assert str(whole) == "5 of 5 questions were answered by all 1 models"


def test_joined_conditions():
    parts = [
        read_items(
            [record(m, k, said=said) for m in ("tiny-1b", "tiny-7b") for k in range(3)],
            models=MODELS,
            condition=name,
        )
        for name, said in (("plain", "A"), ("thought", "B"))
    ]
    items = join(parts)
    assert len(items) == 12
    assert items.conditions == ("plain", "thought")
    assert grid(items, condition="thought").correct.tolist() == [[0, 0, 0]] * 2
    with pytest.raises(ItemsError, match=r"twice and differently.*table 1, row 1.*table 2, row 1"):
        join(
            [
                parts[0],
                read_items([record("tiny-1b", 0, said="B")], models=MODELS, condition="plain"),
            ]
        )
    with pytest.raises(ItemsError, match="no tables"):
        join([])


def test_joined_tables_that_number_differently():
    def part(model, first):
        return read_items(
            [
                record(model, k, question=f"{k + first}?", options=["x", "y"], loss=0.1)
                for k in range(6)
            ],
            models=MODELS,
        )

    items = join([part("tiny-1b", 0), part("tiny-7b", 2)])
    assert grid(items).shape == (2, 4)
    assert "ids-differ" in codes(items)
    assert len(items.loss) == 12


def test_joined_models_have_to_agree():
    one = read_items([record("tiny-1b", 1)], models=MODELS)
    other = replace(one, models=(replace(one.models[0], params=3e9),))
    with pytest.raises(ItemsError, match="describe the model 'tiny-1b' differently"):
        join([one, other])


def test_the_common_questions_of_pope(shared):
    pd = pytest.importorskip("pandas")
    table = pd.read_parquet(shared / "items" / "pope_llava15.parquet")
    items = read_items(table.drop(columns="dataset"), models=MODELS)
    report = unpaired(items)
    assert (report.questions, report.common) == (8910, 5712)
    assert (
        sum(one.left_out for one in report.lines if one.model == "llava-v1.5-13b")
        + sum(one.questions for one in report.absent)
        >= 8910 - 5712
    )
    paired = grid(items)
    assert paired.shape == (2, 5712)
    assert paired.left_out == {"llava-v1.5-7b": 0, "llava-v1.5-13b": 3198}
    np.testing.assert_allclose(paired.correct.mean(axis=1), [0.8654, 0.8659], atol=0.002)


def test_pope_numbered_anew(shared):
    # ids that count down in each log, so that equal ones stand for different questions
    pd = pytest.importorskip("pandas")
    table = pd.read_parquet(shared / "items" / "pope_llava15.parquet").drop(columns="dataset")
    table["question"] = table["task"] + " " + table["item_id"]
    count = table.groupby(["model", "task"]).cumcount(ascending=False)
    table["item_id"] = count.astype(str)
    items = read_items(table, models=MODELS)
    assert "ids-differ" in codes(items)
    assert unpaired(items).common == 5712


def test_texts_with_other_golds_are_refused():
    rows = [
        {"model": model, "question": "Which?", "gold": gold, "prediction": "A"}
        for model, gold in (("tiny-1b", "A"), ("tiny-7b", "B"))
    ]
    with pytest.raises(ItemsError, match=r"item 'Which\?' of task 'task': 'A' for tiny-1b"):
        read_items(rows, models=MODELS)


def test_images_tell_questions_apart():
    rows = [
        {"model": model, "question": "What?", "image": image, "gold": "A", "prediction": said}
        for model in ("tiny-1b", "tiny-7b")
        for image, said in (("1.jpg", "A"), ("2.jpg", "B"))
    ]
    items = read_items(rows, models=MODELS)
    assert grid(items).correct.tolist() in ([[1, 0], [1, 0]], [[0, 1], [0, 1]])


def test_golds_may_be_written_differently():
    rows = [
        record(model, 1, gold, correct=1) for model, gold in (("tiny-1b", "B"), ("tiny-7b", "(b)"))
    ]
    assert grid(read_items(rows, models=MODELS)).shape == (2, 1)
