"""`isoloss compare`: which form foretells best, by backtests inside one's own runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from isoloss.cli.options import Json, read_point
from isoloss.cli.output import print_json, print_line, print_notices, print_table, working

if TYPE_CHECKING:
    from isoloss.trust import Compared, Comparison


def compare(
    runs: Annotated[str, typer.Argument(metavar="RUNS", help="As in `isoloss fit`.")],
    laws: Annotated[
        str, typer.Option(help="A family such as dense, all, auto, or names with commas between.")
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
    at: Annotated[
        str | None,
        typer.Option(metavar="N=7B,D=1.4T", help="Also foretell this point by every form."),
    ] = None,
    along: Annotated[
        str, typer.Option(help="What the hidden runs have more of: C, N, D, time; C,N for both.")
    ] = "C",
    level: Annotated[float, typer.Option(help="Coverage of the intervals.")] = 0.9,
    draws: Annotated[int, typer.Option(help="Bootstrap replicates of every form.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the random numbers.")] = 0,
    json: Json = False,
) -> None:
    """Rank forms by backtests: fitted to the smaller runs, asked for the larger ones."""
    from isoloss import store
    from isoloss.runs import read_runs
    from isoloss.trust import compare_forms

    table = read_runs(runs, map=map_, target=target, units=units, where=tuple(where or ()))
    point = read_point(at) if at else None
    rules = tuple(rule.strip() for rule in along.split(",") if rule.strip())
    with working(f"backtesting forms on {len(table)} runs"):
        found = compare_forms(
            table, laws, at=point, rules=rules, level=level, draws=draws, seed=seed
        )
    if json:
        inputs = {"runs": runs, "laws": laws, "at": point, "along": list(rules), "seed": seed}
        print_json(store.envelope("comparison@2", inputs, found.to_document(), table.notices))
        return
    show(found)
    print_notices(table.notices)


def show(found: Comparison) -> None:
    """Print a comparison."""
    beyond = max(fold[3] for fold in found.folds)
    print_line(
        "backtests",
        f"{len(found.folds)} inside the runs: fitted to {_span(found, 1)} runs, asked for the "
        f"{_span(found, 2)} next larger, up to {beyond:.1f} decades beyond",
    )
    asked = any(row.value is not None for row in found.rows)
    columns = ["", "par.", "error", "held", "AICc", "BIC", "verdict"]
    columns += [f"{found.target} there"] if asked else []
    print_table(
        "",
        columns,
        [_row(row, asked) for row in found.rows],
        right=(1, 2, 3, 4, 5),
        whole=(6, 7),
    )
    if found.winner is not None:
        print_line(
            "answer", f"{found.winner.name} foretells these runs better than the other forms"
        )
    else:
        print_line(
            "answer",
            f"{found.best.name} has the smallest error; the backtests do not show that "
            f"{', '.join(name for name in found.ties if name != found.best.name)} foretell worse",
        )
    if found.failed:
        print_line("not fitted", ", ".join(found.failed))
    print_line(
        "how to read",
        f"error: off by, in hidden runs (geometric mean over backtests); held: hidden runs inside "
        f"the form's own {100 * found.level:g} % interval; AICc and BIC: above the lowest, of the "
        "fit to all runs; all forms: their mixture, weighted inside each backtest; last value, "
        "log-linear and nearest run: no law at all",
    )


def _span(found: Comparison, column: int) -> str:
    values = [int(fold[column]) for fold in found.folds]
    return f"{min(values)} to {max(values)}" if len(set(values)) > 1 else str(values[0])


def _row(row: Compared, asked: bool) -> tuple[str, ...]:
    cells = (
        "all forms" if row.kind == "mixture" else row.name,
        str(row.parameters) if row.parameters else "",
        f"{100 * row.error:.2f} %",
        "" if row.coverage != row.coverage else f"{100 * row.coverage:.0f} %",
        "" if row.aicc != row.aicc else f"{row.aicc:.1f}",
        "" if row.bic != row.bic else f"{row.bic:.1f}",
        row.verdict,
    )
    if not asked:
        return cells
    spread = "" if row.low is None else f" ({row.low:.4g} to {row.high:.4g})"
    return (*cells, "" if row.value is None else f"{row.value:.4g}{spread}")
