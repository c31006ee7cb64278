"""Logs of Inspect, HELM and OpenCompass."""

import json
import math
import zipfile

import pytest

from isoloss.errors.readers import read_items
from isoloss.exceptions import ItemsError
from tests.errors.reader_cases import (
    MODELS,
    codes,
    document,
    told,
)


def sample_of_inspect(place, said, gold, value, epoch=1, **changed):
    return {
        "id": f"q{place}",
        "epoch": epoch,
        "input": f"Which {place}?",
        "choices": ["x", "y", "z"],
        "target": gold,
        "output": {
            "model": "mockllm/tiny-1b",
            "choices": [{"message": {"content": said}, "stop_reason": "max_tokens"}],
        },
        "scores": {"choice": {"value": value, "answer": said[-1:], "explanation": said}},
    } | changed


def inspect_log(samples):
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "local_mc", "model": "mockllm/tiny-1b"},
        "samples": samples,
    }


def test_inspect_json(tmp_path):
    image = [
        {"role": "system", "content": "be brief"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image", "image": "data:image/png;base64," + "A" * 500},
            ],
        },
    ]
    samples = [
        sample_of_inspect(0, "ANSWER: A", "A", "C"),
        sample_of_inspect(1, "ANSWER: B", ["C"], "I"),
        sample_of_inspect(2, "ANSWER: C", "C", "P", input=image),
        sample_of_inspect(3, "", "C", math.nan),
    ]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(inspect_log(samples), indent=2))
    items = read_items(path, models=MODELS)
    assert items.correct.tolist() == [1, 0, 1, -1]
    assert items.item.texts() == ["q0", "q1", "q2", "q3"]
    assert items.prediction.texts() == ["A", "B", "C", None]
    assert items.gold.texts() == ["A", "C", "C", "C"]
    assert items.question[2] == "What is this?"
    assert items.cluster is not None
    assert items.cluster[0] is None
    assert len(items.cluster[2] or "") == 16
    assert items.finish is not None
    assert items.finish[0] == "length"
    assert items.n_options.tolist() == [3, 3, 3, 3]
    assert codes(items) == {"fractional-scores", "unscored"}


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_inspect_archive(tmp_path, packing):
    log = inspect_log([])
    path = tmp_path / "log.eval"
    with zipfile.ZipFile(path, "w", packing) as archive:
        for epoch in (1, 2):
            for place in range(2):
                sample = sample_of_inspect(place, f"ANSWER: {'AB'[place]}", "A", "CI"[place], epoch)
                archive.writestr(f"samples/q{place}_epoch_{epoch}.json", json.dumps(sample))
        archive.writestr("header.json", json.dumps({k: log[k] for k in log if k != "samples"}))
    items = read_items(path, models=MODELS)
    assert items.conditions == ("epoch-1", "epoch-2")
    assert items.where(condition="epoch-2").correct.tolist() == [1, 0]
    assert "2 times" in told(items, "epochs")


def test_inspect_scorers(tmp_path):
    scores = {"f1": {"value": 0.2}, "exact": {"value": 1, "answer": "A"}}
    path = document(
        tmp_path / "log.json", inspect_log([sample_of_inspect(0, "A", "A", "C", scores=scores)])
    )
    assert read_items(path, models=MODELS).correct.tolist() == [0]
    assert "'f1' was taken" in told(read_items(path, models=MODELS), "scorers")
    assert read_items(path, models=MODELS, map="correct=exact").correct.tolist() == [1]
    with pytest.raises(ItemsError, match="no scorer 'bleu'; it has f1, exact"):
        read_items(path, models=MODELS, map="correct=bleu")


def test_inspect_without_samples(tmp_path):
    path = document(tmp_path / "log.json", inspect_log([]) | {"status": "error"})
    with pytest.raises(ItemsError, match="holds no samples; its status is 'error'"):
        read_items(path, models=MODELS)


def helm_run(folder, *, stats=True):
    run = folder / "mmlu:subject=anatomy,method=multiple_choice_joint,model=org_tiny-one"
    references = [
        {"output": {"text": name}, "tags": ["correct"] if name == "Bone" else []}
        for name in ("Skin", "Bone", "Hair")
    ]
    instances = [
        {
            "input": {"text": f"Question {k}?"},
            "references": references,
            "split": "test",
            "id": f"id{k}",
        }
        for k in range(3)
    ]
    instances += [instances[0] | {"perturbation": {"name": "typos"}, "input": {"text": "Qestion"}}]
    predictions = [
        {
            "instance_id": "id0",
            "train_trial_index": 0,
            "predicted_text": " B",
            "mapped_output": "Bone",
        },
        {
            "instance_id": "id1",
            "train_trial_index": 0,
            "predicted_text": " A",
            "mapped_output": "Skin",
        },
        {"instance_id": "id2", "train_trial_index": 0, "predicted_text": "none of them"},
        {
            "instance_id": "id0",
            "train_trial_index": 0,
            "perturbation": {"name": "typos", "prob": 0.1},
            "predicted_text": "C",
            "mapped_output": "Hair",
        },
    ]
    for one, right in zip(predictions, (1.0, 0.0, 0.0, 0.0), strict=True):
        one["stats"] = {"exact_match": right, "num_references": 1} if stats else {}
    document(run / "instances.json", instances)
    document(run / "display_predictions.json", predictions)
    document(run / "run_spec.json", {"name": run.name, "adapter_spec": {"model": "org/tiny-one"}})
    document(
        run / "per_instance_stats.json",
        [
            {
                "instance_id": one["instance_id"],
                "train_trial_index": 0,
                **({"perturbation": one["perturbation"]} if "perturbation" in one else {}),
                "stats": [{"name": {"name": "exact_match"}, "count": 1, "mean": right}],
            }
            for one, right in zip(predictions, (1.0, 0.0, 0.0, 0.0), strict=True)
        ],
    )
    return run


@pytest.mark.parametrize("stats", [True, False])
def test_helm(tmp_path, stats):
    items = read_items(helm_run(tmp_path, stats=stats), models=MODELS)
    assert items.models[0].name == "tiny-1b"
    assert items.tasks == ("mmlu:subject=anatomy,method=multiple_choice_joint",)
    assert set(items.conditions) == {"default", "typos"}
    plain = items.where(condition="default")
    assert plain.correct.tolist() == [1, 0, 0]
    assert plain.prediction.texts() == ["B", "A", None]
    assert plain.gold.texts() == ["B", "B", "B"]
    assert plain.item.texts() == ["id0", "id1", "id2"]
    assert plain.n_options.tolist() == [3, 3, 3]
    assert plain.question is not None
    assert plain.question[0] == "Question 0?"
    assert items.where(condition="typos").prediction.texts() == ["C"]


def test_helm_without_instances(tmp_path):
    run = helm_run(tmp_path)
    (run / "instances.json").unlink()
    with pytest.raises(ItemsError, match=r"no instances.json beside it"):
        read_items(run / "display_predictions.json", models=MODELS)


def test_opencompass_predictions(tmp_path):
    turns = [{"role": "SYSTEM", "prompt": "be brief"}, {"role": "HUMAN", "prompt": "Which one?"}]
    entries = {
        "0": {"origin_prompt": turns, "prediction": "The answer is (B).", "gold": "B"},
        "1": {"origin_prompt": "Second?", "prediction": "no idea", "gold": "C"},
    }
    path = document(tmp_path / "predictions" / "tiny-7b" / "ceval-law.json", entries)
    items = read_items(path, models=MODELS)
    assert items.models[0].name == "tiny-7b"
    assert items.tasks == ("ceval-law",)
    assert items.prediction.texts() == ["B", None]
    assert items.correct.tolist() == [1, 0]
    assert items.question[0] == "Which one?"
    assert items.raw[0] == "The answer is (B)."


def test_opencompass_parts_count_on(tmp_path):
    folder = tmp_path / "predictions" / "tiny-7b"
    for part in range(2):
        entries = {
            str(k): {"origin_prompt": f"{part}{k}?", "prediction": "3", "gold": "3"}
            for k in range(2)
        }
        document(folder / f"gsm8k_{part}.json", entries)
    items = read_items(folder, models=MODELS)
    assert items.tasks == ("gsm8k",)
    assert items.item.texts() == ["0", "1", "2", "3"]
    (folder / "gsm8k_0.json").rename(folder / "other.json")
    document(folder / "gsm8k_0.json", {})
    (folder / "gsm8k_2.json").write_text((folder / "gsm8k_1.json").read_text())
    (folder / "gsm8k_1.json").unlink()
    with pytest.raises(ItemsError, match=r"is part 2, and gsm8k_1.json is missing"):
        read_items(folder / "gsm8k_2.json", models=MODELS)


def test_opencompass_details_replace_predictions(tmp_path):
    document(
        tmp_path / "predictions" / "tiny-7b" / "law.json",
        {"0": {"origin_prompt": "Q?", "prediction": "well, B", "gold": "B"}},
    )
    details = {
        "type": "GEN",
        "0": {
            "prompt": "Q?",
            "origin_prediction": "well, B",
            "predictions": "B",
            "references": "B",
            "correct": True,
        },
    }
    document(tmp_path / "results" / "tiny-7b" / "law.json", {"accuracy": 100, "details": details})
    items = read_items(tmp_path, models=MODELS)
    assert len(items) == 1
    assert items.correct.tolist() == [1]
    assert items.prediction[0] == "B"
    assert items.raw[0] == "well, B"
    assert "predictions/tiny-7b/law.json" in told(items, "superseded")


def test_opencompass_perplexity(tmp_path):
    entry = {
        "origin_prompt": "Q?",
        "label: A": {"testing input": "Q? A", "prompt": "Q? A", "PPL": 2.0},
        "label: B": {"testing input": "Q? B", "prompt": "Q? B", "PPL": 3.0},
        "prediction": "A",
        "gold": "B",
    }
    path = document(tmp_path / "tiny-7b" / "boolq.json", {"0": entry})
    items = read_items(path, models=MODELS)
    assert (items.prediction[0], items.gold[0], items.correct[0]) == ("A", "B", 0)
    assert items.n_options.tolist() == [2]
    assert items.choices is None
