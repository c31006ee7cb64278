"""`isoloss federated diloco`: what DiLoCo's published laws and bandwidth model say."""

from __future__ import annotations

from typing import Annotated

import typer

from isoloss.cli.options import Json, read_amount
from isoloss.cli.output import print_json, print_line, print_table
from isoloss.exceptions import InputError

_SHARES = (0.5, 0.8, 0.9, 0.95, 0.99)


def diloco(
    size: Annotated[str, typer.Option(help="Parameters: 2.4B.")],
    replicas: Annotated[int, typer.Option(help="M, models that train between meetings.")] = 2,
    step: Annotated[
        str | None,
        typer.Option(help="Time of one training step, such as 2s: adds the bandwidth it needs."),
    ] = None,
    layers: Annotated[int, typer.Option(help="Of the model, for the bandwidth.")] = 40,
    bytes_per_param: Annotated[float, typer.Option(help="Sent a parameter: 2 is bf16.")] = 2.0,
    json: Json = False,
) -> None:
    """Ask DiLoCo's published laws: loss, learning rates, batch, and the bandwidth it needs."""
    from isoloss import store
    from isoloss.federated.decentralised import diloco_recipe
    from isoloss.federated.network.rates import read_seconds
    from isoloss.federated.network.utilisation import bandwidth_rows

    n = read_amount(size, "N", "--size")
    recipe = diloco_recipe(n, replicas)
    rows = None
    if step is not None:
        if bytes_per_param <= 0 or layers < 1:
            raise InputError("--bytes-per-param must be above 0 and --layers at least 1")
        seconds = read_seconds(step, "--step")
        rows = bandwidth_rows(8 * bytes_per_param * n / seconds, _SHARES, layers=layers)
    if json:
        inputs = {"size": size, "replicas": replicas, "step": step}
        result = recipe.to_document()
        if rows is not None:
            result["bandwidth_bps"] = [
                {"local_steps": h, "by_utilisation": dict(zip(map(str, _SHARES), row, strict=True))}
                for h, row in rows
            ]
        print_json(store.envelope("federated-diloco@1", inputs, result))
        return
    for line in str(recipe).splitlines():
        print_line("", line)
    if rows is not None:
        head = ["H", *(f"{share:.0%}" for share in _SHARES)]
        table = [(str(h), *(f"{b / 1e9:.3g}" for b in row)) for h, row in rows]
        title = "Gbit/s between replicas for a share of time spent computing   [arithmetic]"
        print_table(title, head, table, right=tuple(range(len(head))))
