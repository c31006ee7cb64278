"""From the record of the federated character-level ladder to its table and its account.

Every number in both comes from the record, so neither is edited by hand.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from isoloss import store
from isoloss.exceptions import RunsError
from isoloss.federated.sweep.analyse import Analysis, analyse_grid
from isoloss.federated.sweep.grid import Grid
from isoloss.federated.sweep.show import HEAD, answers, rows
from isoloss.lab.federated_ladder import (
    CLIENTS,
    COMPUTE,
    FACTORS,
    LOCAL_STEPS,
    SEEDS,
    SIZES,
    stacks,
)
from isoloss.lab.record import Record
from isoloss.lab.trainers.federated_lm import METHODS

COLUMNS = {
    "method": "fedavg or diloco",
    "clients": "K",
    "local_steps": "steps between two meetings with the server, H",
    "width": "size of the residual stream; one layer",
    "params": "parameters N, total",
    "tokens": "training tokens D of all clients together = characters processed",
    "flops_6nd": "training FLOPs by the rule 6 x params x tokens",
    "steps": "optimiser steps of one client",
    "lr": "peak learning rate of the clients' AdamW",
    "seed": "of the initial weights and of the order of the data",
    "loss": "held-out loss of the server's model at the end, nats/token; nan: diverged",
    "loss_se": "standard error of `loss` over the held-out blocks of text",
}
"""Columns of the table in order, each with its unit and convention."""


def export(record: Record, to: Path) -> None:
    """Write `federated_char_lm.csv` and `federated_char_lm.md`.

    Raises:
        RunsError: no run of the ladder is on record.
    """
    found = [{**line["config"], **line["result"]} for line in record.lines()]
    if not found:
        raise RunsError(
            f"{record.path} holds no run of the ladder; train it first: "
            f"python -m isoloss.lab.federated_ladder run --out {record.path.parent}"
        )
    to.mkdir(parents=True, exist_ok=True)
    store.write_text(to / "federated_char_lm.csv", _csv(found))
    store.write_text(to / "federated_char_lm.md", account(found))


def _csv(found: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    order = ("method", "local_steps", "clients", "params", "lr", "seed")
    for run in sorted(found, key=lambda run: tuple(run[name] for name in order)):
        writer.writerow([_cell(name, run[name]) for name in COLUMNS])
    return text.getvalue()


def _cell(name: str, value: Any) -> Any:
    if value is None:
        return "nan"
    return (
        f"{value:.6f}" if name in ("loss", "loss_se") else f"{value:.6g}" if name == "lr" else value
    )


def analyses(found: list[dict[str, Any]]) -> Iterator[tuple[str, int, Analysis]]:
    """Method, local steps and analysis of every part of the ladder that is complete."""
    for method, steps in product(METHODS, LOCAL_STEPS):
        part = [r for r in found if r["method"] == method and r["local_steps"] == steps]
        grid = _grid(part, np.array(FACTORS[method]))
        if np.isfinite(grid.rounds).all():
            lost = tuple(
                f"K = {r['clients']}, width {r['width']}, rate {r['lr']:.3g}, seed {r['seed']}"
                for r in part
                if r["status"] != "ok"
            )
            yield method, steps, analyse_grid(grid, lost, "nats/token", "federated_char_lm")


def _grid(part: list[dict[str, Any]], factors: np.ndarray) -> Grid:
    """Losses by clients, width, rate as a multiple of the rule's, and seed."""
    widths = [width for _, width, _ in SIZES]
    loss = np.full((len(CLIENTS), len(SIZES), len(factors), len(SEEDS)), np.nan)
    rounds, params = np.full(loss.shape[:2], np.nan), np.zeros(len(SIZES))
    seen = 0
    for run in part:
        factor = run["lr"] * run["width"] * run["layers"] ** 0.5 / 0.9
        at = (
            CLIENTS.index(run["clients"]),
            widths.index(run["width"]),
            int(np.argmin(np.abs(np.log(factors / factor)))),
            SEEDS.index(run["seed"]),
        )
        loss[at] = np.nan if run["loss"] is None else run["loss"]
        params[at[1]], seen = run["params"], seen + 1
        rounds[at[:2]] = run["rounds"]
    if seen < loss.size:
        rounds[:] = np.nan
    return Grid(
        {"mode": "total"},
        np.array(CLIENTS),
        np.array(widths),
        params,
        factors,
        np.array(SEEDS),
        loss,
        rounds,
    )


def account(found: list[dict[str, Any]]) -> str:
    """The text of `federated_char_lm.md`."""
    parts = [_introduction(found)]
    parts += [_answer(*part) for part in analyses(found)]
    columns = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in COLUMNS.items())
    parts += [f"## Columns\n\n| column | meaning |\n|---|---|\n{columns}", _REPEAT]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _introduction(found: list[dict[str, Any]]) -> str:
    wanted = sum(len(stack) for stack in stacks())
    state = "" if len(found) == wanted else f" **Unfinished: {len(found)} of {wanted} runs.**"
    sizes = sorted({run["params"] for run in found})
    seconds = sum(run["seconds"] for run in found)
    return f"""
# federated_char_lm: small language models trained by K clients

{len(found)} training runs of one-layer transformers on one text: {_listed(CLIENTS)} clients that
meet every {_listed(LOCAL_STEPS)} steps, by FedAvg and by DiLoCo; {len(sizes)} sizes from
{sizes[0]:,} to {sizes[-1]:,} parameters; peak rates at {_listed(FACTORS["fedavg"])} times a rule
(DiLoCo: {_listed(FACTORS["diloco"])}); {len(SEEDS)} seeds.
Every run has the same total compute, {COMPUTE:g} FLOP by 6 N D.{state}
Written by a command from the record of the runs; not edited by hand.

**Text, model, schedule.** Those of the ladder `char_lm` of this package: the King James Bible by
characters (SHA-256 `{found[0]["text_digest"]}`), context 64, AdamW, warm-up and a cosine to zero
over the run's own steps, the rule 0.9 / width for the peak rate. Every client takes 8 sequences a
step. No window is seen twice, whichever client sees it.

**Federation.** All clients take part in every round and start it from the server's model. FedAvg:
the mean of their models is the next one (McMahan et al. 2017, arXiv:1602.05629). DiLoCo: their
mean change is a gradient for Nesterov momentum, 0.9, rate 0.7 (Douillard et al. 2023,
arXiv:2311.08105); neither was tuned here. With both, a client keeps its AdamW state from round to
round. One client with FedAvg is ordinary training, whatever the local steps.

**Use it for** trying the fit of a federated law on real runs of a language model whose making is
known. **Do not use it for** the exponent of anything larger: a run has 48 to 4,200 steps a client,
and with few rounds DiLoCo's momentum, untuned, has not come into its own.
Slopes below are read off three sizes about each lowest; through five (`isoloss federated slope`)
the same runs say others, some of them outside of these intervals.
It took {seconds / 60:.0f} minutes of one CPU core.
"""


def _answer(method: str, steps: int, analysis: Analysis) -> str:
    head = [*HEAD[:-2], "rate / rule"]
    lines = [f"## {method}, {steps} local steps", "", f"| {' | '.join(head)} |"]
    lines += ["|" + "---|" * len(head)]
    lines += [f"| {' | '.join(row[:-1])} |" for row in rows(analysis)]
    lines += ["", *(f"{label}: {text}  " for label, text in answers(analysis, tagged=False))]
    lines += [f"\n{f.severity}: {f.seen}; {f.why}." for f in analysis.findings]
    return "\n".join(lines)


def _listed(values: tuple[Any, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


_REPEAT = """
## Train it again

    pip install 'isoloss[lab]'
    python -m isoloss.lab.federated_ladder run --out DIR
    python -m isoloss.lab.federated_ladder export --out DIR --to FOLDER

Killed at any time, it goes on where it stopped. On one machine the losses come out the same to
the last digits; on another, rounding differs, and losses by less than the spread over seeds.
"""
