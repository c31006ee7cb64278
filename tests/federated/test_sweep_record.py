"""Sweeps, their settings and their record: what is refused, and how a killed one goes on."""

import json
import re

import numpy as np
import pytest

from isoloss.exceptions import DocumentError, InputError
from isoloss.federated import direct_slope, read_federated_runs
from isoloss.federated.sweep import analyse, read_record, run_sweep
from isoloss.federated.sweep.record import append, run_key
from isoloss.federated.sweep.settings import PRESETS, check_settings

SMALL = {
    "task": "digits",
    "clients": [1, 2],
    "widths": [4, 8, 16],
    "compute": 1e6,
    "seeds": 3,
    "rates": [0.2, 0.5],
}


def test_a_sweep_trains_the_whole_grid():
    runs = run_sweep(**SMALL)
    assert len(runs) == 2 * 3 * 3 * 2
    first = runs.runs[0]
    assert (first.clients, first.width, first.seed, first.rate) == (1, 4, 0, 0.2)
    assert first.params == 65 * 4 + 5 * 10 == 310
    assert first.flops_6nd == 6 * first.params * first.samples
    assert first.samples == first.steps * 32
    assert first.flops_6nd == pytest.approx(1e6, rel=0.05)
    assert first.rounds == -(-first.steps // 8)


def test_per_client_mode_gives_every_client_the_compute():
    runs = run_sweep(**{**SMALL, "mode": "per-client", "widths": [4], "seeds": 1})
    one, two = (runs.where(clients=k).runs[0] for k in (1, 2))
    assert one.steps == two.steps
    assert two.samples == 2 * one.samples


def test_a_killed_sweep_goes_on_to_the_same_bytes(tmp_path):
    whole, killed = tmp_path / "whole.jsonl", tmp_path / "killed.jsonl"
    run_sweep(**SMALL, record=whole)
    seen = []

    def kill(text):
        seen.append(text)
        if len(seen) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(**SMALL, record=killed, progress=kill)
    content = killed.read_bytes()
    assert whole.read_bytes().startswith(content)
    assert len(read_record(killed)) == 24
    # as if the kill had come in the middle of a write
    killed.write_bytes(content[:-70])
    assert len(read_record(killed)) == 23
    seen.clear()
    done = run_sweep(**SMALL, record=killed, progress=seen.append)
    assert killed.read_bytes() == whole.read_bytes()
    assert len(seen) == 3
    assert done.runs == read_record(whole).runs


def test_what_is_on_record_is_not_trained_again(tmp_path, monkeypatch):
    path = tmp_path / "runs.jsonl"
    run_sweep(**SMALL, record=path)
    before = path.read_bytes()
    monkeypatch.setattr("isoloss.federated.sweep.run.train", None)
    assert len(run_sweep(**SMALL, record=path)) == 36
    assert path.read_bytes() == before


def test_runs_that_diverge_are_on_record_and_warn_of_nothing(tmp_path):
    path, said = tmp_path / "runs.jsonl", []
    lost = {"task": "teacher", "clients": [3], "widths": [4], "compute": 1e6, "seeds": 2}
    runs = run_sweep(**lost, rates=[50.0, 90.0], record=path, progress=said.append)
    assert [run.status for run in runs.runs] == ["diverged"] * 4
    assert {run.loss for run in runs.runs} == {None}
    assert said[0].endswith("all diverged")
    assert read_record(path).runs == runs.runs
    assert "nan" in runs.to_csv()
    with_good = run_sweep(**lost, rates=[0.05, 50.0], record=path, progress=said.append)
    assert [run.status for run in with_good.runs] == ["ok", "diverged"] * 2
    assert "best mean loss 0." in said[1]


def test_more_seeds_keep_the_old_runs(tmp_path):
    path = tmp_path / "runs.jsonl"
    run_sweep(**SMALL, record=path)
    before = path.read_bytes()
    runs = run_sweep(**{**SMALL, "seeds": 4}, record=path)
    assert len(runs) == 48
    assert path.read_bytes().startswith(before)
    assert len(read_record(path)) == 48


def test_two_sweeps_in_one_file_are_told_apart(tmp_path):
    path = tmp_path / "runs.jsonl"
    run_sweep(**SMALL, record=path)
    run_sweep(**SMALL, record=path, dirichlet_alpha=0.3)
    with pytest.raises(InputError, match=r"several sweeps: dirichlet_alpha None, 0\.3"):
        analyse(path)
    assert analyse(path, dirichlet_alpha=0.3).shared["dirichlet_alpha"] == 0.3
    assert analyse(path, dirichlet_alpha=None).seeds == 3


def test_a_sweep_that_is_not_finished_is_not_analysed(tmp_path):
    path = tmp_path / "runs.jsonl"
    runs = run_sweep(**SMALL)
    append(path, runs.runs[:-5])
    with pytest.raises(InputError, match=r"holds 31 of the 36 runs .* again with this record"):
        analyse(path)
    with pytest.raises(InputError, match="no runs"):
        analyse(tmp_path / "none.jsonl")


def test_the_key_is_the_same_in_every_version():
    # a key that changed would train everything again
    assert run_key({"width": 8, "rate": 0.5, "dirichlet_alpha": None}) == "4f123b872188d99e"


@pytest.mark.parametrize("line", ["{broken", '{"schema": "other@1"}', "[]"])
def test_a_bad_line_is_an_error_with_its_number(tmp_path, line):
    path = tmp_path / "runs.jsonl"
    append(path, run_sweep(**{**SMALL, "clients": [1], "widths": [4], "seeds": 1}).runs)
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(DocumentError, match=r"runs\.jsonl, line 3: .*mend or delete"):
        read_record(path)


def test_a_line_whose_question_was_changed_by_hand_is_refused(tmp_path):
    path = tmp_path / "runs.jsonl"
    append(path, run_sweep(**{**SMALL, "clients": [1], "widths": [4], "seeds": 1}).runs)
    path.write_text(path.read_text().replace('"width": 4', '"width": 5'))
    with pytest.raises(DocumentError, match=r"line 1: .*key is not that of its config"):
        read_record(path)


def test_a_record_that_cannot_be_written_is_an_input_error(tmp_path):
    with pytest.raises(DocumentError, match="cannot write"):
        append(tmp_path, [])


def test_where_refuses_what_runs_do_not_have():
    runs = run_sweep(**{**SMALL, "clients": [1], "widths": [4], "seeds": 2})
    assert len(runs.where(seed=[0], rate=0.5)) == 1
    with pytest.raises(InputError, match="runs have no 'alpha'"):
        runs.where(alpha=0.3)


def test_the_table_is_read_as_federated_runs(tmp_path):
    runs = run_sweep(
        **{**SMALL, "widths": [4, 8, 16, 32], "compute": 2e7, "clients": [1, 2, 4]},
        dirichlet_alpha=0.5,
    )
    path = tmp_path / "runs.csv"
    path.write_text(runs.to_csv())
    read = read_federated_runs(str(path))
    assert len(read) == len(runs)
    assert set(np.unique(read.columns["K"])) == {1, 2, 4}
    assert read.columns["D"][0] == runs.runs[0].samples
    assert read.columns["lr"][1] == runs.runs[1].rate
    # another parabola and other rules of refusal: the two need only be of one mind
    direct = direct_slope(read, draws=20)
    found = analyse(runs, draws=20)
    for point, optimum in zip(direct.points, found.optima, strict=True):
        assert point.clients == optimum.clients
        assert point.size == pytest.approx(optimum.size.value, rel=0.6)


def test_lines_of_a_record_are_plain_json(tmp_path):
    path = tmp_path / "runs.jsonl"
    run_sweep(**{**SMALL, "clients": [1], "widths": [4], "seeds": 1}, record=path)
    entry = json.loads(path.read_text().splitlines()[0])
    assert entry["schema"] == "isoloss/federated-run@1"
    assert re.fullmatch("[0-9a-f]{16}", entry["key"])
    assert entry["config"]["engine"] == "numpy"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "cats"}, "task must be one of digits, teacher, got 'cats'"),
        ({"clients": 4}, "clients must be a list such as"),
        ({"clients": []}, "clients is empty"),
        ({"clients": [1, 1]}, "clients has a value twice"),
        ({"clients": [0]}, "clients must be at least 1"),
        ({"clients": [1.5]}, "clients must be a whole number"),
        ({"clients": [1201]}, "clients must be at most 1200"),
        ({"widths": "8,16"}, "widths must be a list"),
        ({"compute": -1}, "compute must be a positive number"),
        ({"compute": float("nan")}, "compute must be a positive number"),
        ({"mode": "both"}, "mode must be one of total, per-client"),
        ({"seeds": 0}, "seeds must be at least 1"),
        ({"seeds": [0, -1]}, "seeds must be at least 0"),
        ({"rates": [0.1, 0]}, "rates must be a positive number"),
        ({"dirichlet_alpha": 0}, "dirichlet_alpha must be a positive number"),
        ({"task": "teacher", "dirichlet_alpha": 0.3}, "splits by class, and the task 'teacher'"),
        ({"local_steps": 0}, "local_steps must be at least 1"),
        ({"batch": "many"}, "batch must be a whole number"),
        ({"engine": "torch"}, "engine must be one of numpy, flower"),
    ],
)
def test_bad_settings_are_named(changes, message):
    with pytest.raises(InputError, match=message):
        run_sweep(**{**SMALL, **changes})


def test_a_sweep_without_settings_says_which_it_needs():
    with pytest.raises(InputError, match="needs clients, widths, compute, rates too"):
        run_sweep(task="digits", seeds=3)
    with pytest.raises(InputError, match="no preset 'huge'; there are newcomer, full"):
        run_sweep("huge")


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_are_settings(name):
    chosen = check_settings(**PRESETS[name])
    assert chosen.clients[0] == 1
    assert chosen.clients[-1] == 16
    assert len(chosen.seeds) >= 5
