"""Synthetic tables for the automatic procedure, and jobs made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from isoloss.trust.auto.fitting import Candidate
from isoloss.trust.auto.job import Job, make_job
from isoloss.trust.auto.rules import make_rules
from isoloss.trust.auto.signature import read_signature
from isoloss.trust.auto.table import join_repeats, read_table
from isoloss.trust.auto.words import Compact


def grid(*axes: Sequence[float] | np.ndarray) -> list[np.ndarray]:
    """All combinations of some values, one array for each axis."""
    return [a.ravel() for a in np.meshgrid(*axes, indexing="ij")]


def table_of(columns: Mapping[str, Any], targets: Sequence[str], group: str | None = None):
    """A table; every column that is neither target nor group is an input."""
    inputs = [name for name in columns if name not in targets and name != group]
    return read_table(dict(columns), inputs, list(targets), group)


def job_of(
    train: Mapping[str, Any],
    query: Mapping[str, Any],
    targets: Sequence[str] = ("loss",),
    group: str | None = None,
) -> Job:
    """The question in numbers, as the verb sets it up."""
    table, asked = table_of(train, targets, group), table_of(query, (), group)
    cells = join_repeats(table)
    signature = read_signature(cells.table)
    return make_job(cells, asked, signature, make_rules(cells.table, asked, signature), 0)


def off(candidate: Candidate, job: Job, truth: np.ndarray) -> float:
    """Largest error at the query, in standard deviations of the trained targets."""
    values = candidate.there * job.sign
    return float(np.max(np.abs(values - np.reshape(truth, values.shape)) / job.y.std(axis=0)))


def in_words(law: Compact, target: str, columns: Mapping[str, Any], group: str = "") -> np.ndarray:
    """What a law's printed formula gives with its printed parameters."""
    main, _, rest = law.formulas[target].partition(" where ")
    names: dict[str, Any] = {"ln": np.log, "exp": np.exp, "min": np.minimum}
    names |= dict(columns) | law.parameters[target][group]
    for definition in reversed([part for part in rest.split("; ") if part]):
        name, _, value = definition.partition(" = ")
        names[name] = eval(value, {"__builtins__": {}}, names)
    assert not re.search(r"<\d+>", main)
    return eval(main, {"__builtins__": {}}, names)
