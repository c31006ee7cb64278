"""`isoloss federated sweep` and `app`, as the command line calls them."""

import json

import pytest
from typer.testing import CliRunner

from isoloss.cli.federated import app
from isoloss.exceptions import InputError

SMALL = (
    *("--task", "digits", "--clients", "1,2", "--widths", "4,8,16"),
    *("--compute", "1e6", "--seeds", "3", "--rates", "0.2,0.5"),
)


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        return CliRunner().invoke(app, [str(a) for a in arguments])

    return run


def test_a_sweep_prints_one_document_and_its_progress_elsewhere(call, tmp_path):
    done = call("sweep", *SMALL, "--out", "runs.jsonl", "--table", "runs.csv", "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["schema"] == "isoloss/federated-sweep@1"
    assert [o["clients"] for o in document["result"]["optima"]] == [1, 2]
    assert document["result"]["provenance"] == ["your runs"]
    assert document["inputs"]["rates"] == [0.2, 0.5]
    assert "K = 1, width 4: 6 runs" in done.stderr
    assert len((tmp_path / "runs.jsonl").read_text().splitlines()) == 36
    assert (tmp_path / "runs.csv").read_text().startswith("task,mode,")
    again = call("sweep", *SMALL, "--out", "runs.jsonl", "--json")
    assert again.stdout == done.stdout
    assert again.stderr == ""


def test_a_sweep_without_gamma_says_so_and_is_not_trusted(call):
    done = call("sweep", *SMALL, "--strict")
    assert done.exit_code == 3
    assert "gamma is not quoted" in done.stdout
    assert "[your runs]" in done.stdout.replace("\n", " ")
    assert "bound only" in done.stdout


def test_options_replace_parts_of_a_preset(call):
    done = call("sweep", "--preset", "newcomer", *SMALL[2:], "--json", "--mode", "per-client")
    document = json.loads(done.stdout)
    assert document["result"]["task"] == "digits"
    assert document["result"]["mode"] == "per-client"
    assert document["result"]["compute"] == 1e6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--clients", "1;4"), "--clients takes numbers with commas between"),
        (("--rates", "fast"), "--rates takes numbers with commas between"),
        (("--compute", "much"), "--compute takes a number"),
        (("--preset", "huge"), "no preset 'huge'"),
        (("--mode", "both"), "mode must be one of total, per-client"),
    ],
)
def test_bad_options_are_input_errors(call, arguments, message):
    done = call("sweep", *SMALL, *arguments)
    assert isinstance(done.exception, InputError)
    assert message in str(done.exception)


def test_an_app_is_written(call, tmp_path):
    done = call("app", "--out", "mine", "--name", "my-app", "--keep-state", "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["schema"] == "isoloss/federated-app@1"
    assert (tmp_path / "mine" / "my_app" / "model.py").exists()
    assert document["inputs"]["keep_state"] is True
    done = call("app", "--out", "mine")
    assert isinstance(done.exception, InputError)
