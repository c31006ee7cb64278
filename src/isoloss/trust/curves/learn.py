"""Learning the prior again from the training parts of many curves.

    python -m isoloss.trust.curves.learn revisiting_scaling.csv.gz [--out prior.toml]

The file has the columns of `bench`; rows that are not marked as training are not looked at. The
prior is the factorised distribution over the grid under which the curves are likeliest, found by
expectation maximisation with half a curve added to every share (a Dirichlet prior), so that no
value becomes impossible.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from isoloss import store
from isoloss.exceptions import IsolossError
from isoloss.trust.curves.curve import FEWEST, Curve
from isoloss.trust.curves.gaussian import evidence
from isoloss.trust.curves.prior import PATH, SIZES, Prior, to_toml
from isoloss.trust.curves.tasks import Task, read_tasks
from isoloss.trust.curves.transform import LOSS, TRANSFORMS

ROUNDS = 200
ADDED = 0.5
# the curves of the benchmark bend below a ceiling that a loss does not have; over the last four
# octaves most are away from it, so the prior of losses is learnt there
RECENT = 16.0


def learn(curves: Sequence[Curve]) -> Prior:
    """The prior under which these curves, all on one scale, are likeliest."""
    shape = tuple(len(grid) for grid in SIZES.values())
    surface = np.stack([evidence(curve).reshape(shape) for curve in curves])
    inner = tuple(range(1, surface.ndim))
    likelihood = np.exp(surface - surface.max(axis=inner, keepdims=True))
    prior = Prior(*(np.full(size, 1 / size) for size in shape))
    for _ in range(ROUNDS):
        joint = likelihood * np.exp(prior.log()).reshape(shape)
        joint /= joint.sum(axis=inner, keepdims=True)
        tables = []
        for axis in inner:
            share = joint.sum(axis=tuple(i for i in range(surface.ndim) if i != axis)) + ADDED
            tables.append(share / share.sum())
        prior = Prior(*tables)
    return prior


def learn_all(tasks: Sequence[Task]) -> dict[str, Prior]:
    """One prior a transform, each from every curve, whatever the curves are of."""
    found = {}
    for name, transform in TRANSFORMS.items():
        seen = [
            task.x >= task.x[-1] / RECENT if transform is LOSS else task.x > 0 for task in tasks
        ]
        found[name] = learn(
            [
                Curve.of(task.x[rows], task.y[rows], transform)
                for task, rows in zip(tasks, seen, strict=True)
                if rows.sum() >= FEWEST
            ]
        )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("table", help="curves, as `bench` reads them")
    parser.add_argument("--out", type=Path, default=PATH, help="where to write the tables")
    options = parser.parse_args(arguments)
    try:
        tasks = read_tasks(options.table)
        note = (
            f"Learnt from the training parts of {len(tasks)} curves in {Path(options.table).name} "
            "by\npython -m isoloss.trust.curves.learn; shares over the values that stand above."
        )
        store.write_text(options.out, to_toml(learn_all(tasks), note))
    except IsolossError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
