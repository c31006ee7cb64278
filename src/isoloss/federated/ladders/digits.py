"""The federated digits ladder: 1 to 16 clients, data drawn alike and split by class.

    python -m isoloss.federated.ladders.digits --out DIR      train, or go on, and write the table

The `full` preset of the sweep and one width more, twice: with data drawn alike and with a Dirichlet
split. It takes about a minute of CPU. The command can be killed and given again.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from isoloss import store
from isoloss.exceptions import IsolossError
from isoloss.federated.sweep import Analysis, SweepRecord, analyse, run_sweep
from isoloss.federated.sweep.settings import PRESETS
from isoloss.federated.sweep.show import HEAD, answers, rows

RECORD = "federated_digits.jsonl"
WIDTHS = (4, 8, 16, 32, 64, 128, 256)
"""Hidden units; with unlike data the best size among 16 clients lies below width 16."""

SPLITS = (None, 0.3)
"""Concentrations of the Dirichlet split; None for data drawn alike."""

COLUMNS = {
    "clients": "K",
    "dirichlet_alpha": "concentration of the split by class; blank: data drawn alike",
    "width": "hidden units",
    "params": "parameters N, total",
    "samples": "training samples D, processed by all clients together: steps x batch x K",
    "steps": "SGD steps of one client",
    "local_steps": "steps between two meetings with the server, H",
    "lr": "peak learning rate of a cosine to zero",
    "seed": "of initial weights, cut, split and order of the data",
    "loss": "mean cross-entropy on 597 held-out digits at the end, nats; nan: diverged",
}
"""Columns of the table in order, each with its unit and convention."""


def train(out: Path) -> SweepRecord:
    """Train what is not on record in a folder."""
    runs = []
    for alpha in SPLITS:
        done = run_sweep(
            "full",
            widths=WIDTHS,
            dirichlet_alpha=alpha,
            record=out / RECORD,
            progress=lambda text: print(text),
        )
        runs += done.runs
    return SweepRecord(tuple(runs), str(out / RECORD))


def table(record: SweepRecord) -> str:
    """The runs as CSV, a row each."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for run in record.runs:
        values = {
            **vars(run),
            "lr": run.rate,
            "dirichlet_alpha": "" if run.dirichlet_alpha is None else run.dirichlet_alpha,
            "loss": "nan" if run.loss is None else f"{run.loss:.6f}",
        }
        writer.writerow([values[name] for name in COLUMNS])
    return text.getvalue()


def account(record: SweepRecord) -> str:
    """The text beside the table."""
    full = PRESETS["full"]
    found = [analyse(record, dirichlet_alpha=alpha) for alpha in SPLITS]
    columns = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in COLUMNS.items())
    parts = [
        f"""# federated_digits: small models trained by federated averaging

{len(record)} training runs: {_listed(full["clients"])} clients, widths {_listed(WIDTHS)}
({_ends(record)} parameters), peak rates {_listed(full["rates"])}, {full["seeds"]} seeds, data drawn
alike and split by class. Every run has the same total compute, {full["compute"]:g} FLOP by 6 N D.
Written by a command from the record of the runs; not edited by hand.

**Task.** 1,797 handwritten digits, 8 x 8 pixels (Alpaydin and Kaynak 1998, UCI Machine Learning
Repository, doi:10.24432/C50P49, CC BY 4.0): 1,200 to train on, 597 held out, cut anew with every
seed. Runs pass over the training digits many times.

**Model.** A perceptron 64 - width - 10 with ReLUs, float32.

**Training.** Plain SGD, batch 32 a client, 8 local steps a round, then the mean over all clients;
the rate falls along half a cosine to zero over the run's own steps. Shards are of equal size. The
uneven split gives each client class shares drawn from a Dirichlet distribution with concentration
0.3 of every class (the scheme of Hsu et al. 2019, arXiv:1909.06335).

**Use it for** trying the fit of a federated law, and the direct slope of the best size, on real
runs whose making is known. **Do not use it for** the exponent of anything else: the models are
tiny, the data are few and seen again and again, and the number of clients takes away sequential
steps as much as data.""",
        *(_answer(analysis) for analysis in found),
        f"## Columns\n\n| column | meaning |\n|---|---|\n{columns}",
        """## Train it again

    python -m isoloss.federated.ladders.digits --out DIR

About a minute of CPU. On one machine the losses come out the same to the last digit; on
another, rounding in matrix products differs, and losses by less than the spread over seeds.""",
    ]
    return "\n\n".join(parts) + "\n"


def _answer(analysis: Analysis) -> str:
    alpha = analysis.shared["dirichlet_alpha"]
    title = "Data drawn alike" if alpha is None else f"Split by Dirichlet({alpha:g})"
    head = HEAD[:-1]
    lines = [f"## {title}", "", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(row[:-1])} |" for row in rows(analysis)]
    lines += ["", *(f"{label}: {text}  " for label, text in answers(analysis, tagged=False))]
    lines += [f"\n{f.severity}: {f.seen}; {f.why}." for f in analysis.findings]
    return "\n".join(lines)


def _ends(record: SweepRecord) -> str:
    sizes = [run.params for run in record.runs]
    return f"{min(sizes):,} to {max(sizes):,}"


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m isoloss.federated.ladders.digits", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--out", type=Path, required=True, help="folder of record and table")
    options = parser.parse_args(arguments)
    try:
        record = train(options.out)
        store.write_text(options.out / "federated_digits.csv", table(record))
        store.write_text(options.out / "federated_digits.md", account(record))
    except IsolossError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
