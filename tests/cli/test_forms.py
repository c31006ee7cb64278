"""`isoloss compare`, `forecast RUNS` and `fit --laws` from a shell, on the ladder that ships."""

import json

import pytest

from isoloss import ladders
from isoloss.cli.app import run

MAP = ["--map", "N=params,D=tokens,loss=loss"]
SMALLER = ["--where", "params*tokens < 3.33e11"]
LARGEST = "N=1016928,D=3930930"


@pytest.fixture(scope="module")
def runs():
    return str(ladders.path("char_lm"))


def document(capsys, *command):
    assert run([*command, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_compare_ranks_forms_and_foretells_a_point(runs, capsys):
    command = ["compare", runs, *MAP, "--laws", "chinchilla,coupled,power", "--draws", "20"]
    found = document(capsys, *command, "--at", "N=2M,D=20M")
    assert found["schema"] == "isoloss/comparison@2"
    rows = {row["name"]: row for row in found["result"]["rows"]}
    assert rows["coupled"]["verdict"] == "best"
    assert rows["power"]["verdict"] == "worse"
    assert rows["coupled"]["error"] < 0.5 * rows["chinchilla"]["error"]
    assert rows["coupled"]["low"] < rows["coupled"]["value"] < rows["coupled"]["high"]
    assert {row["kind"] for row in rows.values()} == {"form", "mixture", "naive"}
    assert run([*command, "--along", "N,D"]) == 0
    out = capsys.readouterr().out
    assert "coupled has the smallest error" in out or "coupled foretells better" in out
    assert "log-linear" in out


def test_a_forecast_of_runs_holds_the_hidden_run(runs, capsys):
    found = document(capsys, "forecast", runs, *MAP, *SMALLER, "--at", LARGEST)
    assert found["schema"] == "isoloss/mixture@1"
    row = found["result"]["predictions"][0]
    # the three largest runs of the ladder, hidden by the condition, measured 1.13 to 1.14
    assert row["low"] < 1.135 < row["high"]
    assert abs(row["value"] / 1.135 - 1) < 0.02
    parts = row["variance"]
    assert sum(v for k, v in parts.items() if k != "total") == pytest.approx(parts["total"])
    assert len(found["result"]["backtests"]) == 4
    two = ["--at", "N=1M,D=4M", "--at", "N=2M,D=8M"]
    assert run(["forecast", runs, *MAP, *SMALLER, *two]) == 0
    out = capsys.readouterr().out
    assert "8e+06" in out
    assert "verdict" in out


def test_fit_takes_the_form_that_backtests_choose(runs, tmp_path, capsys):
    path = tmp_path / "fit.json"
    command = ["fit", runs, *MAP, "--laws", "chinchilla,coupled", "--draws", "20"]
    found = document(capsys, *command, "--out", str(path))
    assert found["result"]["law"]["id"] == "coupled"
    chosen = [w for w in found["warnings"] if w["code"] == "form-chosen"]
    assert "'coupled' was chosen among 2 forms by 6 backtests" in chosen[0]["message"]
    assert run(["trust", str(path), "--at", "N=2M,D=20M"]) == 0
    out = capsys.readouterr().out
    assert "this law" in out
    assert "all forms" in out
    assert "backtests" in out


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["fit", "--laws", "auto", "--law", "kaplan"], "give --laws or --law, not both"),
        (["fit", "--laws", "auto", "--bounds", "E=0:1"], "give --laws or --bounds, not both"),
        (["compare", "--along", "width"], "backtests run along C, time or an input"),
        (["compare", "--laws", "nonsense"], "no law is called 'nonsense'"),
        (["compare", "--level", "3"], "level must lie between 0 and 1"),
        (["forecast", "--at", "N=2M"], "D is missing"),
        (["forecast", "--at", "N=2M,D=4M", "--at", "N=4M"], "every point needs N, D; one has N"),
    ],
)
def test_bad_input_is_one_message(runs, command, message, capsys):
    verb, *rest = command
    assert run([verb, runs, *MAP, *rest]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
