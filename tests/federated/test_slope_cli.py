"""`isoloss federated slope` and `diloco`, and shipped tables by name."""

import json

import numpy as np
import pytest

from isoloss.cli.app import run
from isoloss.exceptions import RunsError
from isoloss.federated import direct_slope, read_federated_runs
from isoloss.federated.network.utilisation import TABLE_LAYERS, bandwidth_needed


@pytest.fixture
def call(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run_it(*arguments):
        capsys.readouterr()
        code = run(["federated", *arguments])
        return code, *capsys.readouterr()

    return run_it


def test_the_slope_of_a_shipped_ladder_by_its_name(call):
    code, out, _ = call("slope", "federated_digits", "--json")
    assert code == 0
    document = json.loads(out)
    assert document["schema"] == "isoloss/federated-slope@1"
    wanted = direct_slope(read_federated_runs("federated_digits"))
    assert document["result"]["gamma"]["value"] == wanted.gamma.value
    # ten pairs of split and K; no loss is below the lowest that was trained
    assert len(wanted.points) == 10
    table = read_federated_runs("federated_digits")
    assert min(p.loss for p in wanted.points) >= table.columns["loss"].min()


def test_the_slope_prints_a_row_a_pair(call):
    code, out, _ = call("slope", "federated_digits")
    assert code == 0
    assert "gamma" in out
    assert "10 seeds" in out
    assert out.count("5e+08") == 10
    assert "federated averaging" not in out


def test_a_slope_that_is_only_bounded_is_not_trusted(call, tmp_path):
    code, out, _ = call("slope", "federated_digits", "--strict", "--where", "params > 1000")
    assert code == 3
    assert "at or below the smallest size" in out


def test_a_file_comes_before_a_shipped_table_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "federated_digits").write_text("what is this\n")
    with pytest.raises(RunsError):
        read_federated_runs("federated_digits")


def test_diloco_says_what_it_was_not_fitted_to(call):
    code, out, _ = call("diloco", "--size", "10B", "--step", "1s")
    assert code == 0
    assert "2.0062" in out
    assert "2.086" in out
    assert "above the fitted range" in out


def test_diloco_bandwidth_is_that_of_its_model(call):
    code, out, _ = call("diloco", "--size", "1B", "--replicas", "4", "--step", "2s", "--json")
    assert code == 0
    rows = json.loads(out)["result"]["bandwidth_bps"]
    assert [row["local_steps"] for row in rows] == [1, 10, 50, 100, 300]
    # 16 bits a parameter over two seconds
    wanted = bandwidth_needed(0.9, 16e9 / 2, 50, layers=TABLE_LAYERS)
    assert rows[2]["by_utilisation"]["0.9"] == pytest.approx(wanted)
    assert rows[0]["by_utilisation"]["0.9"] > rows[4]["by_utilisation"]["0.9"]


def test_diloco_refuses_what_cannot_be(call):
    code, _, err = call("diloco", "--size", "1B", "--replicas", "0")
    assert code == 1
    assert "replicas" in err


def test_runs_of_two_methods_never_share_a_best_size(tmp_path):
    """Both methods have the same sizes, seeds and rates; one of them is worse everywhere."""
    lines = ["method,clients,params,tokens,lr,seed,loss"]
    for method, worse in (("fedavg", 0.0), ("diloco", 0.5)):
        for k in (1, 4):
            for n in (1e4, 2e4, 4e4, 8e4, 16e4):
                for seed in range(3):
                    loss = 1 + worse + (np.log(n / (6e4 / k**0.5))) ** 2 / 10 + 0.001 * seed
                    lines.append(f"{method},{k},{n:g},{1e12 / n:g},0.1,{seed},{loss:.6f}")
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(lines) + "\n")
    runs = read_federated_runs(str(path))
    assert any("method of training" in notice.message for notice in runs.notices)
    found = direct_slope(runs)
    assert len(found.points) == 4
    assert sorted({round(p.loss) for p in found.points}) == [1, 2]
    assert found.gamma.value == pytest.approx(0.5, abs=0.05)


def test_every_command_with_numbers_writes_its_page(call, tmp_path):
    small = ("--task", "digits", "--clients", "1,2", "--widths", "4,8,16", "--compute", "1e6")
    for command in (
        ("slope", "federated_digits"),
        ("plan", "--clients", "1,8", "--flops", "1e21", "--law", "hoffmann2022_a3"),
        ("sweep", *small, "--seeds", "3", "--rates", "0.2,0.5"),
    ):
        page = tmp_path / f"{command[0]}.html"
        code, out, _ = call(*command, "--report", str(page))
        assert code == 0
        assert "written" in out
        assert page.read_text().startswith("<!doctype html>")
