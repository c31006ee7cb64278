"""`isoloss laws compare`: what differs between published laws, and what explains it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.options import Json, read_amount, read_point
from isoloss.cli.output import print_json, print_line, print_table

if TYPE_CHECKING:
    from isoloss.plan.laws import AtBudget, LawComparison, Pair


def compare(
    laws: Annotated[
        list[str],
        typer.Argument(
            help="Two or more: ID, ID:SET, 'ID with k=0.3', 'ID with D in bytes', 'ID as FORMULA'."
        ),
    ],
    compute: Annotated[
        str | None, typer.Option(help="Budget at which each is asked: 1e21, '250 PF-days'.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(metavar="experts=8", help="Inputs beside N, D and C.")
    ] = None,
    any_evidence: Annotated[
        bool, typer.Option("--any-evidence", help="Also numbers below secondary evidence.")
    ] = False,
    json: Json = False,
) -> None:
    """Say what differs between published laws, which term explains it, and what is known of why."""
    from isoloss import store
    from isoloss.law.published.find import find_published
    from isoloss.plan.laws import compare_laws

    budget = read_amount(compute, "C", "--compute") if compute else None
    found = compare_laws(
        [find_published(law) for law in laws],
        compute=budget,
        at=read_point(at) if at else None,
        any_evidence=any_evidence,
    )
    if json:
        inputs = {"laws": laws, "compute": budget, "at": at}
        print_json(store.envelope("law-comparison@1", inputs, found.to_document()))
        return
    show(found)


def show(found: LawComparison) -> None:
    """Print a comparison."""
    if found.answers:
        _budget(found)
    for law, doubt in found.doubts:
        print_line("doubt", f"{law}: {doubt}")
    for pair in found.pairs:
        _pair(pair)


def _budget(found: LawComparison) -> None:
    print_table(
        f"At {found.budget:.4g} FLOP (C = 6 N D)",
        ["law", "best N", "tokens D", "D/N", "value", "90 % interval", "place"],
        [_row(answer) for answer in found.answers],
        right=(1, 2, 3, 4, 5),
    )
    for answer in found.answers:
        if answer.refused:
            print_line(answer.id, answer.refused)


def _row(answer: AtBudget) -> tuple[str, ...]:
    if answer.plan is not None:
        best = answer.plan.optimum
        loss = best["loss"]
        return (
            answer.id,
            f"{best['N'].value:.3g}",
            f"{best['D'].value:.3g}",
            f"{best['tokens_per_parameter'].value:.3g}",
            f"{loss.value:.4g}",
            f"{loss.low:.4g} to {loss.high:.4g}" if loss.high > loss.low else "",
            answer.plan.place.status,
        )
    if answer.value is not None:
        value = answer.value
        span = f"{value.low:.4g} to {value.high:.4g}" if value.basis != "none" else ""
        place = {True: "inside", False: "outside", None: "unknown"}[value.inside]
        return (answer.id, "", "", "", f"{value.value:.4g} {value.unit}", span, place)
    return (answer.id, "", "", "", "", "", "no answer")


def _pair(pair: Pair) -> None:
    print_line("pair", f"{pair.first}  |  {pair.second}")
    print_line("verdict", pair.verdict)
    if pair.differences:
        print_table(
            "",
            ["what differs", pair.first, pair.second, "note"],
            [(d.topic, d.first, d.second, d.note) for d in pair.differences],
        )
    if pair.shares:
        print_table(
            "From the first law to the second, at this budget",
            ["term of", "best N times", "loss"],
            [(", ".join(s.parameters), f"{s.n_factor:.3g}", f"{s.loss:+.4g}") for s in pair.shares],
            right=(1, 2),
        )
    for reason in pair.reasons:
        print_line("why", f"{reason.about}. {reason.reason}")
        for source in reason.sources:
            where = f", {source.where}" if source.where else ""
            print_line("", f"{source.cite}{where}. {source.url}")
