"""`isoloss federated sweep`: real federated training over a grid of clients and sizes."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from isoloss.cli.federated.options import Report
from isoloss.cli.options import NOT_TRUSTED, Json, Strict, read_amount
from isoloss.cli.output import print_findings, print_json, print_line, print_table
from isoloss.exceptions import InputError


def sweep(
    preset: Annotated[
        str | None,
        typer.Option(help="newcomer (seconds) or full (a minute); other options replace parts."),
    ] = None,
    task: Annotated[str | None, typer.Option(help="digits or teacher.")] = None,
    clients: Annotated[str | None, typer.Option(help="Numbers of clients: 1,4,16.")] = None,
    widths: Annotated[str | None, typer.Option(help="Hidden units: 8,16,32,64.")] = None,
    compute: Annotated[str | None, typer.Option(help="Training FLOP by 6 N D: 3e8.")] = None,
    mode: Annotated[
        str | None,
        typer.Option(help="total: that compute over all clients; per-client: for each."),
    ] = None,
    seeds: Annotated[int | None, typer.Option(help="How many seeds.")] = None,
    rates: Annotated[str | None, typer.Option(help="Peak learning rates: 0.2,0.5,1,2.")] = None,
    dirichlet_alpha: Annotated[
        float | None,
        typer.Option(help="Split by class with this concentration; data drawn alike if left out."),
    ] = None,
    local_steps: Annotated[int | None, typer.Option(help="Steps between two meetings.")] = None,
    batch: Annotated[int | None, typer.Option(help="Samples a step of one client.")] = None,
    engine: Annotated[str | None, typer.Option(help="numpy, or flower for its simulation.")] = None,
    out: Annotated[
        str | None,
        typer.Option(help="Record that a killed sweep goes on from, a JSON line a run."),
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="Also write the runs as CSV, for a fit of the law.")
    ] = None,
    report: Report = None,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Train small models among K clients, and read off how the best size changes with K."""
    from isoloss import store
    from isoloss.federated.sweep import analyse, run_sweep

    given: dict[str, Any] = {
        "task": task,
        "clients": _numbers(clients, "--clients", int),
        "widths": _numbers(widths, "--widths", int),
        "compute": None if compute is None else read_amount(compute, "C", "--compute"),
        "mode": mode,
        "seeds": seeds,
        "rates": _numbers(rates, "--rates", float),
        "dirichlet_alpha": dirichlet_alpha,
        "local_steps": local_steps,
        "batch": batch,
        "engine": engine,
    }
    settings = {name: value for name, value in given.items() if value is not None}
    if preset is None and not {"task", "clients", "widths", "compute"} & settings.keys():
        preset = "newcomer"
    runs = run_sweep(preset, record=out, progress=_progress, **settings)
    if table is not None:
        store.write_text(table, runs.to_csv())
    answer = analyse(runs)
    if report is not None:
        from isoloss.report.federated import federated_report

        federated_report(answer, runs=runs).save(report)
    if json:
        inputs = {"preset": preset, **settings, "record": out}
        print_json(store.envelope("federated-sweep@1", inputs, answer.to_document()))
    else:
        show(answer)
        if report is not None:
            print_line("written", report)
    if strict and answer.gamma is None:
        raise typer.Exit(NOT_TRUSTED)


def show(answer: Any) -> None:
    """Print what a sweep says."""
    from isoloss.federated.sweep import show as words

    print_line("sweep", words.question(answer))
    print_table("", words.HEAD, words.rows(answer), right=(0, 1, 2, 3, 4, 5, 6))
    for label, text in words.answers(answer):
        print_line(label, text, "bold red" if label == "gamma" and answer.gamma is None else "")
    print_findings(answer.findings)


def _progress(text: str) -> None:
    """A line on stderr, so that it never mixes with a result."""
    print(text, file=sys.stderr, flush=True)


def _numbers(text: str | None, option: str, kind: type) -> list[Any] | None:
    if text is None:
        return None
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError:
        example = "1,4,16" if kind is int else "0.2,0.5,1"
        raise InputError(
            f"{option} takes numbers with commas between, such as {example}, got '{text}'"
        ) from None
