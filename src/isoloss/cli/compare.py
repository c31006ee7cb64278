"""`isoloss compare`: which form foretells the largest of one's own runs best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.options import Json
from isoloss.cli.output import print_json, print_line, print_notices, print_table, working

if TYPE_CHECKING:
    from isoloss.trust import Ranked, Ranking


def compare(
    runs: Annotated[str, typer.Argument(metavar="RUNS", help="As in `isoloss fit`.")],
    laws: Annotated[
        str, typer.Option(help="A family such as dense, all, or names with commas between.")
    ] = "dense",
    map_: Annotated[
        str | None, typer.Option("--map", metavar="NAME=COLUMN,...", help="As in `isoloss fit`.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="What the laws give, if not loss.")] = None,
    units: Annotated[
        str | None, typer.Option(metavar="NAME=UNIT,...", help="N=millions,D=billions.")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="CONDITION", help="Keep rows; may be repeated."),
    ] = None,
    hidden: Annotated[
        float, typer.Option(help="Share of the runs, the largest ones, to hide.")
    ] = 0.2,
    objective: Annotated[
        str, typer.Option(help="huber-log, ls-log, ls or envelope.")
    ] = "huber-log",
    json: Json = False,
) -> None:
    """Rank forms by what they foretell of the largest runs, hidden from the fit."""
    from isoloss import store
    from isoloss.runs import read_runs
    from isoloss.trust import choose, rank

    table = read_runs(runs, map=map_, target=target, units=units, where=tuple(where or ()))
    chosen = choose(laws, table)
    with working(f"fitting {len(chosen)} laws to {len(table)} runs"):
        ranking = rank(chosen, table, hidden=hidden, objective=objective)
    if json:
        inputs = {"runs": runs, "laws": laws, "hidden": hidden, "objective": objective}
        print_json(store.envelope("comparison@1", inputs, ranking.to_document(), table.notices))
        return
    show(ranking)
    print_notices(table.notices)


def show(ranking: Ranking) -> None:
    """Print a ranking."""
    print_line(
        "hidden",
        f"the {ranking.hidden} largest of {ranking.runs} runs, up to {ranking.beyond:.3g} times "
        "beyond the largest that was seen",
    )
    print_table(
        "",
        ["law", "parameters", "error, hidden", "error, all", "AICc above best", "certificate"],
        [_row(row) for row in ranking.rows],
        right=(1, 2, 3, 4),
    )
    for row in ranking.rows:
        if row.refused:
            print_line(row.law.id, row.refused)


def _row(row: Ranked) -> tuple[str, ...]:
    if row.refused:
        return (row.law.id, str(len(row.law.parameters)), "", "", "", "not fitted")
    return (
        row.law.id,
        str(len(row.law.parameters)),
        f"{100 * row.hidden_error:.2f} %",
        f"{100 * row.seen_error:.2f} %",
        f"{row.aicc:.1f}",
        "certified" if row.certified else "not certified",
    )
