"""The federated character-level ladder: its grid and its run.

    python -m isoloss.lab.federated_ladder run --out DIR        train, or go on
    python -m isoloss.lab.federated_ladder export --out DIR --to FOLDER
                                                     write federated_char_lm.csv and .md

The command can be killed and given again: what is on record is skipped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path

from isoloss.exceptions import IsolossError
from isoloss.lab.record import Record, content_key
from isoloss.lab.trainers.federated_lm import METHODS, FederatedConfig

RECORD = "federated_runs.jsonl"
COMPUTE = 3e10
"""Training FLOPs of a run, all clients together, by the rule 6 N D."""

SIZES = ((1, 6, 1), (1, 8, 1), (1, 12, 1), (1, 16, 1), (1, 24, 2), (1, 36, 2))
"""Layers, width and heads: 1.3 to 20.5 thousand parameters."""

CLIENTS = (1, 2, 4, 8)
LOCAL_STEPS = (8, 32)
FACTORS = {
    "fedavg": (0.25, 0.5, 1.0, 2.0, 4.0),
    "diloco": (0.015625, 0.03125, 0.0625, 0.125, 0.25, 0.5, 1.0, 2.0),
}
"""Peak rates as multiples of 0.9 / (width sqrt(layers)), the rule of the central ladder.

DiLoCo's momentum makes the server's steps up to seven times as long as the clients' own, so its
best rates are lower."""

SEEDS = (0, 1, 2)


def stacks() -> Iterator[list[FederatedConfig]]:
    """The ladder in stacks of runs that train together."""
    for steps, method, clients, size in product(LOCAL_STEPS, METHODS, CLIENTS, SIZES):
        layers, width, heads = size
        rule = 0.9 / (width * layers**0.5)
        yield [
            FederatedConfig(
                layers, width, heads, COMPUTE, clients, steps, method, factor * rule, seed
            )
            for factor, seed in product(FACTORS[method], SEEDS)
        ]


def train_all(record: Record) -> int:
    """Train what is not on record, on one thread; return how many runs that was."""
    import torch  # pyright: ignore[reportMissingImports]

    from isoloss.lab.data.text import kjv
    from isoloss.lab.trainers.federated_lm import train_stack

    torch.set_num_threads(1)  # sums in another order on more threads would change the last digits
    corpus, trained = kjv(), 0
    for stack in stacks():
        done = record.keys()
        missing = [config for config in stack if content_key(asdict(config)) not in done]
        if not missing:
            continue
        for config, result in zip(missing, train_stack(missing, corpus), strict=True):
            record.append(asdict(config), result)
        trained += len(missing)
        first = missing[0]
        print(
            f"{first.method}, {first.clients} clients, {first.local_steps} local steps, width "
            f"{first.width}: {len(missing)} runs",
            flush=True,
        )
    return trained


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m isoloss.lab.federated_ladder", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("command", choices=("run", "export"))
    parser.add_argument("--out", type=Path, required=True, help="folder of the record")
    parser.add_argument("--to", type=Path, help="folder that export writes to; default: --out")
    options = parser.parse_args(arguments)
    record = Record(options.out / RECORD)
    try:
        if options.command == "export":
            from isoloss.lab.federated_table import export

            export(record, options.to or options.out)
        else:
            print(f"trained {train_all(record)} runs; the rest was on record")
    except IsolossError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
