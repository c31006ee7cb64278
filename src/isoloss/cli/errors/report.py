"""`isoloss errors report`: what size does to the errors, with figures, as pages or as JSON."""

from __future__ import annotations

from typing import Annotated

import typer

from isoloss.cli.errors.options import (
    Condition,
    Family,
    ItemsFiles,
    Level,
    Map,
    ModelsFile,
    Replicates,
    Seed,
    open_items,
    studies,
)
from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, print_notices, working
from isoloss.exceptions import InputError


def report(
    items: ItemsFiles,
    models: ModelsFile = None,
    map_: Map = None,
    family: Family = None,
    condition: Condition = None,
    by: Annotated[str, typer.Option(help="task, or none for all questions as one.")] = "task",
    level: Level = 0.95,
    replicates: Replicates = 1000,
    seed: Seed = 0,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="A folder for the pages.")] = None,
    json: Json = False,
) -> None:
    """Write what a bigger model gets wrong: trends, mixes of mistakes, contrasts, agreement."""
    from isoloss import store
    from isoloss.errors.study import answer

    if (out is None) == (not json):
        raise InputError("give --out DIR for pages, or --json for one document")
    if by not in ("task", "none"):
        raise InputError(f"--by is task or none, got '{by}'")
    found, notices = [], []
    for path in items:
        with working(f"{path}: {replicates} replicates"):
            table = open_items(path, models, map_)
            notices += table.notices
            found += studies(
                path, table, family, condition, by=by, level=level, replicates=replicates, seed=seed
            )
    if json:
        inputs = {"items": items, "family": family, "condition": condition, "seed": seed}
        result = {"studies": [one.to_document() for one in found]}
        print_json(store.envelope("errors-report@1", inputs, result, notices))
        return
    from isoloss.report.errors import errors_report

    assert out is not None
    errors_report(found).save(out)
    for one in found:
        print_line(f"{one.name}, {one.family}", answer(one))
    print_line("written", f"{out}/index.html")
    print_notices(notices)
