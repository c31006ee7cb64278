"""The harnesses themselves write logs here, offline, and every row of them is checked.

A harness runs in a process of its own: it changes warnings, loggers and the standard library.
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from isoloss.errors.items import grid, models_of
from isoloss.errors.items.store import load_items, write_items
from isoloss.errors.items.unpaired import unpaired
from isoloss.errors.readers import read_items
from isoloss.exceptions import ItemsError
from tests.errors.reader_cases import codes

pytestmark = pytest.mark.slow
MODELS = models_of(
    {"tiny-1b": {"family": "tiny", "params": "1B"}, "tiny-7b": {"family": "tiny", "params": "7B"}}
)
DOCS = [
    {
        "question": f"What is {k} and one?",
        "choices": [str(k + 1), str(k), str(k + 2)],
        "label": k % 3,
    }
    for k in range(12)
]
SUMS = [{"question": f"{k} times two?", "answer": str(2 * k)} for k in range(6)]
TASKS = {
    "mc": """
task: local_mc
dataset_path: json
dataset_kwargs: {data_files: {test: DATA/mc.json}}
test_split: test
output_type: multiple_choice
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_choice: choices
doc_to_target: label
metric_list: [{metric: acc}, {metric: acc_norm}]
""",
    "gen": """
task: local_gen
dataset_path: json
dataset_kwargs: {data_files: {test: DATA/gen.json}}
test_split: test
output_type: generate_until
doc_to_text: "Q: {{question}}\\nA:"
doc_to_target: "{{answer}}"
generation_kwargs: {until: ["\\n"]}
metric_list: [{metric: exact_match}]
filter_list:
  - name: strict
    filter: [{function: regex, regex_pattern: "is (\\\\d+)"}, {function: take_first}]
  - {name: whole, filter: [{function: take_first}]}
""",
    "ll": """
task: local_ll
dataset_path: json
dataset_kwargs: {data_files: {test: DATA/gen.json}}
test_split: test
output_type: loglikelihood
doc_to_text: "Q: {{question}}"
doc_to_target: " {{answer}}"
metric_list: [{metric: perplexity, aggregation: perplexity}, {metric: acc}]
""",
}
# a model whose every likelihood and answer the test can compute again
LM_EVAL = """
import hashlib
from lm_eval.api.model import LM
from lm_eval.api.registry import register_model

def number(*parts):
    return int(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:8], 16)

@register_model("known")
class Known(LM):
    def __init__(self, pretrained="", **rest):
        super().__init__()
        self.name = pretrained

    def loglikelihood(self, requests, disable_tqdm=False):
        return [(-(number(self.name, *r.args) % 1000) / 100 - 0.01, False) for r in requests]

    def generate_until(self, requests, disable_tqdm=False):
        texts = []
        for r in requests:
            k = int(r.args[0].removeprefix("Q: ").split()[0])
            way = number(self.name, k) % 3
            texts.append([f"it is {2 * k}", f"it is {k}", "who knows"][way])
        return texts

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        return [-1.0 for r in requests]

from lm_eval.__main__ import cli_evaluate
cli_evaluate()
"""
INSPECT = """
import sys
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import choice
from inspect_ai.solver import multiple_choice

name, form, epochs, folder = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
count = 9
samples = [
    Sample(id=f"q{k}", input=f"Which {k}?", choices=["x", "y", "z"], target="ABC"[k % 3])
    for k in range(count)
]
step = int(name.removeprefix("tiny-").removesuffix("b"))
said = ["ABC"[(k // step) % 3] for k in range(count)]
said[4] = None
outputs = []
for letter in said * epochs:
    text = "I do not know" if letter is None else f"ANSWER: {letter}"
    stop = "max_tokens" if letter is None else "stop"
    output = ModelOutput.from_content("mockllm/model", text, stop_reason=stop)
    # tokens are counted already, so that no tokenizer is fetched
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    outputs.append(output)
data = MemoryDataset(samples)
eval(
    Task(name="local_mc", dataset=data, solver=multiple_choice(), scorer=choice()),
    model=get_model(f"mockllm/{name}", custom_outputs=outputs),
    log_dir=folder, log_format=form, display="none", epochs=epochs, max_samples=1,
)
"""


def run(script, *arguments, cwd):
    """Run a script offline, with a home of its own."""
    offline = {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "HF_HOME": str(cwd / "home")}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=cwd,
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def needs(package):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")


def number(*parts):
    return int(hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:8], 16)


@pytest.fixture(scope="module")
def lm_eval_logs(tmp_path_factory):
    """Logs of two models on three tasks."""
    needs("lm_eval")
    folder = tmp_path_factory.mktemp("lm_eval")
    (folder / "mc.json").write_text(json.dumps(DOCS))
    (folder / "gen.json").write_text(json.dumps(SUMS))
    (folder / "tasks").mkdir()
    for name, content in TASKS.items():
        (folder / "tasks" / f"{name}.yaml").write_text(content.replace("DATA", str(folder)))
    for model in ("tiny-1b", "tiny-7b"):
        options = f"--model known --model_args pretrained=org/{model} --include_path tasks"
        options += " --tasks local_mc,local_gen,local_ll --log_samples --output_path out"
        run(LM_EVAL, "run", *options.split(), cwd=folder)
    return folder / "out"


def test_lm_eval(lm_eval_logs, tmp_path):
    items = read_items(lm_eval_logs, models=MODELS)
    assert [one.name for one in items.models] == ["tiny-1b", "tiny-7b"]
    assert len(items) == 2 * (len(DOCS) + 3 * len(SUMS))
    assert codes(items) == {"skipped-files", "filters"}
    write_items(items, tmp_path / "a.parquet")
    assert load_items(tmp_path / "a.parquet").item.texts() == items.item.texts()


@pytest.mark.parametrize("model", ["tiny-1b", "tiny-7b"])
def test_choices_of_lm_eval(lm_eval_logs, model):
    items = read_items(lm_eval_logs, models=MODELS).where(models=(model,), task="local_mc")
    assert len(items) == len(DOCS)
    for row, doc in enumerate(DOCS):
        context = f"Question: {doc['question']}\nAnswer:"
        sums = np.array(
            [
                -(number(f"org/{model}", context, f" {c}") % 1000) / 100 - 0.01
                for c in doc["choices"]
            ]
        )
        best = int(np.argmax(sums))
        assert items.question[row] == doc["question"]
        assert json.loads(items.options[row]) == doc["choices"]
        assert items.gold[row] == "ABC"[doc["label"]]
        assert items.prediction[row] == "ABC"[best]
        assert items.correct[row] == int(best == doc["label"])
        assert items.n_options[row] == 3
        np.testing.assert_allclose(items.loss[row], -sums[doc["label"]])
        np.testing.assert_allclose(items.choices[row], np.exp(sums) / np.exp(sums).sum())


@pytest.mark.parametrize("model", ["tiny-1b", "tiny-7b"])
def test_written_answers_of_lm_eval(lm_eval_logs, model):
    items = read_items(lm_eval_logs, models=MODELS).where(models=(model,), task="local_gen")
    assert set(items.conditions) == {"strict", "whole"}
    for k in range(len(SUMS)):
        way = number(f"org/{model}", k) % 3
        raw = [f"it is {2 * k}", f"it is {k}", "who knows"][way]
        strict = [str(2 * k), str(k), None][way]
        for condition, said in (("strict", strict), ("whole", raw)):
            part = items.where(condition=condition)
            assert part.gold[k] == str(2 * k)
            assert part.raw[k] == raw
            assert part.prediction[k] == said
            assert part.correct[k] == int(said == str(2 * k))


def test_likelihoods_of_lm_eval(lm_eval_logs):
    items = read_items(lm_eval_logs, models=MODELS).where(models=("tiny-7b",), task="local_ll")
    for k, doc in enumerate(SUMS):
        value = number("org/tiny-7b", f"Q: {doc['question']}", f" {doc['answer']}") % 1000
        np.testing.assert_allclose(items.loss[k], value / 100 + 0.01)
        assert items.correct[k] == 0


def test_accuracy_is_the_harness_own(lm_eval_logs):
    items = read_items(lm_eval_logs, models=MODELS)
    for path in lm_eval_logs.rglob("results_*.json"):
        results = json.loads(path.read_text())
        model = results["model_name"].split("/")[-1]
        part = items.where(models=(model,))
        mc = part.where(task="local_mc")
        np.testing.assert_allclose(mc.correct.mean(), results["results"]["local_mc"]["acc,none"])
        strict = part.where(task="local_gen", condition="strict")
        value = results["results"]["local_gen"]["exact_match,strict"]
        np.testing.assert_allclose(strict.correct.mean(), value)


def test_lm_eval_pairs(lm_eval_logs):
    items = read_items(lm_eval_logs, models=MODELS)
    assert unpaired(items).complete
    assert grid(items.where(task="local_mc")).shape == (2, len(DOCS))


def test_another_prompt_is_refused(lm_eval_logs, tmp_path):
    needs("lm_eval")
    folder = lm_eval_logs.parent
    changed = TASKS["mc"].replace("DATA", str(folder)).replace("Question:", "Please say:")
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "mc.yaml").write_text(changed)
    options = "--model known --model_args pretrained=org/tiny-7b --include_path tasks"
    options += " --tasks local_mc --log_samples --output_path out"
    run(LM_EVAL, "run", *options.split(), cwd=tmp_path)
    first = next(lm_eval_logs.rglob("*tiny-1b/samples_local_mc*"))
    with pytest.raises(
        ItemsError, match="12 questions were not put to the models with the same prompt"
    ):
        read_items([first, tmp_path / "out"], models=MODELS)
    items = read_items([first, tmp_path / "out"], models=MODELS, condition="any")
    assert grid(items).shape == (2, len(DOCS))


@pytest.mark.parametrize("form", ["eval", "json"])
@pytest.mark.parametrize("epochs", [1, 2])
def test_inspect(tmp_path, form, epochs):
    needs("inspect_ai")
    for name in ("tiny-1b", "tiny-7b"):
        run(INSPECT, name, form, str(epochs), str(tmp_path / "logs"), cwd=tmp_path)
    items = read_items(tmp_path / "logs", models=MODELS)
    assert len(items) == 2 * 9 * epochs
    conditions = ["default"] if epochs == 1 else ["epoch-1", "epoch-2"]
    assert set(items.conditions) == set(conditions)
    for model, step in (("tiny-1b", 1), ("tiny-7b", 7)):
        for condition in conditions:
            part = items.where(models=(model,), condition=condition)
            row = {str(part.item[i]): i for i in range(len(part))}
            for k in range(9):
                at = row[f"q{k}"]
                gold = "ABC"[k % 3]
                said = None if k == 4 else "ABC"[(k // step) % 3]
                raw = "I do not know" if said is None else f"ANSWER: {said}"
                assert part.question[at] == f"Which {k}?"
                assert json.loads(part.options[at]) == ["x", "y", "z"]
                assert part.gold[at] == gold
                assert part.prediction[at] == said
                assert part.correct[at] == int(said == gold)
                assert part.raw[at] == raw
                assert part.finish[at] == ("length" if said is None else "stop")
    assert grid(items, condition=conditions[0]).shape == (2, 9)
