"""`isoloss bench`: score isoloss on a public benchmark of extrapolation, from your own copy."""

from __future__ import annotations

from typing import Annotated

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_block, print_json, print_table

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


@app.command()
def sldbench(
    train: Annotated[str, typer.Option("--train", help="Table of the rows to learn from.")],
    test: Annotated[str, typer.Option("--test", help="Table of the rows to foretell.")],
    task: Annotated[
        str,
        typer.Option(
            help="A task of arXiv:2507.21184, or a TOML file with inputs, targets and group."
        ),
    ],
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 0,
    json: Json = False,
) -> None:
    """Extrapolate over many inputs with nothing chosen by hand, and score the forecast."""
    from isoloss import store
    from isoloss.trust.auto import bench

    result = bench.run(train, test, task, seed=seed)
    if json:
        inputs = {"train": train, "test": test, "task": task, "seed": seed}
        print_json(store.envelope("bench-sldbench@1", inputs, result))
        return
    print_table(
        f"R2 on {result['rows'][1]} hidden rows, learnt from {result['rows'][0]}",
        ["forecast", "R2"],
        [
            ("ensemble", f"{result['r2']:.5f}"),
            ("one compact law", f"{result['r2_compact']:.5f}"),
            *((name, f"{value:.5f}") for name, value in result["naive"].items()),
        ],
        right=(1,),
    )
