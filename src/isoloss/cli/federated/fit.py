"""`isoloss federated fit`: rho and the slope of the best size from runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.federated.options import Map, Report, RunsTable, Where
from isoloss.cli.options import NOT_TRUSTED, Json, Strict
from isoloss.cli.output import print_json, print_line, print_notices, print_table, working

if TYPE_CHECKING:
    from isoloss.federated.fit import FederatedFit


def fit(
    runs: RunsTable,
    map_: Map = None,
    where: Where = None,
    terms: Annotated[
        str | None,
        typer.Option(help="nu, local_steps, participation, dirichlet_alpha; commas between."),
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(help="Hold the shape of a published law, for runs at one D/N."),
    ] = None,
    objective: Annotated[str | None, typer.Option(help="huber-log, ls-log or ls.")] = None,
    delta: Annotated[float, typer.Option(help="Huber's turning point, in log loss.")] = 1e-2,
    draws: Annotated[int, typer.Option(help="Bootstrap replicates.")] = 1000,
    level: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.9,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 0,
    out: Annotated[str | None, typer.Option(metavar="FIT.json", help="Save the fit.")] = None,
    report: Report = None,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Fit L(N, D, K) to runs, and read the slope of the best size off them directly."""
    from isoloss.federated import fit_federated, read_federated_runs

    with working("fitting the federated law"):
        table = read_federated_runs(runs, map=map_, where=tuple(where or ()))
        made = fit_federated(
            table,
            terms=[part.strip() for part in (terms or "").split(",") if part.strip()],
            shape=shape,
            objective=objective,
            delta=delta,
            draws=draws,
            level=level,
            seed=seed,
        )
    if out:
        made.save(out)
    if report:
        from isoloss.report.federated import federated_report

        federated_report(made, runs=table).save(report)
    if json:
        print_json(made.document())
    else:
        show(made)
        print_notices(made.notices)
        if out:
            print_line("saved", out)
        if report:
            print_line("written", report)
    if strict and not (made.fit.certificate.certified and made.belief.which != "neither"):
        raise typer.Exit(NOT_TRUSTED)


def show(made: FederatedFit) -> None:
    """Print a federated fit."""
    from isoloss.cli.fit import show as show_fit
    from isoloss.federated import show_fit as words
    from isoloss.federated.provenance import RUNS

    show_fit(made.fit)
    print_table(f"how K matters ({RUNS})", ["", "value"], words.slope_rows(made))
    print_line("believe", f"{made.belief.which}: {made.belief.why}")
    print_table(
        "residuals, ln law - ln seen",
        ["K", "runs", "mean", "root mean square"],
        words.residual_table(made),
        right=(1, 2, 3),
    )
    print_line("largest", words.largest_line(made))
