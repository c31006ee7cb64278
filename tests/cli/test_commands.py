"""The commands as a person uses them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import table, write_csv


def test_fit_prints_a_table_and_saves(isoloss, runs):
    result = isoloss("fit", runs, "--draws", "200", "--out", "fit.json")
    assert result.code == 0
    for word in ("alpha", "certified optimum", "90 % interval", "fit.json"):
        assert word in result.out
    assert "N is read from column 'params'" in result.err, "guesses are never silent"
    assert json.loads(Path("fit.json").read_text(encoding="utf-8"))["schema"] == "isoloss/fit@1"


def test_fit_json_has_the_promised_shape(isoloss, runs):
    arguments = ("--law", "chinchilla", "--map", "N=params,D=tokens,loss=loss")
    result = isoloss("fit", runs, *arguments, "--draws", "300", "--seed", "0", "--json")
    document = json.loads(result.out)
    assert set(document) == {"schema", "isoloss", "inputs", "result", "warnings"}
    for name in ("E", "A", "alpha", "B", "beta"):
        entry = document["result"]["parameters"][name]
        assert set(entry) == {"value", "low", "high", "se"}
        assert entry["low"] <= entry["value"] <= entry["high"]
    assert document["result"]["objective"] > 0
    assert document["result"]["certificate"]["certified"] is True
    for warning in document["warnings"]:
        assert set(warning) == {"code", "message", "remedy"}


def test_the_same_seed_gives_the_same_bytes(isoloss, runs):
    first = isoloss("fit", runs, "--draws", "100", "--seed", "3", "--json").out
    assert isoloss("fit", runs, "--draws", "100", "--seed", "3", "--json").out == first
    assert isoloss("fit", runs, "--draws", "100", "--seed", "4", "--json").out != first


def test_printed_and_saved_documents_are_one(isoloss, runs):
    printed = isoloss("fit", runs, "--draws", "50", "--json", "--out", "fit.json").out
    assert Path("fit.json").read_text(encoding="utf-8") == printed


def test_units_do_not_change_the_answer(isoloss, tmp_path):
    columns = table()
    plain = write_csv(tmp_path / "plain.csv", columns)
    order = np.random.default_rng(5).permutation(len(columns["loss"]))
    scaled = {
        "params": columns["params"][order] / 1e6,
        "tokens": columns["tokens"][order] / 1e9,
        "loss": columns["loss"][order] / np.log(2),
    }
    other = write_csv(tmp_path / "scaled.csv", scaled)
    one = json.loads(isoloss("fit", plain, "--draws", "0", "--json").out)["result"]
    units = ("--units", "N=millions,D=billions,loss=bits/token")
    two = json.loads(isoloss("fit", other, "--draws", "0", "--json", *units).out)["result"]
    for name, entry in one["parameters"].items():
        assert two["parameters"][name]["value"] == pytest.approx(entry["value"], rel=1e-9)
    assert two["objective"] == pytest.approx(one["objective"], rel=1e-9)


def test_plan_agrees_with_the_closed_form(isoloss, saved):
    document = json.loads(isoloss("plan", saved, "--compute", "1e21", "--json").out)
    fit = json.loads(Path(saved).read_text(encoding="utf-8"))["result"]["parameters"]
    a, b = fit["alpha"]["value"], fit["beta"]["value"]
    ratio = a * fit["A"]["value"] / (b * fit["B"]["value"])
    best = ratio ** (1 / (a + b)) * (1e21 / 6) ** (b / (a + b))
    optimum = document["result"]["optimum"]
    assert optimum["N"]["value"] == pytest.approx(best, rel=1e-9)
    assert optimum["N"]["low"] < best < optimum["N"]["high"]
    assert document["result"]["place"]["status"] in {"inside", "edge", "outside"}


def test_plan_takes_units(isoloss, saved):
    plain = json.loads(isoloss("plan", saved, "--compute", "8.64e20", "--json").out)
    unit = json.loads(isoloss("plan", saved, "--compute", "10 PF-days", "--json").out)
    assert unit["result"]["optimum"] == plain["result"]["optimum"]


def test_predict_gives_wider_intervals_to_single_runs(isoloss, saved):
    document = json.loads(isoloss("predict", saved, "--at", "N=1B,D=20B", "--json").out)
    row = document["result"]["predictions"][0]
    assert row["run_low"] < row["low"] < row["value"] < row["high"] < row["run_high"]
    assert row["place"] == "inside"


def test_strict_exits_with_three_far_out(isoloss, saved):
    near = isoloss("trust", saved, "--at", "N=1B,D=10B", "--strict")
    far = isoloss("trust", saved, "--at", "N=1e15,D=1e17", "--strict")
    assert (near.code, far.code) == (0, 3)
    assert "do not use it there" in far.out
    assert isoloss("plan", saved, "--compute", "1e30", "--strict").code == 3


def test_strict_exits_with_three_when_not_certified(isoloss, runs):
    formula = "E1 + E2 + A/N**alpha + B/D**beta"
    assert isoloss("fit", runs, "--law", formula, "--draws", "0").code == 0
    assert isoloss("fit", runs, "--law", formula, "--draws", "0", "--strict").code == 3


def test_a_report_opens_offline(isoloss, saved):
    assert isoloss("report", saved, "--compute", "1e21", "--out", "page.html").code == 0
    assert isoloss("report", saved, "--compute", "1e21", "--out", "page.md").code == 0
    page = Path("page.html").read_text(encoding="utf-8")
    assert "<script src" not in page
    assert "alpha" in Path("page.md").read_text(encoding="utf-8")


def test_laws_are_listed_and_shown(isoloss):
    from isoloss.law import forms

    listed = json.loads(isoloss("laws", "list", "--json").out)["result"]["forms"]
    assert [law["id"] for law in listed] == list(forms())
    assert "chinchilla" in isoloss("laws", "list").out
    shown = isoloss("laws", "show", "chinchilla").out
    for word in ("E + A/N**alpha + B/D**beta", "frac{A}{N", "arxiv.org/abs/2203.15556", "0 to inf"):
        assert word in shown
    assert "taken as positive" in isoloss("laws", "show", "E + A/N**alpha").out
    assert isoloss("laws", "show", "chinchila").code == 1


def test_demo_does_the_whole_path(isoloss):
    result = isoloss("demo", "--out", "demo", "--draws", "100")
    assert result.code == 0, result.err
    for step in ("foretell", "fit", "plan", "trust"):
        assert step in result.out
    assert {p.name for p in Path("demo").iterdir()} == {
        "fit.json",
        "foretold.html",
        "report.html",
        "runs.csv",
    }


def test_the_module_runs_as_a_program():
    command = [sys.executable, "-m", "isoloss", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.strip()[0].isdigit()


def test_trust_takes_facts_and_shows_checklist_and_approaches(isoloss, saved):
    asked = ("trust", saved, "--compute", "1e21", "--checklist", "--approaches", "--json")
    done = isoloss(*asked, "--facts", "seeds=3,tuned_sizes=1e8:1e9")
    assert done.code == 0
    result = json.loads(done.out)["result"]
    assert {item["status"] for item in result["checklist"]} >= {"stated", "omitted"}
    assert len(result["approaches"]["approaches"]) == 3
    assert "What the study states" in isoloss("trust", saved, "--checklist").out
    wrong = isoloss("trust", saved, "--facts", "colour=red")
    assert wrong.code == 1
    assert "--facts has no 'colour'" in wrong.err
