"""`isoloss errors` from a shell, on simulated answers and on a table of one's own."""

import json

import pytest

from isoloss.cli.app import run
from isoloss.errors.items.store import load_items, write_items
from isoloss.errors.simulate import simulate

FEW = ["--replicates", "100"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("errors") / "items.jsonl"
    write_items(simulate("format-shift", items=300, seed=2), path)
    return str(path)


@pytest.fixture
def table(tmp_path):
    """Answers as a person has them, with a file of models."""
    lines = ["who,question,answer,said"]
    for model, right in (("small", 12), ("middle", 15), ("large", 19)):
        lines += [f"{model},q{i},a,{'a' if i < right else 'b'}" for i in range(24)]
    answers = tmp_path / "answers.csv"
    answers.write_text("\n".join(lines) + "\n", encoding="utf-8")
    models = tmp_path / "models.yaml"
    models.write_text(
        "models:\n  small: {family: F, params: 1B}\n  middle: {family: F, params: 3e9}\n"
        "  large: {family: F, params: 10B}\n",
        encoding="utf-8",
    )
    return str(answers), str(models)


MAP = ["--map", "model=who,item=question,gold=answer,prediction=said"]


def document(capsys, *command):
    assert run([*command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_import_saves_what_report_reads(table, tmp_path, capsys):
    answers, models = table
    out = str(tmp_path / "items.csv")
    command = ["errors", "import", answers, "--models", models, *MAP, "--out", out]
    found = document(capsys, *command)
    assert found["schema"] == "isoloss/errors-import@1"
    assert {row["model"]: row["accuracy"] for row in found["result"]["models"]} == {
        "small": 0.5,
        "middle": 0.625,
        "large": pytest.approx(19 / 24),
    }
    assert len(load_items(out)) == 72
    report = document(capsys, "errors", "report", out, *FEW)
    assert report["schema"] == "isoloss/errors-report@1"
    assert "3 sizes of F, 1B to 10B" in report["result"]["studies"][0]["answer"]
    assert run(["errors", "report", answers, "--models", models, *MAP, *FEW, "--json"]) == 0


def test_label_counts_and_saves(saved, tmp_path, capsys):
    out = str(tmp_path / "labelled.jsonl")
    found = document(capsys, "errors", "label", saved, "--out", out)
    counts = found["result"]["counts"]
    assert len(counts) == 5
    assert all("unparsed" in row or "empty" in row for row in counts.values())
    assert "rules" in load_items(out).labels


def test_compare_splits_format_from_capability(saved, capsys):
    names = [model.name for model in load_items(saved).models]
    found = document(capsys, "errors", "compare", saved, names[0], names[-1], *FEW)
    split = found["result"]["split"]
    assert split["format_verdict"] == "better"
    assert split["format"]["value"] > 0.05
    assert abs(split["capability"]["value"]) < 0.1
    assert run(["errors", "compare", saved, names[0], names[-1], *FEW]) == 0
    assert "format" in capsys.readouterr().out


def test_power_of_answers_and_of_a_plan(saved, capsys):
    found = document(capsys, "errors", "power", saved)
    assert found["result"]["power"][0]["overall"]["n"] == 300
    plan = document(capsys, "errors", "power", "--questions", "1200")
    # z sums 2.80, d = .3: 2.80 sqrt(.3 / 1200) = 4.4 points (arXiv:2411.00640)
    assert plan["result"]["power"][0]["overall"]["paired"] == pytest.approx(0.0443, abs=2e-4)
    assert run(["errors", "power", "--questions", "400", "--sizes", "2B,7B,72B"]) == 0
    assert "logits" in capsys.readouterr().out


def test_check_tells_supported_from_contradicted(saved, capsys):
    more = document(capsys, "errors", "check", saved, "larger models are more accurate", *FEW)
    less = document(capsys, "errors", "check", saved, "larger models are less accurate", *FEW)
    assert more["result"]["claims"][0]["verdict"] == "supported"
    assert less["result"]["claims"][0]["verdict"] == "contradicted"
    assert run(["errors", "check", saved, "the sky is blue", *FEW]) == 0
    assert "not checkable" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["report"], "give --out DIR for pages, or --json"),
        (["report", "--json", "--by", "moon"], "--by is task or none"),
        (["report", "--json", "--family", "G"], "no model has family 'G'"),
        (["report", "--json", "--condition", "night"], "no answer has condition 'night'"),
        (["compare", "m", "n"], "does not list"),
        (["label", "--judge", "http://127.0.0.1:1/v1"], "--judge needs --judge-model"),
        (["power", "--questions", "40"], "give ITEMS, or --questions"),
    ],
)
def test_bad_input_is_one_message(saved, command, message, capsys):
    verb, *rest = command
    assert run(["errors", verb, saved, *rest]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_a_model_that_is_not_listed_and_a_table_without_models(table, tmp_path, capsys):
    answers, _ = table
    short = tmp_path / "short.yaml"
    short.write_text("models:\n  small: {family: F, params: 1B}\n", encoding="utf-8")
    command = ["errors", "import", answers, *MAP, "--out", str(tmp_path / "x.csv")]
    assert run([*command, "--models", str(short)]) == 1
    assert "name a model 'middle' that short.yaml does not list" in capsys.readouterr().err
    assert run(["errors", "report", answers, "--json"]) == 1
    assert "needs --models models.yaml" in capsys.readouterr().err
