"""`isoloss federated check`: the claims of an abstract against a law and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.federated.options import Map, Where
from isoloss.cli.options import Json, read_amount
from isoloss.cli.output import print_json, print_line, print_notices

if TYPE_CHECKING:
    from isoloss.federated.check import Check

_STYLES = {"supported": "green", "contradicted": "bold red", "cannot tell": "yellow"}


def check(
    law: Annotated[
        str, typer.Option(metavar="LAW|FIT.json", help="A published law or a saved fit.")
    ] = "hoffmann2022_a3",
    runs: Annotated[
        str | None,
        typer.Option(
            help="A table with N, D, clients and loss, or a shipped one: federated_digits."
        ),
    ] = None,
    rho: Annotated[
        str | None, typer.Option(help="A number, a range, or reconstruction, diloco, ideal.")
    ] = None,
    flops: Annotated[str, typer.Option(help="Total compute at which the law is asked.")] = "1e21",
    clients: Annotated[str, typer.Option(metavar="K", help="How many beside one.")] = "64",
    map_: Map = None,
    where: Where = None,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 0,
    json: Json = False,
) -> None:
    """Hold the claims of arXiv:2511.12188's abstract against a law and your runs."""
    from isoloss import store
    from isoloss.federated.check import check_claims

    found = check_claims(
        law,
        runs=runs,
        rho=rho,
        flops=read_amount(flops, "C", "--flops"),
        clients=clients,  # pyright: ignore[reportArgumentType]
        seed=seed,
        map=map_,
        where=tuple(where or ()),
    )
    if json:
        inputs = {"law": law, "runs": runs, "rho": rho, "flops": flops, "clients": clients}
        print_json(store.envelope("federated-check@1", inputs, found.to_document(), found.notices))
        return
    show(found)
    print_notices(found.notices)


def show(found: Check) -> None:
    """Print the claims, their verdicts, and what points the other way."""
    from isoloss.federated.check.claims import PROVENANCE
    from isoloss.federated.provenance import PAPER

    print_line("claims of", f"{PAPER}, in our words   [{PROVENANCE}]")
    for claim in found.claims:
        print_line(f"({claim.letter})", claim.text)
        verdict = found.verdict(claim.letter)
        print_line("", found.words(claim.letter), _STYLES[verdict])
        for e in found.evidence[claim.letter]:
            tags = ", ".join(e.provenance)
            print_line(f"  {e.kind}", f"{e.verdict}: {e.says}   [{tags}]")
            print_line("  rests on", e.rests_on)
        for c in claim.contrary:
            print_line("  but", f"{c.source}: {c.says}   [{c.provenance}]")
