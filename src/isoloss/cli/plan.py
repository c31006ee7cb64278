"""`isoloss plan`: what to train under a budget or for a target loss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from isoloss.cli.options import NOT_TRUSTED, Json, Strict, load_fit, read_amount, read_point
from isoloss.cli.output import print_json, print_line, print_notices, print_table
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.plan import Plan


def plan(
    fit: Annotated[
        str,
        typer.Argument(
            metavar="FIT.json|LAW",
            help="A fit saved with --out, or a published law such as hoffmann2022_a3.",
        ),
    ],
    compute: Annotated[
        str | None, typer.Option(help="Budget: 1e21, '250 PF-days', '2 ZFLOP'.")
    ] = None,
    loss: Annotated[str | None, typer.Option(help="Target loss instead of a budget.")] = None,
    n: Annotated[str | None, typer.Option("--n", help="Hold the parameters: 7B.")] = None,
    d: Annotated[str | None, typer.Option("--d", help="Hold the tokens: 300B.")] = None,
    ratio: Annotated[float | None, typer.Option(help="Hold the tokens per parameter: 20.")] = None,
    flop: Annotated[float, typer.Option(help="FLOP for each parameter and token.")] = 6.0,
    at: Annotated[
        str | None,
        typer.Option(metavar="experts=8", help="Other inputs of a published law."),
    ] = None,
    set_: Annotated[
        str | None, typer.Option("--set", help="Which set of a published law's numbers.")
    ] = None,
    any_evidence: Annotated[
        bool, typer.Option("--any-evidence", help="Also published numbers below secondary.")
    ] = False,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Find the best N and D for a budget or a target loss, with intervals."""
    from isoloss import store

    loaded, published = _subject(fit)
    options: dict[str, Any] = {}
    if published:
        point = read_point(at) if at else None
        options = {"at": point, "coefficients": set_, "any_evidence": any_evidence}
    elif at or set_ or any_evidence:
        raise InputError(
            f"--at, --set and --any-evidence are for a published law, and {fit} is a saved fit"
        )
    answer = loaded.plan(
        compute=read_amount(compute, "C", "--compute") if compute else None,
        loss=read_amount(loss, "loss", "--loss") if loss else None,
        N=read_amount(n, "N", "--n") if n else None,
        D=read_amount(d, "D", "--d") if d else None,
        ratio=ratio,
        flop=flop,
        **options,
    )
    if json:
        document = answer.to_document()
        inputs = {"fit": fit, **document["question"]}
        print_json(store.envelope("plan@1", inputs, document, answer.notices))
    else:
        show(answer)
        print_notices(answer.notices)
    if strict and not _trusted(loaded, answer, published):
        raise typer.Exit(NOT_TRUSTED)


def _subject(text: str) -> tuple[Any, bool]:
    """A saved fit, or a published law, and which of the two it is."""
    from isoloss.law import published_laws
    from isoloss.law.published.find import find_published

    name = text.partition(" ")[0].partition(":")[0]
    if name in published_laws() and not Path(text).exists():
        return find_published(text), True
    return load_fit(text), False


def _trusted(loaded: Any, answer: Plan, published: bool) -> bool:
    if published:
        return answer.place.status == "inside"
    return loaded.trust(at=answer.place.at).trusted


def show(answer: Plan) -> None:
    """Print a plan."""
    from isoloss.plan import show as words

    flop = answer.question["flop"]
    print_line("plan for", f"{words.question_line(answer)}   (C = {flop:g} N D)")
    print_table(
        "",
        ["", "", "value", f"{100 * answer.level:g} % interval"],
        words.rows(answer),
        right=(2, 3),
    )
    print_line("flat", words.flat_line(answer))
    print_line("why", answer.reason)
    style = {"inside": "green", "edge": "yellow"}.get(answer.place.status, "bold red")
    print_line("place", answer.place.describe(), style)
