"""Runs as the arrays that a mixture works on: logarithms, in an order of their own.

Everything that is fitted lives on logarithms of inputs and of the target, so units leave no trace;
rows are sorted by what they hold, so the order of the table leaves none either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from isoloss.exceptions import InputError
from isoloss.fit.prepare import clusters_of, run_weights
from isoloss.law import Law
from isoloss.runs import Runs
from isoloss.trust.candidates import scale_of

MOST_INPUTS = 4
FEWEST_RUNS = 5
# inputs that move together to within this, in natural logarithms, count as one
TOGETHER = 0.02


@dataclass(frozen=True, eq=False)
class Rows:
    """Runs, or points that are asked about.

    Attributes:
        names: the inputs.
        columns: every input by name, (n,), as given.
        logs: (n, d) natural logarithms of the inputs in `names`.
        size: (n,) natural logarithm of compute, or of what stands for it.
        y: (n,) natural logarithm of the target; empty for points that are asked about.
        weights: (n,) of mean one.
        clusters: (n,) group of rows that are not independent.
        order: (n,) where each row stood in the table.
    """

    names: tuple[str, ...]
    columns: Mapping[str, np.ndarray]
    logs: np.ndarray
    size: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    clusters: np.ndarray
    order: np.ndarray

    def __len__(self) -> int:
        return len(self.logs)

    def select(self, mask: np.ndarray) -> Rows:
        """The rows that a mask or an index picks."""
        return replace(
            self,
            columns={name: values[mask] for name, values in self.columns.items()},
            logs=self.logs[mask],
            size=self.size[mask],
            y=self.y[mask] if len(self.y) else self.y,
            weights=self.weights[mask],
            clusters=self.clusters[mask],
            order=self.order[mask],
        )


def training_rows(runs: Runs, laws: Sequence[Law], inputs: Sequence[str] | None) -> Rows:
    """Checked, sorted rows of what was trained.

    Args:
        runs: the table.
        laws: forms that were named; their variables have to be there.
        inputs: which columns are inputs; by default those that vary, without compute where there
            is another.

    Raises:
        InputError: too few runs, a target or an input that has no logarithm, or no input.
    """
    _check(runs)
    names = tuple(inputs) if inputs is not None else _inputs(runs, laws)
    for name in names:
        _positive(runs, name)
    used = {*names, *(v for law in laws for v in law.variable_names)}
    missing = sorted(used - set(runs.columns))
    if missing:
        raise InputError(
            f"'{missing[0]}' is not among the inputs of {runs.source}: {', '.join(runs.inputs)}"
        )
    logs = np.log(np.stack([runs.columns[name] for name in names], axis=1))
    size = np.log(scale_of(runs)) if np.all(scale_of(runs) > 0) else logs[:, 0]
    labels, _ = clusters_of(runs, None, "auto")
    y = np.log(runs.columns[runs.target])
    weights = run_weights(runs)
    order = np.lexsort((weights, y, *logs.T, np.round(size, 9)))
    rows = Rows(
        names,
        {name: runs.columns[name] for name in runs.inputs},
        logs,
        size,
        y,
        weights,
        # independent rows are numbered in the sorted order, which no table can change
        np.argsort(order) if labels is None else labels,
        np.arange(len(runs)),
    )
    return rows.select(order)


def asked_rows(rows: Rows, at: Mapping[str, Any] | Runs, laws: Sequence[Law]) -> Rows:
    """Points that are asked about, with their sizes in the terms of the runs.

    Args:
        rows: of the runs.
        at: name to number or list; C may be left out where other inputs give it.
        laws: forms that were named; they may need more inputs than the built-in ones.

    Raises:
        InputError: an input is missing, unknown, not positive, or of another length.
    """
    given = dict(at.columns) if isinstance(at, Runs) else dict(at)
    needed = {*rows.names, *(v for law in laws for v in law.variable_names)}
    known = {*needed, *rows.columns}
    if isinstance(at, Runs):
        given = {name: values for name, values in given.items() if name in known}
    unknown = sorted(set(given) - known)
    if unknown:
        raise InputError(
            f"'{unknown[0]}' is no input of these runs; they have {', '.join(rows.columns)}"
        )
    for name in sorted(needed):
        if name not in given:
            raise InputError(f"a point needs {', '.join(sorted(needed))}; {name} is missing")
    columns = _arrays(given)
    logs = np.log(np.stack([columns[name] for name in rows.names], axis=1))
    n = len(logs)
    return Rows(
        rows.names,
        columns,
        logs,
        _size_of(rows, columns, logs),
        np.empty(0),
        np.ones(n),
        np.arange(n),
        np.arange(n),
    )


def off_line(rows: Rows, asked: Rows) -> np.ndarray:
    """How far (m,) points lie off the line that all runs share, in natural logarithms.

    Zero where the runs vary in every direction. A ladder trained at 20 tokens a parameter says
    nothing of another ratio.
    """
    left = np.zeros(len(asked))
    base = np.column_stack([np.ones(len(rows)), rows.logs])
    for name, values in rows.columns.items():
        if name in rows.names or name not in asked.columns or not np.all(values > 0):
            continue
        line, *_ = np.linalg.lstsq(base, np.log(values), rcond=None)
        if np.abs(np.log(values) - base @ line).max() < TOGETHER:
            found = np.column_stack([np.ones(len(asked)), asked.logs]) @ line
            left = np.maximum(left, np.abs(np.log(asked.columns[name]) - found))
    return left


def _check(runs: Runs) -> None:
    if not isinstance(runs, Runs):
        raise InputError(
            f"runs are needed, got {type(runs).__name__}; read them first: "
            "isoloss.read_runs('runs.csv', map='N=params,D=tokens,loss=loss')"
        )
    if len(runs) < FEWEST_RUNS:
        raise InputError(
            f"{len(runs)} runs are too few for backtests; a mixture needs at least {FEWEST_RUNS}"
        )
    if runs.target == "accuracy":
        raise InputError(
            "a mixture foretells what falls with scale; give the error instead of the accuracy, "
            "for example --map error=1-accuracy --target error"
        )
    _positive(runs, runs.target)


def _positive(runs: Runs, name: str) -> None:
    if name not in runs.columns:
        raise InputError(
            f"'{name}' is not among the inputs of {runs.source}: {', '.join(runs.inputs)}"
        )
    values = runs.columns[name]
    if not np.all(values > 0):
        row = int(runs.rows[np.argmin(values)])
        raise InputError(
            f"{runs.source}, {runs.word} {row}: {name} is {values.min():g}; a mixture takes "
            "logarithms and needs positive values, so leave this run out with --where"
        )


def _inputs(runs: Runs, laws: Sequence[Law]) -> tuple[str, ...]:
    """Inputs that vary on their own."""
    asked = tuple(dict.fromkeys(v for law in laws for v in law.variable_names))
    candidates = asked or runs.inputs
    # the same whichever column stands first in the table
    candidates = sorted(candidates, key=lambda name: (name not in ("N", "D"), name == "D", name))
    found = [n for n in candidates if n in runs.columns and np.ptp(runs.columns[n]) > 0]
    if any(name != "C" for name in found) and not asked:
        found = [name for name in found if name != "C"]
    if not found:
        raise InputError(
            f"every input of {runs.source} is the same in all {len(runs)} runs; nothing can be "
            "learned about scale"
        )
    if len(found) > MOST_INPUTS:
        raise InputError(
            f"{len(found)} inputs vary ({', '.join(found)}); a mixture takes at most "
            f"{MOST_INPUTS}, so name them with inputs=..."
        )
    if asked:
        return tuple(found)
    for name in found:
        _positive(runs, name)
    return _apart(runs, found)


def _apart(runs: Runs, found: list[str]) -> tuple[str, ...]:
    """Inputs of which none is a power of the others; compute alone where only one is left."""
    kept: list[str] = []
    for name in found:
        values = np.log(runs.columns[name])
        base = np.column_stack([np.ones(len(runs)), *(np.log(runs.columns[k]) for k in kept)])
        line, *_ = np.linalg.lstsq(base, values, rcond=None)
        if np.abs(values - base @ line).max() >= TOGETHER:
            kept.append(name)
    return tuple(kept or found[:1])


def _arrays(given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Positive numbers and lists of them as arrays of one length."""
    columns = {}
    for name, value in given.items():
        try:
            columns[name] = np.atleast_1d(np.asarray(value, dtype=float))
        except (TypeError, ValueError):
            raise InputError(f"{name} must be a number or a list of them, got {value!r}") from None
        wrong = columns[name][~(np.isfinite(columns[name]) & (columns[name] > 0))]
        if wrong.size:
            raise InputError(f"{name} must be a positive number, got {wrong[0]:g}")
    try:
        arrays = np.broadcast_arrays(*columns.values())
    except ValueError:
        lengths = ", ".join(f"{name} has length {len(v)}" for name, v in columns.items())
        raise InputError(f"the columns need one length: {lengths}") from None
    return dict(zip(columns, (np.atleast_1d(a) for a in arrays), strict=True))


def _size_of(rows: Rows, columns: Mapping[str, np.ndarray], logs: np.ndarray) -> np.ndarray:
    """Sizes in the terms of the runs: compute as given, or as it goes with the other inputs."""
    if "C" in columns and "C" in rows.columns:
        return np.log(columns["C"])
    base = np.column_stack([np.ones(len(rows)), rows.logs])
    line, *_ = np.linalg.lstsq(base, rows.size, rcond=None)
    return np.column_stack([np.ones(len(logs)), logs]) @ line
