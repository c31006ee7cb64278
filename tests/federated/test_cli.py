"""`isoloss federated`: JSON, tables, exit codes."""

from __future__ import annotations

import json

import pytest

from isoloss.cli.app import run
from isoloss.store import load
from tests.cli.conftest import write_csv
from tests.federated.cases import table

PLAN = ("federated", "plan", "--law", "hoffmann2022_a3")


@pytest.fixture
def isoloss(capsys, tmp_path, monkeypatch):
    """Run `isoloss ARGUMENTS...` in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return call


def test_one_plan_as_json(isoloss):
    code, out, _ = isoloss(*PLAN, "--flops", "1e21", "--clients", "8", "--rho", "1", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["schema"] == "isoloss/federated-plan@1"
    assert document["inputs"]["clients"] == "8"
    result = document["result"]
    assert result["n_params"] == pytest.approx(7.1323e8, rel=1e-4)
    assert result["loss"] == pytest.approx(2.56920, abs=1e-4)
    assert result["provenance"]["n_params"] == ["reconstruction", "published table"]
    assert isoloss(*PLAN, "--flops", "1e21", "--clients", "8", "--rho", "1", "--json")[1] == out


def test_several_plans(isoloss):
    arguments = ("--flops-per-client", "1e20", "--clients", "1,8,64", "--rho", "1")
    document = json.loads(isoloss(*PLAN, *arguments, "--json")[1])
    assert document["schema"] == "isoloss/federated-plans@1"
    sizes = [p["n_params"] for p in document["result"]["plans"]]
    assert max(sizes) / min(sizes) - 1 < 1e-9
    _, out, _ = isoloss(*PLAN, *arguments)
    assert "R reconstruction, T published table" in out


def test_a_network_and_a_choice(isoloss):
    star = ("--device", "rtx4090", "--link", "campus", "--server", "10Gb/s", "--batch", "16K")
    code, out, err = isoloss(*PLAN, "--flops", "1e20", "--clients", "8", *star)
    assert code == 0
    assert "wall clock" in out
    assert "the clients' up-link" in out
    assert "local_steps was not given" in err
    code, out, _ = isoloss(*PLAN, "--clients", "1:16", "--time", "10d", *star, "--json")
    document = json.loads(out)
    assert document["schema"] == "isoloss/federated-choice@1"
    assert document["result"]["plan"]["wall_clock_s"] == pytest.approx(864000, rel=1e-6)
    _, out, _ = isoloss(*PLAN, "--clients", "1:16", "--loss", "2.8", *star)
    assert "best by number of clients" in out


def test_strict(isoloss):
    good = (*PLAN, "--flops", "1e21", "--clients", "8", "--rho", "diloco", "--strict")
    assert isoloss(*good)[0] == 0
    assert isoloss(*PLAN, "--flops", "1e21", "--clients", "8", "--strict")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--flops", "1e21", "--clients", "0"), "clients must be at least 1"),
        (("--flops", "1e21", "--clients", "2.5"), "clients must be a whole number"),
        (("--clients", "8"), "got neither"),
        (("--flops", "1e21", "--flops-per-client", "1e20", "--clients", "8"), "got both"),
        (("--flops", "1e21", "--clients", "8", "--memory", "1KB"), "fits no model"),
        (("--flops", "1e21", "--clients", "8", "--rho", "2"), "rho must lie"),
        (("--flops", "1e21", "--clients", "8", "--up", "fast"), "--up takes a rate"),
        (("--flops", "1e21", "--clients", "8", "--time", "1d"), "need a network"),
    ],
)
def test_bad_input_is_one_message(isoloss, arguments, says):
    code, out, err = isoloss(*PLAN, *arguments)
    assert code == 1
    assert out == ""
    assert err.startswith("error: ")
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_fit_check_and_plan_from_a_file(isoloss, tmp_path):
    runs = write_csv(tmp_path / "runs.csv", table(0.6, seeds=3))
    code, out, err = isoloss("federated", "fit", runs, "--draws", "100", "--out", "fed.json")
    assert code == 0
    for word in ("gamma, direct", "believe", "root mean square", "(your runs)"):
        assert word in out
    assert "K is read from column 'clients'" in err
    assert load("fed.json", "federated-fit@1")["result"]["rho"]["value"] == pytest.approx(
        0.6, abs=0.03
    )
    plan = ("federated", "plan", "--law", "fed.json", "--flops", "1e20", "--clients", "4", "--json")
    assert json.loads(isoloss(*plan)[1])["result"]["rho"]["name"] == "fitted"
    code, out, _ = isoloss("federated", "check", "--runs", runs, "--json")
    claims = json.loads(out)["result"]["claims"]
    assert [c["letter"] for c in claims] == ["a", "b", "c", "d", "e"]
    assert claims[2]["decided_by"] == "runs"
    code, out, _ = isoloss("federated", "check")
    assert "Sefidgaran" in out


def test_bound(isoloss):
    document = json.loads(isoloss("federated", "bound", "--json")[1])
    assert document["result"]["slope_per_client"] == pytest.approx(-0.3731, abs=1e-3)
    assert document["result"]["slope_pooled"] == pytest.approx(-0.022, abs=5e-3)
    assert "rests on" in isoloss("federated", "bound", "--assume", "batch=100")[1]
    code, _, err = isoloss("federated", "bound", "--assume", "luck=1")
    assert code == 1
    assert "no assumption 'luck'" in err
