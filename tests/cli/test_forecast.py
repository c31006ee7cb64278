"""`isoloss forecast` and `isoloss bench revisiting` from a shell."""

import json

import pytest

from isoloss.cli.app import run

POINTS = [(100 * 2**i, 2.4 + 30 / (100 * 2**i) ** 0.45) for i in range(9)]


@pytest.fixture
def curve(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text("step,loss\n" + "".join(f"{x},{y}\n" for x, y in POINTS), encoding="utf-8")
    return str(path)


def test_a_forecast_stands_beside_the_naive_ones(curve, capsys):
    assert run(["forecast", curve, "--x", "step", "--y", "loss", "--at", "51200"]) == 0
    out = capsys.readouterr().out
    assert "last value" in out
    assert "90 % interval" in out


def test_the_document_holds_the_truth_between_its_ends(curve, capsys):
    command = ["forecast", curve, "--x", "step", "--y", "loss", "--at", "51200", "--json"]
    assert run(command) == 0
    first = capsys.readouterr().out
    found = json.loads(first)
    assert found["schema"] == "isoloss/forecast@1"
    row = found["result"]["forecasts"][0]
    truth = 2.4 + 30 / 51200**0.45
    assert row["low"] < truth < row["high"]
    assert abs(row["value"] / truth - 1) < 0.01
    assert run(command) == 0
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (
            ["--at", "soon"],
            "--at takes numbers such as 1e5 for a curve",
        ),
        (["--at", "50"], "50"),
        (["--at", "1e5", "--level", "2"], "level"),
    ],
)
def test_bad_input_is_one_message(curve, extra, message, capsys):
    assert run(["forecast", curve, "--x", "step", "--y", "loss", *extra]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_benchmark_scores_a_file(shared, capsys):
    file = str(shared / "data/revisiting_scaling.csv.gz")
    assert run(["bench", "revisiting", "--file", file, "--quick", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["mean_log_rmse"] <= 0.023
    assert result["domains"]["IC"]["mean_log_rmse"] <= 0.0255


def test_a_task_of_many_inputs_is_scored(shared, capsys):
    table = str(shared / "data/sld_parallel.csv")
    command = ["bench", "sldbench", "--train", table, "--test", table, "--task", "parallel"]
    assert run(command) == 0
    assert "ensemble" in capsys.readouterr().out
    assert run([*command, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["r2"] >= 0.9999
    assert result["rows"] == [36, 12]


def test_an_unknown_task_is_one_message(shared, capsys):
    table = str(shared / "data/sld_parallel.csv")
    assert run(["bench", "sldbench", "--train", table, "--test", table, "--task", "what"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
