"""`isoloss errors power`: what answers can show, before anyone looks at what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.errors.options import (
    Condition,
    Family,
    Map,
    ModelsFile,
    open_items,
    usual_condition,
)
from isoloss.cli.options import Json, read_amount
from isoloss.cli.output import print_json, print_line, print_table
from isoloss.exceptions import InputError

if TYPE_CHECKING:
    from isoloss.errors.power import Power, Reach


def power(
    items: Annotated[
        str | None, typer.Argument(metavar="[ITEMS]", help="Answers; or plan with --questions.")
    ] = None,
    models: ModelsFile = None,
    map_: Map = None,
    family: Family = None,
    condition: Condition = None,
    questions: Annotated[int | None, typer.Option(help="Of a plan: how many questions.")] = None,
    sizes: Annotated[
        str | None, typer.Option(metavar="2B,7B,72B", help="Of a plan: the models' sizes.")
    ] = None,
    accuracy: Annotated[float, typer.Option(help="Of a plan: accuracy in the middle.")] = 0.5,
    discordant: Annotated[
        float, typer.Option(help="Of a plan: share of questions that only one model gets right.")
    ] = 0.3,
    level: Annotated[float, typer.Option(help="Of the tests.")] = 0.95,
    json: Json = False,
) -> None:
    """Say what these questions and sizes can show, or how many would be needed."""
    from isoloss import store
    from isoloss.errors.items import grid
    from isoloss.errors.power import power as reach
    from isoloss.errors.study import families_to_study

    if (items is None) == (questions is None):
        raise InputError("give ITEMS, or --questions for a plan")
    if items is None:
        assert questions is not None
        params = [read_amount(text, "N", "--sizes") for text in (sizes or "").split(",") if text]
        found = [reach(questions, params, accuracy=accuracy, discordant=discordant, level=level)]
    else:
        table = open_items(items, models, map_)
        names = (family,) if family else families_to_study(table)
        found = [
            reach(
                grid(table.where(family=name), condition=condition or usual_condition(table, name)),
                level=level,
            )
            for name in names
        ]
    if json:
        result = {"power": [one.to_document() for one in found]}
        print_json(store.envelope("errors-power@1", {"items": items}, result))
        return
    for one in found:
        show(one)


def show(found: Power) -> None:
    """Print what can be seen."""
    if found.family:
        print_line("family", found.family)
    print_line("in all", found.overall.says)
    if len(found.tasks) > 1:
        print_table(
            "",
            ["task", "n", "difference", "trend", "errors", "shift"],
            [_row(reach) for reach in found.tasks],
            right=(1, 2, 3, 4, 5),
        )
        print_line(
            "how to read",
            "difference between two models in points and trend in logits a decade that would be "
            "found; errors of the most accurate model; chance of finding a strong shift of the mix",
        )
    needed = (f"{points}: {n:,}" for points, n in found.items_for.items())
    print_line("needed", "questions for a paired difference of " + ", ".join(needed))


def _row(reach: Reach) -> tuple[str, ...]:
    known = reach.slope == reach.slope
    return (
        reach.name,
        f"{reach.n:,}",
        f"{100 * reach.paired:.1f}",
        f"{reach.slope:.2f}" if known else "two sizes",
        str(reach.errors),
        f"{100 * reach.shift:.0f} %" if reach.shift == reach.shift else "too few",
    )
