"""Options that several commands on federated runs share."""

from __future__ import annotations

from typing import Annotated

import typer

RunsTable = Annotated[
    str,
    typer.Argument(
        metavar="RUNS",
        help="A table with N, D, clients and loss, or a shipped one: federated_digits.",
    ),
]
Map = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="NAME=COLUMN,...",
        help="N=params,D=samples,K=clients,loss=val_loss; known names are guessed.",
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(metavar="CONDITION", help="Keep rows such as 'K > 0'; may be repeated."),
]
Report = Annotated[
    str | None, typer.Option(metavar="FILE.html", help="Also write a page with figures.")
]
