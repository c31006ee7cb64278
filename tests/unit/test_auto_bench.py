"""Scoring a pair of tables from a description of a few lines."""

import csv

import numpy as np
import pytest

from isoloss import InputError
from isoloss.trust.auto.bench import Task, find_task, r2, read_part, run, tasks

from .auto_cases import grid

DESCRIPTION = """
inputs = ["N", "D"]
targets = ["a", "b"]
group = "set"
leave_out = "bad"
"""


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("tables")
    n, d, g = grid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e11, 3), [0, 1])
    a = 1.5 + g + 40 * n**-0.25 + 90 * d**-0.25
    rows = [
        {
            "N": n[i],
            "D": d[i],
            "set": "xy"[int(g[i])],
            "a": a[i],
            "b": 2 * a[i],
            "bad": i == 3,
            "split": "test" if n[i] > 5e9 else "train",
        }
        for i in range(len(n))
    ]
    rows[3]["a"] = 1000.0
    write(tmp_path / "all.csv", rows)
    for part in ("train", "test"):
        write(tmp_path / f"{part}.csv", [row for row in rows if row["split"] == part])
    (tmp_path / "task.toml").write_text(DESCRIPTION)
    return tmp_path


@pytest.fixture(scope="module")
def scored(files):
    return run(files / "all.csv", files / "all.csv", str(files / "task.toml"))


def test_vector_targets_with_groups_are_scored(scored):
    found = scored
    assert found["rows"] == [29, 6]
    assert found["r2"] > 0.999
    assert found["r2_compact"] > 0.99
    assert set(found["groups"]) == {"x", "y"}
    assert found["groups"]["x"]["rows"] == 3
    assert found["groups"]["x"]["rmse"] < 0.02
    assert max(found["naive"].values()) < found["r2"]
    assert min(found["naive"].values()) >= -1
    assert 0 <= found["coverage"] <= 1


def test_two_files_are_one_and_the_targets_of_the_test_are_not_seen(files, scored):
    """With other targets in the test rows the forecast, and so the members, stay the same."""
    task = find_task(str(files / "task.toml"))
    rows = list(csv.DictReader((files / "test.csv").read_text().splitlines()))
    for row in rows:
        row["a"] = str(7.0 + float(row["a"]) ** 2)
    write(files / "other.csv", rows)
    other = run(files / "train.csv", files / "other.csv", task)
    assert other["members"] == scored["members"]
    assert other["compact"] == scored["compact"]
    assert other["r2"] < scored["r2"]


def test_rows_that_are_left_out_are_left_out(files):
    task = find_task(str(files / "task.toml"))
    assert read_part(files / "all.csv", task, "train").y.max() < 100
    kept = Task("all", task.inputs, task.targets, task.group)
    assert read_part(files / "all.csv", kept, "train").y.max() == 1000


def test_the_score_is_that_of_the_benchmark():
    y = np.array([[1.0, 10.0], [3.0, 30.0]])
    assert r2(y, y) == 1
    assert r2(y, y.mean(axis=0) + 0 * y) == 0
    # one target right, one at its mean
    assert r2(y, np.stack([y[:, 0], [20, 20]], axis=1)) == 0.5
    assert r2(y, y + 100) == -1
    assert r2(y, y * np.nan) == -1


def test_the_eight_tasks_are_described():
    known = tasks()
    assert sorted(known) == sorted(
        [
            *("parallel", "vocab", "sft", "mixture", "moe"),
            *("data_constrained", "lr_bsz", "ushape"),
        ]
    )
    for name in ("moe", "sld_moe", "moe_scaling_law", known["moe"]):
        assert find_task(name) == known["moe"]
    assert len(known["mixture"].targets) == 5
    assert all(task.file and task.published for task in known.values())


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("mo", r"task 'mo' is neither a known name \(parallel, "),
        ({"inputs": ["N"]}, "'targets' must be a list of column names"),
        ({"inputs": "N", "targets": ["a"]}, "'inputs' must be a list of column names"),
        ({"inputs": ["N"], "targets": ["a"], "groups": "g"}, "unknown key 'groups'"),
    ],
)
def test_a_bad_task_is_refused(task, message):
    with pytest.raises(InputError, match=message):
        find_task(task)


def test_a_file_that_is_no_toml_is_refused(tmp_path):
    path = tmp_path / "task.toml"
    path.write_text("inputs = [")
    with pytest.raises(InputError, match="no TOML"):
        find_task(str(path))
