"""`isoloss bench`: score isoloss on a public benchmark of extrapolation, from your own copy."""

from __future__ import annotations

from typing import Annotated

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_block, print_json

app = typer.Typer(
    no_args_is_help=True, help="Score isoloss on a public benchmark, from your own copy of it."
)


@app.command()
def revisiting(
    file: Annotated[
        str, typer.Option("--file", help="Learning curves in the format of arXiv:2209.06640.")
    ],
    quick: Annotated[
        bool, typer.Option("--quick", help="Without the published forms and longer horizons.")
    ] = False,
    json: Json = False,
) -> None:
    """Foretell the hidden parts of learning curves, beside published forms and the last value."""
    from isoloss import store
    from isoloss.trust.curves import bench

    result = bench.run(file, baselines=not quick, horizons=not quick)
    if json:
        print_json(store.envelope("bench-revisiting@1", {"file": file}, result))
        return
    print_block(bench.table(result))
