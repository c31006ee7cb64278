"""Score the automatic procedure on a pair of tables: one to learn from, one to foretell.

The score is that of SLDBench (arXiv:2507.21184): predictions for all groups together, for each
target NMSE = mean squared error over the variance of the test rows, R2 = 1 - the mean of NMSE over
targets, never below -1. The procedure is given the inputs of the test rows and nothing else; their
targets are read to score it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.trust.auto.auto import extrapolate
from isoloss.trust.auto.extrapolated import Extrapolated
from isoloss.trust.auto.table import Table, read_table

WORST = -1.0
SPLIT = "split"
_TRUE = ("true", "1", "yes")


@dataclass(frozen=True)
class Task:
    """Which columns of a pair of tables are what.

    Attributes:
        name: for messages and tables.
        inputs: columns known before a run.
        targets: columns to foretell.
        group: column of labels, or None.
        leave_out: column that is true for rows that are no part of the task, or None.
        file: name of the table that holds the rows, where there is one.
        published: the task's name in tables of published scores, where there is one.
    """

    name: str
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    group: str | None = None
    leave_out: str | None = None
    file: str = ""
    published: str = ""


def tasks() -> dict[str, Task]:
    """The eight tasks of SLDBench by name."""
    text = resources.files(__package__ or "").joinpath("tasks.toml").read_text(encoding="utf-8")
    return {name: _task(name, entry) for name, entry in tomllib.loads(text).items()}


def find_task(task: Any) -> Task:
    """A task by name, by the path of a TOML file, or from a mapping.

    The eight known ones also go by their published names and by those of their tables.

    Raises:
        InputError: an unknown name, a file that is no TOML, or keys that are missing or unknown.
    """
    if isinstance(task, Task):
        return task
    if isinstance(task, Mapping):
        return _task("task", task)
    known = tasks()
    for one in known.values():
        if task in (one.name, one.published, Path(one.file).stem):
            return one
    path = Path(task)
    if not path.is_file():
        raise InputError(
            f"task '{task}' is neither a known name ({', '.join(known)}) nor a TOML file"
        )
    try:
        return _task(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no TOML ({error}); give inputs, targets and group") from None


def _task(name: str, entry: Mapping[str, Any]) -> Task:
    known = {"inputs", "targets", "group", "leave_out", "file", "published"}
    unknown = sorted(set(entry) - known)
    if unknown:
        raise InputError(f"task '{name}': unknown key '{unknown[0]}'; known are {sorted(known)}")
    for key in ("inputs", "targets"):
        values = entry.get(key)
        if not isinstance(values, list | tuple) or not values:
            raise InputError(f"task '{name}': '{key}' must be a list of column names")
    return Task(
        name,
        tuple(entry["inputs"]),
        tuple(entry["targets"]),
        entry.get("group"),
        entry.get("leave_out"),
        entry.get("file", ""),
        entry.get("published", ""),
    )


def read_part(path: str | os.PathLike[str], task: Task, part: str) -> Table:
    """The rows of one part: those that a column `split` calls so, or all where it does not."""

    def of_part(labels: np.ndarray) -> np.ndarray:
        wanted = labels == part
        return wanted if wanted.any() else np.ones(len(labels), dtype=bool)

    def kept(labels: np.ndarray) -> np.ndarray:
        return np.array([label.lower() not in _TRUE for label in labels])

    where = {SPLIT: of_part}
    if task.leave_out:
        where[task.leave_out] = kept
    return read_table(path, task.inputs, task.targets, task.group, where)


def run(
    train_path: str | os.PathLike[str],
    test_path: str | os.PathLike[str],
    task: Any,
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Learn from one table, foretell another, and score it.

    Args:
        train_path: rows to learn from; of a table with a column `split` those called `train`.
        test_path: rows to foretell, with their targets; likewise those called `test`. It may be the
            same table.
        task: a name out of `tasks()`, a TOML file with inputs, targets and group, or a mapping.
        seed: of the procedure.

    Returns:
        `r2` of the ensemble, `r2_compact` of the one closed law, `naive` scores, `groups`, and what
        the procedure said: `coverage`, `width`, `members`, `compact`, `flags`.

    Raises:
        InputError: a table or a task that cannot be used.
    """
    what = find_task(task)
    train, test = read_part(train_path, what, "train"), read_part(test_path, what, "test")
    hidden = replace(test, targets=(), y=np.full((len(test), 0), np.nan))
    found = extrapolate(train, hidden, what.targets, what.group, seed=seed)
    return {"task": what.name, "rows": [len(train), len(test)], **scores(found, test)}


def scores(found: Extrapolated, test: Table) -> dict[str, Any]:
    """How a forecast did on rows whose targets are known.

    Args:
        found: the forecast.
        test: the rows, in the same order.
    """
    y = test.y
    inside = (y >= found.lower) & (y <= found.upper)
    spread = np.where(y.std(axis=0) > 0, y.std(axis=0), 1.0)
    naive = {name: r2(y, values) for name, values in found.naive.items()}
    return {
        "r2": r2(y, found.predictions),
        "r2_compact": r2(y, found.law.predictions),
        "naive": naive,
        "groups": _by_group(found, test),
        "coverage": float(inside.mean()),
        "width": float(np.mean((found.upper - found.lower) / spread)),
        "level": found.level,
        "backtest_nmse": found.nmse,
        "compact": str(found.law),
        "members": [vars(member) for member in found.members],
        "flags": [vars(flag) for flag in found.flags],
        "roles": found.roles,
    }


def r2(y: np.ndarray, predicted: np.ndarray) -> float:
    """1 - mean over targets of MSE / Var, never below -1.

    Args:
        y: targets, `(n, T)`.
        predicted: the same shape.
    """
    square = np.mean((y - predicted) ** 2, axis=0)
    variance = y.var(axis=0)
    if not np.all(np.isfinite(square)) or np.any((variance == 0) & (square > 0)):
        return WORST
    nmse = np.where(variance > 0, square / np.where(variance > 0, variance, 1.0), 0.0)
    return max(WORST, float(1.0 - nmse.mean()))


def _by_group(found: Extrapolated, test: Table) -> dict[str, dict[str, Any]]:
    """For each group rows, root mean square error (mean over targets), and R2 within the group."""
    parts = {}
    for label in sorted(set(test.group)):
        rows = test.group == label
        y, predicted = test.y[rows], found.predictions[rows]
        parts[str(label)] = {
            "rows": int(rows.sum()),
            "rmse": float(np.sqrt(np.mean((y - predicted) ** 2, axis=0)).mean()),
            "rmse_compact": float(
                np.sqrt(np.mean((y - found.law.predictions[rows]) ** 2, axis=0)).mean()
            ),
            # one row has no variance to be measured against
            "r2": r2(y, predicted) if rows.sum() > 1 else None,
        }
    return parts
