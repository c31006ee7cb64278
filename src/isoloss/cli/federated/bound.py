"""`isoloss federated bound`: the reconstructed bound, step by step."""

from __future__ import annotations

from typing import Annotated

import typer

from isoloss.cli.options import Json, read_amount, read_pairs
from isoloss.cli.output import print_json, print_line, print_table
from isoloss.exceptions import InputError


def bound(
    flops: Annotated[str, typer.Option(help="Compute of all clients together.")] = "1e21",
    clients: Annotated[str, typer.Option(metavar="K", help="As 1,8,64 or 1:1024.")] = "1:1024",
    assume: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=VALUE,...", help="drop=406.4,size_exponent=0.34,learning_rate=1e-3,..."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Derive a PAC-Bayes bound, its best size, and the contrary bound beside it."""
    from dataclasses import fields

    from isoloss import store
    from isoloss.federated.bound import Assumptions, derive
    from isoloss.federated.provenance import RECONSTRUCTION
    from isoloss.federated.setting import read_clients

    given = read_pairs(assume, "--assume") if assume else {}
    known = [field.name for field in fields(Assumptions)]
    for name in given:
        if name not in known:
            raise InputError(f"--assume: no assumption '{name}'; there are {', '.join(known)}")
    values = {name: read_amount(text, name, f"--assume {name}") for name, text in given.items()}
    asked = read_clients(clients)
    found = derive(
        Assumptions(**values),
        compute=read_amount(flops, "C", "--flops"),
        clients=[float(k) for k in (asked if isinstance(asked, list) else [1, asked])],
    )
    if json:
        inputs = {"flops": flops, "clients": clients, "assume": assume}
        print_json(store.envelope("federated-bound@1", inputs, found.to_document()))
        return
    print_line("bound", f"of PAC-Bayes type at C = {found.compute:.3g} FLOP   [{RECONSTRUCTION}]")
    for step in found.steps:
        used = f"   [{', '.join(step.rests_on)}]" if step.rests_on else ""
        print_line(step.name, f"{step.formula}{used}")
        print_line("", step.value)
    rows = [
        (f"{k:g}", f"{closed:.4e}", f"{full:.4e}", f"{pooled:.4e}")
        for k, closed, full, pooled in zip(
            found.clients, found.closed, found.full, found.pooled, strict=True
        )
    ]
    head = ["K", "N, closed form", "N, all logarithms", "N, pooled data"]
    print_table("", head, rows, right=(1, 2, 3))
    print_line("rests on", found.rests_on)
