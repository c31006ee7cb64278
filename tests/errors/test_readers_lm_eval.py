"""Logs of lm-evaluation-harness and lmms-eval."""

import json
import math

import numpy as np
import pytest

from isoloss.errors.items import grid
from isoloss.errors.readers import read_items
from isoloss.exceptions import ItemsError
from tests.errors.reader_cases import (
    MODELS,
    by_item,
    choice_sample,
    codes,
    document,
    lines,
    sha,
    told,
    written_sample,
)

DATE = "2026-01-02T03-04-05.678901"


def lm_log(folder, records, model="org__tiny-one", task="local_mc"):
    return lines(folder / model / f"samples_{task}_{DATE}.jsonl", records)


def test_choices_of_lm_eval(tmp_path):
    path = lm_log(
        tmp_path, [choice_sample(0, [-3.0, -1.0, -2.0], 1), choice_sample(1, [-1.0, -4.0], 1)]
    )
    items = read_items(path, models=MODELS)
    assert len(items) == 2
    assert items.models[0].name == "tiny-1b"  # found by its alias, written as a folder
    assert items.models[0].params == 1e9
    assert items.tasks == ("local_mc",)
    assert items.conditions == ("default",)
    assert items.gold.texts() == ["B", "B"]
    assert items.prediction.texts() == ["B", "A"]
    assert items.correct.tolist() == [1, 0]
    assert items.n_options.tolist() == [3, 2]
    assert json.loads(items.options[0]) == ["opt 0", "opt 1", "opt 2"]
    assert items.question[0] == "What is 0?"
    assert items.item[0] == sha("What is 0?")[:16]
    np.testing.assert_allclose(items.loss, [1.0, 4.0])
    total = math.exp(-3) + math.exp(-1) + math.exp(-2)
    np.testing.assert_allclose(items.choices[0], [math.exp(x) / total for x in (-3, -1, -2)])
    assert np.isnan(items.choices[1, 2])


def test_metric_of_lm_eval_by_map(tmp_path):
    path = lm_log(tmp_path, [choice_sample(0, [-3.0, -1.0], 1)])
    assert read_items(path, models=MODELS).correct.tolist() == [1]
    assert read_items(path, models=MODELS, map="correct=acc_norm").correct.tolist() == [0]
    with pytest.raises(ItemsError, match=r"no metric 'f1'; it has acc, acc_norm"):
        read_items(path, models=MODELS, map={"correct": "f1"})


def test_mutual_information_has_twice_the_requests(tmp_path):
    sample = choice_sample(0, [-3.0, -1.0], 1)
    for k in range(2):
        sample["arguments"][f"gen_args_{k + 2}"] = {"arg_0": "", "arg_1": f" opt {k}"}
    sample["filtered_resps"] += [["-9.0", "False"], ["-0.1", "False"]]
    items = read_items(lm_log(tmp_path, [sample]), models=MODELS)
    assert items.n_options.tolist() == [2]
    assert items.loss.tolist() == [1.0]
    assert items.prediction[0] == "B"


def test_options_that_are_contexts(tmp_path):
    sample = choice_sample(0, [-3.0, -1.0], 0)
    sample["arguments"] = {
        f"gen_args_{k}": {"arg_0": f"because {name}", "arg_1": " was tall"}
        for k, name in enumerate(("Ann", "Bob"))
    }
    items = read_items(lm_log(tmp_path, [sample]), models=MODELS)
    assert json.loads(items.options[0]) == ["because Ann", "because Bob"]
    assert (items.gold[0], items.prediction[0]) == ("A", "B")


@pytest.mark.parametrize(
    ("target", "gold"),
    [("opt 1", "B"), ("C", "C"), ("[0, 2]", '["A", "C"]'), ("-100", "-100")],
)
def test_targets_of_lm_eval(tmp_path, target, gold):
    sample = choice_sample(0, [-3.0, -1.0, -2.0], 0, target=target)
    assert read_items(lm_log(tmp_path, [sample]), models=MODELS).gold[0] == gold


def test_filters_of_lm_eval_are_conditions(tmp_path):
    records = [
        written_sample(0, "it is 12", "12", "12", 1.0, "strict"),
        written_sample(1, "no idea", "[invalid]", "3", 0.0, "strict"),
        written_sample(0, "it is 12", "it is 12", "12", 0.0, "flexible"),
        written_sample(1, "no idea", "no idea", "3", 0.0, "flexible"),
    ]
    items = read_items(lm_log(tmp_path, records, task="gsm"), models=MODELS)
    assert items.conditions == ("strict", "flexible")
    strict = items.where(condition="strict")
    assert strict.prediction.texts() == ["12", None]
    assert strict.correct.tolist() == [1, 0]
    assert strict.raw.tolist() == ["it is 12", "no idea"]
    assert "2 filters: strict, flexible" in told(items, "filters")


def test_likelihood_of_one_text_is_a_loss(tmp_path):
    sample = choice_sample(0, [-2.5], 0, target=" cat")
    sample |= {"metrics": ["perplexity", "acc"], "perplexity": -2.5, "acc": 0}
    items = read_items(lm_log(tmp_path, [sample]), models=MODELS)
    assert items.loss.tolist() == [2.5]
    assert items.choices is None
    assert items.correct.tolist() == [0]


def test_rolling_likelihood_has_a_loss_and_no_verdict(tmp_path):
    sample = written_sample(0, "-123.5", "-123.5", "the text", 0.0)
    del sample["exact_match"]
    sample |= {"metrics": ["word_perplexity"], "word_perplexity": [-123.5, 40]}
    items = read_items(lm_log(tmp_path, [sample]), models=MODELS)
    assert items.loss.tolist() == [123.5]
    assert items.correct.tolist() == [-1]
    assert "1 of 1 answers are not scored" in told(items, "unscored")


def test_model_of_lm_eval_from_the_results(tmp_path):
    path = lm_log(tmp_path, [choice_sample(0, [-3.0, -1.0], 1)], model="run_42")
    with pytest.raises(ItemsError, match="name a model 'run_42' that models does not list"):
        read_items(path, models=MODELS)
    document(path.parent / f"results_{DATE}.json", {"model_name": "/disk/ckpt/tiny-7b"})
    assert read_items(path, models=MODELS).models[0].name == "tiny-7b"
    assert read_items(path, models=MODELS, model="tiny-1b").models[0].name == "tiny-1b"


def test_fractional_scores(tmp_path):
    records = [choice_sample(k, [-3.0, -1.0], 1, acc=acc) for k, acc in enumerate((0.5, 0.49, 1.0))]
    items = read_items(lm_log(tmp_path, records), models=MODELS)
    assert items.correct.tolist() == [1, 0, 1]
    assert "2 answers have a score between 0 and 1" in told(items, "fractional-scores")


def test_lmms_eval(tmp_path):
    base = {"target": "B", "doc_hash": sha("x"), "input": "Look. Which one?"}
    records = [
        base | {"doc_id": 0, "filtered_resps": "B", "exact_match": 1.0},
        base
        | {
            "doc_id": 1,
            "doc_hash": sha("y"),
            "resps": [["I think it is (C)"]],
            "filtered_resps": ["I think it is (C)"],
            "mmmu_acc": {"id": "v_1", "answer": "B", "parsed_pred": "C"},
        },
        base
        | {
            "doc_id": 2,
            "doc_hash": sha("z"),
            "filtered_resps": ["Yes"],
            "pope_accuracy": {"score": 1.0, "prediction": "yes", "ground_truth": "yes"},
        },
    ]
    path = lines(tmp_path / "org__tiny-one" / "20260102_030405_samples_mmmu_val.jsonl", records)
    items = read_items(path, models=MODELS)
    assert items.tasks == ("mmmu_val",)
    assert items.correct.tolist() == [1, 0, 1]
    assert items.prediction.texts() == ["B", "C", "yes"]
    assert items.gold.texts() == ["B", "B", "yes"]
    assert items.raw.tolist() == ["B", "I think it is (C)", "Yes"]
    assert items.question[0] == "Look. Which one?"


def test_a_sample_key(tmp_path):
    records = [choice_sample(0, [-1.0, -2.0], 0), choice_sample(1, [-1.0, -2.0], 0)]
    items = read_items(lm_log(tmp_path, records), models=MODELS)
    assert by_item(items, "gold") == {sha(f"What is {k}?")[:16]: "A" for k in range(2)}


def test_passages_are_clusters(tmp_path):
    records = []
    docs = [{"passage": "short"}, {"passage": "long " * 99}, {"image": "<PIL.Image at 0x7f>"}]
    for k, doc in enumerate(docs):
        sample = choice_sample(k, [-1.0, -2.0], 0)
        sample["doc"] |= doc
        records.append(sample)
    items = read_items(lm_log(tmp_path, records), models=MODELS)
    assert items.cluster[0] == "short"
    assert items.cluster[1] == sha("long " * 99)[:16]
    assert items.cluster[2] is None


def test_hashes_of_places_in_memory(tmp_path):
    for model in ("tiny-1b", "tiny-7b"):
        samples = [choice_sample(k, [-1.0, -2.0], 0) for k in range(3)]
        for sample in samples:
            sample["doc_hash"] = sha(f"<PIL.Image at {model} {sample['doc_id']}>")
        lm_log(tmp_path, samples, model=model)
    items = read_items(tmp_path, models=MODELS)
    assert grid(items).shape == (2, 3)
    assert items.item.texts()[:3] == ["0", "1", "2"]
    assert "hashes-differ" in codes(items)
