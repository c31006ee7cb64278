"""`isoloss laws`: which laws there are, and one of them in full."""

from __future__ import annotations

from typing import Annotated

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, print_table

app = typer.Typer(no_args_is_help=True, help="List the built-in laws, or show one.")


@app.command("list")
def list_(json: Json = False) -> None:
    """List every law that --law takes by name."""
    from isoloss import store
    from isoloss.law import forms

    found = list(forms().values())
    if json:
        result = {"forms": [law.to_document() for law in found]}
        print_json(store.envelope("laws@1", {}, result))
        return
    print_table(
        "",
        ["law", "formula", "when to use it"],
        [(law.id, f"{law.target} = {law.formula}", law.summary) for law in found],
    )


@app.command()
def show(
    law: Annotated[str, typer.Argument(help="A name, a TOML file, or a formula.")],
    json: Json = False,
) -> None:
    """Show one law: formula, parameters with bounds, source."""
    from isoloss import store
    from isoloss.law import find_law

    found = find_law(law)
    if json:
        print_json(store.envelope("law@1", {"law": law}, found.to_document()))
        return
    print_line("law", f"{found.name} ({found.id})")
    print_line("formula", f"{found.target} = {found.formula}")
    print_line("LaTeX", found.latex)
    if found.summary:
        print_line("use", found.summary)
    print_table(
        "",
        ["name", "role", "bounds", "meaning"],
        [
            *((v.name, "input", "above 0" if v.log else "", v.meaning) for v in found.variables),
            *(
                (p.name, "parameter", f"{p.bounds[0]:g} to {p.bounds[1]:g}", p.meaning)
                for p in found.parameters
            ),
        ],
    )
    for source in found.sources:
        where = f", {source.where}" if source.where else ""
        print_line("source", f"{source.cite}{where}. {source.url}")
    for guess in found.guesses:
        print_line("guess", guess)
