"""`isoloss federated app`: a Flower app for a model of one's own."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line


def app(
    out: Annotated[str, typer.Option(help="A folder that is empty or does not exist yet.")],
    name: Annotated[str, typer.Option(help="Of the app.")] = "federated-app",
    model: Annotated[
        str, typer.Option(help="What model.py begins with: numpy or torch.")
    ] = "numpy",
    clients: Annotated[int, typer.Option(help="K.")] = 3,
    steps: Annotated[int, typer.Option(help="Optimiser steps of one client.")] = 64,
    local_steps: Annotated[int, typer.Option(help="Steps between two meetings.")] = 8,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 0.05,
    seed: Annotated[int, typer.Option(help="Of the initial weights.")] = 0,
    keep_state: Annotated[
        bool,
        typer.Option(
            "--keep-state", help="Keep momentum and the like from round to round, as DiLoCo does."
        ),
    ] = False,
    min_clients: Annotated[
        int | None, typer.Option(help="Go on with so many when others are lost.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a Flower app for a model of your own, for simulation and deployment alike."""
    from isoloss import store
    from isoloss.federated.flower_app import write_app

    options: dict[str, Any] = {
        "name": name,
        "model": model,
        "clients": clients,
        "steps": steps,
        "local_steps": local_steps,
        "rate": rate,
        "seed": seed,
        "keep_state": keep_state,
        "min_clients": min_clients,
    }
    written = write_app(out, **options)
    if json:
        inputs = {"out": out, **options}
        print_json(store.envelope("federated-app@1", inputs, written.to_document()))
        return
    print_line("written", str(written))
    print_line("next", f"{written.folder}/README.md says how to run it")
