"""`isoloss trust`: may this fit be believed, there, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from isoloss.cli.options import (
    NOT_TRUSTED,
    FitFile,
    Json,
    Strict,
    load_fit,
    read_amount,
    read_pairs,
    read_point,
)
from isoloss.cli.output import (
    STYLES,
    print_block,
    print_findings,
    print_json,
    print_line,
    print_table,
    working,
)
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from isoloss.trust import Verdict
    from isoloss.trust.checks import Facts, Item


def trust(
    fit: FitFile,
    at: Annotated[
        str | None, typer.Option(metavar="N=7B,D=1.4T", help="The point that is asked about.")
    ] = None,
    compute: Annotated[
        str | None, typer.Option(help="Ask about the optimum of this budget instead: 1e21.")
    ] = None,
    facts: Annotated[
        str | None,
        typer.Option(
            metavar="NAME=VALUE,...",
            help="What no table says: tuned_sizes=1e8:1e9,schedule=cosine,seeds=3,"
            "guess_level=0.25,unique_tokens=1e10.",
        ),
    ] = None,
    checklist: Annotated[
        bool, typer.Option("--checklist", help="What the study states and what it leaves out.")
    ] = False,
    approaches: Annotated[
        bool,
        typer.Option("--approaches", help="The best size by envelope, parabolas and joint law."),
    ] = False,
    json: Json = False,
    strict: Strict = False,
) -> None:
    """Say whether a fit may be trusted, at a point or a budget, with the reasons by weight."""
    from isoloss import store

    if at and compute:
        raise InputError("give --at or --compute, not both")
    loaded = load_fit(fit)
    point = read_point(at) if at else None
    if compute:
        best = loaded.plan(compute=read_amount(compute, "C", "--compute")).optimum
        point = {"N": best["N"].value, "D": best["D"].value}
    known = read_facts(facts) if facts else None
    with working("looking for what speaks against it"):
        verdict = loaded.trust(at=point, facts=known)
    more: dict[str, Any] = {}
    if approaches:
        from isoloss.trust.isoflop import agreement

        budget = read_amount(compute, "C", "--compute") if compute else None
        more["approaches"] = agreement(loaded, compute=budget)
    if checklist:
        from isoloss.trust.checks import checklist as go_through

        more["checklist"] = go_through(loaded.runs, loaded, known)
    if json:
        result = verdict.to_document()
        if approaches:
            result["approaches"] = more["approaches"].to_document()
        if checklist:
            result["checklist"] = [vars(item).copy() for item in more["checklist"]]
        print_json(store.envelope("trust@1", {"fit": fit, "at": point}, result))
    else:
        show(verdict)
        if approaches:
            print_block(str(more["approaches"]))
        if checklist:
            _show_checklist(more["checklist"])
    if strict and not verdict.trusted:
        raise typer.Exit(NOT_TRUSTED)


def show(verdict: Verdict) -> None:
    """Print a verdict with its reasons."""
    print_line("verdict", verdict.answer, STYLES[verdict.answer])
    if verdict.place is not None:
        print_line("at", f"{verdict.place.point}: {verdict.place.describe()}")
    if verdict.expectation is not None:
        for label, text in verdict.expectation.lines():
            print_line(label, text)
    print_findings(verdict.findings)


def read_facts(text: str) -> Facts:
    """`tuned_sizes=1e8:1e9,schedule=cosine,seeds=3` as facts about the study."""
    from isoloss.trust.checks import Facts

    readers: dict[str, Any] = {
        "tuned_sizes": lambda value: tuple(_number("tuned_sizes", v) for v in value.split(":")),
        "schedule": str,
        "schedule_tokens": lambda value: _number("schedule_tokens", value),
        "unique_tokens": lambda value: _number("unique_tokens", value),
        "guess_level": lambda value: _number("guess_level", value),
        "seeds": lambda value: int(_number("seeds", value)),
        "optimum_from": str,
    }
    found = {}
    for name, value in read_pairs(text, "--facts").items():
        if name not in readers:
            raise InputError(f"--facts has no '{name}'; use {', '.join(readers)}")
        found[name] = readers[name](value)
    return Facts(**found)


def _number(name: str, value: str) -> float:
    known = {"tuned_sizes": "N", "schedule_tokens": "D", "unique_tokens": "D"}
    return read_amount(value, known.get(name, ""), f"--facts {name}")


def _show_checklist(items: Iterable[Item]) -> None:
    print_table(
        "What the study states",
        ["group", "item", "status", "where"],
        [(item.group, item.item, item.status, item.where) for item in items],
    )
