"""SLDBench: the automatic procedure beside the human laws and the published runs.

    python benchmarks/sldbench.py [--data ../shared/data] [--tasks parallel,moe] [--json FILE]

Runs every task of SLDBench (Lin et al. 2025, arXiv:2507.21184) whose test rows stand in the data
folder, with one procedure and no choice for a task. Published scores come from
published_scores.csv: `human` is the law of the paper that the task is made of, `SLDAgent gpt-5` the
mean of five runs, `best run` the best of all published runs of all agents, picked afterwards.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

from _common import ROOT, cpu, machine, table

DATA = ROOT.parent / "shared" / "data"
GOALS = {"parallel": 0.9999, "vocab": 0.985, "sft": 0.992, "moe": 0.74}


def published(folder: Path) -> dict[str, dict[str, float]]:
    """For each task of SLDBench the human score, the mean of SLDAgent gpt-5 and the best run."""
    path = folder / "published_scores.csv"
    if not path.is_file():
        return {}
    found: dict[str, dict[str, float]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["benchmark"] != "SLDBench":
                continue
            scores = found.setdefault(row["task"], {})
            value, method = float(row["value"]), row["method"]
            if row["metric"] == "R2 max":
                scores["best run"] = max(value, scores.get("best run", value))
            elif method == "human / human":
                scores["human"] = value
            elif method == "SLDAgent / gpt-5":
                scores["SLDAgent gpt-5"] = value
    return found


def has_test(path: Path) -> bool:
    """Whether a table holds rows that its column `split` calls test."""
    if not path.is_file():
        return False
    with path.open(newline="", encoding="utf-8") as file:
        return any(row.get("split") == "test" for row in csv.DictReader(file))


def main() -> int:
    from isoloss.trust.auto.bench import run, tasks

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="folder with the sld_*.csv tables")
    parser.add_argument("--tasks", default="", help="names with commas between; all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the numbers here too")
    options = parser.parse_args()
    wanted = {name for name in options.tasks.split(",") if name}
    known, rows, records, missed = published(options.data), [], [], []
    print(f"machine: {machine()}\n")
    for name, task in tasks().items():
        path = options.data / task.file
        if wanted and name not in wanted:
            continue
        if not has_test(path):
            print(f"{name}: no test rows in {path.name}, left out")
            continue
        begin, used = time.perf_counter(), cpu()
        record: dict[str, Any] = run(path, path, name, seed=options.seed)
        record |= {"seconds": time.perf_counter() - begin, "cpu_seconds": cpu() - used}
        records.append(record)
        rows.append(_line(record, known.get(task.published, {}), GOALS.get(name)))
        if record["r2"] < GOALS.get(name, -1.0):
            missed.append(name)
    if not rows:
        print(f"no tables with test rows in {options.data}")
        return 1
    head = (
        *("task", "ensemble", "one law", "goal", "human", "SLDAgent", "best run", "best naive"),
        *("90% cover", "width", "s", "CPU s", "flags"),
    )
    print("\n" + table(head, rows))
    for record in records:
        print(f"\n{record['task']}: {record['compact'].splitlines()[0]}")
        print(record["compact"].splitlines()[1][:300])
    if options.json:
        options.json.write_text(json.dumps(records, indent=1) + "\n", encoding="utf-8")
    print(f"\ngoals missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


def _line(record: dict[str, Any], beside: dict[str, float], goal: float | None) -> tuple[str, ...]:
    naive = max(record["naive"], key=lambda name: record["naive"][name])
    shown = [beside.get(name) for name in ("human", "SLDAgent gpt-5", "best run")]
    return (
        record["task"],
        f"{record['r2']:.5f}",
        f"{record['r2_compact']:.5f}",
        f"{goal:.4f}" if goal else "",
        *("" if value is None else f"{value:.4f}" for value in shown),
        f"{record['naive'][naive]:.3f} ({naive})",
        f"{100 * record['coverage']:.0f}%",
        f"{record['width']:.2f}",
        f"{record['seconds']:.0f}",
        f"{record['cpu_seconds']:.0f}",
        ", ".join(flag["code"] for flag in record["flags"]) or "-",
    )


if __name__ == "__main__":
    sys.exit(main())
