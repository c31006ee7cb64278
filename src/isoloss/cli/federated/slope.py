"""`isoloss federated slope`: how the best size changes with K, with no law in between."""

from __future__ import annotations

from typing import Annotated

import typer

from isoloss.cli.federated.options import Map, Report, RunsTable, Where
from isoloss.cli.options import NOT_TRUSTED, Json, Strict
from isoloss.cli.output import print_json, print_line, print_notices, print_table


def slope(
    runs: RunsTable,
    map_: Map = None,
    where: Where = None,
    draws: Annotated[int, typer.Option(help="Bootstrap replicates.")] = 500,
    level: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.9,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 0,
    report: Report = None,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Read the best size off runs at equal compute for every K, and how fast it falls."""
    from isoloss import store
    from isoloss.federated import direct_slope, read_federated_runs, show_direct

    table = read_federated_runs(runs, map=map_, where=tuple(where or ()))
    found = direct_slope(table, draws=draws, seed=seed, level=level)
    if report:
        from isoloss.report.federated import federated_report

        federated_report(found, runs=table).save(report)
    if json:
        inputs = {"runs": runs, "map": map_, "where": where, "seed": seed}
        document = store.envelope("federated-slope@1", inputs, found.to_document(), table.notices)
        print_json(document)
    else:
        head, rows = list(show_direct.HEAD), show_direct.point_rows(found)
        print_table("best size by number of clients", head, rows, right=(0, 1, 2, 3, 4))
        for label, words in show_direct.slope_rows(found):
            print_line(label, words)
        print_line("rests on", show_direct.rests_line(found))
        print_notices(table.notices)
        if report:
            print_line("written", report)
    if strict and found.gamma is None:
        raise typer.Exit(NOT_TRUSTED)
